"""Rules for constructor arguments, and the errors that name them."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
        Whether a value of fitting type is allowed; if not, the error is a ValueError.
    options : tuple of str
        Allowed strings, from which a misspelt one is mended.
    """

    text: str
    has_type: Callable[[Any], bool]
    accepts: Callable[[Any], bool]
    options: tuple[str, ...] = ()

    def __or__(self, other: "Rule") -> "Rule":
        """Return the rule that either of two rules is kept."""
        return Rule(
            f"{self.text} or {other.text}",
            lambda value: self.has_type(value) or other.has_type(value),
            lambda value: self.holds(value) or other.holds(value),
            self.options + other.options,
        )

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
        for word in [value] if isinstance(value, str) else value if _is_sequence(value) else []:
            close = difflib.get_close_matches(str(word).lower(), self.options, n=1)
            if close and word not in self.options:
                return f" Did you mean {close[0]!r}?"
        return ""


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
        return Rule("an integer", _is_integer, lambda value: True)
    return Rule(f"an integer of at least {low}", _is_integer, lambda value: value >= low)


def one_of(*options: str) -> Rule:
    """Return the rule of a string out of a few."""
    text = "one of " + ", ".join(repr(option) for option in options)
    return Rule(text, lambda value: isinstance(value, str), lambda value: value in options, options)


def exactly(wanted: Any) -> Rule:
    """Return the rule of one particular value, None or infinity say."""
    return Rule(
        repr(wanted),
        lambda value: type(value) is type(wanted) and (value is wanted or value == wanted),
        lambda value: True,
    )


def boolean() -> Rule:
    """Return the rule of a truth value."""
    return Rule(
        "True or False", lambda value: isinstance(value, bool | np.bool_), lambda value: True
    )


def instance_of(kind: type, text: str) -> Rule:
    """Return the rule of an object of a class."""
    return Rule(text, lambda value: isinstance(value, kind), lambda value: True)


def random_state() -> Rule:
    """Return the rule of what seeds a generator of random numbers."""
    generator = instance_of(np.random.RandomState, "a numpy.random.RandomState")
    return exactly(None) | integer(0) | generator


def function() -> Rule:
    """Return the rule of a callable."""
    return Rule("a callable", callable, lambda value: True)


def per_layer_rule(rule: Rule) -> Rule:
    """Return the rule of one value, or of a list, tuple or array of such per hidden layer."""
    return rule | Rule(
        "a sequence of such, one per hidden layer",
        _is_sequence,
        lambda value: all(rule.holds(entry) for entry in value),
    )


def check_arguments(estimator: Any, rules: Mapping[str, Rule]) -> None:
    """Raise unless every constructor argument of `estimator` keeps its rule."""
    for name, rule in rules.items():
        rule.check(name, getattr(estimator, name))


def _is_real(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_)


def _is_integer(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool | np.bool_)


def _is_sequence(value: Any) -> bool:
    return isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim > 0)
