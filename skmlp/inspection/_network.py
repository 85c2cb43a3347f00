"""The network in what a user passes."""

from typing import Any

from sklearn.pipeline import Pipeline

from skmlp.estimators._base import BaseMLP


def last_network(estimator: Any) -> BaseMLP:
    """Return the network that `estimator` is or, as a pipeline, ends in.

    Raises
    ------
    TypeError
        If there is none of skmlp's.
    """
    network = estimator[-1] if isinstance(estimator, Pipeline) else estimator
    if not isinstance(network, BaseMLP):
        # The module tells scikit-learn's classes of the same names.
        kind = type(network)
        raise TypeError(
            "`estimator` must be an MLPClassifier or MLPRegressor of skmlp or a Pipeline that ends "
            f"in one; got {kind.__module__}.{kind.__qualname__}. Pass the network or pipeline "
            "inside it, `best_estimator_` of a search say."
        )
    return network
