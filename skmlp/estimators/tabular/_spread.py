"""How far targets lie from predictions, learnt from rows that the networks have not seen."""

from dataclasses import dataclass

import numpy as np

from skmlp._typing import Array

# The rows with the nearest predictions: a share of all, and no fewer than so many.
_SHARE, _FEWEST = 0.05, 100
# Predictions between which the spread is interpolated.
_MOST_KNOTS = 200


@dataclass(frozen=True)
class Spread:
    """The residuals of the rows whose predictions lie around each of some predictions.

    Targets spread more where they are large, mostly: the price of a villa, the rentals of a busy
    hour. So the residuals that count are those of similar predictions.

    Parameters
    ----------
    knots : ndarray of shape (n_knots,)
        Predictions, rising.
    residuals : ndarray of shape (n_knots, n_rows)
        Target less prediction of the rows around each knot, rising.
    levels : ndarray of shape (n_knots, n_rows)
        Of which quantile each of them is the estimate.
    std : ndarray of shape (n_knots,)
        Their root mean square.
    """

    knots: Array
    residuals: Array
    levels: Array
    std: Array

    @classmethod
    def of(cls, predictions: Array, targets: Array, weight: Array | None) -> "Spread":
        """Return the spread of targets about predictions by networks that have not seen them.

        Parameters
        ----------
        predictions, targets : ndarray of shape (n_samples,)
        weight : ndarray of shape (n_samples,) or None
            A row without weight does not count.
        """
        weight = np.ones(len(targets)) if weight is None else weight
        order = np.argsort(predictions, kind="stable")
        order = order[weight[order] > 0]
        n_rows = min(len(order), max(_FEWEST, int(_SHARE * len(order))))
        n_knots = min(_MOST_KNOTS, len(order) - n_rows + 1)
        first = np.linspace(0, len(order) - n_rows, n_knots).astype(np.intp)
        around = order[first[:, None] + np.arange(n_rows)]
        residuals = targets[around] - predictions[around]
        rising = np.argsort(residuals, axis=1, kind="stable")
        residuals = np.take_along_axis(residuals, rising, axis=1)
        weights = np.take_along_axis(weight[around], rising, axis=1)
        # Of n residuals, a new one is as likely in each of the n + 1 gaps.
        levels = np.cumsum(weights, axis=1) * n_rows / (n_rows + 1)
        return cls(
            np.average(predictions[around], axis=1, weights=weight[around]),
            residuals,
            levels / weights.sum(axis=1, keepdims=True),
            np.sqrt(np.average(residuals**2, axis=1, weights=weights)),
        )

    def std_at(self, predictions: Array) -> Array:
        """Return the root mean square of the residuals to expect."""
        return np.interp(predictions, self.knots, self.std)

    def quantile_at(self, predictions: Array, level: float) -> Array:
        """Return a quantile of the residuals to expect."""
        at_knots = [
            np.interp(level, levels, residuals)
            for levels, residuals in zip(self.levels, self.residuals, strict=True)
        ]
        return np.interp(predictions, self.knots, at_knots)
