"""Dropout: random zeros in hidden activations, during training only."""

from abc import ABC, abstractmethod

import numpy as np

from skmlp._typing import Array
from skmlp.activations import SELU_ALPHA, SELU_SCALE


class Dropout(ABC):
    """Noise on the activations of one hidden layer."""

    @abstractmethod
    def forward(self, a: Array, slope: Array, out: Array, rng: np.random.Generator) -> None:
        """Draw the noise and apply it.

        Parameters
        ----------
        a : ndarray of shape (n_samples, n_units)
            Activations, left as they are.
        slope : ndarray of shape (n_samples, n_units)
            Written: ``dout/da``, which backpropagation multiplies by.
        out : ndarray of shape (n_samples, n_units)
            Written: the activations that the next layer sees.
        rng : numpy.random.Generator
        """


def _draw_kept(slope: Array, keep: float, rng: np.random.Generator) -> None:
    """Write 1 with probability `keep`, else 0."""
    rng.random(dtype=slope.dtype.type, out=slope)
    np.less(slope, keep, out=slope)


class InvertedDropout(Dropout):
    """``out = a / (1 - rate)`` with probability ``1 - rate``, else 0; the mean stays as it is.

    Parameters
    ----------
    rate : float in (0, 1)

    References
    ----------
    Srivastava et al. (2014), "Dropout: a simple way to prevent neural networks from overfitting".
    """

    def __init__(self, rate: float):
        self._keep = 1 - rate

    def forward(self, a: Array, slope: Array, out: Array, rng: np.random.Generator) -> None:
        _draw_kept(slope, self._keep, rng)
        slope *= 1 / self._keep
        np.multiply(a, slope, out=out)


class AlphaDropout(Dropout):
    """Dropout for selu: drops to the activation's lower limit and keeps mean 0 and variance 1.

    ``out = scale (a where kept, else limit) + shift``, with ``limit = -SELU_SCALE SELU_ALPHA``.

    Parameters
    ----------
    rate : float in (0, 1)

    References
    ----------
    Klambauer et al. (2017), "Self-normalizing neural networks".
    """

    limit = -SELU_SCALE * SELU_ALPHA

    def __init__(self, rate: float):
        self._keep = keep = 1 - rate
        self._scale = (keep + keep * rate * self.limit**2) ** -0.5
        self._shift = -self._scale * rate * self.limit

    def forward(self, a: Array, slope: Array, out: Array, rng: np.random.Generator) -> None:
        _draw_kept(slope, self._keep, rng)
        np.subtract(a, self.limit, out=out)
        out *= slope
        out += self.limit
        out *= self._scale
        out += self._shift
        slope *= self._scale
