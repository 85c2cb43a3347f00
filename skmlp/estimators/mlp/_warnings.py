"""What a user reads when a training does not end well."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from skmlp._typing import Array
from skmlp.estimators.common._held_out import HeldOut
from skmlp.estimators.common._warnings import warn_user
from skmlp.estimators.mlp._options import can_normalize_y, is_stochastic, make_schedule
from skmlp.estimators.mlp._target_scale import N_STEPS, TargetScale
from skmlp.estimators.mlp._unit_scale import seen_far_from_unit_scale
from skmlp.training.data import Samples
from skmlp.training.result import StopReason, TrainingResult

REMEDIES = {
    StopReason.MAX_ITER: "Raise `max_iter`, scale {data}, try another {knob}, or raise `tol` if "
    "this is good enough.",
    StopReason.MAX_FUN: "Raise `max_fun`, scale {data}, or raise `tol` if this is good enough.",
    StopReason.LINE_SEARCH: "Scale {data}, or raise `alpha`{precision}.",
}


def raise_if_diverged(
    result: TrainingResult, estimator: Any, samples: Samples, kept_epoch: int
) -> None:
    """Raise a ValueError that names the epoch, the learning rate, the remedy and what was seen.

    A training that kept an earlier epoch is not lost: see `warn_if_diverged`.
    """
    if result.reason is StopReason.DIVERGED and not kept_epoch:
        event, advice = _divergence(result, estimator, samples)
        raise ValueError(f"{event} {advice}")


def warn_if_diverged(
    result: TrainingResult, estimator: Any, samples: Samples, kept_epoch: int
) -> bool:
    """Warn that the weights are those of an epoch before the training diverged; return whether."""
    if result.reason is not StopReason.DIVERGED:
        return False
    event, advice = _divergence(result, estimator, samples)
    kept = f"The weights are those of epoch {kept_epoch}, whose validation score was the best."
    warn_user(f"{event} {kept} {advice}", ConvergenceWarning)
    return True


def raise_if_out_of_range(weights: Sequence[Array]) -> None:
    """Raise a ValueError if fitted attributes could not hold the parameters."""
    if all(np.isfinite(array).all() for array in weights):
        return
    dtype = weights[0].dtype
    precision = ", or pass `X` in float64" if dtype == np.float32 else ""
    raise ValueError(
        f"Training ended with a weight beyond {dtype}, in which the weights are kept as `X` came "
        "in it. Scale `X` and `y`, with `sklearn.preprocessing.StandardScaler` say"
        f"{precision}."
    )


def _divergence(result: TrainingResult, estimator: Any, samples: Samples) -> tuple[str, str]:
    """Return what happened, and what to do."""
    last = result.records[-1]
    rate, remedy = "", "Scale"
    if not math.isnan(last.learning_rate):
        rate = f" at learning rate {last.learning_rate:g}"
        remedy = "Lower `learning_rate_init`, set `max_grad_norm`, or scale"
    advice = f"{remedy} `X` (and numbers in `y`), with `sklearn.preprocessing.StandardScaler` say."
    event = (
        f"Training diverged in epoch {last.epoch}{rate}: the loss, a weight or a moment of the "
        "optimizer is no longer finite."
    )
    return event, " ".join([advice, *seen_far_from_unit_scale(estimator, samples)])


def warn_if_interrupted(result: TrainingResult) -> None:
    """Warn that the user ended the training, and how to go on."""
    if result.reason is StopReason.INTERRUPTED:
        warn_user(
            f"Training interrupted by user after {len(result.records)} epochs. The weights so far "
            "are kept; with `warm_start=True`, `fit` goes on from them, and `skmlp.resume` from a "
            "`skmlp.Checkpoint`."
        )


def warn_if_unconverged(result: TrainingResult, estimator: Any, dtype: np.dtype) -> None:
    """Warn that the training, in `dtype`, ended before it converged, and what to do."""
    planned = result.reason is StopReason.MAX_ITER and make_schedule(estimator).falls_to_zero
    if result.reason not in REMEDIES or planned:
        return
    remedy = REMEDIES[result.reason].format(
        data=_data_to_scale(estimator),
        knob="`learning_rate_init`" if is_stochastic(estimator) else "`alpha`",
        precision=", or set `dtype='float64'`" if dtype == np.float32 else "",
    )
    warn_user(
        f"Training has not converged{limit_text(result, estimator.max_iter)}: "
        f"{result.reason.value}; the loss is {result.loss:g}. {remedy}",
        ConvergenceWarning,
    )


def _data_to_scale(estimator: Any) -> str:
    if not estimator._y_is_numeric or estimator.normalize_y:
        return "`X`"
    option = " (`normalize_y=True`)" if can_normalize_y(estimator) else ""
    return f"`X` and `y`{option}"


def limit_text(result: TrainingResult, max_iter: int) -> str:
    """Return what scikit-learn's users look for where `max_iter` ended the training."""
    at_limit = result.reason is StopReason.MAX_ITER
    return f" (Maximum iterations ({max_iter}) reached)" if at_limit else ""


