"""Training for a few steps while the learning rate grows."""

import math
from collections.abc import Iterator

import numpy as np

from skmlp._typing import Array
from skmlp.training.data import Batch
from skmlp.training.stochastic import StochasticState, StochasticTraining

# The sweep has seen enough when the smoothed loss is so many times the smallest one, or such a part
# of the first one: a network that knows its samples by heart has no gradient left to explode.
EXPLOSION = 4.0
BY_HEART = 0.01
# The running average reaches back over this part of the steps, whatever their number: so it lags by
# the same factor of the rate.
REACH = 0.04


def sweep_rates(
    training: StochasticTraining, state: StochasticState, rates: Array
) -> tuple[Array, Array]:
    """Take one step per rate until the loss explodes or vanishes.

    Parameters
    ----------
    training : StochasticTraining
        What takes the steps; its schedule and its supervisor have no say.
    state : StochasticState
        Written.
    rates : ndarray of shape (n_steps,)

    Returns
    -------
    losses : ndarray of shape (n_taken,)
        The objective of each batch before its step.
    smoothed_losses : ndarray of shape (n_taken,)
        Their running average, ``average <- memory average + (1 - memory) loss`` with
        ``memory = 1 - 1 / (0.04 n_steps)``, freed of its start at zero.
    """
    losses: list[float] = []
    smoothed: list[float] = []
    average, memory = 0.0, max(0.0, 1 - 1 / (REACH * len(rates)))
    with np.errstate(over="ignore", invalid="ignore"):
        for rate, batch in zip(rates.tolist(), _endless(training, state), strict=False):
            loss = training.step(batch, state, rate)
            average = memory * average + (1 - memory) * loss
            level = average / (1 - memory ** (len(losses) + 1))
            if not math.isfinite(level) or (smoothed and level > EXPLOSION * min(smoothed)):
                break
            losses.append(loss)
            smoothed.append(level)
            if level < BY_HEART * smoothed[0]:
                break
    return np.array(losses), np.array(smoothed)


def _endless(training: StochasticTraining, state: StochasticState) -> Iterator[Batch]:
    """Yield batches of weight above zero, epoch after epoch."""
    while True:
        yield from (batch for batch in training.batches(state) if batch.total > 0)
