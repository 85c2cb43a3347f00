"""The columns of a DataFrame, whatever library it is of."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from skmlp._typing import Array

# polars has them, NumPy has not.
_WIDE_INTEGERS = ("Int128", "UInt128")
# What the dtypes of dates, times and durations begin with, in NumPy, pandas and polars.
_TIMES = ("date", "time", "duration")


def is_dataframe(X: Any) -> bool:
    """Return whether `X` has columns with names."""
    return hasattr(X, "shape") and hasattr(X, "columns")


def named_columns(table: Any) -> Iterator[tuple[Any, Any]]:
    """Give the columns of a DataFrame of pandas, pyarrow, polars or the like, with their names."""
    if hasattr(table, "iloc"):
        yield from table.items()
    elif hasattr(table, "column_names"):
        yield from zip(table.column_names, table.columns, strict=True)
    else:
        yield from ((name, table[name]) for name in table.columns)


def dtype_name(column: Any) -> str:
    """Return what its library calls the dtype of a column."""
    return str(getattr(column, "dtype", getattr(column, "type", "")))


def is_not_in_numpy(column: Any) -> bool:
    """Return whether a column holds integers that NumPy has no dtype for."""
    return dtype_name(column) in _WIDE_INTEGERS


def holds_times(X: Any) -> bool:
    """Return whether an array, or a column of a DataFrame, holds dates, times or durations."""
    dtypes = getattr(X, "dtypes", [getattr(X, "dtype", "")])
    return any(str(dtype).lower().startswith(_TIMES) for dtype in dtypes)


def as_objects(column: Any) -> list[Any]:
    """Return the values of a column as Python objects, as exact as they are."""
    for method in ("to_list", "to_pylist"):
        if hasattr(column, method):
            values: list[Any] = getattr(column, method)()
            return values
    objects: list[Any] = np.asarray(column, dtype=object).tolist()
    return objects


def objects_of(data: Any, column: int) -> list[Any]:
    """Return a column of inputs or targets, a DataFrame or array-like, as Python objects."""
    if is_dataframe(data):
        return as_objects(list(named_columns(data))[column][1])
    array: Array = data if isinstance(data, np.ndarray) else np.asarray(data, dtype=object)
    objects: list[Any] = array.reshape(len(array), -1)[:, column].tolist()
    return objects
