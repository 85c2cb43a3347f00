"""What a user reads when a training does not end well."""

import math
import sys
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from skmlp.training.result import StopReason, TrainingResult

_OURS_AND_SKLEARNS = ("skmlp", "sklearn")

REMEDIES = {
    StopReason.MAX_ITER: "Raise `max_iter`, scale `X`, try another {knob}, or raise `tol` if this "
    "is good enough.",
    StopReason.MAX_FUN: "Raise `max_fun`, scale `X`, or raise `tol` if this is good enough.",
    StopReason.LINE_SEARCH: "Scale `X`, or raise `alpha`{precision}.",
}


def warn_user(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line that called into skmlp or, through scikit-learn, into a meta-estimator."""
    frame, level = sys._getframe(1), 2
    while frame.f_back and frame.f_globals["__name__"].partition(".")[0] in _OURS_AND_SKLEARNS:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def raise_if_diverged(result: TrainingResult) -> None:
    """Raise a ValueError that names the epoch, the learning rate and the remedy."""
    if result.reason is not StopReason.DIVERGED:
        return
    last = result.records[-1]
    rate, remedy = "", "Scale"
    if not math.isnan(last.learning_rate):
        rate = f" at learning rate {last.learning_rate:g}"
        remedy = "Lower `learning_rate_init`, set `max_grad_norm`, or scale"
    raise ValueError(
        f"Training diverged in epoch {last.epoch}{rate}: the loss, a weight or a moment of the "
        f"optimizer is no longer finite. {remedy} `X` (and numbers in `y`), with "
        "`sklearn.preprocessing.StandardScaler` say."
    )


def warn_if_interrupted(result: TrainingResult) -> None:
    """Warn that the user ended the training, and how to go on."""
    if result.reason is StopReason.INTERRUPTED:
        warn_user(
            f"Training interrupted by user after {len(result.records)} epochs. The weights so far "
            "are kept; with `warm_start=True`, `fit` goes on from them, and `skmlp.resume` from a "
            "`skmlp.Checkpoint`."
        )


def warn_if_unconverged(result: TrainingResult, max_iter: int, dtype: np.dtype) -> None:
    """Warn that the training, in `dtype`, ended before it converged, and what to do."""
    if result.reason not in REMEDIES:
        return
    stochastic = result.n_samples_seen > 0
    remedy = REMEDIES[result.reason].format(
        knob="`learning_rate_init`" if stochastic else "`alpha`",
        precision=", or set `dtype='float64'`" if dtype == np.float32 else "",
    )
    limit = f" (Maximum iterations ({max_iter}) reached)"
    warn_user(
        f"Training has not converged{limit if result.reason is StopReason.MAX_ITER else ''}: "
        f"{result.reason.value}; the loss is {result.loss:g}. {remedy}",
        ConvergenceWarning,
    )


def warn_if_never_scored(result: TrainingResult) -> None:
    """Warn that early stopping had nothing to go by."""
    scores = [record.validation_score for record in result.records]
    if result.best_epoch == 0 and any(score is not None for score in scores):
        warn_user(
            "`scoring` should give a number; got NaN in every epoch, so that the weights are those "
            "of the last one. Choose another scorer or a validation set that it can score."
        )


def warn_if_schedule_ended(result: TrainingResult, max_iter: int) -> None:
    """Warn that `partial_fit` cannot learn at a rate of zero."""
    if result.records and result.records[-1].learning_rate == 0:
        warn_user(
            f"`learning_rate` should last as long as the training; got a schedule that ended after "
            f"`max_iter`={max_iter} calls of `partial_fit`: the rate is zero. Raise `max_iter`, or "
            "choose 'constant'."
        )


def warn_if_batch_clipped(batch_size: int | str, n_samples: int) -> None:
    """Warn that there are fewer samples than a batch should have."""
    if not isinstance(batch_size, str) and batch_size > n_samples:
        warn_user(
            f"`batch_size` should be at most the number of training samples, {n_samples}; got "
            f"{batch_size}. It is clipped to {n_samples}."
        )
