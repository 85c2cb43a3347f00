"""How far targets lie from predictions, learnt from rows that the networks have not seen."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from skmlp._typing import Array

# The rows with the nearest predictions: a share of all, and no fewer than so many.
_SHARE, _FEWEST = 0.05, 100
# Predictions between which the spread is interpolated.
_MOST_KNOTS = 200
# The quantiles that are kept, between which others are interpolated: denser where they are rare.
_LEVELS = ndtr(np.linspace(-4, 4, 201))


@dataclass(frozen=True)
class Spread:
    """The residuals of the rows whose predictions lie around each of some predictions.

    Targets spread more where they are large, mostly: the price of a villa, the rentals of a busy
    hour. So the residuals that count are those of similar predictions.

    Parameters
    ----------
    knots : ndarray of shape (n_knots,)
        Predictions, rising.
    quantiles : ndarray of shape (n_knots, n_levels)
        Those of target less prediction of the rows around each knot, rising.
    std : ndarray of shape (n_knots,)
        The root mean square of the same.
    """

    knots: Array
    quantiles: Array
    std: Array

    @classmethod
    def of(cls, predictions: Array, targets: Array, weight: Array | None) -> "Spread":
        """Return the spread of targets about predictions by networks that have not seen them."""
        weight = np.ones(len(targets)) if weight is None else weight
        order = np.argsort(predictions, kind="stable")
        order = order[weight[order] > 0]
        residuals, weight = (targets - predictions)[order], weight[order]
        predictions = predictions[order]
        windows = _windows(predictions)
        return cls(
            np.array([np.average(predictions[rows], weights=weight[rows]) for rows in windows]),
            np.array([_quantiles(residuals[rows], weight[rows]) for rows in windows]),
            np.sqrt([np.average(residuals[rows] ** 2, weights=weight[rows]) for rows in windows]),
        )

    def std_at(self, predictions: Array) -> Array:
        """Return the root mean square of the residuals to expect."""
        return np.interp(predictions, self.knots, self.std)

    def quantile_at(self, predictions: Array, level: float) -> Array:
        """Return a quantile of the residuals to expect."""
        at_knots = [np.interp(level, _LEVELS, quantiles) for quantiles in self.quantiles]
        return np.interp(predictions, self.knots, at_knots)


def _windows(predictions: Array) -> list[slice]:
    """Return the rows around each knot, of predictions that rise."""
    n_samples = len(predictions)
    n_rows = min(n_samples, max(_FEWEST, int(_SHARE * n_samples)))
    n_knots = min(_MOST_KNOTS, n_samples - n_rows + 1)
    first = np.linspace(0, n_samples - n_rows, n_knots).astype(np.intp)
    # Rows that are predicted alike count all or none: which come first says nothing.
    begin = np.searchsorted(predictions, predictions[first])
    end = np.searchsorted(predictions, predictions[first + n_rows - 1], side="right")
    return [slice(*ends) for ends in np.unique(np.c_[begin, end], axis=0).tolist()]


def _quantiles(residuals: Array, weight: Array) -> Array:
    """Return the quantiles at the levels that are kept."""
    rising = np.argsort(residuals, kind="stable")
    n_rows, weights = len(residuals), np.cumsum(weight[rising])
    # Of n residuals, a new one is as likely in each of the n + 1 gaps.
    levels = weights / weights[-1] * n_rows / (n_rows + 1)
    return np.interp(_LEVELS, levels, residuals[rising])
