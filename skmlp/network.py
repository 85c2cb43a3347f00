"""A network is a sequence of layers: forward through them, backward through them.

With ``h_0 = X`` every layer computes ``h_{l+1} = layer_l(h_l)``, and the last output is the raw
prediction. Given ``dloss/dh_last``, every layer turns ``dloss/dh_{l+1}`` into the gradient of its
parameters and into ``dloss/dh_l``.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from skmlp._arrays import buffer, row_major
from skmlp._typing import Array
from skmlp.activations import ACTIVATIONS, Activation
from skmlp.dropout import Dropout
from skmlp.initializers import Initializer
from skmlp.layers.dense import GLOROT, Dense
from skmlp.layers.layer import Layer, Views
from skmlp.parameters import Layout, Parameters

# Rows predicted at a time: so many that the widest layer has about this many entries, which stays
# in the cache of one core; but never so few that a product would spend its time on the weights
# instead of on the rows.
CHUNK_ENTRIES = 2**17
CHUNK_ROWS = 512


class Network:
    """A sequence of layers, without their parameters.

    Parameters
    ----------
    layers : sequence of Layer
        The lowest first; each reads what the one below writes.

    Attributes
    ----------
    layers : list of Layer
    first_trainable : int
        The lowest layer that training changes; n_layers if there is none.
    """

    def __init__(self, layers: Sequence[Layer]):
        self.layers = list(layers)
        trainable = [i for i, layer in enumerate(self.layers) if layer.trainable]
        self.first_trainable = min(trainable, default=len(self.layers))

    @property
    def units(self) -> list[int]:
        """Columns of the input, and of every layer's output."""
        return [self.layers[0].n_inputs, *(layer.n_outputs for layer in self.layers)]

    @property
    def n_outputs(self) -> int:
        """Columns of the raw prediction."""
        return self.layers[-1].n_outputs

    @property
    def is_random(self) -> bool:
        """Whether a forward pass in training draws random numbers."""
        return any(layer.is_random for layer in self.layers)

    @property
    def chunk_size(self) -> int:
        """Rows to predict at a time."""
        return max(CHUNK_ROWS, CHUNK_ENTRIES // max(self.units))

    def parameters(self, dtype: np.dtype) -> Parameters:
        """Return parameters for the layers, all zero."""
        return Parameters(Layout.of([layer.blocks() for layer in self.layers]), dtype)

    def draw(self, parameters: Parameters, rng: np.random.RandomState) -> None:
        """Write the first values of all parameters, the lowest layer's first."""
        for layer, views in zip(self.layers, parameters.layers, strict=True):
            layer.draw(views, rng)


def perceptron_layers(
    units: Sequence[int],
    activations: Sequence[Activation],
    dropouts: Sequence[Dropout | None] | None = None,
    initializers: Sequence[Initializer] | None = None,
    n_frozen: int = 0,
) -> list[Layer]:
    """Return the layers of a multilayer perceptron.

    Parameters
    ----------
    units : sequence of int
        Units per layer, input and output included.
    activations, dropouts
        One per hidden layer; the output layer has none. No dropouts: nothing is dropped.
    initializers : sequence of Initializer, default=None
        One per layer, output included. If None, Glorot's uniform rule.
    n_frozen : int, default=0
        The lowest layers that training leaves as they are.
    """
    n_layers = len(units) - 1
    initializers = initializers or [GLOROT] * n_layers
    dropouts = [*(dropouts or [None] * (n_layers - 1)), None]
    activations = [*activations, ACTIVATIONS["identity"]]
    return [
        Dense(*sizes, activation, dropout, initializer, trainable=layer >= n_frozen)
        for layer, (sizes, activation, dropout, initializer) in enumerate(
            zip(pairwise(units), activations, dropouts, initializers, strict=True)
        )
    ]


class Workspace:
    """The buffers of one pass over at most `n_samples` rows.

    Unless it `trains`, with a backward pass to follow, a layer keeps no more than its output.

    Attributes
    ----------
    layers : list of Buffers
    inputs : list of ndarray
        What every layer read in the last forward pass.
    deltas : list of ndarray of shape (n_samples, n_outputs of the layer)
        The derivative of the loss by the output of every layer.
    """

    def __init__(self, network: Network, n_samples: int, dtype: np.dtype, trains: bool = True):
        self.layers = [layer.buffers(n_samples, dtype, trains) for layer in network.layers]
        self.inputs: list[Array] = []
        self.deltas: list[Array] = []
        if trains:
            self.deltas = [buffer(n_samples, layer.n_outputs, dtype) for layer in network.layers]

    def head(self, n_samples: int) -> "Workspace":
        """Return the workspace of the first `n_samples` rows, sharing its memory."""
        head = object.__new__(Workspace)
        head.layers = [buffers.head(n_samples) for buffers in self.layers]
        head.deltas = [delta[:n_samples] for delta in self.deltas]
        head.inputs = []
        return head


def forward(
    network: Network,
    parameters: Sequence[Views],
    X: Array,
    workspace: Workspace,
    rng: np.random.Generator | None = None,
) -> Array:
    """Return the raw predictions of a batch and leave what `backward` needs in `workspace`.

    Parameters
    ----------
    network : Network
    parameters : sequence of tuple of ndarray
        The arrays of every layer.
    X : ndarray or CSR of shape (n_samples, n_features)
        In the dtype of `parameters`.
    workspace : Workspace
        Of exactly n_samples rows. Written.
    rng : numpy.random.Generator, default=None
        Draws the noise of training, dropout's say. If None, there is none.

    Returns
    -------
    raw_prediction : ndarray of shape (n_samples, n_outputs)
        A buffer of `workspace`.
    """
    inputs, h = workspace.inputs, X
    inputs.clear()
    # In a short step every call counts: `strict` would cost as much as a small layer.
    for layer, views, buffers in zip(network.layers, parameters, workspace.layers):  # noqa: B905
        inputs.append(h)
        h = layer.forward(h, views, buffers, rng)
    return h


def backward(
    network: Network, parameters: Sequence[Views], workspace: Workspace, gradient: Sequence[Views]
) -> None:
    """Write the gradient of a batch, given ``workspace.deltas[-1]`` and a forward pass.

    The gradient of what is frozen stays as it is.
    """
    first = network.first_trainable
    for i in range(len(network.layers) - 1, first - 1, -1):
        layer = network.layers[i]
        layer.backward(
            workspace.inputs[i],
            workspace.deltas[i],
            parameters[i],
            workspace.layers[i],
            gradient[i] if layer.trainable else None,
            workspace.deltas[i - 1] if i > first else None,
        )


def raw_predictions(network: Network, parameters: Sequence[Views], X: Array) -> Array:
    """Return the raw predictions of all rows, computed in chunks that stay in cache.

    Parameters
    ----------
    network, parameters
        As in `forward`.
    X : ndarray or CSR of shape (n_samples, n_features)
        Of any dtype and memory layout; a chunk at a time is brought into the dtype of `parameters`,
        row by row.

    Returns
    -------
    raw_prediction : ndarray of shape (n_samples, n_outputs)
        Infinite or NaN where the range of its dtype ends.
    """
    n_samples, dtype = X.shape[0], parameters[0][0].dtype
    raw_prediction = np.empty((n_samples, network.n_outputs), dtype)
    chunk_size = min(network.chunk_size, n_samples)
    workspace = Workspace(network, chunk_size, dtype, trains=False)
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, n_samples, chunk_size):
            rows = slice(start, min(start + chunk_size, n_samples))
            head = workspace.head(rows.stop - start)
            chunk = row_major(X[rows], dtype)
            raw_prediction[rows] = forward(network, parameters, chunk, head)
    return raw_prediction
