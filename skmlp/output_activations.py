"""Output activations of a regressor: prediction = g(raw_prediction).

Each names its range, because a target outside of it can never be predicted.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from skmlp._typing import Array


@dataclass(frozen=True)
class OutputActivation:
    """An inverse link, its slope and its range.

    Parameters
    ----------
    value : callable
        ``value(raw_prediction)`` gives a new array ``g(raw_prediction)``.
    slope : callable
        ``slope(prediction, raw_prediction)`` gives ``g'(raw_prediction)``.
    low, high : float
        The closed interval of targets that ``g`` reaches or approaches.
    positive : bool, default=False
        Whether ``g`` stays above zero.
    dies : bool, default=False
        Whether ``g'`` is zero on a half-line. An output that starts there for all samples never
        learns, so it has to start elsewhere: at the mean of its targets.
    """

    value: Callable[[Array], Array]
    slope: Callable[[Array, Array], Array]
    low: float = -np.inf
    high: float = np.inf
    positive: bool = False
    dies: bool = False


def _identity(raw: Array) -> Array:
    return raw.copy()


def _identity_slope(prediction: Array, raw: Array) -> Array:
    return np.ones_like(raw)


def _relu(raw: Array) -> Array:
    return np.maximum(raw, 0)


def _relu_slope(prediction: Array, raw: Array) -> Array:
    return (raw > 0).astype(raw.dtype)


def _softplus(raw: Array) -> Array:
    return np.logaddexp(raw, 0)


def _softplus_slope(prediction: Array, raw: Array) -> Array:
    return expit(raw)


def _exp_slope(prediction: Array, raw: Array) -> Array:
    return prediction


def _logistic_slope(prediction: Array, raw: Array) -> Array:
    return prediction * (1 - prediction)


def _tanh_slope(prediction: Array, raw: Array) -> Array:
    return 1 - prediction * prediction


OUTPUT_ACTIVATIONS = {
    "identity": OutputActivation(_identity, _identity_slope),
    "relu": OutputActivation(_relu, _relu_slope, low=0.0, dies=True),
    "softplus": OutputActivation(_softplus, _softplus_slope, low=0.0, positive=True),
    "exp": OutputActivation(np.exp, _exp_slope, low=0.0, positive=True),
    "logistic": OutputActivation(expit, _logistic_slope, low=0.0, high=1.0, positive=True),
    "tanh": OutputActivation(np.tanh, _tanh_slope, low=-1.0, high=1.0),
}
