"""The samples a network is trained on, and their way into a batch."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy import sparse

from skmlp._arrays import buffer, row_major
from skmlp._kernels import compiled_twin, serving
from skmlp._typing import Array


@dataclass(frozen=True)
class Selection:
    """Rows of a matrix, which are gathered a few at a time: the matrix is not copied.

    Parameters
    ----------
    matrix : ndarray or CSR of shape (n_rows, n_features)
    rows : ndarray of intp, shape (n_samples,)
    """

    matrix: Array
    rows: Array

    @property
    def shape(self) -> tuple[int, int]:
        """That of the rows as a matrix of their own."""
        return len(self.rows), self.matrix.shape[1]

    @property
    def dtype(self) -> np.dtype:
        """That of the matrix."""
        return self.matrix.dtype

    def __getitem__(self, samples: slice | Array) -> Array:
        return self.matrix[self.rows[samples]]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if copy is False:
            raise ValueError(
                "`copy` must be True or None where an array is to be made of selected rows, which "
                "are gathered; got False."
            )
        return np.asarray(self.matrix[self.rows], dtype)


@dataclass(frozen=True)
class Samples:
    """Inputs, targets and weights, as the caller holds them.

    Parameters
    ----------
    X : ndarray, CSR or Selection of shape (n_samples, n_features)
        Of any numeric dtype; never copied whole, never written to.
    y : ndarray of shape (n_samples, n_outputs)
    weight : ndarray of shape (n_samples,) or None
        None: all ones.
    """

    X: Any
    y: Array
    weight: Array | None = None

    @property
    def n_samples(self) -> int:
        """How many samples there are."""
        return self.X.shape[0]

    @property
    def matrix(self) -> Array:
        """The inputs or, of a selection, the matrix that they are rows of."""
        return self.X.matrix if isinstance(self.X, Selection) else self.X

    @property
    def total_weight(self) -> float:
        """The sum of the sample weights."""
        if self.weight is None:
            return float(self.n_samples)
        return float(self.weight.sum(dtype=np.float64))

    def of(self, rows: Array) -> "Samples":
        """Return some of the samples; their inputs are not copied.

        Parameters
        ----------
        rows : ndarray of int
            Which, in this order; a mask is none.
        """
        # On Windows a permutation has 32 bits.
        places = np.asarray(rows, np.intp)
        if isinstance(self.X, Selection):
            places = self.X.rows[places]
        weight = None if self.weight is None else self.weight[rows]
        return Samples(Selection(self.matrix, places), self.y[rows], weight)


@dataclass
class Batch:
    """A few samples in the dtype of training.

    Parameters
    ----------
    X : ndarray or CSR of shape (n_samples, n_features)
        May be a view of the caller's array: only read.
    y : ndarray of shape (n_samples, n_outputs)
    weight : ndarray of shape (n_samples,)
        Sample weights divided by `total`.
    total : float
        The sum of the sample weights.
    """

    X: Array
    y: Array
    weight: Array
    total: float

    def part(self, cut: slice) -> "Batch":
        """Return the part of neighbouring rows; the means of all parts add up to the batch's."""
        return Batch(self.X[cut], self.y[cut], self.weight[cut], self.total)


@dataclass
class BatchToGather:
    """A batch whose inputs are gathered part by part, each by the thread that takes it.

    Parameters
    ----------
    gather : callable
        ``gather(cut)`` gives the inputs of the part.
    y, weight, total
        As in `Batch`.
    """

    gather: Callable[[slice], Array]
    y: Array
    weight: Array
    total: float

    def part(self, cut: slice) -> Batch:
        """Return the part of neighbouring rows, gathered."""
        return Batch(self.gather(cut), self.y[cut], self.weight[cut], self.total)


