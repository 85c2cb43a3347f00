"""What a network is scored by on the validation set."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.metrics import check_scoring

from skmlp._typing import Array
from skmlp.estimators.common._held_out import HeldOut
from skmlp.estimators.common._sklearn import takes_weights
from skmlp.estimators.mlp._first_weights import Start
from skmlp.losses import Loss
from skmlp.parameters import Parameters
from skmlp.training.validation import Validation


def make_validation(
    estimator: Any, start: Start, loss: Loss, held_out: HeldOut | None
) -> Validation | None:
    """Return what gives loss and score of the validation set by parameters, if there is one."""
    if held_out is None:
        return None
    score = _make_score(estimator, start.dtype, loss, held_out)
    return Validation(start.network, loss, held_out.samples, score)


def _make_score(
    estimator: Any, dtype: np.dtype, loss: Loss, held_out: HeldOut
) -> Callable[[Array, Parameters], float] | None:
    """Return ``score(raw_prediction, parameters)``, larger is better; None: minus the loss."""
    if estimator._watches_loss():
        return None
    scorer = None if estimator.scoring is None else make_scorer(estimator, held_out)

    def score(raw_prediction: Array, parameters: Parameters) -> float:
        # No metric takes what is not finite; `exp` overflows for finite numbers.
        prediction = loss.predict(raw_prediction)
        if not np.isfinite(prediction).all():
            return math.nan
        if scorer is None:
            return estimator._own_score(prediction, held_out.samples)
        return scorer(estimator._snapshot(parameters, dtype))

    return score


def make_scorer(estimator: Any, held_out: HeldOut) -> Callable[[Any], float]:
    """Return the function from a fitted estimator to what its `scoring` gives."""
    scorer = check_scoring(estimator, estimator.scoring)
    X, weight = held_out.samples.X, held_out.samples.weight
    metadata = {} if weight is None else {"sample_weight": weight}
    if metadata and not takes_weights(scorer):
        raise ValueError(
            "`scoring` must take `sample_weight` where the validation samples have weights; got "
            f"{estimator.scoring!r}. Choose another scorer, or fit without weights."
        )

    def score(fitted: Any) -> float:
        try:
            result = scorer(fitted, X, held_out.labels, **metadata)
        except (AttributeError, TypeError, ValueError) as error:
            raise ValueError(
                "`scoring` must be a scorer that fits the estimator and its targets; got "
                f"{estimator.scoring!r}, which fails on the validation samples ({error}). Choose "
                "another scorer, or a validation set that it can score."
            ) from error
        return _number(result)

    return score


def accuracy(labels: Array, predicted: Array, weight: Array | None = None) -> float:
    """Return the share of the samples whose label, or whose set of labels, is predicted.

    As scikit-learn does, but in a few per cent of the time: most of its is for looking at what a
    user may pass, and takes longer than an epoch of a small network.
    """
    right = labels == predicted
    if right.ndim == 2:
        right = right.all(axis=1)
    return float(np.average(right, weights=weight))


def r2(targets: Array, predicted: Array, weight: Array | None = None) -> float:
    """Return R² of matrices, the mean over the outputs; in as little time as `accuracy`.

    Of a constant output it is one if each target is met, else zero.
    """
    targets = targets.astype(np.float64, copy=False)
    share = 1.0 if weight is None else weight[:, None]
    mean = np.average(targets, axis=0, weights=weight)
    missed = (share * (targets - predicted) ** 2).sum(axis=0)
    spread = (share * (targets - mean) ** 2).sum(axis=0)
    whole = (missed != 0).astype(np.float64)
    part = np.divide(missed, spread, out=whole, where=(missed != 0) & (spread != 0))
    return float(np.mean(1 - part))


def _number(score: Any) -> float:
    try:
        return float(score)
    except (TypeError, ValueError):
        raise TypeError(
            f"`scoring` must give a number; got {score!r}. Return the score, larger is better."
        ) from None
