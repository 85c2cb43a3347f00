"""A check of what is predicted."""

import numpy as np

from skmlp._typing import Array

# So many of the rows that cannot be predicted are named.
_NAMED_ROWS = 5


def finite(prediction: Array) -> Array:
    """Return predictions of shape (n_samples, n_outputs) as they are.

    Raises
    ------
    ValueError
        If one is infinite or NaN; names the rows.
    """
    if np.isfinite(prediction).all():
        return prediction
    rows = np.flatnonzero(~np.isfinite(prediction).all(axis=1))
    named = ", ".join(str(row) for row in rows[:_NAMED_ROWS])
    more = ", ..." if len(rows) > _NAMED_ROWS else ""
    precision = ", or fit with float64 inputs" if prediction.dtype == np.float32 else ""
    raise ValueError(
        f"The rows of `X` must have predictions in the range of {prediction.dtype}; got "
        f"{len(rows)} of {len(prediction)} beyond it, rows {named}{more}. Scale `X` as for `fit`, "
        f"leave these rows out{precision}."
    )
