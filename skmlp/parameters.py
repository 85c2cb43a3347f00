"""All parameters of a network in one flat vector, cut into blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import prod
from typing import Any

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


@dataclass(frozen=True)
class RateGroup:
    """Neighbouring trainable parameters of one rate factor.

    Parameters
    ----------
    part : slice
        Of the trainable parameters.
    factor : float
    """

    part: slice
    factor: float


@dataclass(frozen=True)
class Weights:
    """The arrays of fitted layers, wherever they lie: enough to predict with.

    Parameters
    ----------
    layers : list of tuple of ndarray
        Row by row in memory, of one dtype.
    """

    layers: list[tuple[Array, ...]]

    @property
    def dtype(self) -> np.dtype:
        """The dtype of the arrays."""
        return self.layers[0][0].dtype


class Parameters:
    """One flat vector with a view per block.

    Optimizers, clipping, snapshots and finite checks see one vector; the layers see arrays. In the
    vector the blocks that training changes are a suffix, and those of them that are penalised its
    head.

    Parameters
    ----------
    blocks : sequence of sequence of Block
        Those of every layer.
    dtype : dtype

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
    rate_groups : list of RateGroup
        Cut `trainable` into parts of one rate factor each.
    """

    def __init__(self, blocks: Sequence[Sequence[Block]], dtype: np.dtype):
        self.blocks = [list(layer) for layer in blocks]
        self._exact_frozen: Array | None = None
        n_parameters = sum(block.size for layer in self.blocks for block in layer)
        self.vector: Array = aligned_zeros(n_parameters, dtype)
        self._bind()

    def _bind(self) -> None:
        """Cut the vector into its views."""
        ordered = sorted(
            (
                (block, layer, i)
                for layer, own in enumerate(self.blocks)
                for i, block in enumerate(own)
            ),
            key=lambda entry: (entry[0].trainable, not entry[0].penalised, entry[0].rate_factor),
        )
        views: dict[tuple[int, int], Array] = {}
        start = 0
        for block, layer, i in ordered:
            views[layer, i] = self.vector[start : start + block.size].reshape(block.shape)
            start += block.size
        trained = [block for block, _, _ in ordered if block.trainable]
        n_frozen = start - sum(block.size for block in trained)
        self.layers = [
            tuple(views[layer, i] for i in range(len(own))) for layer, own in enumerate(self.blocks)
        ]
        self.frozen = self.vector[:n_frozen]
        self.trainable = self.vector[n_frozen:]
        self.n_penalised = sum(block.size for block in trained if block.penalised)
        self.rate_groups = _rate_groups(trained)

    @property
    def dtype(self) -> np.dtype:
        """The dtype of the vector."""
        return self.vector.dtype

    def like(self, dtype: np.dtype | None = None) -> "Parameters":
        """Return zeros of the same blocks, in `dtype` or in the same dtype."""
        return Parameters(self.blocks, dtype or self.dtype)

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

    # A pickled view would be cut off from its vector: store the vector and bind anew.
    def __getstate__(self) -> dict:
        return {name: vars(self)[name] for name in ("blocks", "vector", "_exact_frozen")}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self._bind()


def _rate_groups(blocks: Sequence[Block]) -> list[RateGroup]:
    groups, start = [], 0
    for factor, neighbours in groupby(blocks, key=lambda block: block.rate_factor):
        size = sum(block.size for block in neighbours)
        groups.append(RateGroup(slice(start, start + size), factor))
        start += size
    return groups
