"""A column of categories, encoded."""

from collections import Counter
from typing import Any

import numpy as np

from skmlp._typing import Array
from skmlp.estimators.tabular._columns import Column

# Fewer different words are categories, whatever they look like.
_MANY = 50
# So many words each, in the mean, are a text, if most rows have one that few others have.
_WORDS_OF_A_TEXT = 3
_FEW_ROWS = 10

_TEXT = (
    "`{name}` must hold no free text; got {n} different texts in column {column!r}, such as {got}. "
    "Leave it out, or make numbers of it, with `skrub.TableVectorizer` say."
)
_NUMBERS_AS_TEXT = (
    "`{name}` must hold numbers as numbers; got {n} words in column {column!r} that read as "
    "numbers, but for a few, such as {got}. Convert it, with `pandas.to_numeric(..., "
    "errors='coerce')` say, or name it in `categorical_features`."
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
    """

    def __init__(self, column: Column, min_frequency: int, max_categories: int):
        counts = Counter(column.categories())
        by_count = sorted(counts, key=lambda value: (-counts[value], str(value)))
        self._categories = _in_order(
            [value for value in by_count[:max_categories] if counts[value] >= min_frequency]
        )
        self._has_rare = len(self._categories) < len(counts)

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

    def encode(self, column: Column, out: Array) -> None:
        """Write the encoding into `out`, of shape (n_samples, n_names)."""
        n_kinds = len(self._categories) + self._has_rare
        codes = self._codes(column)
        if n_kinds <= 2:
            # Of two kinds, -1 and 1; nothing of one; and nothing of what is neither.
            out[:, 0] = np.array([-1, 1, 0])[codes] if n_kinds == 2 else 0
        else:
            out[:] = codes[:, None] == np.arange(n_kinds)

    def _codes(self, column: Column) -> Array:
        """Return the position of each value among the kinds, -1 where it is none."""
        codes = {value: code for code, value in enumerate(self._categories)}
        other = len(codes) if self._has_rare else -1
        return np.array([codes.get(value, other) for value in column.categories()])


def _in_order(values: list[Any]) -> list[Any]:
    """Return values sorted as numbers or words, a missing one last."""
    present = [value for value in values if value is not None]
    try:
        present = sorted(present)
    except TypeError:
        present = sorted(present, key=str)
    return present + [None] * (len(present) < len(values))


def check_no_text(column: Column) -> None:
    """Raise a ValueError if the words of a column are free text, or numbers but for a few."""
    words = Counter(value for value in column.categories() if isinstance(value, str))
    if len(words) < _MANY:
        return
    n_rows_of_few = sum(n_rows for n_rows in words.values() if n_rows < _FEW_ROWS)
    n_numbers = sum(map(_reads_as_number, words))
    n_words_each = sum(len(text.split()) for text in words) / len(words)
    if len(words) / 2 < n_numbers < len(words):
        text, got = _NUMBERS_AS_TEXT, next(w for w in words if not _reads_as_number(w))
    elif n_rows_of_few > words.total() / 2 and n_words_each >= _WORDS_OF_A_TEXT:
        text, got = _TEXT, min(words)
    else:
        return
    got = f"{got[:40]!r}"
    raise ValueError(text.format(name=column.table, n=len(words), column=column.label, got=got))


def _reads_as_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
