"""What in the data a check has stumbled over, for an error that names it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta
from numbers import Real
from typing import Any

import numpy as np
from scipy import sparse

from skmlp._typing import Array
from skmlp.estimators.common._dataframes import (
    dtype_name,
    is_dataframe,
    is_not_in_numpy,
    named_columns,
)

# Rows that are searched at a time: nothing is copied whole.
_SEARCHED_ROWS = 4096

# scikit-learn's own words stand in the middle: code that looks for them finds them.
_WORD = (
    "`{name}` must hold numbers; got {got} in column {column!r}. Encode words, with "
    "`sklearn.preprocessing.OneHotEncoder` say."
)
_DATE = (
    "`{name}` must hold numbers; got {got} in column {column!r}. Pass a number in its place, the "
    "days since the first date say."
)
_NOT_FINITE = (
    "`{name}` must hold finite numbers; got {got} in column {column!r}. Input {name} contains "
    "{got}. Fill gaps, with `sklearn.impute.SimpleImputer` say, or leave those rows out."
)
_TARGET_NOT_FINITE = (
    "`{name}` must hold finite numbers; got {got}. Input {name} contains {got}. Leave those "
    "samples out."
)
_TARGET_WORD = (
    "`{name}` must hold numbers; got {got}. Convert it, or predict labels with a classifier."
)
_NOT_IN_NUMPY = (
    "`{name}` must hold numbers that NumPy has; got dtype {got} in column {column!r}. Cast it, to "
    "Int64 say."
)
_SAME_NAME = (
    "`{name}` must have columns of different names; got {got!r} {n} times. Rename or drop all but "
    "one of them."
)
_TOO_MANY_AXES = (
    "`{name}` must have a row per sample and a column per feature; got shape {shape}. Found array "
    "with dim {dim}. Make each sample a row, `{name}.reshape(len({name}), -1)`."
)


@contextmanager
def naming_culprits(
    X: Any, name: str, y: Any = None, y_name: str = "y", y_numeric: bool = False
) -> Iterator[None]:
    """Say what in the data breaks the rule, and where, if a check in the block fails."""
    try:
        yield
    # The errors of polars are no ValueError.
    except Exception:
        message = _of_inputs(X, name)
        if message is None and y is not None:
            message = of_targets(y, y_name, y_numeric)
        if message is None:
            raise
        raise ValueError(message) from None


def _of_inputs(X: Any, name: str) -> str | None:
    shape = X.shape if hasattr(X, "shape") else np.asarray(X, dtype=object).shape
    if len(shape) > 2:
        return _TOO_MANY_AXES.format(name=name, shape=shape, dim=len(shape))
    if is_dataframe(X) and (message := _of_dataframe(X, name)):
        return message
    for column, values in _columns(X):
        for text, got in _faults(values):
            return text.format(name=name, got=got, column=column)
    return None


def _of_dataframe(table: Any, name: str) -> str | None:
    """Return what to say of the columns themselves, whatever is in them."""
    if message := of_labels((label for label, _ in named_columns(table)), name):
        return message
    for label, column in named_columns(table):
        if is_not_in_numpy(column):
            return _NOT_IN_NUMPY.format(name=name, got=dtype_name(column), column=label)
    return None


def of_labels(labels: Iterable[Any], name: str) -> str | None:
    """Return what to say of the names of columns where two are the same, else None."""
    counts = Counter(labels)
    texts = (_SAME_NAME.format(name=name, got=got, n=n) for got, n in counts.items() if n > 1)
    return next(texts, None)


def refuse_not_finite(y: Array, name: str) -> None:
    """Raise a ValueError if one of the numbers that are targets is not finite."""
    if not np.isfinite(y).all():
        raise ValueError(of_targets(y, name, y_numeric=True))


def of_targets(y: Any, name: str, y_numeric: bool) -> str | None:
    """Return what to say of targets that are not all finite or, where they must be, no numbers."""
    y = np.asarray(y)
    # Words are labels.
    if not y_numeric and y.dtype.kind != "f":
        return None
    fault = next(iter(_faults(y.ravel())), None)
    if fault is None:
        return None
    text, got = fault
    return (_TARGET_NOT_FINITE if text is _NOT_FINITE else _TARGET_WORD).format(name=name, got=got)


def _columns(X: Any) -> Iterator[tuple[Any, Array]]:
    """Give columns by name or number; of an array of numbers, those with one that is not finite."""
    if is_dataframe(X):
        for label, column in named_columns(X):
            yield label, np.asarray(column)
        return
    X = X.tocoo() if sparse.issparse(X) else np.asarray(X)
    if sparse.issparse(X):
        spoilt = ~np.isfinite(X.data)
        yield from zip(X.col[spoilt].tolist(), X.data[spoilt, None], strict=True)
    elif X.dtype.kind == "f":
        for first in range(0, len(X), _SEARCHED_ROWS):
            part = X[first : first + _SEARCHED_ROWS]
            for column in np.flatnonzero(~np.isfinite(part).all(axis=0)).tolist():
                yield column, part[:, column]
    elif X.ndim == 2:
        yield from enumerate(X.T)


def _faults(values: Array) -> Iterator[tuple[str, str]]:
    """Give the text for each thing among the values that is no finite number, and what it is."""
    if values.dtype.kind in "mM":
        yield _DATE, f"dtype {values.dtype}"
    elif values.dtype.kind == "f":
        spoilt = values[~np.isfinite(values)]
        if spoilt.size:
            yield _NOT_FINITE, "NaN" if np.isnan(spoilt).any() else "infinity"
    elif values.dtype.kind in "OUS":
        for value in values.tolist():
            yield from _fault(value)


def _fault(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str | bytes):
        if not _reads_as_number(value):
            yield _WORD, repr(value)
    elif isinstance(value, date | time | timedelta | np.datetime64 | np.timedelta64):
        yield _DATE, repr(value)
    # pandas' missing value is known by its name: pandas may not be installed.
    elif value is None or type(value).__name__ == "NAType":
        yield _NOT_FINITE, "NaN"
    elif isinstance(value, Real):
        try:
            number = float(value)
        except OverflowError:
            yield _NOT_FINITE, "an integer beyond 1.8e308"
        else:
            if not np.isfinite(number):
                yield _NOT_FINITE, "NaN" if np.isnan(number) else "infinity"


def _reads_as_number(word: str | bytes) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