def warn_if_unresolved(scale: TargetScale, y: Array, dtype: np.dtype) -> None:
    """Warn that targets far from zero differ by less than their predictions can."""
    reason, advice = "", "Subtract the mean."
    if dtype == np.float32:
        reason, advice = " as `X` came in it", "Pass `X` in float64, or subtract the mean."
    for output in scale.unresolved(y, dtype)[:1]:
        warn_user(
            f"`y` should spread over at least {N_STEPS} steps of {dtype}, in which it is "
            f"predicted{reason}; got a mean of {scale.mean[output]:g} and a spread of "
            f"{scale.scale[output]:g} in output {output}. {advice}"
        )


def warn_if_never_scored(result: TrainingResult) -> None:
    """Warn that early stopping had nothing to go by."""
    scores = [record.validation_score for record in result.records]
    if result.best_epoch == 0 and any(score is not None for score in scores):
        warn_user(
            f"`scoring` should give a finite number; got {scores[-1]} in the last epoch and none "
            "before, so that the weights are those of the last one. Choose another scorer or a "
            "validation set that it can score."
        )


def warn_if_one_class(classes: Array) -> None:
    """Warn that there is nothing to tell apart."""
    if len(classes) == 1:
        warn_user(
            f"`y` holds one class, {classes.tolist()[0]!r}, which every prediction will be. Pass "
            "samples of all classes, or leave it so where a fold or a column has no other."
        )


def warn_if_scoring_is_idle(estimator: Any, held_out: HeldOut | None) -> None:
    """Warn that there is nothing to score."""
    if estimator.scoring is not None and held_out is None:
        warn_user(
            "`scoring` should have a validation set to score; got "
            f"{estimator.scoring!r} without `early_stopping` and without `X_val`: it has no "
            "effect. Turn `early_stopping` on, or pass `X_val` and `y_val`."
        )


def warn_if_schedule_ended(result: TrainingResult, max_iter: int) -> None:
    """Warn that `partial_fit` cannot learn at a rate of zero."""
    if result.records and result.records[-1].learning_rate == 0:
        warn_user(
            f"`learning_rate` should last as long as the training; got a schedule that ended after "
            f"`max_iter`={max_iter} calls of `partial_fit`: the rate is zero. Raise `max_iter`, or "
            "choose 'constant'."
        )


def warn_if_batch_clipped(estimator: Any, n_samples: int) -> None:
    """Warn that there are fewer samples than a batch should have."""
    batch_size = estimator.batch_size
    if not is_stochastic(estimator) or isinstance(batch_size, str):
        return
    if batch_size > n_samples:
        warn_user(
            f"`batch_size` should be at most the number of training samples, {n_samples}; got "
            f"{batch_size}. It is clipped to {n_samples}."
        )
