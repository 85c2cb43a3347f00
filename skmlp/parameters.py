"""All parameters of a network in one flat vector, cut into blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, TypeAlias

import numpy as np

from skmlp._arrays import aligned_zeros
from skmlp._typing import Array


@dataclass(frozen=True)
class Block:
    """An array of parameters of a layer that training treats alike.

    Parameters
    ----------
    name : str
    shape : tuple of int
    penalised : bool, default=False
        Whether the penalty, or the decay, acts on it.
    rate_factor : float, default=1.0
        Its learning rate, as a multiple of the training's.
    trainable : bool, default=True
        Whether training changes it.
    """

    name: str
    shape: tuple[int, ...]
    penalised: bool = False
    rate_factor: float = 1.0
    trainable: bool = True

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)


# A part of a vector that is a matrix, and its shape.
Matrix: TypeAlias = tuple[slice, tuple[int, ...]]
# A part of a vector, and its learning rate as a multiple of the training's.
RateFactor: TypeAlias = tuple[slice, float]


@dataclass(frozen=True)
class Layout:
    """Where the blocks of a network lie in its vector.

    What training changes is a suffix, and what of it is penalised the head of that suffix.

    Parameters
    ----------
    parts : list of list of (Block, slice)
        The part of the vector that each block of each layer takes.
    size, n_frozen, n_penalised : int
        How many numbers there are; training leaves the first of them as they are, and the penalty
        acts on the first of the others.
    rate_factors : list of (slice, float)
        The blocks, of what training changes, that have a learning rate of their own.
    matrices : list of (slice, tuple of int)
        Where in it the weights between hidden layers lie, side by side, and their shapes.
    """

    parts: list[list[tuple[Block, slice]]]
    size: int
    n_frozen: int
    n_penalised: int
    rate_factors: list[RateFactor]
    matrices: list[Matrix]

    @classmethod
    def of(cls, blocks: Sequence[Sequence[Block]]) -> "Layout":
        """Lay out the blocks of every layer."""
        ordered = sorted(
            ((block, layer, i) for layer, own in enumerate(blocks) for i, block in enumerate(own)),
            key=lambda entry: (entry[0].trainable, not entry[0].penalised),
        )
        n_frozen = sum(block.size for block, _, _ in ordered if not block.trainable)
        parts: list[list[Any]] = [[None] * len(own) for own in blocks]
        trained, start = [], 0
        for block, layer, i in ordered:
            stop = start + block.size
            parts[layer][i] = block, slice(start, stop)
            if block.trainable:
                trained.append((block, layer, slice(start - n_frozen, stop - n_frozen)))
            start = stop
        n_penalised = sum(block.size for block, _, _ in trained if block.penalised)
        rate_factors = [
            (part, block.rate_factor) for block, _, part in trained if block.rate_factor != 1
        ]
        matrices = [
            (part, block.shape)
            for block, layer, part in trained
            if block.penalised and 0 < layer < len(blocks) - 1
        ]
        return cls(parts, start, n_frozen, n_penalised, rate_factors, matrices)


class Parameters:
    """One flat vector, of zeros at first, with a view per block of a layout.

    Optimizers, clipping, snapshots and finite checks see one vector; the layers see arrays.

    Attributes
    ----------
    vector : ndarray of shape (n_parameters,)
    layers : list of tuple of ndarray
        The arrays of every layer, in the order of its blocks: views of `vector`.
    frozen : ndarray
        View of the part of `vector` that training leaves as it is.
    trainable : ndarray
        View of the part of `vector` that training changes.
    n_penalised : int
        How many leading entries of `trainable` are penalised.
    rate_factors, matrices
        Of `trainable`, as in `Layout`.
    """

    def __init__(self, layout: Layout, dtype: np.dtype):
        self._layout = layout
        self._exact_frozen: Array | None = None
        self.vector: Array = aligned_zeros(layout.size, dtype)
        self.layers = [
            tuple(self.vector[part].reshape(block.shape) for block, part in layer)
            for layer in layout.parts
        ]
        self.frozen = self.vector[: layout.n_frozen]
        self.trainable = self.vector[layout.n_frozen :]
        self.n_penalised = layout.n_penalised
        self.rate_factors = layout.rate_factors
        self.matrices = layout.matrices

    @property
    def dtype(self) -> np.dtype:
        """The dtype of the vector."""
        return self.vector.dtype

    def like(self, dtype: np.dtype | None = None) -> "Parameters":
        """Return zeros of the same blocks, in `dtype` or in the same dtype."""
        return Parameters(self._layout, dtype or self.dtype)

    def astype(self, dtype: np.dtype) -> "Parameters":
        """Return a copy in `dtype`.

        The frozen blocks are bit-identical after a training in another dtype: a copy remembers what
        a cast to float32 rounded.
        """
        copy = self.like(dtype)
        copy.vector[:] = self.vector
        exact = self.frozen if self._exact_frozen is None else self._exact_frozen
        copy.frozen[:] = exact
        copy._exact_frozen = exact.copy()
        return copy

    def assign(self, layers: Sequence[Sequence[Array]]) -> None:
        """Copy the arrays of every layer into the vector."""
        self._exact_frozen = None
        for views, arrays in zip(self.layers, layers, strict=True):
            for view, array in zip(views, arrays, strict=True):
                view[...] = array

    def to_plain(self) -> dict[str, Any]:
        """Return the numbers as arrays, not copied."""
        return {"vector": self.vector, "exact_frozen": self._exact_frozen}

    def restore(self, plain: dict[str, Any]) -> None:
        """Take over the numbers that `to_plain` gave, of the same blocks."""
        self.vector[:] = plain["vector"]
        self._exact_frozen = plain["exact_frozen"]

    # A pickled view would be cut off from its vector: a copy is made anew.
    def __reduce__(self) -> tuple:
        return Parameters, (self._layout, self.dtype), self.to_plain()

    __setstate__ = restore
