"""A multilayer perceptron: forward and backward.

With ``h_0 = X`` and the layers numbered from 0, the forward pass is

    ``z_l = h_l @ coefs[l] + intercepts[l]``, ``h_{l+1} = f_l(z_l)``,

and the last ``z`` is the raw prediction. Given ``delta_last = dloss/dz_last``, the backward pass is

    ``dcoefs[l] = h_l.T @ delta_l``, ``dintercepts[l] = sum(delta_l, axis=0)``,
    ``delta_{l-1} = (delta_l @ coefs[l].T) * f'_{l-1}(z_{l-1})``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from skmlp._kernels import compiled_twin
from skmlp._memory import row_major
from skmlp._typing import Array
from skmlp.activations import Activation, identity
from skmlp.dropout import Dropout
from skmlp.parameters import Parameters, Weights

# Rows predicted at a time: so many that the widest layer has about this many entries, which stays
# in the cache of one core; but never so few that a product would spend its time on the weights
# instead of on the rows.
CHUNK_ENTRIES = 2**17
CHUNK_ROWS = 512


@dataclass(frozen=True)
class Network:
    """The shape of a multilayer perceptron, without its parameters.

    Parameters
    ----------
    units : sequence of int
        Units per layer, input and output included.
    activations : sequence of Activation
        One per hidden layer.
    dropouts : sequence of Dropout or None
        One per hidden layer.
    """

    units: Sequence[int]
    activations: Sequence[Activation]
    dropouts: Sequence[Dropout | None]

    @property
    def n_hidden_layers(self) -> int:
        """How many layers are hidden."""
        return len(self.units) - 2

    @property
    def chunk_size(self) -> int:
        """Rows to predict at a time."""
        return max(CHUNK_ROWS, CHUNK_ENTRIES // max(self.units))


class Workspace:
    """The buffers of one pass over at most `n_samples` rows.

    Parameters
    ----------
    network : Network
    n_samples : int
    dtype : dtype
    trains : bool, default=True
        Whether a backward pass is to follow. If not, nothing is dropped, and a layer keeps no more
        than its output.
    """

    def __init__(self, network: Network, n_samples: int, dtype: np.dtype, trains: bool = True):
        def buffers(wanted: Sequence[bool]) -> list[Array | None]:
            return [
                np.empty((n_samples, units), dtype) if needed else None
                for units, needed in zip(network.units[1:], wanted, strict=True)
            ]

        drops = [trains and dropout is not None for dropout in network.dropouts] + [False]
        keeps_input = [trains and f.slope_needs_input for f in network.activations] + [False]
        every = [True] * len(drops)
        self.z: list[Array] = buffers(every)  # type: ignore[assignment]
        self.deltas: list[Array] = buffers([trains] * len(drops))  # type: ignore[assignment]
        self.dropout_slopes = buffers(drops)
        self.activations = _with_defaults(buffers(keeps_input), self.z)
        self.outputs = _with_defaults(buffers(drops), self.activations)

    def head(self, n_samples: int) -> "Workspace":
        """Return the workspace of the first `n_samples` rows, sharing its memory."""
        head = object.__new__(Workspace)
        for name, buffers in vars(self).items():
            setattr(head, name, [None if b is None else b[:n_samples] for b in buffers])
        return head


def _with_defaults(arrays: list[Array | None], defaults: list[Array]) -> list[Array]:
    return [d if a is None else a for a, d in zip(arrays, defaults, strict=True)]


def forward(
    network: Network,
    parameters: Parameters | Weights,
    X: Array,
    workspace: Workspace,
    rng: np.random.Generator | None = None,
) -> Array:
    """Return the raw predictions of a batch and leave every layer's values in `workspace`.

    Parameters
    ----------
    network : Network
    parameters : Parameters or Weights
    X : ndarray or CSR of shape (n_samples, n_features)
        In the dtype of `parameters`.
    workspace : Workspace
        Of exactly n_samples rows. Written.
    rng : numpy.random.Generator, default=None
        Draws the dropout. If None, nothing is dropped.

    Returns
    -------
    raw_prediction : ndarray of shape (n_samples, n_outputs)
        A buffer of `workspace`.
    """
    h = X
    for layer in range(network.n_hidden_layers):
        z, a = workspace.z[layer], workspace.activations[layer]
        _product(h, parameters.coefs[layer], z)
        network.activations[layer].forward(z, parameters.intercepts[layer], a)
        h = a
        dropout, slope = network.dropouts[layer], workspace.dropout_slopes[layer]
        if dropout is not None and slope is not None:
            h = workspace.outputs[layer]
            if rng is None:
                h[...], slope[...] = a, 1
            else:
                dropout.forward(a, slope, h, rng)
    raw_prediction = workspace.z[-1]
    _product(h, parameters.coefs[-1], raw_prediction)
    identity(raw_prediction, parameters.intercepts[-1], raw_prediction)
    return raw_prediction


def backward(
    network: Network,
    parameters: Parameters,
    X: Array,
    workspace: Workspace,
    gradient: Parameters,
) -> None:
    """Write the gradient of a batch, given ``workspace.deltas[-1]`` and a forward pass.

    Parameters
    ----------
    network, parameters, X
        As in `forward`.
    workspace : Workspace
        As `forward` left it, with the derivative by the raw prediction in ``deltas[-1]``.
    gradient : Parameters
        Written, but for the frozen layers.
    """
    for layer in range(network.n_hidden_layers, parameters.n_frozen - 1, -1):
        delta = workspace.deltas[layer]
        h = X if layer == 0 else workspace.outputs[layer - 1]
        _product(h.T, delta, gradient.coefs[layer])
        column_sum(delta, gradient.intercepts[layer])
        if layer > parameters.n_frozen:
            _propagate(network, parameters, workspace, layer)


def _propagate(network: Network, parameters: Parameters, workspace: Workspace, layer: int) -> None:
    """Write the delta of the layer below `layer`."""
    below = workspace.deltas[layer - 1]
    np.matmul(workspace.deltas[layer], parameters.coefs[layer].T, out=below)
    slope = workspace.dropout_slopes[layer - 1]
    if slope is not None:
        below *= slope
    network.activations[layer - 1].backward(
        below, workspace.activations[layer - 1], workspace.z[layer - 1]
    )


@compiled_twin
def column_sum(matrix: Array, out: Array) -> None:
    """``out = sum(matrix, axis=0)``.

    Parameters
    ----------
    matrix : ndarray of shape (n_rows, n_columns)
    out : ndarray of shape (n_columns,)
        Written.
    """
    matrix.sum(axis=0, out=out)


def _product(left: Array, right: Array, out: Array) -> None:
    # All products go through NumPy: SciPy's wheels bring a second pool of BLAS threads, and the two
    # spin against each other.
    if isinstance(left, np.ndarray):
        np.matmul(left, right, out=out)
    else:
        out[...] = left @ right


def raw_predictions(network: Network, parameters: Parameters | Weights, X: Array) -> Array:
    """Return the raw predictions of all rows, computed in chunks that stay in cache.

    Parameters
    ----------
    network : Network
        Nothing is dropped.
    parameters : Parameters or Weights
    X : ndarray or CSR of shape (n_samples, n_features)
        Of any dtype and memory layout; a chunk at a time is brought into the dtype of `parameters`,
        row by row.

    Returns
    -------
    raw_prediction : ndarray of shape (n_samples, n_outputs)
        Infinite or NaN where the range of its dtype ends.
    """
    n_samples = X.shape[0]
    raw_prediction = np.empty((n_samples, network.units[-1]), parameters.dtype)
    chunk_size = min(network.chunk_size, n_samples)
    workspace = Workspace(network, chunk_size, parameters.dtype, trains=False)
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, n_samples, chunk_size):
            chunk = row_major(X[start : start + chunk_size], parameters.dtype)
            rows = workspace.head(chunk.shape[0])
            raw_prediction[start : start + chunk_size] = forward(network, parameters, chunk, rows)
    return raw_prediction
