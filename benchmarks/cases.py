"""What is trained: data, network and batch size, and what the project demands of skmlp there."""

import warnings
from dataclasses import dataclass, field

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from benchmarks import data


@dataclass(frozen=True)
class Case:
    """One training, the same for every competitor.

    ``at_least`` maps a competitor to the speed-up demanded, ``at_most`` to the share of time.
    """

    data: str
    hidden: tuple[int, ...]
    batch_size: int
    n_epochs: int
    at_least: dict = field(default_factory=dict)
    at_most: dict = field(default_factory=dict)
    alpha: float = 1e-4

    @property
    def name(self):
        return f"{self.data}, {'-'.join(map(str, self.hidden))}, {self.batch_size}"

    @property
    def X(self):
        return data.load(self.data)[0]

    @property
    def y(self):
        return data.load(self.data)[1]

    @property
    def is_classification(self):
        return self.y.dtype.kind == "i"

    @property
    def units(self):
        n_outputs = len(np.unique(self.y)) if self.is_classification else 1
        return [self.X.shape[1], *self.hidden, n_outputs]

    def fit(self, kind, n_epochs, **options):
        """Return an estimator of class `kind` after so many epochs."""
        settings = {"batch_size": self.batch_size, "alpha": self.alpha, "random_state": 0}
        sizes = {"hidden_layer_sizes": self.hidden, "max_iter": n_epochs}
        estimator = kind(**sizes, tol=0, n_iter_no_change=n_epochs, **settings | options)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return estimator.fit(self.X, self.y)


def _demands(sklearn, torch, products=None):
    at_most = {} if products is None else {"products": products}
    return {"at_least": {"scikit-learn": sklearn, "PyTorch": torch}, "at_most": at_most}


CASES = [
    Case("Fashion-MNIST", (300, 100), 32, 1, **_demands(4.5, 1.4, 1.6)),
    Case("Fashion-MNIST", (300, 100), 200, 2, **_demands(2.5, 1.15, 1.2)),
    Case("Fashion-MNIST", (300, 100), 1024, 2, **_demands(2.0, 1.1, 1.2)),
    Case("Fashion-MNIST", (300, 100), 4096, 4, **_demands(2.0, 1.15)),
    Case("Fashion-MNIST", (512, 512), 32, 1, **_demands(5, 1.25, 1.4)),
    Case("Fashion-MNIST", (512, 512), 1024, 1, **_demands(2.0, 1.15)),
    Case("Fashion-MNIST", (512, 512), 4096, 2, **_demands(2.0, 1.15)),
    Case("California", (50, 50, 50), 32, 4, **_demands(3, 3)),
    Case("California", (50, 50, 50), 200, 10, **_demands(2, 1.5)),
    Case("Covertype", (256, 256, 256), 256, 1, **_demands(3, 1.15, 1.25)),
    Case("Covertype", (100,), 200, 2, **_demands(2.5, 1.5)),
]
