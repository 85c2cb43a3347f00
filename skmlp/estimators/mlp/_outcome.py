"""The outcome of a training as fitted attributes."""

import math
from typing import Any

from skmlp.estimators.mlp._first_weights import Start
from skmlp.training.result import TrainingResult


def fitted_attributes(
    estimator: Any, result: TrainingResult, start: Start, first: bool
) -> dict[str, Any]:
    """Return what a training gives an estimator that is as it was before.

    The parameters of `start` are those at the end by now. If `first`, the curves begin, else they
    go on from an earlier training.
    """
    n_before = 0 if first else len(estimator.loss_curve_)
    n_epochs = n_before + len(result.records)
    watched = estimator.early_stopping
    attributes = {
        **estimator._fitted_weights(start.parameters, start.dtype),
        **{
            name: _extended(name, getattr(estimator, name) if n_before else [], curve, n_before)
            for name, curve in result.curves().items()
        },
        "n_iter_": len(result.records),
        "t_": (0 if first else estimator.t_) + result.n_samples_seen,
        "stop_reason_": result.reason.value,
    }
    # What the epochs before have found stands where the user interrupts the first one of a call.
    if first or result.records or not math.isnan(result.loss):
        attributes |= {
            "loss_": result.loss,
            "best_loss_": None if watched else -result.best_score,
            "best_validation_score_": result.best_score if watched else None,
        }
    if first or (result.records and result.best_epoch > 0):
        attributes["best_iteration_"] = result.best_epoch + result.offset(n_epochs)
    return attributes


def _extended(
    name: str, before: list[float] | None, values: list[float | None], n_before: int
) -> list[float] | None:
    """Return a longer curve; NaN stands where there was no validation, None for no curve at all."""
    if name.startswith("validation") and not before and all(value is None for value in values):
        return None
    new = [math.nan if value is None else value for value in values]
    return (before or [math.nan] * n_before) + new
