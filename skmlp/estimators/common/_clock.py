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

    def end_epoch(self, record: Any, parameters: Any) -> bool:
        return time.monotonic() >= self._end


class Deadline(TrainingCallback):
    """Ends every training after the epoch in which its time is up."""

    def __init__(self, seconds: float):
        self.seconds = float(seconds)

    def watch(self) -> Observer:
        """Return the observer that looks at the clock."""
        return Clock(self.seconds)
