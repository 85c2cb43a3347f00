"""Training for a few steps while the learning rate grows."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from skmlp._typing import Array
from skmlp.losses import Loss
from skmlp.network import Network
from skmlp.parameters import Parameters
from skmlp.schedules import Progress, Schedule
from skmlp.training.data import Samples
from skmlp.training.observer import Observer
from skmlp.training.options import TrainingOptions
from skmlp.training.result import StopReason
from skmlp.training.state import begin
from skmlp.training.train import train

# The sweep has seen enough when the smoothed loss is so many times the smallest one, or such a part
# of the first one: a network that knows its samples by heart has no gradient left to explode.
EXPLOSION = 4.0
BY_HEART = 0.01
# The running average reaches back over this part of the steps, whatever their number: so it lags by
# the same factor of the rate.
REACH = 0.04


def sweep(
    network: Network,
    parameters: Parameters,
    loss: Loss,
    samples: Samples,
    options: TrainingOptions,
    rates: Array,
    rng: np.random.RandomState,
) -> tuple[Array, Array]:
    """Take one step per rate until the loss explodes or vanishes.

    Parameters
    ----------
    network, parameters, loss, samples, options
        As in `train`; the schedule and what ends a training have no say.
    rates : ndarray of shape (n_steps,)
    rng : numpy.random.RandomState

    Returns
    -------
    losses : ndarray of shape (n_taken,)
        The objective of each batch before its step.
    smoothed_losses : ndarray of shape (n_taken,)
        Their running average, ``average <- memory average + (1 - memory) loss`` with
        ``memory = 1 - 1 / (0.04 n_steps)``, freed of its start at zero.
    """
    options = replace(
        options,
        schedule=Sweep(rates.tolist()),
        max_epochs=len(rates),
        patience=math.inf,
        early_stopping=False,
        averaging=0.0,
    )
    watcher = SweepWatcher(len(rates))
    state = begin(network, parameters, options, rng)
    result = train(network, parameters, loss, samples, options, observers=[watcher], state=state)
    if result.reason is StopReason.INTERRUPTED:
        raise KeyboardInterrupt
    return np.array(watcher.losses), np.array(watcher.smoothed)


class Sweep(Schedule):
    """One rate after the other, a step each."""

    def __init__(self, rates: Sequence[float]):
        self._rates = rates

    def rate(self, progress: Progress) -> float:
        return self._rates[progress.n_steps]


class SweepWatcher(Observer):
    """Keeps the losses of the steps; ends the training when it has seen enough."""

    watches_steps = True

    def __init__(self, n_steps: int):
        self.losses: list[float] = []
        self.smoothed: list[float] = []
        self._n_steps = n_steps
        self._memory = max(0.0, 1 - 1 / (REACH * n_steps))
        self._average = 0.0

    def end_step(self, value: float) -> bool:
        self._average = self._memory * self._average + (1 - self._memory) * value
        level = self._average / (1 - self._memory ** (len(self.losses) + 1))
        if not math.isfinite(level) or (self.smoothed and level > EXPLOSION * min(self.smoothed)):
            return True
        self.losses.append(value)
        self.smoothed.append(level)
        return level < BY_HEART * self.smoothed[0] or len(self.losses) == self._n_steps
