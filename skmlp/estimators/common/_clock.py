"""What ends a training in time."""

import time
from typing import Any

from skmlp.estimators.common._callbacks import TrainingCallback
from skmlp.training.observer import Observer
from skmlp.training.result import StopReason


class Clock(Observer):
    """Ends a training after the epoch in which its time is up; the time begins now."""

    stop_reason = StopReason.TIME_LIMIT

    def __init__(self, seconds: float):
        self._end = time.monotonic() + seconds

    def end_epoch(self, record: Any) -> bool:
        return self._is_over()

    def _is_over(self) -> bool:
        return time.monotonic() >= self._end


class StepClock(Clock):
    """Ends a training after the step in which its time is up, not before `n_epochs` are done."""

    watches_steps = True

    def __init__(self, seconds: float, n_epochs: int = 0):
        super().__init__(seconds)
        self._n_epochs_left = n_epochs

    def end_step(self, value: float) -> bool:
        return self._n_epochs_left <= 0 and self._is_over()

    def end_epoch(self, record: Any) -> bool:
        self._n_epochs_left -= 1
        return super().end_epoch(record)


class Deadline(TrainingCallback):
    """Ends every training after the epoch in which its time is up."""

    def __init__(self, seconds: float):
        self.seconds = float(seconds)

    def watch(self) -> Observer:
        """Return the observer that looks at the clock."""
        return Clock(self.seconds)


class StrictDeadline(Deadline):
    """Ends every training when its time is up, after its first epoch at the earliest."""

    def watch(self) -> Observer:
        return StepClock(self.seconds, n_epochs=1)