class BatchLoader:
    """Gathers batches, in the dtype of training, into buffers that are allocated once."""

    def __init__(self, samples: Samples, batch_size: int, dtype: np.dtype):
        self.samples = samples
        self.batch_size = batch_size
        self._dtype = dtype
        self._dense = not sparse.issparse(samples.matrix)
        self._pick = serving(gather)
        if self._dense:
            self._X = buffer(batch_size, samples.X.shape[1], dtype)
        self._y = buffer(batch_size, samples.y.shape[1], dtype)
        self._weight = np.empty(batch_size, dtype)

    @property
    def n_batches(self) -> int:
        """How many batches make an epoch."""
        return -(-self.samples.n_samples // self.batch_size)

    def epoch(self, order: Array | None) -> Iterator[Batch]:
        """Yield all samples in batches, of which each is valid until the next one.

        Parameters
        ----------
        order : ndarray of int, shape (n_samples,), or None
            A permutation of ``range(n_samples)``. None: as they stand.
        """
        return map(self._load, self.rows(order))

    def epoch_in_parts(self, order: Array | None) -> Iterator[BatchToGather]:
        """Yield the batches of `epoch`, of dense rows, with their inputs still to be gathered."""
        return map(self._prepare, self.rows(order))

    def rows(self, order: Array | None) -> Iterator[slice | Array]:
        """Yield which samples the batches of `epoch` hold, one batch after the other."""
        n_samples, size = self.samples.n_samples, self.batch_size
        if order is not None:
            # On Windows a permutation has 32 bits.
            order = np.asarray(order, np.intp)
        for start in range(0, n_samples, size):
            stop = min(start + size, n_samples)
            yield slice(start, stop) if order is None else order[start:stop]

    def _load(self, rows: slice | Array) -> Batch:
        y, weight, total = self._load_targets(rows)
        return Batch(self.gather_inputs(rows), y, weight, total)

    def _prepare(self, rows: slice | Array) -> BatchToGather:
        return BatchToGather(partial(self._gather_part, rows), *self._load_targets(rows))

    def _load_targets(self, rows: slice | Array) -> tuple[Array, Array, float]:
        """Return targets, weights that sum to one, and what these were divided by."""
        y = self._gather(self.samples.y, rows, self._y)
        weight = self._weight[: len(y)]
        if self.samples.weight is None:
            total = float(len(y))
            weight.fill(1 / total)
        else:
            picked = self.samples.weight[rows]
            total = float(picked.sum(dtype=np.float64))
            # A batch without weight has no gradient; dividing by one keeps it zero, not NaN.
            np.divide(picked, total or 1.0, out=weight, casting="same_kind")
        return y, weight, total

    def _gather_part(self, rows: slice | Array, cut: slice) -> Array:
        if isinstance(rows, slice):
            stop = min(rows.start + cut.stop, rows.stop)
            return self.gather_inputs(slice(rows.start + cut.start, stop), cut.start)
        return self.gather_inputs(rows[cut], cut.start)

    def gather_inputs(self, rows: slice | Array, first: int = 0) -> Array:
        """Return at most `batch_size` rows of `X`, row by row in the dtype of training.

        Only to be read: they may be a view of the caller's array. Where they are not, they lie in
        the loader's memory, from its row `first` on.
        """
        X = self.samples.X
        if isinstance(X, Selection):
            rows, X = X.rows[rows], X.matrix
        if not self._dense:
            return row_major(X[rows], self._dtype)
        if isinstance(rows, slice) and X.dtype == self._dtype and X.flags.c_contiguous:
            return X[rows]
        return self._gather(X, rows, self._X[first:] if first else self._X)

    def _gather(self, array: Array, rows: slice | Array, memory: Array) -> Array:
        if isinstance(rows, slice):
            out = memory[: rows.stop - rows.start]
            out[...] = array[rows]
        else:
            out = memory[: len(rows)]
            self._pick(array, rows, out)
        return out


@compiled_twin
def gather(array: Array, rows: Array, out: Array) -> None:
    """``out = array[rows]``, cast to the dtype of `out`.

    Parameters
    ----------
    array : ndarray of shape (n_rows, n_columns)
        Of any numeric dtype and memory layout.
    rows : ndarray of intp, shape (n_picked,)
        None negative.
    out : ndarray of shape (n_picked, n_columns)
        Written.
    """
    if rows.dtype != np.intp or rows.shape != out.shape[:1]:
        raise ValueError(
            f"`rows` must be a vector of {len(out)} intp, one for each row of `out`; got shape "
            f"{rows.shape} of {rows.dtype}. Slice `out` to fit."
        )
    if array.ndim != 2 or array.shape[1] != out.shape[1]:
        raise ValueError(
            "`array` must be a matrix with as many columns as `out`; got shapes "
            f"{array.shape} and {out.shape}. Slice `out` to fit."
        )
    outside = rows[(rows < 0) | (rows >= len(array))]
    if len(outside):
        raise IndexError(
            f"`rows` must be at least 0 and below {len(array)}, the rows of `array`; got "
            f"{outside[0]}. Wrap negative positions around first."
        )
    if array.dtype == out.dtype and array.flags.c_contiguous:
        # "clip" writes straight into `out`; "raise" would go through a temporary. Of an array in
        # another order `take` would first make a copy, of all of it.
        np.take(array, rows, axis=0, out=out, mode="clip")
    else:
        out[...] = array[rows]
