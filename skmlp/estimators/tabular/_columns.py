"""The columns of a table, whatever library holds it, as NumPy arrays."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import cached_property
from itertools import repeat
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils.validation import validate_data

from skmlp._typing import Array
from skmlp.estimators.common._culprits import of_labels
from skmlp.estimators.common._dataframes import (
    as_objects,
    dtype_name,
    is_dataframe,
    is_not_in_numpy,
    named_columns,
)
from skmlp.estimators.common._integers import refuse_rounded

_NUMBERS = (Real, Decimal, np.bool_)
# Types whose values can be equal: 1, 1.0, True and Decimal(1) are one category.
_TYPE_NAMES: dict[str, tuple[type, ...]] = {
    "numbers": _NUMBERS,
    "strings": (str,),
    "bytes": (bytes,),
}
# pandas' missing values are known by their names: pandas may not be installed.
_MISSING = ("NoneType", "NAType", "NaTType")

_UNREADABLE = (
    "`{name}` must hold numbers, truth values or categories; got {got} in column {column!r}. Leave "
    "it out, or make numbers of it, with `skrub.TableVectorizer` say."
)
_NOT_FINITE = (
    "`{name}` must hold finite or missing numbers; got {got} in column {column!r}. Make it "
    "missing, `numpy.nan`, or leave those rows out."
)
_OTHER_TYPE = (
    "`{name}` must hold {types} in column {column!r}, as the table of the fit has it; got {got}. "
    "Convert the column, or fit with it as it is here."
)
_WORD = (
    "`{name}` must hold numbers in column {column!r}, as `categorical_features` or the table of "
    "the fit have it; got {got}. Make it a number or missing, or the column categorical in the fit."
)


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    table : str
        The name of the argument that holds the table, for the errors.
    label : object
        The name of the column; in an array its position.
    values : ndarray of shape (n_values,)
        Numbers or truth values; or objects: strings, numbers, truth values, None where a value is
        missing, and whatever the categories are of a column that is declared.
    is_declared : bool
        Whether the dtype in its table declares it as categorical.
    places : ndarray of shape (n_samples,), default=None
        Which of the values each row has, each of them some row. None: as they stand, each row its
        own.
    """

    table: str
    label: Any
    values: Array
    is_declared: bool
    places: Array | None = None

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return len(self.values if self.places is None else self.places)

    def of(self, rows: Array) -> "Column":
        """Return the column of some of the rows."""
        if self.places is None:
            return replace(self, values=self.values[rows])
        values, places = _of_some_row(self.values, self.places[rows])
        return replace(self, values=values, places=places)

    @property
    def is_category(self) -> bool:
        """Whether it is categorical by its dtype, or by what its objects are.

        Without any value it is: as the only category, it is zero whatever else may come.
        """
        if self.values.dtype.kind != "O":
            is_empty = self.values.dtype.kind == "f" and bool(np.isnan(self.values).all())
            return self.is_declared or self.values.dtype.kind == "b" or is_empty
        words = any(issubclass(kind, str | bytes) for kind in self._types)
        truths = all(issubclass(kind, bool | np.bool_) for kind in self._types)
        return self.is_declared or words or truths

    def numbers(self) -> Array:
        """Return the values as float64, NaN where one is missing.

        Raises
        ------
        ValueError
            If one is infinite or no number.
        """
        values = self.values
        if values.dtype.kind == "O":
            self._refuse_all_but(_NUMBERS, _WORD)
            try:
                values = np.array([np.nan if value is None else float(value) for value in values])
            except OverflowError:
                self._raise(_NOT_FINITE, "an integer beyond 1.8e308")
        numbers = values.astype(np.float64, copy=False)
        if np.isinf(numbers).any():
            self._raise(_NOT_FINITE, "infinity")
        return numbers if self.places is None else numbers[self.places]

    def refuse_rounded(self, present: Array) -> None:
        """Raise a ValueError if its integers are one number, or nearly, among the `present`."""
        refuse_rounded(present, self.values, self.table, lambda _: f"column {self.label!r}")

    def counts(self) -> Counter[Any]:
        """Return how many rows have each value, None being a missing one."""
        if self.places is None:
            return Counter(self._objects())
        n_rows = np.bincount(self.places).tolist()
        return Counter(dict(zip(self._objects(), n_rows, strict=True)))

    def places_among(self, places: Mapping[Any, int], other: int) -> Array:
        """Return the place of each row's value, or `other` where it has none."""
        objects = self._objects()
        found = np.fromiter(map(places.get, objects, repeat(other)), np.intp, len(objects))
        return found if self.places is None else found[self.places]

    def _objects(self) -> list[Any]:
        """Return the values as Python objects, None where one is missing."""
        values = self.values.tolist()
        if self.values.dtype.kind != "f":
            return values
        return [None if value != value else value for value in values]

    @property
    def type_names(self) -> set[str]:
        """What the values are that are not missing; equal ones are of one name."""
        return set(map(_type_name, self._types))

    def check_types(self, expected: Collection[str]) -> None:
        """Raise a ValueError if there are values, and none can equal one of the types expected."""
        if self.type_names and self.type_names.isdisjoint(expected):
            value = next(value for value in self._objects() if value is not None)
            got = f"{_type_name(type(value))}, {value!r} say"
            self._raise(_OTHER_TYPE, got, types=" or ".join(sorted(expected)))

    def check_readable(self) -> None:
        """Raise a ValueError if a value is a date, a list or another thing that cannot be read."""
        if self.values.dtype.kind in "cmMV":
            self._raise(_UNREADABLE, f"dtype {self.values.dtype}")
        if self.values.ndim > 1:
            self._raise(_UNREADABLE, "values of several numbers")
        if self.values.dtype.kind == "O" and not self.is_declared:
            self._refuse_all_but((*_NUMBERS, str, bytes), _UNREADABLE)

    @cached_property
    def _types(self) -> set[type]:
        """The types of the values that are not missing: there are few, however many the rows."""
        return set(map(type, self._objects())) - {type(None)}

    def _refuse_all_but(self, readable: tuple[type, ...], text: str) -> None:
        wrong = {kind for kind in self._types if not issubclass(kind, readable)}
        if wrong:
            value = next(value for value in self.values.tolist() if type(value) in wrong)
            self._raise(text, repr(value))

    def _raise(self, text: str, got: str, **more: str) -> None:
        raise ValueError(text.format(name=self.table, column=self.label, got=got, **more))


