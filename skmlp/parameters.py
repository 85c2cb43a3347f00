"""All weights and biases of a network in one flat vector."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from skmlp._memory import aligned_zeros
from skmlp._typing import Array


@dataclass(frozen=True)
class Weights:
    """The weights and biases of a fitted network, wherever they lie: enough to predict with.

    Parameters
    ----------
    coefs : list of ndarray of shape (units[i], units[i + 1])
        Row by row in memory, of one dtype.
    intercepts : list of ndarray of shape (units[i + 1],)
    """

    coefs: list[Array]
    intercepts: list[Array]

    @property
    def dtype(self) -> np.dtype:
        """The dtype of the weights."""
        return self.coefs[0].dtype


class Parameters:
    """One flat vector with a view per layer.

    Optimizers, clipping, snapshots and finite checks see one vector; the layers see matrices. The
    vector holds the frozen layers first, then the trainable weights, then the trainable biases:
    what trains is a suffix, and what a penalty acts on is the head of that suffix.

    Parameters
    ----------
    units : sequence of int
        Units per layer, input and output included.
    dtype : dtype
    n_frozen : int, default=0
        The lowest layers that training leaves as they are.

    Attributes
    ----------
    vector : ndarray of shape (n_parameters,)
    coefs : list of ndarray of shape (units[i], units[i + 1])
        Views of `vector`.
    intercepts : list of ndarray of shape (units[i + 1],)
        Views of `vector`.
    frozen : ndarray
        View of the head of `vector` that training leaves as it is.
    trainable : ndarray
        View of the suffix of `vector` that training changes.
    n_trainable_coefs : int
        The length of the head of `trainable` that holds weights.
    """

    def __init__(self, units: Sequence[int], dtype: np.dtype, n_frozen: int = 0):
        shapes = list(pairwise(units))
        self.units = list(units)
        self.n_frozen = n_frozen
        self._exact_frozen: Array | None = None
        self.vector: Array = aligned_zeros(sum(i * o + o for i, o in shapes), dtype)
        self._bind(shapes)

    def _bind(self, shapes: list[tuple[int, int]]) -> None:
        coefs: dict[int, Array] = {}
        intercepts: dict[int, Array] = {}
        start = 0

        def take(size: int) -> Array:
            nonlocal start
            start += size
            return self.vector[start - size : start]

        def take_block(layers: range) -> int:
            for layer in layers:
                coefs[layer] = take(shapes[layer][0] * shapes[layer][1]).reshape(shapes[layer])
            n_coefs = start
            for layer in layers:
                intercepts[layer] = take(shapes[layer][1])
            return n_coefs

        take_block(range(self.n_frozen))
        n_frozen_parameters = start
        end_of_coefs = take_block(range(self.n_frozen, len(shapes)))
        self.frozen = self.vector[:n_frozen_parameters]
        self.trainable = self.vector[n_frozen_parameters:]
        self.n_trainable_coefs = end_of_coefs - n_frozen_parameters
        self.coefs = [coefs[layer] for layer in range(len(shapes))]
        self.intercepts = [intercepts[layer] for layer in range(len(shapes))]

    @property
    def dtype(self) -> np.dtype:
        """The dtype of the vector."""
        return self.vector.dtype

    def like(self, dtype: np.dtype | None = None) -> "Parameters":
        """Return zeros of the same layout, in `dtype` or in the same dtype."""
        return Parameters(self.units, dtype or self.dtype, self.n_frozen)

    def astype(self, dtype: np.dtype) -> "Parameters":
        """Return a copy in `dtype`.

        The frozen layers are bit-identical after a training in another dtype: a copy remembers what
        a cast to float32 rounded.
        """
        copy = self.like(dtype)
        copy.vector[:] = self.vector
        exact = self.frozen if self._exact_frozen is None else self._exact_frozen
        copy.frozen[:] = exact
        copy._exact_frozen = exact.copy()
        return copy

    def assign(self, coefs: Sequence[Array], intercepts: Sequence[Array]) -> None:
        """Copy the arrays of every layer into the vector."""
        self._exact_frozen = None
        for view, array in zip(self.coefs + self.intercepts, [*coefs, *intercepts], strict=True):
            view[...] = array

    def to_plain(self) -> dict[str, Any]:
        """Return the numbers as arrays, not copied."""
        return {"vector": self.vector, "exact_frozen": self._exact_frozen}

    def restore(self, plain: dict[str, Any]) -> None:
        """Take over the numbers that `to_plain` gave, of the same layout."""
        self.vector[:] = plain["vector"]
        self._exact_frozen = plain["exact_frozen"]

    # A pickled view would be cut off from its vector: store the vector and bind anew.
    def __getstate__(self) -> dict:
        return {
            "units": self.units,
            "n_frozen": self.n_frozen,
            "vector": self.vector,
            "_exact_frozen": self._exact_frozen,
        }

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self._bind(list(pairwise(self.units)))
