"""What is measured on a validation set after every epoch."""

from collections.abc import Callable
from dataclasses import dataclass

from skmlp._typing import Array
from skmlp.losses import Loss
from skmlp.network import Network, raw_predictions
from skmlp.parameters import Parameters
from skmlp.training.data import Samples


@dataclass(frozen=True)
class Validation:
    """Gives the mean loss of held-out samples, without noise and penalty, and their score.

    Parameters
    ----------
    network, loss
        What is trained, and by what.
    samples : Samples
    score : callable, default=None
        ``score(raw_prediction, parameters)``, larger is better. If None, minus the loss.
    """

    network: Network
    loss: Loss
    samples: Samples
    score: Callable[[Array, Parameters], float] | None = None

    def __call__(self, parameters: Parameters) -> tuple[float, float]:
        samples = self.samples
        raw = raw_predictions(self.network, parameters.layers, samples.X)
        loss = self.loss.mean(raw, samples.y, samples.weight)
        return loss, -loss if self.score is None else self.score(raw, parameters)
