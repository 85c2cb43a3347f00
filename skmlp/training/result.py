"""What a training reports: records of its epochs and why it ended."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any

import numpy as np


class StopReason(Enum):
    """Why a training ended; the value is the sentence a user reads."""

    TRAINING_PLATEAU = "the training loss improved by less than `tol` for `n_iter_no_change` epochs"
    VALIDATION_PLATEAU = (
        "the validation score improved by less than `tol` for `n_iter_no_change` epochs"
    )
    CONVERGED = "the optimizer met its tolerance"
    NO_MISTAKE = "an epoch made no mistake"
    MAX_ITER = "`max_iter` epochs are done"
    EPOCH_DONE = "the epoch of `partial_fit` is done"
    MAX_FUN = "`max_fun` evaluations of the objective are done"
    LINE_SEARCH = "the line search found no better point"
    CALLBACK = "a callback asked to stop"
    TIME_LIMIT = "the time limit is over"
    INTERRUPTED = "the user interrupted the training"
    GOES_ON = "none yet: the training goes on"
    DIVERGED = "the training diverged"


@dataclass(frozen=True)
class EpochRecord:
    """What is known at the end of an epoch (of an iteration, for L-BFGS).

    Parameters
    ----------
    epoch : int
        Counted from 1 in this training, over all calls of ``partial_fit``.
    loss : float
        The mean objective over the epoch, penalty included.
    learning_rate : float
        The rate of the epoch's last step; NaN for L-BFGS, which chooses its steps itself.
    validation_loss : float or None
        The mean loss of the validation set, without penalty.
    validation_score : float or None
        Larger is better.
    """

    epoch: int
    loss: float
    learning_rate: float
    validation_loss: float | None = None
    validation_score: float | None = None


def to_columns(records: Sequence[EpochRecord]) -> dict[str, Any]:
    """Return an array per field, None for one that no record has: they are written many times."""
    names = [field.name for field in fields(EpochRecord)]
    return {name: _column([getattr(record, name) for record in records]) for name in names}


def _column(values: list[float | None]) -> Any:
    if values and all(value is None for value in values):
        return None
    return np.array(values, dtype=np.float64)


def from_columns(columns: dict[str, Any]) -> list[EpochRecord]:
    """Return the records that `to_columns` was given."""
    none = [None] * len(columns["epoch"])
    values = [columns[field.name] for field in fields(EpochRecord)]
    rows = zip(*(none if column is None else column.tolist() for column in values), strict=True)
    return [EpochRecord(int(epoch), *others) for epoch, *others in rows]


@dataclass(frozen=True)
class TrainingResult:
    """The outcome of a training, beside the parameters that it changed in place.

    Parameters
    ----------
    reason : StopReason
    records : list of EpochRecord
    best_epoch : int
        The epoch with the best loss or validation score; 0 if there was none.
    best_score : float
        The best validation score, or minus the best loss; before the first epoch NaN, or minus the
        loss there.
    loss : float
        The objective at the end; NaN if not even one epoch is done.
    n_samples_seen : int
        Samples over all epochs of stochastic training, those before this training included.
    """

    reason: StopReason
    records: list[EpochRecord]
    best_epoch: int
    best_score: float
    loss: float
    n_samples_seen: int = 0

    @property
    def n_since_best(self) -> int:
        """How many epochs came after the best one; all of them, where none was."""
        return self.records[-1].epoch - self.best_epoch if self.records else 0
