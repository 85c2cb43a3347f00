"""A column of numbers, encoded."""

import numpy as np

from skmlp._typing import Array
from skmlp.estimators.tabular._columns import Column

# What `clip_smoothly` tends to.
LIMIT = 3.0
# The clip is at its limit here, and the square is far from the end of float64.
_FAR = 1e9


class NumberEncoder:
    """Numbers less their median, by the interquartile range, clipped smoothly.

    Where the quartiles are equal, most numbers are the median: the median distance of the others
    takes the place of theirs. A constant column is zero whatever comes. A missing number is the
    median.

    Parameters
    ----------
    column : Column
        Of the training.
    """

    def __init__(self, column: Column):
        numbers = column.numbers()
        present = numbers[~np.isnan(numbers)]
        self._half_median, self._half_scale = _halves(present)
        self._shows_missing = 0 < len(present) < len(numbers)

    def names(self, name: str) -> list[str]:
        """Return the names of the columns that the column of this name becomes."""
        return [name, f"{name}_missing"] if self._shows_missing else [name]

    def encode(self, column: Column, out: Array) -> None:
        """Write the encoding into `out`, of shape (n_samples, n_names)."""
        numbers = column.numbers()
        missing = np.isnan(numbers)
        with np.errstate(over="ignore"):
            deviation = (numbers / 2 - self._half_median) / self._half_scale
        out[:, 0] = np.where(missing, 0, clip_smoothly(deviation))
        if self._shows_missing:
            out[:, 1] = missing


def clip_smoothly(x: Array) -> Array:
    """Return ``x / sqrt(1 + (x / 3)**2)``: x near zero, never beyond 3."""
    x = np.clip(x, -_FAR, _FAR)
    return x / np.sqrt(1 + (x / LIMIT) ** 2)


def _halves(numbers: Array) -> tuple[float, float]:
    """Return half the median, and half of what a distance from it is divided by."""
    if not numbers.size:
        return 0.0, np.inf
    # No difference of halves overflows.
    halves = numbers / 2
    low, median, high = np.percentile(halves, (25, 50, 75))
    distances = np.abs(halves - median)
    others = distances[distances > 0]
    scale = high - low if high > low else np.median(others) if others.size else np.inf
    return float(median), float(scale)
