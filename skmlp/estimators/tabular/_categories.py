"""A column of categories, encoded."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from skmlp._typing import Array
from skmlp.estimators.tabular._columns import Column
from skmlp.estimators.tabular._numbers import Section

# Fewer different words are categories, whatever they look like.
_MANY = 50
# So many words each, in the mean, are a text, if most rows have one that few others have.
_WORDS_OF_A_TEXT = 3
_FEW_ROWS = 10

_TEXT = (
    "`{name}` must hold no free text; got {n} different texts in column {column!r}, {got}. "
    "Leave it out, or make numbers of it, with `skrub.TableVectorizer` say."
)
_NUMBERS_AS_TEXT = (
    "`{name}` must hold numbers as numbers; got {n} words in column {column!r} that read as "
    "numbers, {got}. Convert it, with `pandas.to_numeric(..., errors='coerce')` say, a decimal "
    "comma made a point before, or name it in `categorical_features`."
)
_DATES_AS_TEXT = (
    "`{name}` must hold no dates; got {n} words in column {column!r} that read as dates, {got}. "
    "Convert it with `pandas.to_datetime`, and make numbers of that, with `skrub.TableVectorizer` "
    "say, or name it in `categorical_features`."
)
_DATE = re.compile(
    r"(\d{4}([-/.])\d{1,2}\2\d{1,2}|\d{1,2}([-/.])(\d{1,2}|[A-Za-z]{3,9})\3(\d{4}|\d{2}))"
    r"([T ].*)?"
)


class CategoryEncoder:
    """A column per category; one for all that are rare; a single one, -1 or 1, for two categories.

    A missing value is a category of its own. A value that the training did not have counts as rare
    where there is a column for those, and else is zero in all columns; so is a column with a single
    category, whatever comes.

    Parameters
    ----------
    column : Column
        Of the training.
    min_frequency : int
        A category of fewer samples is rare.
    max_categories : int
        Only so many categories, the most frequent ones, are not rare.

    Attributes
    ----------
    keeps_none : bool
        Whether all of several categories are rare, so that nothing tells them apart.
    """

    def __init__(self, column: Column, min_frequency: int, max_categories: int):
        counts = column.counts()
        self._type_names = sorted(column.type_names)
        by_count = sorted(counts, key=lambda value: (-counts[value], str(value)))
        self._categories = _in_order(
            [value for value in by_count[:max_categories] if counts[value] >= min_frequency]
        )
        self._has_rare = len(self._categories) < len(counts)
        self.keeps_none = not self._categories and len(counts) > 1

    def names(self, name: str) -> list[str]:
        """Return the names of the columns that the column of this name becomes."""
        kinds = ["missing" if value is None else str(value) for value in self._categories]
        kinds += ["infrequent"] if self._has_rare else []
        if len(kinds) > 1:
            kinds = kinds[1:] if len(kinds) == 2 else kinds
            return [f"{name}_{kind}" for kind in kinds]
        return [name]

    @property
    def forms(self) -> list[None]:
        """None for each column: none is the form of a number."""
        return [None] * len(self.names(""))

    @property
    def _n_kinds(self) -> int:
        return len(self._categories) + self._has_rare

    def width(self, forms: Section) -> int:
        """Return how many columns there are in these forms."""
        return len(self.forms) if None in forms else 0

    def read(self, column: Column) -> Array:
        """Return what `encode` takes: which kind each value is, -1 where it is none."""
        if self._n_kinds == 1:
            return np.zeros(column.n_rows, np.intp)
        column.check_types(self._type_names)
        kinds = {value: kind for kind, value in enumerate(self._categories)}
        return column.places_among(kinds, len(kinds) if self._has_rare else -1)

    def encode(self, kinds: Array, sections: Mapping[Section, Array]) -> None:
        """Write the columns of each section into its zeros, of shape (n_samples, width)."""
        for forms, out in sections.items():
            if None in forms:
                self._encode(kinds, out)

    def _encode(self, kinds: Array, out: Array) -> None:
        if self._n_kinds == 2:
            # -1 and 1, and nothing of what is neither.
            out[:, 0] = np.array([-1, 1, 0])[kinds]
        elif self._n_kinds > 2:
            known = np.flatnonzero(kinds >= 0)
            out[known, kinds[known]] = 1


def _in_order(values: list[Any]) -> list[Any]:
    """Return values sorted as numbers or words, a missing one last."""
    present = [value for value in values if value is not None]
    try:
        present = sorted(present)
    except TypeError:
        present = sorted(present, key=str)
    return present + [None] * (len(present) < len(values))


def check_no_text(column: Column) -> None:
    """Raise a ValueError if the words of a column are numbers, dates or free text."""
    words: Counter[str] = Counter()
    for value, n_rows in column.counts().items():
        if value is not None:
            words[str(value)] += n_rows
    if len(words) < _MANY:
        return
    n_rows_of_few = sum(n_rows for n_rows in words.values() if n_rows < _FEW_ROWS)
    hardly_recur = n_rows_of_few > words.total() / 2
    half = len(words) / 2
    no_numbers = [word for word in words if not _reads_as_number(word)]
    n_words_each = sum(len(text.split()) for text in words) / len(words)
    got = f"such as {min(words)[:40]!r}"
    if 0 < len(no_numbers) < half:
        text, got = _NUMBERS_AS_TEXT, f"but for a few, such as {no_numbers[0][:40]!r}"
    elif not no_numbers and hardly_recur:
        text = _NUMBERS_AS_TEXT
    elif sum(map(_reads_as_date, words)) > half:
        text = _DATES_AS_TEXT
    elif hardly_recur and n_words_each >= _WORDS_OF_A_TEXT:
        text = _TEXT
    else:
        return
    raise ValueError(text.format(name=column.table, n=len(words), column=column.label, got=got))


def _reads_as_number(word: str) -> bool:
    """Return whether a word is a number, with a comma before its decimals or thousands, maybe."""
    for without_comma in (word.replace(",", "."), word.replace(",", "")):
        try:
            float(without_comma)
        except ValueError:
            continue
        return True
    return False


def _reads_as_date(word: str) -> bool:
    return _DATE.fullmatch(word) is not None
