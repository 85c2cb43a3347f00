"""What a layer is."""

from abc import ABC, abstractmethod
from types import SimpleNamespace

import numpy as np

from skmlp._typing import Array
from skmlp.parameters import Block

# The arrays of one layer, in the order of its blocks.
Views = tuple[Array, ...]


class Buffers(SimpleNamespace):
    """What a layer keeps of a forward pass for the backward pass, under names of its own."""

    def head(self, n_samples: int) -> "Buffers":
        """Return the buffers of the first `n_samples` rows, sharing their memory."""
        return Buffers(
            **{
                name: value[:n_samples] if isinstance(value, np.ndarray) else value
                for name, value in vars(self).items()
            }
        )


class Layer(ABC):
    """A function of a batch and of parameters, with its derivatives.

    A layer holds no parameters and no memory: both belong to a training and are handed in.

    Parameters
    ----------
    n_inputs, n_outputs : int
        Columns of the batches that it reads and writes.
    trainable : bool
        Whether training changes its parameters.
    """

    def __init__(self, n_inputs: int, n_outputs: int, trainable: bool):
        self.n_inputs = n_inputs
        self.n_outputs = n_outputs
        self.trainable = trainable

    @abstractmethod
    def blocks(self) -> list[Block]:
        """Return the blocks of parameters."""

    @abstractmethod
    def draw(self, parameters: Views, rng: np.random.RandomState) -> None:
        """Write the first values of the parameters."""

    @abstractmethod
    def buffers(self, n_samples: int, dtype: np.dtype, trains: bool) -> Buffers:
        """Return memory for passes over at most `n_samples` rows.

        Parameters
        ----------
        n_samples : int
        dtype : dtype
        trains : bool
            Whether `backward` is to follow `forward`.
        """

    @property
    def is_random(self) -> bool:
        """Whether a forward pass in training draws random numbers."""
        return False

    @abstractmethod
    def forward(
        self, x: Array, parameters: Views, buffers: Buffers, rng: np.random.Generator | None
    ) -> Array:
        """Return the layer's output.

        Parameters
        ----------
        x : ndarray or, for the lowest layer, CSR of shape (n_samples, n_inputs)
            Only read.
        parameters : tuple of ndarray
        buffers : Buffers
            Of exactly n_samples rows. Written.
        rng : numpy.random.Generator or None
            Draws the noise of training. None: there is none.

        Returns
        -------
        output : ndarray of shape (n_samples, n_outputs)
            One of `buffers`.
        """

    @abstractmethod
    def backward(
        self,
        x: Array,
        delta: Array,
        parameters: Views,
        buffers: Buffers,
        gradient: Views | None,
        below: Array | None,
    ) -> None:
        """Write the derivatives of the loss by the parameters and by the input.

        Parameters
        ----------
        x : ndarray or CSR of shape (n_samples, n_inputs)
            What `forward` was given.
        delta : ndarray of shape (n_samples, n_outputs)
            The derivative by the output. May be overwritten.
        parameters : tuple of ndarray
        buffers : Buffers
            As `forward` left them.
        gradient : tuple of ndarray or None
            Written: the derivatives by the parameters. None: they are frozen.
        below : ndarray of shape (n_samples, n_inputs) or None
            Written: the derivative by `x`. None: nothing below is trained.
        """
