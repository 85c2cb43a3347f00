"""A network of an ensemble, trained."""

import math
import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from skmlp._typing import Array
from skmlp.estimators.common._clock import Deadline
from skmlp.estimators.common._sklearn import HAS_CALLBACKS, add_callback
from skmlp.training.result import StopReason


@dataclass(frozen=True)
class Data:
    """Encoded rows, their targets and weights.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
    weight : ndarray of shape (n_samples,) or None
    """

    X: Array
    y: Array
    weight: Array | None

    def part(self, rows: Array, columns: Array | None = None) -> "Data":
        """Return some of the rows, and of the columns if they are named."""
        X = self.X[rows] if columns is None else self.X[np.ix_(rows, columns)]
        return Data(X, self.y[rows], None if self.weight is None else self.weight[rows])


def train(network: Any, training: Data, held_out: Data, seconds: float) -> tuple[Any, float]:
    """Train a network, and stop it after the epoch in which its time is up.

    Returns
    -------
    network : estimator
    seconds : float
        What it took.

    Raises
    ------
    KeyboardInterrupt
        If the user interrupts it.
    """
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
