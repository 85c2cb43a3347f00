"""Integers beyond 2**53, which float64 rounds: where no difference is left, they are refused."""

from collections.abc import Callable
from decimal import Decimal
from numbers import Integral
from typing import Any

import numpy as np
from scipy import sparse

from skmlp._typing import Array
from skmlp.estimators.common._dataframes import objects_of

# A range of so many steps is rounded without harm.
_N_STEPS = 100


def refuse_rounded(numbers: Any, given: Any, name: str, place: Callable[[int], str]) -> None:
    """Raise a ValueError if the integers in a column are one number, or nearly, in float64.

    Parameters
    ----------
    numbers : ndarray of shape (n_samples,) or (n_samples, n_columns), or sparse matrix
        None is NaN. A sparse matrix passes.
    given : DataFrame or array-like
        What they were before they became an array. Only columns of numbers that are large and close
        by are read once more.
    name : str
        The name of the argument that holds them.
    place : callable
        Gives the words for a column, by its position.
    """
    were_floats = isinstance(given, np.ndarray) and given.dtype.kind == "f"
    if were_floats or sparse.issparse(numbers) or not _may_be_rounded(numbers):
        return
    numbers = numbers.reshape(len(numbers), -1)
    # Halved, no difference overflows.
    lows, highs = numbers.min(axis=0) / 2, numbers.max(axis=0) / 2
    with np.errstate(invalid="ignore"):
        steps = 2 * np.spacing(np.maximum(np.abs(lows), np.abs(highs)))
        are_close = highs - lows < steps / 2 * _N_STEPS
    for column in np.flatnonzero((steps > 1) & are_close).tolist():
        exact = (one for one in objects_of(given, column) if isinstance(one, Integral | Decimal))
        integers = [int(one) for one in exact]
        low, high = min(integers, default=0), max(integers, default=0)
        if low < high:
            raise ValueError(
                f"`{name}` must hold integers that float64 can tell apart; got {low} to {high} in "
                f"{place(column)}, which it rounds to multiples of {int(steps[column])}. Subtract "
                "one number from all of them, the smallest say."
            )


def _may_be_rounded(numbers: Array) -> bool:
    return numbers.dtype.kind in "iuf" and numbers.dtype.itemsize == 8 and numbers.size > 0
