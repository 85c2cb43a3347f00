"""The threshold units that a training starts from."""

from typing import Any

import numpy as np
from scipy import sparse

from skmlp._typing import Array
from skmlp.perceptron.rule import Average, Units


def make_units(
    shape: tuple[int, int], dtype: np.dtype, coef: Any, intercept: Any, *, averaged: bool
) -> Units:
    """Return units of their own memory, with the values given or zeros.

    One unit may come as a vector.
    """
    coef = _values("coef_init", coef, shape, dtype)
    intercept = _values("intercept_init", intercept, shape[:1], dtype)
    return Units(coef, intercept, Average.of_nothing(coef) if averaged else None)


def _values(name: str, given: Any, shape: tuple[int, ...], dtype: np.dtype) -> Array:
    """Return a fresh array of the values that a user gave, or of zeros."""
    if given is None:
        return np.zeros(shape, dtype)
    try:
        array = np.array(given.toarray() if sparse.issparse(given) else given, dtype)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"`{name}` must hold numbers in shape {shape}; got {given!r}. Leave it None to start "
            "from zeros."
        ) from error
    if shape[0] == 1 and array.size == np.prod(shape):
        array = array.reshape(shape)
    if array.shape != shape or not np.isfinite(array).all():
        raise ValueError(
            f"`{name}` must be finite and have shape {shape}; got shape {array.shape}. Leave it "
            "None to start from zeros."
        )
    return array
