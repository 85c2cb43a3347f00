"""Targets in standard units for training, an output layer in their own units for everybody else."""

from dataclasses import dataclass

import numpy as np

from skmlp._typing import Array
from skmlp.layers.layer import Views
from skmlp.losses import PointwiseLoss, weighted_quantile

# A deviation of so many steps from one number to the next is predicted without visible rounding.
N_STEPS = 100
# Of a standard normal distribution.
_INTERQUARTILE_RANGE = 1.3489795


@dataclass(frozen=True)
class TargetScale:
    """What is subtracted from the targets, and what they are divided by.

    Parameters
    ----------
    mean, scale : ndarray of shape (n_outputs,), float64
        The mean, or the median, and the spread about it.
    """

    mean: Array
    scale: Array

    @classmethod
    def of(cls, loss: PointwiseLoss, y: Array, weight: Array | None) -> "TargetScale":
        """Return weighted mean and standard deviation, 1 for an output that is constant.

        For a loss that gross errors do not move they would be moved: weighted median and
        interquartile range take their place, in the units in which a normal distribution has the
        same deviation, or the median distance of the others where most targets are the same.
        """
        if weight is not None:
            # A sample without weight would keep a constant from being seen.
            y, weight = y[weight > 0], weight[weight > 0]
        moments = _mean_and_deviation if loss.aims_at_mean else _median_and_range
        return cls(*moments(y.astype(np.float64), weight))

    def unresolved(self, y: Array, dtype: np.dtype) -> Array:
        """Return the outputs whose targets take too few steps of the dtype that predicts them."""
        with np.errstate(over="ignore", invalid="ignore"):
            step = np.spacing(np.abs(self.mean).astype(dtype))
        return np.flatnonzero((self.scale < N_STEPS * step) & (np.ptp(y, axis=0) > 0))

    def standardise(self, y: Array) -> Array:
        """Return the targets about 0 with a spread of 1, as float64."""
        return (y - self.mean) / self.scale

    def to_own_units(self, output: Views) -> None:
        """Let the output layer, in place, predict the targets as the user has them."""
        coef, intercept = output
        coef[...] = coef * self.scale
        intercept[...] = intercept * self.scale + self.mean

    def to_standard_units(self, output: Views) -> None:
        """Let the output layer, in place, predict the standardised targets."""
        coef, intercept = output
        coef[...] = coef / self.scale
        intercept[...] = (intercept - self.mean) / self.scale


def _mean_and_deviation(y: Array, weight: Array | None) -> tuple[Array, Array]:
    # Sums and squares of what is at most 1 do not overflow.
    size = np.abs(y).max(axis=0)
    unit = np.where(size > 0, size, 1.0)
    mean = np.average(y / unit, axis=0, weights=weight)
    deviation = np.abs(y / unit - mean)
    spread = deviation.max(axis=0)
    constant = spread <= 10 * np.finfo(np.float64).eps
    spread[constant] = 1.0
    scale = spread * np.sqrt(np.average((deviation / spread) ** 2, axis=0, weights=weight))
    return mean * unit, np.where(constant | (scale == 0), 1.0, scale * unit)


def _median_and_range(y: Array, weight: Array | None) -> tuple[Array, Array]:
    low, median, high = (weighted_quantile(y, level, weight) for level in (0.25, 0.5, 0.75))
    # Divided first, as their difference may overflow.
    scale = high / _INTERQUARTILE_RANGE - low / _INTERQUARTILE_RANGE
    for output in np.flatnonzero(scale == 0):
        others = y[:, output][y[:, output] != median[output]]
        scale[output] = np.median(np.abs(others - median[output])) if others.size else 1.0
    return median, scale
