"""What happens at the end of every epoch, whoever trained it."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from skmlp._typing import Array
from skmlp.parameters import Parameters
from skmlp.training.monitor import Monitor
from skmlp.training.observer import Observer
from skmlp.training.result import EpochRecord, StopReason, TrainingResult

# (parameters) -> (validation loss, validation score); either may be None.
Validate = Callable[[Parameters], tuple[float | None, float | None]]


class Supervisor:
    """Validates, records, watches for divergence and standstill, and shows the epoch to observers.

    Parameters
    ----------
    monitor : Monitor
        Watches the validation score with early stopping, else the training loss.
    early_stopping : bool
    validate : callable or None
    observers : sequence of Observer
    records : list of EpochRecord, default=None
        Epochs that are done already, where a training goes on. Written: the epochs to come.
    """

    def __init__(
        self,
        monitor: Monitor,
        early_stopping: bool,
        validate: Validate | None = None,
        observers: Sequence[Observer] = (),
        records: list[EpochRecord] | None = None,
    ):
        self.monitor = monitor
        self.records = [] if records is None else records
        self._early_stopping = early_stopping
        self._validate = validate
        self._observers = observers

    def open_epoch(self, epoch: int) -> None:
        """Tell the observers that an epoch begins."""
        for observer in self._observers:
            observer.begin_epoch(epoch)

    def close_epoch(
        self,
        epoch: int,
        loss: float,
        learning_rate: float,
        parameters: Parameters,
        moments: Sequence[Array] = (),
    ) -> StopReason | None:
        """Take note of an epoch and return why it must be the last one, or None.

        Parameters
        ----------
        epoch : int
        loss : float
        learning_rate : float
        parameters : Parameters
        moments : sequence of ndarray, default=()
            The optimizer's.
        """
        if not (math.isfinite(loss) and _can_train(parameters, moments)):
            self.records.append(EpochRecord(epoch, loss, learning_rate))
            return StopReason.DIVERGED
        validation = (None, None) if self._validate is None else self._validate(parameters)
        record = EpochRecord(epoch, loss, learning_rate, *validation)
        self.records.append(record)
        self.monitor.update(*self._watched(record), epoch, parameters.vector)
        # All of them are shown the epoch, also after one has asked to stop.
        stops = [observer.end_epoch(record, parameters) for observer in self._observers]
        return StopReason.CALLBACK if any(stops) else None

    def interrupt_epoch(
        self,
        epoch: int,
        learning_rate: float,
        parameters: Parameters,
        moments: Sequence[Array],
    ) -> StopReason:
        """Return the reason that an epoch leaves in the middle of which the user interrupts it.

        It is the interruption, unless the training had diverged by then: such weights are not to
        be kept.
        """
        if _can_train(parameters, moments):
            return StopReason.INTERRUPTED
        self.records.append(EpochRecord(epoch, math.nan, learning_rate))
        return StopReason.DIVERGED

    def _watched(self, record: EpochRecord) -> tuple[float, float]:
        """Return the score that counts, and the loss that decides between equal scores."""
        if not self._early_stopping:
            return -record.loss, record.loss
        if record.validation_score is None or record.validation_loss is None:
            return math.nan, record.loss
        return record.validation_score, record.validation_loss

    @property
    def standstill(self) -> StopReason | None:
        """The name of the standstill that the monitor sees, or None."""
        if not self.monitor.stalled:
            return None
        if self._early_stopping:
            return StopReason.VALIDATION_PLATEAU
        return StopReason.TRAINING_PLATEAU

    def result(
        self, reason: StopReason, *, initial_loss: float = math.nan, n_samples_seen: int = 0
    ) -> TrainingResult:
        """Return the outcome of the training."""
        loss = self.records[-1].loss if self.records else initial_loss
        best_epoch, best_score = self.monitor.best_epoch, self.monitor.best_score
        if best_epoch == 0:
            best_score = math.nan if self._early_stopping else -initial_loss
        return TrainingResult(reason, self.records, best_epoch, best_score, loss, n_samples_seen)


def _can_train(parameters: Parameters, moments: Sequence[Array]) -> bool:
    """Return whether everything is finite.

    A square too large for float32 makes a moment infinite for good: from then on each step of its
    parameter is zero, and the parameter looks as if it had converged.
    """
    # Such a moment is positive; its largest entry costs half of what `isfinite` does.
    return bool(np.isfinite(parameters.trainable).all()) and all(
        math.isfinite(moment.max(initial=0.0)) for moment in moments
    )
