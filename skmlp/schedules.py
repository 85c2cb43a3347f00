"""Learning-rate schedules: pure functions of the progress of a training.

They can be evaluated, and drawn, without training anything.
"""

import math
from abc import ABC, abstractmethod
from typing import NamedTuple

EXPONENTIAL_FINAL_RATIO = 1e-2
ADAPTIVE_DIVISOR = 5.0
ADAPTIVE_SMALLEST_RATE = 1e-6
# The shape of Smith and Topin (2018): rise over 30 % of the training from 1/25 of the peak.
ONE_CYCLE_RISE = 0.3
ONE_CYCLE_START_RATIO = 1 / 25
ONE_CYCLE_FINAL_RATIO = 1e-4 / 25


class Progress(NamedTuple):
    """How far a training has come; made anew in every step, where a tuple is the quickest.

    Parameters
    ----------
    epochs : float
        Epochs behind us. The training asks for a rate at the middle of each step, so that no
        schedule begins or ends with an idle step of rate zero.
    n_samples : int
        Samples seen in all finished epochs, over all calls of ``fit`` and ``partial_fit``.
    n_plateaus : int
        How often the training came to a standstill.
    n_steps : int
        Steps taken.
    """

    epochs: float = 0.0
    n_samples: int = 0
    n_plateaus: int = 0
    n_steps: int = 0

    def at(self, epochs: float, n_steps: int) -> "Progress":
        """Return the same progress but for the epochs and the steps."""
        return Progress(epochs, self.n_samples, self.n_plateaus, n_steps)


class Schedule(ABC):
    """A learning rate as a function of progress.

    Attributes
    ----------
    falls_to_zero : bool
        Whether the rate ends near zero, so that a training that followed it to its end is over.
    """

    falls_to_zero: bool = False

    @abstractmethod
    def rate(self, progress: Progress) -> float:
        """Return the learning rate of the next step."""

    def rises(self, progress: Progress) -> bool:
        """Return whether the rate still rises: what stands still may yet move."""
        return False

    def after_standstill(self, progress: Progress) -> Progress | None:
        """Return the progress with which a standstill is answered; None: it ends the training."""
        return None


class Constant(Schedule):
    """``rate = initial``."""

    def __init__(self, initial: float):
        self._initial = initial

    def rate(self, progress: Progress) -> float:
        return self._initial


class InverseScaling(Schedule):
    """``rate = initial / (n_samples + 1)**power``, constant within an epoch."""

    def __init__(self, initial: float, power: float):
        self._initial = initial
        self._power = power

    def rate(self, progress: Progress) -> float:
        return self._initial / (progress.n_samples + 1) ** self._power


class Adaptive(Schedule):
    """``rate = initial / 5**n_plateaus``, given up once the rate is 1e-6 or less."""

    def __init__(self, initial: float):
        self._initial = initial

    def rate(self, progress: Progress) -> float:
        return self._initial / ADAPTIVE_DIVISOR**progress.n_plateaus

    def after_standstill(self, progress: Progress) -> Progress | None:
        if self.rate(progress) <= ADAPTIVE_SMALLEST_RATE:
            return None
        return progress._replace(n_plateaus=progress.n_plateaus + 1)


class Exponential(Schedule):
    """``rate = initial * 0.01**(epochs / max_epochs)``."""

    def __init__(self, initial: float, max_epochs: int):
        self._initial = initial
        self._max_epochs = max_epochs

    def rate(self, progress: Progress) -> float:
        return self._initial * EXPONENTIAL_FINAL_RATIO ** _share(progress.epochs, self._max_epochs)


class Cosine(Schedule):
    """``rate = initial * (1 + cos(pi epochs / max_epochs)) / 2``.

    References
    ----------
    Loshchilov and Hutter (2017), "SGDR: stochastic gradient descent with warm restarts".
    """

    falls_to_zero = True

    def __init__(self, initial: float, max_epochs: int):
        self._initial = initial
        self._max_epochs = max_epochs

    def rate(self, progress: Progress) -> float:
        return self._initial * _cosine_fall(_share(progress.epochs, self._max_epochs))


class OneCycle(Schedule):
    """A cosine rise from ``peak / 25`` over 30 % of the epochs, then a cosine fall to almost zero.

    References
    ----------
    Smith and Topin (2018), "Super-convergence: very fast training of neural networks using large
    learning rates".
    """

    falls_to_zero = True

    def __init__(self, peak: float, max_epochs: int):
        self._peak = peak
        self._max_epochs = max_epochs

    def rate(self, progress: Progress) -> float:
        share = _share(progress.epochs, self._max_epochs)
        if share < ONE_CYCLE_RISE:
            low, fall = ONE_CYCLE_START_RATIO, 1 - _cosine_fall(share / ONE_CYCLE_RISE)
        else:
            low = ONE_CYCLE_FINAL_RATIO
            fall = _cosine_fall((share - ONE_CYCLE_RISE) / (1 - ONE_CYCLE_RISE))
        return self._peak * (low + (1 - low) * fall)

    def rises(self, progress: Progress) -> bool:
        return _share(progress.epochs, self._max_epochs) < ONE_CYCLE_RISE


class Warmup(Schedule):
    """Another schedule behind a linear ramp over the first epochs.

    Parameters
    ----------
    schedule : Schedule
        What follows the ramp.
    n_epochs : int
        The length of the ramp.
    """

    def __init__(self, schedule: Schedule, n_epochs: int):
        self._schedule = schedule
        self._n_epochs = n_epochs
        self.falls_to_zero = schedule.falls_to_zero

    def rate(self, progress: Progress) -> float:
        return self._schedule.rate(progress) * _share(progress.epochs, self._n_epochs)

    def rises(self, progress: Progress) -> bool:
        return progress.epochs < self._n_epochs or self._schedule.rises(progress)

    def after_standstill(self, progress: Progress) -> Progress | None:
        return self._schedule.after_standstill(progress)


def _share(epochs: float, max_epochs: int) -> float:
    return min(epochs / max_epochs, 1.0)


def _cosine_fall(share: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * share))
