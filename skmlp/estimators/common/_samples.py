"""Checks of the data that a user passes, and of what is predicted from them."""

from numbers import Real
from typing import Any

import numpy as np
from scipy import sparse
from sklearn import get_config
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

from skmlp._typing import Array
from skmlp.estimators.common._culprits import naming_culprits
from skmlp.estimators.common._dataframes import holds_times
from skmlp.estimators.common._integers import refuse_rounded
from skmlp.training.data import Selection

# So many of the rows that cannot be predicted are named.
_NAMED_ROWS = 5


def check_X_y(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    reset: bool,
    min_samples: int,
    y_numeric: bool,
    names: tuple[str, str] = ("X", "y"),
) -> tuple[Any, Array]:
    """Return `X` and `y` as arrays, of whatever numeric dtype they have.

    Only the batches are cast to the dtype of training; an integer image array or a memory map is
    never copied whole. CSC becomes CSR, because batches are rows.
    """
    if isinstance(X, Selection):
        # Whoever selects has checked the matrix, and gathers nothing yet.
        estimator.n_features_in_ = X.shape[1]
        return X, y
    given_X, given_y = X, y
    if _is_valid(estimator, X, reset) and _fits(y, X) and len(y) >= min_samples:
        estimator.n_features_in_ = X.shape[1]
    else:
        _refuse_entries_outside(X, names[0])
        # Of huge numbers, the sum that scikit-learn looks at may be inf - inf.
        with naming_culprits(X, names[0], y, names[1], y_numeric), np.errstate(invalid="ignore"):
            # Beside floats, polars makes numbers of them.
            _refuse_times(X)
            X, y = validate_data(
                estimator,
                X,
                y,
                accept_sparse="csr",
                dtype="numeric",
                multi_output=True,
                y_numeric=y_numeric,
                ensure_min_samples=min_samples,
                reset=reset,
            )
            X = _as_numbers(X)
    if reset:
        refuse_rounded(X, given_X, names[0], lambda place: f"column {_label(estimator, place)}")
    if reset and y_numeric:
        refuse_rounded(y, given_y, names[1], "output {}".format)
    return X, y


def check_X(estimator: Any, X: Any) -> Array:
    """Return `X` as an array with the features of the fit."""
    if _is_valid(estimator, X):
        return X
    _refuse_entries_outside(X, "X")
    with naming_culprits(X, "X"), np.errstate(invalid="ignore"):
        _refuse_times(X)
        return _as_numbers(
            validate_data(estimator, X, accept_sparse="csr", dtype="numeric", reset=False)
        )


def _is_valid(estimator: Any, X: Any, reset: bool = False) -> bool:
    """Return whether `validate_data` would let `X` pass as it is.

    It takes several times as long to say so as a small network to predict a row.
    """
    if type(X) is not np.ndarray or X.ndim != 2 or hasattr(estimator, "feature_names_in_"):
        return False
    n_features = X.shape[1] if reset else estimator.n_features_in_
    if X.size == 0 or X.shape[1] != n_features or X.dtype.kind not in "biuf":
        return False
    return get_config()["assume_finite"] or _is_finite(X)


def _fits(y: Any, X: Array) -> bool:
    """Return whether `validate_data` would let `y` pass as it is beside such an `X`."""
    return type(y) is np.ndarray and y.shape == X.shape[:1] and _is_finite(y)


def _is_finite(array: Array) -> bool:
    """Return whether all are finite numbers; of those whose sum overflows it is not known."""
    with np.errstate(over="ignore", invalid="ignore"):
        kind = array.dtype.kind
        return kind in "biu" or (kind == "f" and bool(np.isfinite(array.sum())))


def _refuse_entries_outside(X: Any, name: str) -> None:
    """Raise a ValueError if a CSR or CSC matrix points outside: SciPy would read whatever is there.

    Its own check would write into the matrix.
    """
    if not sparse.issparse(X) or X.format not in ("csr", "csc") or X.ndim != 2:
        return
    n_lines, n_places = X.shape if X.format == "csr" else X.shape[::-1]
    starts, places = X.indptr, X.indices
    # Differences could overflow.
    rise = len(starts) == n_lines + 1 and starts[0] == 0 and (starts[1:] >= starts[:-1]).all()
    stored = rise and starts[-1] <= min(len(places), len(X.data))
    if stored and places.min(initial=0) >= 0 and places.max(initial=-1) < n_places:
        return
    raise ValueError(
        f"`{name}` must have all entries within its shape {X.shape}; got a {X.format.upper()} "
        "matrix whose `indices` or `indptr` point elsewhere. Make it anew from its entries."
    )


def _label(estimator: Any, column: int) -> str:
    names = getattr(estimator, "feature_names_in_", None)
    return str(column) if names is None else repr(str(names[column]))


def _refuse_times(X: Any) -> None:
    if holds_times(X):
        raise TypeError("dates are no numbers")


def _as_numbers(X: Array) -> Array:
    # NumPy would cast them to counts of whatever unit they have.
    _refuse_times(X)
    # Of those in a list, and in tables but pandas', scikit-learn makes no numbers.
    return check_array(X) if X.dtype.hasobject else X


def floating_dtype(X: Array) -> np.dtype:
    """Return float32 for float32 input, else float64."""
    return np.dtype(np.float32 if X.dtype == np.float32 else np.float64)


def check_sample_weight(
    sample_weight: Any, n_samples: int, name: str = "sample_weight"
) -> Array | None:
    """Return sample weights as a float64 vector, or None where there are none."""
    if sample_weight is None:
        return None
    if isinstance(sample_weight, Real):
        sample_weight = np.full(n_samples, sample_weight)
    weight: Array = check_array(
        sample_weight, ensure_2d=False, dtype=np.float64, input_name=f"`{name}`"
    )
    if weight.shape != (n_samples,):
        raise ValueError(
            f"`{name}` must have one entry per sample, shape ({n_samples},); "
            f"got shape {weight.shape}."
        )
    if weight.min() < 0:
        raise ValueError(
            f"`{name}` must not be negative; got {weight.min():g}. Use zero to leave a sample out."
        )
    if weight.max() == 0:
        raise ValueError(
            f"`{name}` must have an entry above zero; got all zeros. "
            "Leave it None to weigh all samples alike."
        )
    with np.errstate(over="ignore"):
        total = weight.sum()
    if not np.isfinite(total):
        raise ValueError(
            f"`{name}` must have a finite sum; got entries up to {weight.max():g}. Divide all by "
            "the largest."
        )
    return weight


def finite(prediction: Array) -> Array:
    """Return predictions of shape (n_samples, n_outputs), none of which may be infinite or NaN."""
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
