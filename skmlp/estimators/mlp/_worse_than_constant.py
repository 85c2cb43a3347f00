"""A fit that is worse than a constant: noticed, and what may have spoilt it."""

import math
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from skmlp.estimators.common._warnings import warn_user
from skmlp.estimators.mlp._first_weights import Start
from skmlp.estimators.mlp._unit_scale import are_tiny, seen_far_from_unit_scale
from skmlp.estimators.mlp._warnings import limit_text
from skmlp.losses import Loss
from skmlp.training.data import Samples
from skmlp.training.objective import mean_loss
from skmlp.training.result import EpochRecord, StopReason, TrainingResult

# From this part of the best constant's loss on a fit has learnt nothing.
NO_BETTER = 0.98


def warn_if_worse_than_constant(
    estimator: Any, start: Start, loss: Loss, samples: Samples, result: TrainingResult
) -> bool:
    """Warn if the best constant prediction is ahead of a finished fit; return whether it is."""
    if result.reason is StopReason.INTERRUPTED or not result.records:
        return False
    y, weight = samples.y, samples.weight
    with np.errstate(over="ignore", invalid="ignore"):
        constant = loss.of_constant(y, weight)
        kept = _kept_record(estimator, result)
        # The mean over the epoch is at hand, but looks back and has dropout and penalty in it. That
        # of averaged weights is at hand for the validation set alone.
        at_hand = kept.validation_loss if estimator.averaging else kept.loss
        # Of constant targets the best constant is perfect, which no training is.
        if (at_hand is not None and at_hand <= NO_BETTER * constant) or (y == y[0]).all():
            return False
        final = mean_loss(start.network, loss, start.parameters, samples)
    # What cannot be learnt is no better than a constant either, and no failure.
    if final <= constant and not (final > NO_BETTER * constant and are_tiny(samples.matrix)):
        return False
    lags = estimator.averaging and kept.loss <= NO_BETTER * constant
    advice = [_about_averaging(estimator)] if lags else _advice(estimator, samples, result)
    degree = "worse" if final > constant else "no better"
    warn_user(
        f"The fit is {degree} than a constant: its mean loss on the training samples is {final:g}, "
        f"that of the best constant prediction {constant:g}. It ended because {result.reason.value}"
        f"{limit_text(result, estimator.max_iter)}. {' '.join(advice)}",
        ConvergenceWarning,
    )
    return True


def _kept_record(estimator: Any, result: TrainingResult) -> EpochRecord:
    """Return the record of the epoch whose weights were kept."""
    goes_back = estimator.early_stopping and result.best_epoch > 0
    return result.records[-1 - result.n_since_best if goes_back else -1]


def _advice(estimator: Any, samples: Samples, result: TrainingResult) -> list[str]:
    """Return what was seen, each with its remedy."""
    advice = seen_far_from_unit_scale(estimator, samples)
    risen = result.loss > result.records[0].loss
    if risen or not advice:
        advice.append(_about_training(estimator, result, risen))
    return advice


def _about_averaging(estimator: Any) -> str:
    """Return what to do where the weights have learnt whose mean has not."""
    reach = f"`averaging`; got {estimator.averaging:g}"
    return f"The mean of the weights reaches too far back: raise `max_iter`, or lower {reach}."


def _about_training(estimator: Any, result: TrainingResult, risen: bool) -> str:
    if math.isnan(result.records[-1].learning_rate):
        return "Raise `max_iter` or `alpha`."
    rate = f"`learning_rate_init`; got {estimator.learning_rate_init:g}"
    if result.reason is StopReason.VALIDATION_PLATEAU and not risen:
        return (
            "The training loss was still falling: watch the validation loss, `scoring='loss'`, or "
            "raise `n_iter_no_change`."
        )
    if risen or result.reason is not StopReason.MAX_ITER:
        return f"Lower {rate}."
    return f"Raise `max_iter`, or try another {rate}."
