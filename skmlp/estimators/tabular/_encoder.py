"""TabularEncoder."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, count
from numbers import Integral
from typing import Any, Literal, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from skmlp._typing import Array
from skmlp.estimators.common._argument_rules import (
    Rule,
    check_arguments,
    dtype_of,
    exactly,
    integer,
    one_of,
)
from skmlp.estimators.common._estimator import EstimatorMixin
from skmlp.estimators.common._methods import all_or_nothing
from skmlp.estimators.common._samples import check_sample_weight
from skmlp.estimators.common._sklearn import column_names
from skmlp.estimators.common._warnings import warn_user
from skmlp.estimators.mlp._argument_types import FloatDtype
from skmlp.estimators.tabular._categories import CategoryEncoder, check_no_text
from skmlp.estimators.tabular._columns import Column, read_columns
from skmlp.estimators.tabular._numbers import FORMS, NumberEncoder, NumberForm, Section

# A text is a sequence of texts, too: with sequences of any kind, no misspelling would be found.
CategoricalFeatures: TypeAlias = (
    Literal["from_dtype"]
    | list[str]
    | list[int]
    | list[bool]
    | tuple[str | int, ...]
    | set[str]
    | set[int]
    | NDArray[Any]
    | None
)
CATEGORICAL_FEATURES: Rule = (
    one_of("from_dtype")
    | exactly(None)
    | Rule(
        "a sequence of names, of positions or of truth values",
        lambda value: isinstance(value, list | tuple | set | np.ndarray),
        lambda value: True,
    )
)
_ALL: Section = (*FORMS, None)
_RULES = {
    "categorical_features": CATEGORICAL_FEATURES,
    "numbers": one_of(*FORMS)
    | Rule(
        "a sequence of such, each once",
        lambda value: isinstance(value, list | tuple | np.ndarray),
        lambda value: (
            all(isinstance(form, str) for form in value)
            and len(set(value)) == len(value) > 0
            and set(value) <= set(FORMS)
        ),
    ),
    "min_frequency": exactly("auto") | integer(1),
    "max_categories": integer(1),
    "dtype": one_of("float32", "float64") | dtype_of("float32", "float64"),
}


class TabularEncoder(EstimatorMixin, TransformerMixin, BaseEstimator):
    """Encode a table of numbers and categories, as it is, for a network.

    Numbers are taken less their median and divided by the interquartile range, then clipped
    smoothly, ``x / sqrt(1 + (x / 3)**2)``: whatever the scale, most are between -1 and 1, none is
    beyond 3. Where the range is zero, since most numbers are the same, the median distance of the
    others takes its place. There are other forms, see `numbers`. A missing number is the median; a
    column that misses some in `fit` gets another column, which says where. One that misses numbers
    only in `transform` does not: they are the median, and nothing says so.

    Categories get a column each, one-hot; two categories share one column of -1 and 1. A missing
    value is a category of its own. Categories rarer than `min_frequency`, or beyond
    `max_categories`, share the column ``"infrequent"``. What `fit` has not seen counts as
    infrequent, and is zero in all columns where nothing is.

    A column with a single value is zero, whatever comes.

    Parameters
    ----------
    categorical_features : "from_dtype", sequence of str, int or bool, or None, default="from_dtype"
        Which columns are categorical. ``"from_dtype"``: those that their DataFrame declares as
        categorical, those of truth values and those of words. Else their names, their positions or
        a mask; the others must hold numbers then. None: none of them.
    numbers : {"scaled", "ranks", "pieces"} or sequence of them, default="scaled"
        In which form numbers are encoded, or in which forms, one beside the other. ``"ranks"``: the
        normal score of the rank, evenly spread whatever the distribution, in units of its
        interquartile range. ``"pieces"``: how far the number has come through each of up to eight
        pieces between its quantiles, from -0.5 to 0.5; a linear function of them is one of the
        number that bends at the quantiles [2]_. A column of one or two different numbers has the
        first form only.
    min_frequency : int or "auto", default="auto"
        A category with fewer samples is rare. ``"auto"``: a twentieth of all, 2 at least and 10 at
        most. Raise it where rare categories mislead.
    max_categories : int, default=255
        Only so many categories of a column, the most frequent ones, get columns of their own. Lower
        it where the encoding takes too much memory.
    dtype : {"float32", "float64"} or NumPy dtype, default=np.float32
        Of the encoding.

    Attributes
    ----------
    is_categorical_ : ndarray of shape (`n_features_in_`,), dtype bool
        Which columns are categorical.
    n_features_in_ : int
        Columns seen in `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Their names, if the table has string names for all.

    See Also
    --------
    sklearn.compose.ColumnTransformer : Encodes columns as you say, one by one.

    Notes
    -----
    A table is a DataFrame of pandas, polars or pyarrow, or an array-like. Refused are infinity,
    dates, lists, integers of which float64 makes one number, and, where there are at least 50
    different words in a column, dates as words, numbers as words and free text, of three words or
    more in the mean; the error names the column. Texts, and words that are all numbers, are
    categories where most rows hold one that ten or more hold. Refused in `transform` are categories
    of another type than all in `fit`, strings in place of numbers say; numbers that are equal, 1
    and 1.0, are the same category.

    The clip and the one column for two categories are those of RealMLP [1]_, and so is the scale,
    but for numbers most of which are the same.

    References
    ----------
    .. [1] Holzmüller, Grinsztajn and Steinwart (2024), "Better by default: strong pre-tuned MLPs
       and boosted trees on tabular data", NeurIPS.
    .. [2] Gorishniy, Rubachev and Babenko (2022), "On embeddings for numerical features in tabular
       deep learning", NeurIPS.

    Examples
    --------
    >>> import pandas as pd
    >>> from skmlp import TabularEncoder
    >>> table = pd.DataFrame({"age": [20, 30, None, 50], "city": ["Oslo", "Rome", "Oslo", "Bonn"]})
    >>> encoder = TabularEncoder(min_frequency=1).set_output(transform="pandas")
    >>> encoder.fit_transform(table).round(2)
        age  age_missing  city_Bonn  city_Oslo  city_Rome
    0 -0.65          0.0        0.0        1.0        0.0
    1  0.00          0.0        0.0        0.0        1.0
    2  0.00          1.0        0.0        1.0        0.0
    3  1.22          0.0        1.0        0.0        0.0
    """

    is_categorical_: NDArray[np.bool_]
    n_features_in_: int
    feature_names_in_: Array

    def __init__(
        self,
        categorical_features: CategoricalFeatures = "from_dtype",
        *,
        numbers: NumberForm | Sequence[NumberForm] = "scaled",
        min_frequency: int | Literal["auto"] = "auto",
        max_categories: int = 255,
        dtype: FloatDtype = np.float32,
    ) -> None:
        self.categorical_features = categorical_features
        self.numbers = numbers
        self.min_frequency = min_frequency
        self.max_categories = max_categories
        self.dtype = dtype

    @all_or_nothing
    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn scales and categories.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            The table.
        y : object, default=None
            Ignored.

        Returns
        -------
        self : object
            The fitted encoder.

        Raises
        ------
        ValueError
            If an argument breaks a rule or a column cannot be read.
        TypeError
            If an argument has the wrong type.

        Warns
        -----
        UserWarning
            If no category of a column is in `min_frequency` rows.
        """
        return self._fit(X, None)

    def _fit(self, X: Any, sample_weight: Any) -> Self:
        """Learn from the rows whose weight is not zero."""
        check_arguments(self, _RULES)
        columns = read_columns(self, X, reset=True)
        weight = check_sample_weight(sample_weight, columns[0].n_rows)
        if weight is not None and not weight.all():
            columns = [column.of(weight > 0) for column in columns]
        self.is_categorical_ = self._which_are_categorical(columns)
        min_frequency = self._min_frequency(columns[0].n_rows)
        self._encoders = [
            self._encoder(column, is_categorical, min_frequency)
            for column, is_categorical in zip(columns, self.is_categorical_.tolist(), strict=True)
        ]
        self._warn_if_none_is_kept(columns, min_frequency)
        return self

    def transform(self, X: Any) -> Array:
        """Encode a table.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            The table, with the columns of `fit`.

        Returns
        -------
        encoding : ndarray of shape (n_samples, n_features_out)
            Finite, of `dtype`; a DataFrame, if ``set_output`` asks for it.

        Raises
        ------
        ValueError
            If the columns are others, or one cannot be read.
        """
        return self._encode_table(X, "X", self)

    def get_feature_names_out(self, input_features: Any = None) -> Array:
        """Return the names of the columns of the encoding.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the columns, where `fit` has seen none.

        Returns
        -------
        names : ndarray of shape (n_features_out,), dtype object
            The name of the column, followed by ``_rank``, the number of a piece, ``_missing`` or a
            category where it has become several or is not the number; each of them once.

        Raises
        ------
        ValueError
            If the names are not those of `fit`.
        """
        check_is_fitted(self)
        names = column_names(self, input_features)
        out = [
            name_out
            for encoder, name in zip(self._encoders, names, strict=True)
            for name_out in encoder.names(name)
        ]
        return np.array(_once_each(out), dtype=object)

    def _columns_of(self, sections: Sequence[Section]) -> Array:
        """Return the positions of the columns of these sections, in their order."""
        forms = [form for encoder in self._encoders for form in encoder.forms]
        places = [np.flatnonzero([form in section for form in forms]) for section in sections]
        return np.concatenate(places)

    def _encode_table(
        self, X: Any, name: str, estimator: Any, sections: Sequence[Section] = (_ALL,)
    ) -> Array:
        """Return the encoding, in these sections, of a table given to an estimator by this name."""
        n_rows, table = self._read(X, name, estimator)
        return self._encode(table, n_rows, sections)

    def _read(self, X: Any, name: str, estimator: Any) -> tuple[int, Iterator[Array]]:
        """Return how many rows a table has, and what its columns hold, read one by one."""
        check_is_fitted(self)
        columns = read_columns(estimator, X, name, reset=False)
        table = (
            encoder.read(column) for encoder, column in zip(self._encoders, columns, strict=True)
        )
        return columns[0].n_rows, table

    def _encode(self, table: Iterable[Array], n_rows: int, sections: Sequence[Section]) -> Array:
        """Return the encoding of columns that were read, in these sections."""
        widths = np.array([[one.width(forms) for one in self._encoders] for forms in sections])
        ends = widths.cumsum().reshape(widths.shape)
        encoding = np.zeros((n_rows, ends[-1, -1]), self.dtype)
        places = zip((ends - widths).T, ends.T, strict=True)
        for encoder, values, place in zip(self._encoders, table, places, strict=True):
            outs = (encoding[:, start:end] for start, end in zip(*place, strict=True))
            encoder.encode(values, dict(zip(sections, outs, strict=True)))
        return encoding

    def _min_frequency(self, n_samples: int) -> int:
        if isinstance(self.min_frequency, str):
            return min(max(n_samples // 20, 2), 10)
        return int(self.min_frequency)

    def _encoder(
        self, column: Column, is_categorical: bool, min_frequency: int
    ) -> NumberEncoder | CategoryEncoder:
        if not is_categorical:
            forms = [self.numbers] if isinstance(self.numbers, str) else self.numbers
            return NumberEncoder(column, forms)
        if isinstance(self.categorical_features, str) and not column.is_declared:
            check_no_text(column)
        return CategoryEncoder(column, min_frequency, self.max_categories)

    def _warn_if_none_is_kept(self, columns: Sequence[Column], min_frequency: int) -> None:
        lost = [
            column.label
            for column, encoder in zip(columns, self._encoders, strict=True)
            if isinstance(encoder, CategoryEncoder) and encoder.keeps_none
        ]
        if lost:
            others = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
            warn_user(
                f"`X` should hold categories that recur; got none in {min_frequency} rows in "
                f"column {', '.join(map(repr, lost[:3]))}{others}: nothing of it is encoded. Leave "
                "it out, or join its categories to larger ones."
            )

    def _which_are_categorical(self, columns: Sequence[Column]) -> Array:
        if isinstance(self.categorical_features, str):
            return np.array([column.is_category for column in columns])
        named = [] if self.categorical_features is None else list(self.categorical_features)
        if named and all(isinstance(entry, bool | np.bool_) for entry in named):
            return _mask(named, len(columns))
        names = getattr(self, "feature_names_in_", np.array([])).tolist()
        is_categorical = np.zeros(len(columns), dtype=bool)
        is_categorical[[_position(entry, names, len(columns)) for entry in named]] = True
        return is_categorical

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def _mask(mask: list[Any], n_features: int) -> Array:
    if len(mask) != n_features:
        raise ValueError(
            "`categorical_features` must have one truth value per column of `X`, "
            f"{n_features}; got {len(mask)}. Give names or positions instead."
        )
    return np.array(mask, dtype=bool)


def _position(entry: Any, names: list[str], n_features: int) -> int:
    """Return the position of the column of this name or position."""
    if isinstance(entry, str) and entry in names:
        return names.index(entry)
    if isinstance(entry, Integral) and 0 <= int(entry) < n_features:
        return int(entry)
    columns = f"{names} or " if names else ""
    raise ValueError(
        f"`categorical_features` must name columns of `X`, {columns}0 to {n_features - 1}; got "
        f"{entry!r}."
    )


def _once_each(names: list[str]) -> list[str]:
    """Return the names, with a number behind each that has been there before."""
    unique: dict[str, None] = {}
    for name in names:
        candidates = chain([name], (f"{name}_{number}" for number in count(2)))
        unique[next(candidate for candidate in candidates if candidate not in unique)] = None
    return list(unique)
