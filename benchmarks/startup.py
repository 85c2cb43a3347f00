"""The import, and whether late epochs are slower than early ones."""

import os
import subprocess
import sys
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

import skmlp
from benchmarks import clock

IMPORTS = """
import time, sklearn.neural_network
start = time.perf_counter()
import skmlp
print(time.perf_counter() - start)
"""


def import_seconds(n_rounds):
    """Return the median of what ``import skmlp`` adds to ``import sklearn.neural_network``.

    From modules that are compiled, as pip leaves them, whatever the environment says of that.
    """
    with TemporaryDirectory() as folder:
        compiled = {"PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}
        command, environment = [sys.executable, "-c", IMPORTS], os.environ | compiled
        laps = [
            float(subprocess.run(command, env=environment, capture_output=True).stdout)
            for _ in range(1 + 2 * n_rounds)
        ]
    return median(laps[1:])


def late_epochs(n_rounds, only):
    """Yield the name of each solver and how long the 50th epoch takes, of the 2nd.

    Half of the inputs are zero, others tiny, and the penalty is strong: what is not learned decays.
    """
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20_000, 200))
    X[:, 100:] = 0
    X[:, 50:100] *= np.logspace(-300, 0, 50)
    y = (X[:, 0] > 0).astype(int)
    for solver in ("adam", "sgd", "nadam", "rmsprop", "adagrad"):
        for dtype in ("float32", "float64"):
            name = f"{solver}, {dtype}"
            if only in name:
                laps = [_epochs(X, y, solver=solver, dtype=dtype) for _ in range(n_rounds)]
                early, late = ([epochs[i] for epochs in laps] for i in (1, 49))
                yield name, clock.ratio(late, early)


def _epochs(X, y, **options):
    """Return the seconds of each of fifty epochs."""
    model = skmlp.MLPClassifier((100,), alpha=1.0, learning_rate_init=0.01, **options)
    classes = np.unique(y)
    return [clock.seconds(model.partial_fit, X, y, None, classes) for _ in range(50)]
