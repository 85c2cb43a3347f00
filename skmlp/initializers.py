"""Random first weights, by the number of units that a layer reads (fan_in) and feeds (fan_out)."""

from collections.abc import Callable

import numpy as np

from skmlp._typing import Array

# The variance of a weight under each scheme, as a function of fan_in and fan_out.
VARIANCES: dict[str, Callable[[int, int], float]] = {
    "glorot": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "he": lambda fan_in, fan_out: 2 / fan_in,
    "lecun": lambda fan_in, fan_out: 1 / fan_in,
}

Initializer = Callable[[np.random.RandomState, int, int], tuple[Array, Array]]


def uniform_everywhere(factor: float) -> Initializer:
    """Weights and biases uniform in ``+-sqrt(factor / (fan_in + fan_out))``, scikit-learn's rule.

    Parameters
    ----------
    factor : float
        6, the rule of Glorot and Bengio, or 2 for the logistic activation.
    """

    def initialize(rng: np.random.RandomState, fan_in: int, fan_out: int) -> tuple[Array, Array]:
        bound = np.sqrt(factor / (fan_in + fan_out))
        return rng.uniform(-bound, bound, (fan_in, fan_out)), rng.uniform(-bound, bound, fan_out)

    return initialize


def named(name: str) -> Initializer:
    """Weights of a named scheme and distribution, ``"he_normal"`` say; biases zero.

    References
    ----------
    Glorot and Bengio (2010), "Understanding the difficulty of training deep feedforward neural
    networks"; He et al. (2015), "Delving deep into rectifiers"; LeCun et al. (1998), "Efficient
    backprop".
    """
    scheme, distribution = name.split("_")

    def initialize(rng: np.random.RandomState, fan_in: int, fan_out: int) -> tuple[Array, Array]:
        deviation = np.sqrt(VARIANCES[scheme](fan_in, fan_out))
        if distribution == "normal":
            weights = rng.normal(0, deviation, (fan_in, fan_out))
        else:
            bound = np.sqrt(3) * deviation
            weights = rng.uniform(-bound, bound, (fan_in, fan_out))
        return weights, np.zeros(fan_out)

    return initialize


INITIALIZERS = {
    f"{scheme}_{distribution}": named(f"{scheme}_{distribution}")
    for scheme in VARIANCES
    for distribution in ("uniform", "normal")
}
