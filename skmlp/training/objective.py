"""The function that training minimises: mean loss plus penalty, with its gradient."""

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import numpy as np

from skmlp._kernels import serving
from skmlp._typing import Array
from skmlp.losses import Loss
from skmlp.network import Network, Workspace, backward, forward, raw_predictions
from skmlp.parameters import Parameters
from skmlp.penalties import add_l2
from skmlp.training.data import Batch, BatchLoader, BatchToGather, Samples
from skmlp.training.sharing import in_threads

# Rows of which the loss is taken at a time, where there is no training.
MEAN_ROWS = 1024


class Passes:
    """Forward and backward passes over rows of a batch, with memory and a gradient of their own.

    Parameters
    ----------
    network, loss, parameters, rng
        As in `Objective`.
    n_samples : int
        The largest number of rows of a pass.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        parameters: Parameters,
        n_samples: int,
        rng: np.random.Generator | None,
    ):
        self._network = network
        self._loss = loss
        self._parameters = parameters
        self._rng = rng
        self._n_samples = n_samples
        self._workspaces = {n_samples: Workspace(network, n_samples, parameters.dtype)}
        self.gradient = parameters.like()

    def loss_and_gradient(self, batch: Batch) -> float:
        """Return the weighted sum of the losses of a batch and write its gradient."""
        workspace = self._workspace(len(batch.y))
        parameters = self._parameters.layers
        raw = forward(self._network, parameters, batch.X, workspace, self._rng)
        value = self._loss.value_and_delta(raw, batch.y, batch.weight, workspace.deltas[-1])
        backward(self._network, parameters, workspace, self.gradient.layers)
        return value

    def _workspace(self, n_samples: int) -> Workspace:
        # An epoch has at most two sizes of batches.
        if n_samples not in self._workspaces:
            self._workspaces[n_samples] = self._workspaces[self._n_samples].head(n_samples)
        return self._workspaces[n_samples]


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
    n_parts : int, default=1
        Into how many parts a batch is cut, for as many threads. With noise, which is drawn in
        turns, it must be one.

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
        n_parts: int = 1,
    ):
        n_samples = -(-batch_size // n_parts)
        self._first, *self._others = [
            Passes(network, loss, parameters, n_samples, rng) for _ in range(n_parts)
        ]
        self._map: Callable[..., Iterator[float]] = map
        self._add_l2 = serving(add_l2)
        self.alpha = alpha
        self.n_parts = n_parts
        self.parameters = parameters
        self.gradient = self._first.gradient

    def sharing(self) -> AbstractContextManager[None]:
        """Return a context in which threads take the parts of a batch at the same time."""
        return self._in_threads() if self._others else nullcontext()

    @contextmanager
    def _in_threads(self) -> Iterator[None]:
        with in_threads(self.n_parts) as self._map:
            try:
                yield
            finally:
                self._map = map

    def value_and_gradient(self, batch: Batch | BatchToGather) -> float:
        """Return the objective of a batch and write its gradient."""
        return self.loss_and_gradient(batch) + self.add_penalty(batch.total)

    def loss_and_gradient(self, batch: Batch | BatchToGather) -> float:
        """Return the mean loss of a batch and write its gradient, without the penalty's."""
        if isinstance(batch, Batch) and not self._others:
            return self._first.loss_and_gradient(batch)
        n_rows = len(batch.y)
        size = -(-n_rows // self.n_parts)
        cut, *cuts = [slice(start, start + size) for start in range(0, n_rows, size)]

        def take(passes: Passes, cut: slice) -> float:
            return passes.loss_and_gradient(batch.part(cut))

        others = self._others[: len(cuts)]
        values = self._map(take, others, cuts)
        value, gradient = take(self._first, cut), self.gradient.trainable
        for other, other_value in zip(others, values, strict=True):
            value += other_value
            gradient += other.gradient.trainable
        return value

    def add_penalty(self, total: float) -> float:
        """Return the penalty and add its gradient."""
        if self.alpha == 0:
            return 0.0
        n = self.parameters.n_penalised
        return self._add_l2(
            self.gradient.trainable[:n], self.parameters.trainable[:n], self.alpha / total
        )


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
