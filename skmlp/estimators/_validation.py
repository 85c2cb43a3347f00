"""What is measured on the validation set after every epoch."""

import inspect
import math
from collections.abc import Callable
from typing import Any

from sklearn.metrics import check_scoring

from skmlp.estimators import _recipes as recipes
from skmlp.estimators._first_weights import Start
from skmlp.estimators._held_out import HeldOut
from skmlp.network import raw_predictions
from skmlp.parameters import Parameters
from skmlp.training.supervisor import Validate


def make_validate(estimator: Any, start: Start, held_out: HeldOut) -> Validate:
    """Return the function that gives validation loss and score of parameters.

    Parameters
    ----------
    estimator : MLPClassifier or MLPRegressor
        Its `scoring` says what the score is.
    start : Start
    held_out : HeldOut

    Raises
    ------
    ValueError
        If `scoring` is no scorer, or the samples have weights and it takes none; from the function,
        if the scorer fails.
    """
    loss = estimator._make_loss()
    watches_loss = recipes.watches_loss(estimator)
    scorer = None if watches_loss else _make_scorer(estimator, held_out)

    def validate(parameters: Parameters) -> tuple[float, float]:
        raw = raw_predictions(start.network, parameters, held_out.X)
        validation_loss = loss.mean(raw, held_out.targets, held_out.weight)
        if watches_loss:
            return validation_loss, -validation_loss
        if not estimator._predicts_finite(raw):
            return validation_loss, math.nan
        if scorer is None:
            return validation_loss, estimator._own_score(raw, held_out)
        return validation_loss, scorer(estimator._snapshot(parameters, start.dtype))

    return validate


def _make_scorer(estimator: Any, held_out: HeldOut) -> Callable[[Any], float] | None:
    """Return the function from a fitted estimator to its score; None where it needs no scorer."""
    if estimator.scoring is None:
        return None
    scorer = check_scoring(estimator, estimator.scoring)
    metadata = {} if held_out.weight is None else {"sample_weight": held_out.weight}
    if metadata and not _takes_weights(scorer):
        raise ValueError(
            "`scoring` must take `sample_weight` where the validation samples have weights; got "
            f"{estimator.scoring!r}. Choose another scorer, or fit without weights."
        )

    def score(fitted: Any) -> float:
        try:
            result = scorer(fitted, held_out.X, held_out.y, **metadata)
        except (AttributeError, TypeError, ValueError) as error:
            raise ValueError(
                "`scoring` must be a scorer that fits the estimator and its targets; got "
                f"{estimator.scoring!r}, which fails on the validation samples ({error}). Choose "
                "another scorer."
            ) from error
        return _number(result)

    return score


def _number(score: Any) -> float:
    try:
        return float(score)
    except (TypeError, ValueError):
        raise TypeError(
            f"`scoring` must give a number; got {score!r}. Return the score, larger is better."
        ) from None


def _takes_weights(scorer: Callable) -> bool:
    # A scorer of scikit-learn takes any keyword and hands it to its metric.
    parameters = inspect.signature(getattr(scorer, "_score_func", scorer)).parameters
    return "sample_weight" in parameters or any(
        parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()
    )
