"""A network of an ensemble, trained."""

import math
import time
import warnings
from typing import Any

import numpy as np

from skmlp._typing import Array
from skmlp.estimators.common._clock import Deadline
from skmlp.estimators.common._sklearn import HAS_CALLBACKS, add_callback
from skmlp.training.data import Samples
from skmlp.training.result import StopReason


def take(samples: Samples, rows: Array, columns: Array | None = None) -> Samples:
    """Return some of the rows, and of the columns if they are named."""
    X = samples.X[rows] if columns is None else samples.X[np.ix_(rows, columns)]
    return Samples(X, samples.y[rows], None if samples.weight is None else samples.weight[rows])


def counting(samples: Samples) -> Array:
    """Return the rows whose weight is above zero."""
    weight = samples.weight
    return np.arange(samples.n_samples) if weight is None else np.flatnonzero(weight > 0)


def train(network: Any, training: Samples, held_out: Samples, seconds: float) -> tuple[Any, float]:
    """Train a network, and stop it when its time is up; return it, and the seconds it took."""
    if math.isfinite(seconds) and HAS_CALLBACKS:
        add_callback(network, Deadline(seconds))
    begin = time.monotonic()
    with warnings.catch_warnings():
        # True of the network, and not of the ensemble.
        warnings.filterwarnings("ignore", "Training interrupted by user|`y` holds one class")
        network.fit(
            training.X,
            training.y,
            training.weight,
            X_val=held_out.X,
            y_val=held_out.y,
            sample_weight_val=held_out.weight,
        )
    if network.stop_reason_ == StopReason.INTERRUPTED.value:
        # One Ctrl-C is meant for all networks.
        raise KeyboardInterrupt
    return network, time.monotonic() - begin
