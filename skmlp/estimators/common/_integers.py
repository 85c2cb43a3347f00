"""Integers beyond 2**53, which float64 rounds: where no difference is left, they are refused."""

from collections.abc import Callable

import numpy as np

from skmlp._typing import Array

# A range of so many steps is rounded without harm.
_N_STEPS = 100


def refuse_rounded(values: Array, name: str, place: Callable[[int], str]) -> None:
    """Raise a ValueError if the integers in a column are one number, or nearly, in float64.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_columns)
        Of integers; others pass.
    name : str
        The name of the argument that holds them.
    place : callable
        Gives the words for a column, by its position.
    """
    if values.dtype.kind not in "iu" or values.dtype.itemsize < 8 or not values.size:
        return
    lows, highs = values.min(axis=0), values.max(axis=0)
    steps = np.spacing(np.maximum(*(np.abs(ends.astype(np.float64)) for ends in (lows, highs))))
    for column in np.flatnonzero(steps > 1).tolist():
        # Python's integers have no end.
        low, high, step = int(lows[column]), int(highs[column]), int(steps[column])
        if 0 < high - low < _N_STEPS * step:
            raise ValueError(
                f"`{name}` must hold integers that float64 can tell apart; got {low} to {high} in "
                f"{place(column)}, which it rounds to multiples of {step}. Subtract one number "
                "from all of them, the smallest say."
            )
