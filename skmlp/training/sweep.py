"""Training for a few steps while the learning rate grows."""

import math
from collections.abc import Iterator

import numpy as np

from skmlp._typing import Array
from skmlp.optimizers import Optimizer
from skmlp.training.data import Batch, BatchLoader
from skmlp.training.objective import Objective

# The sweep has seen enough when the smoothed loss is so many times the smallest one, or such a part
# of the first one: a network that knows its samples by heart has no gradient left to explode.
EXPLOSION = 4.0
BY_HEART = 0.01
SMOOTHING = 0.95


def sweep_rates(
    objective: Objective,
    loader: BatchLoader,
    optimizer: Optimizer,
    rates: Array,
    rng: np.random.RandomState,
) -> tuple[Array, Array]:
    """Take one step per rate until the loss explodes or vanishes.

    Parameters
    ----------
    objective : Objective
        Its parameters are changed in place.
    loader : BatchLoader
    optimizer : Optimizer
    rates : ndarray of shape (n_steps,)
    rng : numpy.random.RandomState
        Shuffles.

    Returns
    -------
    losses : ndarray of shape (n_taken,)
        The objective of each batch before its step.
    smoothed_losses : ndarray of shape (n_taken,)
        Their running average, ``average <- 0.95 average + 0.05 loss``, freed of its start at zero.
    """
    parameters, gradient = objective.parameters.trainable, objective.gradient.trainable
    state = optimizer.start(parameters)
    losses: list[float] = []
    smoothed: list[float] = []
    average = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        for rate, batch in zip(rates.tolist(), _endless(loader, rng), strict=False):
            loss = objective.value_and_gradient(batch)
            average = SMOOTHING * average + (1 - SMOOTHING) * loss
            level = average / (1 - SMOOTHING ** (len(losses) + 1))
            if not math.isfinite(level) or (smoothed and level > EXPLOSION * min(smoothed)):
                break
            losses.append(loss)
            smoothed.append(level)
            if level < BY_HEART * smoothed[0]:
                break
            optimizer.step(parameters, gradient, state, rate)
    return np.array(losses), np.array(smoothed)


def _endless(loader: BatchLoader, rng: np.random.RandomState) -> Iterator[Batch]:
    """Yield batches of weight above zero, epoch after epoch, in a new order each."""
    while True:
        order = rng.permutation(loader.samples.n_samples)
        yield from (batch for batch in loader.epoch(order) if batch.total > 0)