def _type_name(kind: type) -> str:
    """Return what values of a type are called."""
    return next((name for name, types in _TYPE_NAMES.items() if issubclass(kind, types)), "objects")


def read_columns(estimator: Any, X: Any, name: str = "X", *, reset: bool) -> list[Column]:
    """Return the columns of a table.

    Parameters
    ----------
    estimator : estimator
        If `reset`, its `n_features_in_` and `feature_names_in_` are set, else compared.
    X : DataFrame of pandas, polars or pyarrow, or array-like of shape (n_samples, n_features)
    name : str
        The name of the argument, for the errors.
    reset : bool

    Raises
    ------
    ValueError
        If it is not in memory, there is no row or no column, they are not those of the fit, or one
        cannot be read.
    """
    if hasattr(X, "collect"):
        raise ValueError(
            f"`{name}` must be in memory; got {type(X).__name__}. Pass `{name}.collect()`."
        )
    if is_dataframe(X):
        columns = [_column(name, *described) for described in _described(X)]
        if message := of_labels((column.label for column in columns), name):
            raise ValueError(message)
        validate_data(estimator, X, reset=reset, skip_check_array=True)
        check_not_empty(X.shape, name)
    else:
        # NumPy would make words of the numbers in a list that has both.
        X = np.array(X, dtype=object) if isinstance(X, list | tuple) else X
        X = validate_data(estimator, X, dtype=None, ensure_all_finite=False, reset=reset)
        columns = [_column(name, j, values, False) for j, values in enumerate(X.T)]
    for column in columns:
        column.check_readable()
    return columns


def check_not_empty(shape: tuple[int, int], name: str) -> None:
    """Raise a ValueError if a DataFrame has no row or no column."""
    if 0 in shape:
        what = "sample" if shape[0] == 0 else "feature"
        raise ValueError(
            f"`{name}` must have at least one row and one column; got shape {shape}. Found array "
            f"with 0 {what}(s) (shape={shape}) while a minimum of 1 is required."
        )


def _described(X: Any) -> Iterator[tuple[Any, ...]]:
    """Give what tells each column: label, values, whether declared as categorical, and places."""
    for label, column in named_columns(X):
        dtype = dtype_name(column)
        if dtype == "category":
            values, places = _categories(column)
            yield label, values, True, places
        else:
            is_declared = dtype.startswith(("Categorical", "Enum", "dictionary"))
            yield label, _exact(column, dtype), is_declared


def _exact(column: Any, dtype: str) -> Array:
    """Return a column as an array; of objects, where NumPy's would be other values."""
    # As an array, a missing entry of a dictionary of pyarrow is the last one before it.
    if dtype.startswith("dictionary") or is_not_in_numpy(column):
        return np.array(as_objects(column), dtype=object)
    values = np.asarray(column)
    are_floats_by_gaps = values.dtype.kind == "f" and dtype.lower().startswith(("int", "uint"))
    if are_floats_by_gaps and np.fmax.reduce(np.abs(values), initial=0) >= 2**53:
        return np.array(as_objects(column), dtype=object)
    return values


def _categories(column: Any) -> tuple[Array, Array]:
    """Return the categories in a column of pandas, None at the end, and which each row has."""
    categories = np.asarray(column.cat.categories, dtype=object)
    codes = column.cat.codes.to_numpy(np.intp)
    values = np.append(categories, np.array([None]))
    return _of_some_row(values, np.where(codes < 0, len(categories), codes))


def _of_some_row(values: Array, places: Array) -> tuple[Array, Array]:
    """Return the values that rows have, and which of them each row has."""
    is_there = np.bincount(places, minlength=len(values)) > 0
    return values[is_there], (np.cumsum(is_there) - 1)[places]


def _column(
    table: str, label: Any, values: Array, is_declared: bool, places: Array | None = None
) -> Column:
    if values.dtype.kind in "OUST":
        objects = np.empty(len(values), dtype=object)
        try:
            objects[:] = _with_none(values.tolist())
        except InvalidOperation:
            # A signalling NaN cannot even be compared.
            text = _NOT_FINITE.format(name=table, column=label, got=repr(Decimal("sNaN")))
            raise ValueError(text) from None
        values = objects
    return Column(table, label, values, is_declared, places)


def _with_none(objects: list[Any]) -> list[Any]:
    """Return the objects, None where one is missing."""
    # Asked of each object, it would take most of the time of reading a table of words.
    kinds = {kind for kind in set(map(type, objects)) if _may_be_missing(kind)}
    if not kinds:
        return objects
    return [None if type(value) in kinds and _is_missing(value) else value for value in objects]


def _may_be_missing(kind: type) -> bool:
    may_be_nan = issubclass(kind, Real | Decimal) and not issubclass(kind, Integral)
    return may_be_nan or kind.__name__ in _MISSING


def _is_missing(value: Any) -> bool:
    return type(value).__name__ in _MISSING or value != value
