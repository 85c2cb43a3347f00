"""Hidden activations, each with its slope beside it.

Where the slope is a function of the value (``tanh' = 1 - a**2``), ``a`` may be ``z`` itself, and
one buffer serves for both. The arrays are C-contiguous and of one dtype.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, ndtr

from skmlp._kernels import compiled_twin
from skmlp._typing import Array

LEAKY_SLOPE = 0.01
# The fixed point of Klambauer et al. (2017): zero mean and unit variance map to themselves.
SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805


@dataclass(frozen=True)
class Activation:
    """A hidden activation and its slope, operations in place on a batch.

    Parameters
    ----------
    forward : callable
        ``forward(z, bias, a)`` adds ``bias`` of shape (n_units,) to ``z`` of shape
        (n_samples, n_units) in place and writes ``f(z)`` into ``a``.
    backward : callable
        ``backward(delta, a, z)`` multiplies ``delta`` by ``f'(z)`` in place.
    slope_needs_input : bool, default=False
        Whether ``backward`` reads ``z``. If False, ``a`` may be the same array as ``z``.
    """

    forward: Callable[[Array, Array, Array], None]
    backward: Callable[[Array, Array, Array], None]
    slope_needs_input: bool = False


@compiled_twin
def identity(z: Array, bias: Array, a: Array) -> None:
    """``a = z``."""
    z += bias
    a[...] = z


def identity_slope(delta: Array, a: Array, z: Array) -> None:
    """``f'(z) = 1``."""


@compiled_twin
def logistic(z: Array, bias: Array, a: Array) -> None:
    """``a = 1 / (1 + exp(-z))``."""
    z += bias
    expit(z, out=a)


@compiled_twin
def logistic_slope(delta: Array, a: Array, z: Array) -> None:
    """``f'(z) = a (1 - a)``."""
    delta *= a
    delta *= 1 - a


@compiled_twin
def tanh(z: Array, bias: Array, a: Array) -> None:
    """``a = tanh(z)``."""
    z += bias
    np.tanh(z, out=a)


@compiled_twin
def tanh_slope(delta: Array, a: Array, z: Array) -> None:
    """``f'(z) = 1 - a**2``."""
    delta *= 1 - a * a


@compiled_twin
def relu(z: Array, bias: Array, a: Array) -> None:
    """``a = max(z, 0)``."""
    z += bias
    np.maximum(z, 0, out=a)


@compiled_twin
def relu_slope(delta: Array, a: Array, z: Array) -> None:
    """``f'(z) = 1 where z > 0, else 0``."""
    delta *= a > 0


@compiled_twin
def leaky_relu(z: Array, bias: Array, a: Array) -> None:
    """``a = z where z > 0, else 0.01 z``."""
    z += bias
    np.maximum(z, LEAKY_SLOPE * z, out=a)


@compiled_twin
def leaky_relu_slope(delta: Array, a: Array, z: Array) -> None:
    """``f'(z) = 1 where z > 0, else 0.01``."""
    np.multiply(delta, LEAKY_SLOPE, out=delta, where=a <= 0)


@compiled_twin
def elu(z: Array, bias: Array, a: Array) -> None:
    """``a = z where z > 0, else exp(z) - 1``."""
    z += bias
    a[...] = np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


@compiled_twin
def elu_slope(delta: Array, a: Array, z: Array) -> None:
    """``f'(z) = 1 where z > 0, else exp(z) = a + 1``."""
    delta *= np.minimum(a, 0) + 1


@compiled_twin
def selu(z: Array, bias: Array, a: Array) -> None:
    """``a = SCALE z where z > 0, else SCALE ALPHA (exp(z) - 1)``."""
    z += bias
    a[...] = SELU_SCALE * np.where(z > 0, z, SELU_ALPHA * np.expm1(np.minimum(z, 0)))


@compiled_twin
def selu_slope(delta: Array, a: Array, z: Array) -> None:
    """``f'(z) = SCALE where z > 0, else SCALE ALPHA exp(z) = a + SCALE ALPHA``."""
    delta *= np.where(a > 0, SELU_SCALE, a + SELU_SCALE * SELU_ALPHA)


def _normal_density(z: Array) -> Array:
    return np.exp(-0.5 * z * z) * (1 / np.sqrt(2 * np.pi)).item()


@compiled_twin
def gelu(z: Array, bias: Array, a: Array) -> None:
    """``a = z Phi(z)``, with the distribution function Phi of the standard normal."""
    z += bias
    np.multiply(z, ndtr(z), out=a)


@compiled_twin
def gelu_slope(delta: Array, a: Array, z: Array) -> None:
    """``f'(z) = Phi(z) + z phi(z)``, with the density phi of the standard normal."""
    delta *= ndtr(z) + z * _normal_density(z)


@compiled_twin
def silu(z: Array, bias: Array, a: Array) -> None:
    """``a = z s(z)``, with the logistic function s."""
    z += bias
    np.multiply(z, expit(z), out=a)


@compiled_twin
def silu_slope(delta: Array, a: Array, z: Array) -> None:
    """``f'(z) = s + z s (1 - s)``, with ``s = s(z)``."""
    s = expit(z)
    delta *= s + z * s * (1 - s)


@compiled_twin
def mish(z: Array, bias: Array, a: Array) -> None:
    """``a = z tanh(log(1 + exp(z)))``."""
    z += bias
    np.multiply(z, np.tanh(np.logaddexp(z, 0)), out=a)


@compiled_twin
def mish_slope(delta: Array, a: Array, z: Array) -> None:
    """``f'(z) = t + z (1 - t**2) s(z)``, with ``t = tanh(log(1 + exp(z)))``."""
    t = np.tanh(np.logaddexp(z, 0))
    delta *= t + z * (1 - t * t) * expit(z)


@compiled_twin
def softplus(z: Array, bias: Array, a: Array) -> None:
    """``a = log(1 + exp(z))``."""
    z += bias
    np.logaddexp(z, 0, out=a)


@compiled_twin
def softplus_slope(delta: Array, a: Array, z: Array) -> None:
    """``f'(z) = s(z) = 1 - exp(-a)``."""
    delta *= -np.expm1(-a)


ACTIVATIONS = {
    "identity": Activation(identity, identity_slope),
    "logistic": Activation(logistic, logistic_slope),
    "tanh": Activation(tanh, tanh_slope),
    "relu": Activation(relu, relu_slope),
    "leaky_relu": Activation(leaky_relu, leaky_relu_slope),
    "elu": Activation(elu, elu_slope),
    "selu": Activation(selu, selu_slope),
    "gelu": Activation(gelu, gelu_slope, slope_needs_input=True),
    "silu": Activation(silu, silu_slope, slope_needs_input=True),
    "mish": Activation(mish, mish_slope, slope_needs_input=True),
    "softplus": Activation(softplus, softplus_slope),
}
