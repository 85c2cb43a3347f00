"""What the callbacks have in common: whom they watch, and what is known of an epoch."""

import math
from typing import Any

from skmlp.estimators.common._callbacks import Callback
from skmlp.estimators.mlp._base import BaseMLP
from skmlp.estimators.mlp._fitted_network import CURVES
from skmlp.estimators.perceptron._classifier import PerceptronClassifier
from skmlp.estimators.tabular._base import BaseTabularMLP


class EpochCallback(Callback):
    """Base of a callback that hears of epochs."""

    def setup(self, estimator: Any, context: Any) -> None:
        """Refuse, by a TypeError, estimators that have no epochs."""
        if not isinstance(estimator, BaseMLP | PerceptronClassifier):
            raise TypeError(
                f"`{type(self).__name__}` must be set on a network or perceptron of skmlp itself; "
                f"got {type(estimator).__name__}. {_way_out(estimator)}"
            )


def _way_out(estimator: Any) -> str:
    if isinstance(estimator, BaseTabularMLP):
        return (
            "An ensemble has `max_time`, `verbose=2` prints its epochs, and the networks in "
            "`estimators_` have their curves."
        )
    return "In a pipeline or a search, set it on the network in it."


def is_whole_epoch(context: Any, fitted_estimator: Any) -> bool:
    """Return whether a task that ends is an epoch, and none that was cut short."""
    return context.task_name == "epoch" and fitted_estimator.n_iter_ > context.task_id


def epoch_values(fitted_estimator: Any) -> dict[str, float]:
    """Return what is known of the last epoch: no rate of L-BFGS, no validation without a set."""
    curves = {name: getattr(fitted_estimator, curve, None) for curve, name in CURVES.items()}
    values = {name: float(curve[-1]) for name, curve in curves.items() if curve}
    if math.isnan(values.get("learning_rate", 0.0)):
        del values["learning_rate"]
    return values


def n_epochs(fitted_estimator: Any) -> int:
    """Return the place of the last epoch in the curves, those of earlier fits included."""
    return len(fitted_estimator.loss_curve_)
