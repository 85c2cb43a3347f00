"""Rules for constructor arguments, and the errors that name them."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Integral, Real
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Rule:
    """What an argument must be.

    Parameters
    ----------
    text : str
        Completes "`name` must be ...".
    has_type : callable
        Whether a value has a fitting type; if not, the error is a TypeError.
    accepts : callable
        Whether a value of fitting type is allowed; if not, the error is a ValueError. By default
        each is.
    options : tuple of str
        Allowed strings, from which a misspelt one is mended.
    synonyms : dict of str to tuple of str
        Options by what they are called elsewhere, in lower case.
    elsewhere : dict of str to Rule
        Other arguments whose rule tells which values are meant for them.
    """

    text: str
    has_type: Callable[[Any], bool]
    accepts: Callable[[Any], bool] = lambda value: True
    options: tuple[str, ...] = ()
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    elsewhere: Mapping[str, "Rule"] = field(default_factory=dict)

    def __or__(self, other: "Rule") -> "Rule":
        """Return the rule that either of two rules is kept."""
        return Rule(
            f"{self.text} or {other.text}",
            lambda value: self.has_type(value) or other.has_type(value),
            lambda value: self.holds(value) or other.holds(value),
            self.options + other.options,
            {**self.synonyms, **other.synonyms},
            {**self.elsewhere, **other.elsewhere},
        )

    def unless_meant_for(self, **elsewhere: "Rule") -> "Rule":
        """Return the same rule, which knows other arguments that a value may be meant for."""
        return replace(self, elsewhere=elsewhere)

    def holds(self, value: Any) -> bool:
        """Return whether `value` keeps the rule."""
        return bool(self.has_type(value) and self.accepts(value))

    def check(self, name: str, value: Any) -> None:
        """Raise a TypeError or ValueError unless `value` keeps the rule."""
        if self.holds(value):
            return
        error = ValueError if self.has_type(value) else TypeError
        raise error(f"`{name}` must be {self.text}; got {value!r}.{self._advice(value)}")

    def _advice(self, value: Any) -> str:
        meant = [
            f"`{name}={value!s}`" for name, rule in self.elsewhere.items() if rule.holds(value)
        ]
        for word in [value] if isinstance(value, str) else value if is_sequence(value) else []:
            meant += [repr(option) for option in self._meant_by(word)]
        return f" Did you mean {' or '.join(meant)}?" if meant else ""

    def _meant_by(self, word: Any) -> Sequence[str]:
        """Return the options that a word stands for or is a misspelling of."""
        lower = str(word).lower()
        if word in self.options:
            return ()
        return self.synonyms.get(lower) or difflib.get_close_matches(lower, self.options, n=1)


def real(
    low: float, high: float = np.inf, *, open_low: bool = False, open_high: bool = False
) -> Rule:
    """Return the rule of a number in an interval, closed where it is not said to be open."""
    left = "(" if open_low else "["
    right = ")" if open_high or high == np.inf else "]"

    def accepts(value: Any) -> bool:
        above = value > low if open_low else value >= low
        below = value < high if open_high or high == np.inf else value <= high
        return bool(above and below)

    return Rule(f"a number in {left}{low:g}, {high:g}{right}", _is_real, accepts)


def integer(low: int | None = None) -> Rule:
    """Return the rule of an integer, not below `low` if there is one."""
    if low is None:
        return Rule("an integer", _is_integer)
    return Rule(f"an integer of at least {low}", _is_integer, lambda value: value >= low)


def one_of(*options: str, synonyms: Mapping[str, tuple[str, ...]] | None = None) -> Rule:
    """Return the rule of a string out of a few."""
    text = "one of " + ", ".join(repr(option) for option in options)
    return Rule(
        text,
        lambda value: isinstance(value, str),
        lambda value: value in options,
        options,
        synonyms or {},
    )


def dtype_of(*names: str) -> Rule:
    """Return the rule of a NumPy dtype or scalar type out of a few."""
    return Rule(
        "one of these as a NumPy dtype",
        _is_dtype,
        lambda value: np.dtype(value) in map(np.dtype, names),
    )


def exactly(wanted: Any) -> Rule:
    """Return the rule of one particular value, None or infinity say."""
    return Rule(
        repr(wanted),
        lambda value: type(value) is type(wanted) and (value is wanted or value == wanted),
    )


def boolean() -> Rule:
    """Return the rule of a truth value."""
    return Rule("True or False", lambda value: isinstance(value, bool | np.bool_))


def instance_of(kind: type, text: str) -> Rule:
    """Return the rule of an object of a class."""
    return Rule(text, lambda value: isinstance(value, kind))


def random_state() -> Rule:
    """Return the rule of what seeds a generator of random numbers."""
    generator = instance_of(np.random.RandomState, "a numpy.random.RandomState")
    return exactly(None) | integer(0) | generator


def per_layer_rule(rule: Rule) -> Rule:
    """Return the rule of one value, or of a list, tuple or array of such per hidden layer."""
    return rule | Rule(
        "a sequence of such, one per hidden layer",
        is_sequence,
        lambda value: all(rule.holds(entry) for entry in value),
    )


def dtype_name(value: Any) -> Any:
    """Return the name of a dtype, which any format can hold, and anything else as it is."""
    return np.dtype(value).name if _is_dtype(value) else value


def check_arguments(estimator: Any, rules: Mapping[str, Rule]) -> None:
    """Raise unless every constructor argument of `estimator` keeps its rule."""
    for name, rule in rules.items():
        rule.check(name, getattr(estimator, name))


def _is_real(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_)


def _is_integer(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool | np.bool_)


def _is_dtype(value: Any) -> bool:
    # NumPy takes any class for a dtype, most of them for object.
    is_type = isinstance(value, type) and issubclass(value, np.generic | float)
    return is_type or isinstance(value, np.dtype)


def is_sequence(value: Any) -> bool:
    """Return whether a value is a list, tuple or array of values."""
    return isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim > 0)
