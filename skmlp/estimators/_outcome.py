"""The outcome of a training as fitted attributes."""

import math
from typing import Any

from skmlp.estimators._first_weights import Start
from skmlp.training.result import TrainingResult


def publish(estimator: Any, result: TrainingResult, start: Start, first: bool) -> None:
    """Give an MLP its fitted attributes.

    Parameters
    ----------
    estimator : MLPClassifier or MLPRegressor
        Written.
    result : TrainingResult
    start : Start
        What the training started from; its parameters are those at the end now.
    first : bool
        Whether the curves begin, or go on from an earlier training.
    """
    vars(estimator).update(estimator._fitted_weights(start.parameters, start.dtype))
    n_before = 0 if first else len(estimator.loss_curve_)
    for name, curve in result.curves().items():
        _extend_curve(estimator, name, curve, n_before)
    estimator.n_iter_ = len(result.records)
    estimator.t_ = (0 if first else estimator.t_) + result.n_samples_seen
    estimator.loss_ = result.loss
    watched = estimator.early_stopping
    estimator.best_loss_ = None if watched else -result.best_score
    estimator.best_validation_score_ = result.best_score if watched else None
    if first or result.best_epoch > 0:
        offset = result.offset(len(estimator.loss_curve_))
        estimator.best_iteration_ = result.best_epoch + offset
    estimator.stop_reason_ = result.reason.value


def _extend_curve(estimator: Any, name: str, values: list[float | None], n_before: int) -> None:
    """Append to a curve; NaN stands where there was no validation, None for no curve at all."""
    before = getattr(estimator, name) if n_before else []
    if name.startswith("validation") and not before and all(value is None for value in values):
        setattr(estimator, name, None)
        return
    new = [math.nan if value is None else value for value in values]
    setattr(estimator, name, (before or [math.nan] * n_before) + new)
