"""What a user waits for: seconds of training until the validation loss is as low as wanted.

Epoch by epoch with `partial_fit`, which skmlp and scikit-learn have, the validation included.
"""

from dataclasses import dataclass
from functools import partial
from math import nan

from sklearn import neural_network
from sklearn.metrics import log_loss, mean_squared_error

import skmlp
from benchmarks import clock
from benchmarks.cases import Case

LIBRARIES = (skmlp, neural_network)
# The last of the rows, which are in random order, are held out.
TRAINED_SHARE = 0.8


@dataclass(frozen=True)
class Finish:
    """A training that ends when the loss on the validation set is at most `loss`."""

    case: Case
    loss: float

    @property
    def name(self):
        return f"{self.case.name}, {self.loss:g}"

    def timers(self):
        return [partial(self._seconds, library) for library in LIBRARIES]

    def _seconds(self, library):
        """Return the seconds that it takes, NaN where the epochs do not lead there."""
        n_trained = int(TRAINED_SHARE * len(self.case.X))
        X, y, reached = self.case.X, self.case.y, []
        model = self._model(library)
        classes = {"classes": sorted(set(y))} if self.case.is_classification else {}

        def train():
            for epoch in range(self.case.n_epochs):
                model.partial_fit(X[:n_trained], y[:n_trained], **classes if not epoch else {})
                if self._validation_loss(model, X[n_trained:], y[n_trained:]) <= self.loss:
                    reached.append(epoch)
                    return

        seconds = clock.seconds(train)
        return seconds if reached else nan

    def _model(self, library):
        kind = library.MLPClassifier if self.case.is_classification else library.MLPRegressor
        sizes = {"hidden_layer_sizes": self.case.hidden, "batch_size": self.case.batch_size}
        return kind(**sizes, random_state=0)

    def _validation_loss(self, model, X, y):
        if self.case.is_classification:
            return log_loss(y, model.predict_proba(X), labels=model.classes_)
        return mean_squared_error(y, model.predict(X))


FINISHES = [
    Finish(Case("Fashion-MNIST", (300, 100), 200, 30), 0.39),
    Finish(Case("California", (50, 50, 50), 200, 60), 0.30),
    Finish(Case("Covertype", (256, 256, 256), 256, 30), 0.45),
]
