"""A column of numbers, encoded in one form or several."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import numpy as np
from scipy.special import ndtr, ndtri

from skmlp._kernels import compiled_twin, serving
from skmlp._typing import Array
from skmlp.estimators.tabular._columns import Column

NumberForm: TypeAlias = Literal["scaled", "ranks", "pieces"]
# Columns that stand side by side: those of numbers in these forms and, None, what is no number.
Section: TypeAlias = tuple[NumberForm | None, ...]

# What `smooth_clip` tends to, and the largest score of a rank.
LIMIT = 3.0
# The clip is at its limit here, and the square is far from the end of float64.
_FAR = 1e9
# Ranks are read off so many quantiles at most, at these levels.
_LEVELS = np.linspace(0, 1, 1001)
# The interquartile range of the standard normal distribution.
_NORMAL_RANGE = float(ndtri(0.75) - ndtri(0.25))
_N_PIECES = 8


class Form(ABC):
    """What numbers are encoded as. Halved, as they come, no difference of two overflows.

    Parameters
    ----------
    halves : ndarray of shape (n_samples,)
        The numbers of the training that are not missing, halved; one at least.
    """

    # Of the names of its columns.
    suffixes: list[str]

    @abstractmethod
    def __init__(self, halves: Array) -> None: ...

    @abstractmethod
    def __call__(self, halves: Array, out: Array) -> None:
        """Write the columns of halved numbers into `out`, of shape (n_samples, n_suffixes)."""


class Scaled(Form):
    """Numbers less their median, by the interquartile range, clipped smoothly.

    Where the quartiles are equal, most numbers are the median: the median distance of the others
    takes the place of theirs.
    """

    def __init__(self, halves: Array) -> None:
        self.suffixes = [""]
        low, self._median, high = np.percentile(halves, (25, 50, 75)).tolist()
        distances = np.abs(halves - self._median)
        others = distances[distances > 0]
        self._scale = high - low if high > low else np.median(others) if others.size else np.inf

    def __call__(self, halves: Array, out: Array) -> None:
        serving(smooth_clip)(halves, self._median, self._scale, LIMIT, out)


class Ranks(Form):
    """The normal scores of ranks: evenly spread whatever the distribution, equal numbers alike."""

    def __init__(self, halves: Array) -> None:
        self.suffixes = ["_rank"]
        self._levels = _LEVELS
        if len(halves) < len(_LEVELS):
            self._levels = np.linspace(0, 1, max(len(halves), 2))
        self._quantiles = np.quantile(halves, self._levels)
        if self._quantiles[0] == self._quantiles[-1]:
            self._levels = np.full(2, 0.5)
            self._quantiles = self._quantiles[:2]

    def __call__(self, halves: Array, out: Array) -> None:
        levels = np.empty_like(halves)
        serving(levels_among)(halves, self._quantiles, self._levels, levels)
        np.clip(levels, ndtr(-LIMIT), ndtr(LIMIT), out=levels)
        out[:, 0] = ndtri(levels) / _NORMAL_RANGE


class Pieces(Form):
    """How far a number has come through each of eight pieces, between neighbouring quantiles.

    A linear function of the columns is one of the number that bends at the quantiles. A number that
    many rows share counts as one piece of them at most, so that the others have pieces, too.
    """

    def __init__(self, halves: Array) -> None:
        values, counts = np.unique(halves, return_counts=True)
        if len(values) == 1:
            ends, self._middle = np.array([values[0], np.inf]), 0.0
        else:
            capped = np.minimum(counts, len(halves) / _N_PIECES)
            middles = np.cumsum(capped) - capped / 2
            levels = np.linspace(middles[0], middles[-1], _N_PIECES + 1)
            ends, self._middle = np.unique(np.interp(levels, middles, values)), 0.5
        self._starts, self._lengths = ends[:-1], np.diff(ends)
        self.suffixes = [f"_piece_{piece}" for piece in range(1, len(ends))]

    def __call__(self, halves: Array, out: Array) -> None:
        serving(shares_of_pieces)(halves, self._starts, self._lengths, self._middle, out)


FORMS: dict[NumberForm, type[Form]] = {"scaled": Scaled, "ranks": Ranks, "pieces": Pieces}


class NumberEncoder:
    """Numbers in the forms asked for, and where they are missing if the training missed some.

    A missing number is the median. A constant column is zero in every form, whatever comes. One of
    two numbers has only the first form: the others would say the same.

    Parameters
    ----------
    column : Column
        Of the training.
    forms : sequence of str
        Keys of `FORMS`.
    """

    def __init__(self, column: Column, forms: Sequence[NumberForm]):
        numbers = column.numbers()
        present = numbers[~np.isnan(numbers)]
        column.refuse_rounded(present)
        self._shows_missing = 0 < len(present) < len(numbers)
        halves = present / 2 if present.size else np.zeros(1)
        self._half_median = float(np.median(halves))
        is_simple = np.isin(halves, (halves.min(), halves.max())).all()
        self._forms = {form: FORMS[form](halves) for form in (forms[:1] if is_simple else forms)}

    @property
    def forms(self) -> list[NumberForm | None]:
        """The form of each column; None of the one that tells where numbers are missing."""
        forms: list[NumberForm | None] = [
            name for name, form in self._forms.items() for _ in form.suffixes
        ]
        return [*forms, None] if self._shows_missing else forms

    def width(self, forms: Section) -> int:
        """Return how many columns there are in these forms."""
        widths = [len(form.suffixes) for name, form in self._forms.items() if name in forms]
        return sum(widths) + (self._shows_missing and None in forms)

    def names(self, name: str) -> list[str]:
        """Return the names of the columns that the column of this name becomes."""
        names = [f"{name}{suffix}" for form in self._forms.values() for suffix in form.suffixes]
        return [*names, f"{name}_missing"] if self._shows_missing else names

    def read(self, column: Column) -> Array:
        """Return what `encode` takes: the numbers, NaN where one is missing."""
        return column.numbers()

    def encode(self, numbers: Array, sections: Mapping[Section, Array]) -> None:
        """Write the columns of each section into its array, of shape (n_samples, width)."""
        missing = np.isnan(numbers)
        halves = np.where(missing, self._half_median, numbers / 2)
        for forms, out in sections.items():
            self._encode_section(halves, missing, forms, out)

    def _encode_section(self, halves: Array, missing: Array, forms: Section, out: Array) -> None:
        start = 0
        for name, form in self._forms.items():
            if name in forms:
                stop = start + len(form.suffixes)
                form(halves, out[:, start:stop])
                start = stop
        if self._shows_missing and None in forms:
            out[:, start] = missing


@compiled_twin
def smooth_clip(numbers: Array, middle: float, unit: float, limit: float, out: Array) -> None:
    """``out = z / sqrt(1 + (z / limit)**2)``, ``z = (numbers - middle) / unit``.

    That is z near zero, and never beyond the limit.

    Parameters
    ----------
    numbers : ndarray of shape (n_samples,), float64
    middle, unit, limit : float
    out : ndarray of shape (n_samples, 1), float32 or float64
        A column of a wider matrix, as a rule. Written.
    """
    with np.errstate(over="ignore"):
        z = np.clip((numbers - middle) / unit, -_FAR, _FAR)
    out[:, 0] = z / np.sqrt(1 + (z / limit) ** 2)


@compiled_twin
def levels_among(numbers: Array, quantiles: Array, levels: Array, out: Array) -> None:
    """Write the levels of numbers among rising quantiles; of equal ones, the middle of theirs.

    Parameters
    ----------
    numbers : ndarray of shape (n_samples,), float64
    quantiles, levels : ndarray of shape (n_quantiles,), float64
    out : ndarray of shape (n_samples,), float64
        Written.
    """
    # The last of equal quantiles, and the first of them.
    high = np.interp(numbers, quantiles, levels)
    low = -np.interp(-numbers, -quantiles[::-1], -levels[::-1])
    out[...] = (low + high) / 2


@compiled_twin
def shares_of_pieces(
    numbers: Array, starts: Array, lengths: Array, middle: float, out: Array
) -> None:
    """Write how much of each piece lies below numbers, less `middle`.

    Parameters
    ----------
    numbers : ndarray of shape (n_samples,), float64
    starts, lengths : ndarray of shape (n_pieces,), float64
    middle : float
    out : ndarray of shape (n_samples, n_pieces), float32 or float64
        Columns of a wider matrix, as a rule. Written.
    """
    with np.errstate(over="ignore"):
        share = (numbers[:, None] - starts) / lengths
    out[...] = np.clip(share, 0, 1) - middle
