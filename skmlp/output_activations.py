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


OUTPUT_ACTIVATIONS = {
    "identity": OutputActivation(np.copy, lambda prediction, raw: np.ones_like(raw)),
    "relu": OutputActivation(
        lambda raw: np.maximum(raw, 0),
        lambda prediction, raw: (raw > 0).astype(raw.dtype),
        low=0.0,
        dies=True,
    ),
    "softplus": OutputActivation(
        lambda raw: np.logaddexp(raw, 0), lambda prediction, raw: expit(raw), low=0.0, positive=True
    ),
    "exp": OutputActivation(np.exp, lambda prediction, raw: prediction, low=0.0, positive=True),
    "logistic": OutputActivation(
        expit,
        lambda prediction, raw: prediction * (1 - prediction),
        low=0.0,
        high=1.0,
        positive=True,
    ),
    "tanh": OutputActivation(
        np.tanh, lambda prediction, raw: 1 - prediction * prediction, low=-1.0, high=1.0
    ),
}
