"""What happens at the end of every epoch, whoever trained it."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from skmlp._typing import Array
from skmlp.parameters import Parameters
from skmlp.training.observer import Observer
from skmlp.training.result import EpochRecord, StopReason
from skmlp.training.state import TrainingState

# (parameters) -> (validation loss, validation score).
Validate = Callable[[Parameters], tuple[float, float]]


class Stop(Exception):
    """Ends a training from inside an epoch.

    SciPy's loop would swallow a StopIteration of its callback.
    """

    def __init__(self, reason: StopReason):
        self.reason = reason


class Supervisor:
    """Validates, records, watches for divergence and standstill, and shows the epoch to observers.

    The monitor of the state watches the validation score if it keeps the best epoch, else the
    training loss.
    """

    def __init__(
        self,
        state: TrainingState,
        parameters: Parameters,
        validate: Validate | None = None,
        observers: Sequence[Observer] = (),
    ):
        self._state = state
        self._monitor = state.monitor
        self._records = state.records
        self._parameters = parameters
        self._validate = validate
        self._observers = observers
        self._step_observers = [observer for observer in observers if observer.watches_steps]

    @property
    def n_epochs(self) -> int:
        """How many epochs are on record."""
        return len(self._records)

    @property
    def watches_steps(self) -> bool:
        """Whether `close_step` has anybody to tell."""
        return bool(self._step_observers)

    def open_training(self) -> None:
        """Show the observers where the training stands."""
        for observer in self._observers:
            observer.begin_training(self._state, self._parameters)

    def open_epoch(self, epoch: int) -> None:
        """Tell the observers that an epoch begins."""
        for observer in self._observers:
            observer.begin_epoch(epoch)

    def close_step(self, value: float) -> None:
        """Show the objective of a step's batch to who watches steps; end the training if asked."""
        reasons = [who.stop_reason for who in self._step_observers if who.end_step(value)]
        if reasons:
            raise Stop(reasons[0])

    def close_epoch(self, epoch: int, loss: float, learning_rate: float) -> StopReason | None:
        """Take note of an epoch and return why it must be the last one, or None."""
        parameters = self._parameters
        if not (math.isfinite(loss) and self._can_go_on()):
            self._records.append(EpochRecord(epoch, loss, learning_rate))
            return StopReason.DIVERGED
        validation = (None, None) if self._validate is None else self._validate(parameters)
        record = EpochRecord(epoch, loss, learning_rate, *validation)
        self._records.append(record)
        self._monitor.update(*self._watched(record), epoch, parameters.vector)
        # All of them are shown the epoch, also after one has asked to stop.
        reasons = [who.stop_reason for who in self._observers if who.end_epoch(record)]
        return reasons[0] if reasons else None

    def interrupt_epoch(self, epoch: int, learning_rate: float) -> StopReason:
        """Return the reason that an epoch leaves in the middle of which the user interrupts it.

        It is the interruption, unless the training had diverged by then: such weights are not to
        be kept.
        """
        if self._can_go_on():
            return StopReason.INTERRUPTED
        self._records.append(EpochRecord(epoch, math.nan, learning_rate))
        return StopReason.DIVERGED

    def _watched(self, record: EpochRecord) -> tuple[float, float]:
        """Return the score that counts, and the loss that decides between equal scores."""
        if not self._monitor.keeps_best:
            return -record.loss, record.loss
        if record.validation_score is None or record.validation_loss is None:
            return math.nan, record.loss
        return record.validation_score, record.validation_loss

    @property
    def standstill(self) -> StopReason | None:
        """The name of the standstill that the monitor sees, or None."""
        if not self._monitor.stalled:
            return None
        if self._monitor.keeps_best:
            return StopReason.VALIDATION_PLATEAU
        return StopReason.TRAINING_PLATEAU

    def _can_go_on(self) -> bool:
        """Return whether parameters and moments are finite.

        A square too large for float32 makes a moment infinite for good: from then on each step of
        its parameter is zero, and the parameter looks as if it had converged.
        """
        return all(map(_is_finite, (self._parameters.trainable, *self._state.moments)))


def _is_finite(vector: Array) -> bool:
    # A sum of squares is taken in less than half of the time, and overflows where nothing is wrong.
    return math.isfinite(vector.dot(vector)) or bool(np.isfinite(vector).all())
