"""Where memory comes from and how arrays lie in it, and where products are taken."""

from typing import Any

import numpy as np
from scipy import sparse

from skmlp._kernels import compiled_twin, serving
from skmlp._typing import Array

# Bytes of a cache line, and of the widest vector register, of most processors.
CACHE_LINE = 64


def aligned_zeros(size: int, dtype: np.dtype) -> Array:
    """Return a vector of zeros that begins a cache line.

    NumPy's long vectors begin 16 bytes into one as a rule, so that a load of a whole AVX-512
    register touches two: a step of Adam took 5 to 19 % longer. A copy, from a pickle say, may begin
    anywhere.
    """
    n_bytes = size * np.dtype(dtype).itemsize
    memory = np.zeros(n_bytes + CACHE_LINE, np.uint8)
    start = -memory.__array_interface__["data"][0] % CACHE_LINE
    return memory[start : start + n_bytes].view(dtype)


def buffer(n_samples: int, n_columns: int, dtype: np.dtype) -> Array:
    """Return memory for a batch, of any content."""
    return np.empty((n_samples, n_columns), dtype)


def product(left: Any, right: Array, out: Array) -> Array:
    """Return `out` after ``out = left @ right``.

    All products go through NumPy: SciPy's wheels bring a second pool of BLAS threads, and the two
    spin against each other. `dot` comes to the same call of BLAS as `numpy.matmul`, without what a
    universal function does before it: half a microsecond, which a small layer notices.
    """
    if isinstance(left, np.ndarray):
        return left.dot(right, out)
    _sparse_product(left, right, out)
    return out


@compiled_twin
def sparse_product(left: Any, right: Array, out: Array) -> None:
    """``out = left @ right``.

    Parameters
    ----------
    left : CSR or CSC of shape (n_rows, n_inner)
    right : ndarray of shape (n_inner, n_columns)
    out : ndarray of shape (n_rows, n_columns)
        Written.
    """
    out[...] = left @ right


_sparse_product = serving(sparse_product)


def row_major(X: Any, dtype: np.dtype) -> Any:
    """Return a chunk of inputs in `dtype` and, unless it is sparse, row by row.

    Whatever the memory layout of the caller's `X`: BLAS takes the product with a chunk that lies in
    columns on another path, and on some processors the last bits of its sums are others.
    The same memory where nothing has to change: only to be read. Rows may lie apart, as those of a
    few columns of a wider matrix do.
    """
    if sparse.issparse(X):
        return X.astype(dtype, copy=False)
    return X if _lies_in_rows(X, dtype) else np.ascontiguousarray(X, dtype)


def _lies_in_rows(X: Any, dtype: np.dtype) -> bool:
    """Return whether `X` is a matrix in `dtype` whose rows do not overlap, each in one piece."""
    if type(X) is not np.ndarray or X.ndim != 2 or X.dtype != dtype:
        return False
    return X.strides[1] == X.itemsize and X.strides[0] >= X.shape[1] * X.itemsize
