"""The network in what a user passes."""

from typing import Any, Self

import numpy as np
from sklearn.dummy import DummyRegressor
from sklearn.pipeline import Pipeline

from skmlp.estimators.mlp._base import BaseMLP
from skmlp.estimators.tabular._base import BaseTabularMLP


def last_network(estimator: Any) -> BaseMLP:
    """Return the network that `estimator` is or, as pipeline or transformed target, ends in.

    Of a fitted TransformedTargetRegressor it is the fitted one.
    """
    return _check_network(last_step(estimator))


def last_step(estimator: Any) -> Any:
    """Return what `estimator` is or, as pipeline or transformed target, ends in."""
    while True:
        if isinstance(estimator, Pipeline):
            estimator = estimator[-1]
        elif _transforms_the_target(estimator):
            estimator = getattr(estimator, "regressor_", estimator.regressor)
        else:
            return estimator


def reach_network(estimator: Any, X: Any, y: Any) -> tuple[BaseMLP, Any, Any]:
    """Return the network of an unfitted estimator, and `X` and `y` as they would reach it.

    The steps of the estimator before the network are fitted.
    """
    while True:
        if isinstance(estimator, Pipeline):
            X = estimator[:-1].fit_transform(X, y) if len(estimator) > 1 else X
            estimator = estimator[-1]
        elif _transforms_the_target(estimator):
            network = estimator.regressor
            y = estimator.set_params(regressor=TargetRecorder()).fit(X, y).regressor_.y_
            estimator = network
        else:
            return _check_network(estimator), X, y


def _transforms_the_target(estimator: Any) -> bool:
    # Above, it would import all linear models of scikit-learn, a fifth of the import of skmlp.
    from sklearn.compose import TransformedTargetRegressor

    return isinstance(estimator, TransformedTargetRegressor)


class TargetRecorder(DummyRegressor):
    """Takes the place of a network, to be told the target that would reach it."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Remember `y`."""
        self.y_ = np.asarray(y)
        return self


_ENSEMBLE = (
    "`estimator` must be one network, or a Pipeline or TransformedTargetRegressor that ends in "
    "one; got {name}, an ensemble of them. Fit it and pass one of its `estimators_`, with what its "
    "`encoder_` makes of the table."
)


def _check_network(network: Any) -> BaseMLP:
    if not isinstance(network, BaseMLP):
        if isinstance(network, BaseTabularMLP):
            raise TypeError(_ENSEMBLE.format(name=type(network).__name__))
        # The module tells scikit-learn's classes of the same names.
        kind = type(network)
        raise TypeError(
            "`estimator` must be an MLPClassifier or MLPRegressor of skmlp or a Pipeline or "
            "TransformedTargetRegressor that ends in one; got "
            f"{kind.__module__}.{kind.__qualname__}. Pass the network or pipeline inside it, "
            "`best_estimator_` of a search say."
        )
    return network
