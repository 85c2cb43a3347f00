"""The function that training minimises: mean loss plus penalty, with its gradient."""

import math

import numpy as np

from skmlp._kernels import serving
from skmlp._typing import Array
from skmlp.losses import Loss
from skmlp.network import Network, Workspace, backward, forward, raw_predictions
from skmlp.parameters import Parameters
from skmlp.penalties import add_l2
from skmlp.training.data import Batch, BatchLoader, Samples

# Rows of which the loss is taken at a time, where there is no training.
MEAN_ROWS = 1024


class Objective:
    """``sum_i weight_i loss_i / total + alpha / 2 sum(penalised**2) / total`` of a network.

    The penalty is divided by the total weight of the samples at hand, as in scikit-learn: its
    strength depends on the batch size. Frozen layers have no part in it.

    Parameters
    ----------
    network, loss
        What is trained, and by what.
    alpha : float
        The strength of the penalty.
    parameters : Parameters
        Where the objective is evaluated; training changes them in place.
    batch_size : int
        The largest number of rows in a batch.
    rng : numpy.random.Generator or None
        Draws the noise of the layers, dropout's say.

    Attributes
    ----------
    gradient : Parameters
        Written by every evaluation.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        alpha: float,
        parameters: Parameters,
        batch_size: int,
        rng: np.random.Generator | None = None,
    ):
        self._network = network
        self._loss = loss
        self._rng = rng
        self._batch_size = batch_size
        self._workspaces = {batch_size: Workspace(network, batch_size, parameters.dtype)}
        self.alpha = alpha
        self._add_l2 = serving(add_l2)
        self.parameters = parameters
        self.gradient = parameters.like()

    def value_and_gradient(self, batch: Batch) -> float:
        """Return the objective of a batch and write its gradient."""
        return self.loss_and_gradient(batch) + self.add_penalty(batch.total)

    def loss_and_gradient(self, batch: Batch) -> float:
        """Return the mean loss of a batch and write its gradient, without the penalty's."""
        workspace = self._workspace(len(batch.y))
        parameters = self.parameters.layers
        raw = forward(self._network, parameters, batch.X, workspace, self._rng)
        value = self._loss.value_and_delta(raw, batch.y, batch.weight, workspace.deltas[-1])
        backward(self._network, parameters, workspace, self.gradient.layers)
        return value

    def add_penalty(self, total: float) -> float:
        """Return the penalty and add its gradient."""
        if self.alpha == 0:
            return 0.0
        n = self.parameters.n_penalised
        return self._add_l2(
            self.gradient.trainable[:n], self.parameters.trainable[:n], self.alpha / total
        )

    def _workspace(self, n_samples: int) -> Workspace:
        # An epoch has at most two sizes of batches.
        if n_samples not in self._workspaces:
            self._workspaces[n_samples] = self._workspaces[self._batch_size].head(n_samples)
        return self._workspaces[n_samples]


def mean_loss(network: Network, loss: Loss, parameters: Parameters, samples: Samples) -> float:
    """Return the mean loss of all samples, without noise and penalty."""
    loader = BatchLoader(samples, min(MEAN_ROWS, samples.n_samples), parameters.dtype)
    total = value = 0.0
    for batch in loader.epoch(order=None):
        raw = raw_predictions(network, parameters.layers, batch.X)
        value += batch.total * loss.value_and_delta(raw, batch.y, batch.weight, np.empty_like(raw))
        total += batch.total
    return value / total


def clip_norm(gradient: Array, max_norm: float) -> None:
    """Scale `gradient` in place to a Euclidean norm of at most `max_norm`.

    A gradient that is not finite stays as it is, so that the divergence is seen.
    """
    largest = float(np.abs(gradient).max(initial=0.0))
    if largest == 0 or not math.isfinite(largest):
        return
    # Relative to the largest entry: the square of a large gradient overflows.
    relative = gradient / largest
    excess = largest / max_norm * math.sqrt(np.dot(relative, relative))
    if excess > 1:
        np.divide(relative, excess / largest, out=gradient)
