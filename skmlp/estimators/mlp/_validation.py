"""What is measured on the validation set after every epoch."""

from collections.abc import Callable
from typing import Any

from sklearn.metrics import check_scoring

from skmlp._typing import Array
from skmlp.estimators.common._held_out import HeldOut
from skmlp.estimators.common._sklearn import takes_weights
from skmlp.losses import Loss
from skmlp.network import Network, raw_predictions
from skmlp.parameters import Parameters
from skmlp.training.supervisor import Validate

# (raw prediction, parameters) -> score
ScoreOf = Callable[[Array, Parameters], float]


def make_validate(
    network: Network, loss: Loss, held_out: HeldOut, score: ScoreOf | None
) -> Validate:
    """Return the function that gives validation loss and score of parameters.

    Parameters
    ----------
    network : Network
    loss : Loss
    held_out : HeldOut
    score : callable or None
        ``score(raw_prediction, parameters)``, larger is better. None: minus the loss.
    """

    def validate(parameters: Parameters) -> tuple[float, float]:
        raw = raw_predictions(network, parameters, held_out.X)
        validation_loss = loss.mean(raw, held_out.targets, held_out.weight)
        if score is None:
            return validation_loss, -validation_loss
        return validation_loss, score(raw, parameters)

    return validate


def make_scorer(estimator: Any, held_out: HeldOut) -> Callable[[Any], float]:
    """Return the function from a fitted estimator to what its `scoring` gives.

    Raises
    ------
    ValueError
        If `scoring` is no scorer, or the samples have weights and it takes none; from the function,
        if the scorer fails.
    """
    scorer = check_scoring(estimator, estimator.scoring)
    metadata = {} if held_out.weight is None else {"sample_weight": held_out.weight}
    if metadata and not takes_weights(scorer):
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
