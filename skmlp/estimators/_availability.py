"""Methods that some arguments leave without a meaning."""

from collections.abc import Callable
from functools import update_wrapper
from types import MethodType
from typing import Any


def available_if(check: Callable[[Any], None]) -> Callable[[Callable], Any]:
    """Return the decorator of a method that is no attribute where `check` raises.

    As scikit-learn's decorator of this name, whose error leaves the reason to its cause, which a
    log or a test shows seldom.

    Parameters
    ----------
    check : callable
        Takes the estimator; its AttributeError gives the reason.
    """
    return lambda function: _AvailableIf(function, check)


class _AvailableIf:
    def __init__(self, function: Callable, check: Callable[[Any], None]):
        self._function = function
        self._check = check
        update_wrapper(self, function)  # type: ignore[arg-type]

    def __get__(self, estimator: Any, owner: type) -> Callable:
        # The class shows the method with its docstring and signature in any case.
        if estimator is None:
            return self._function
        try:
            self._check(estimator)
        except AttributeError as reason:
            raise AttributeError(
                f"This {owner.__name__!r} has no attribute {self._function.__name__!r}: {reason}",
                # Else Python would guess that `_partial_fit` was meant.
                name=self._function.__name__,
            ) from None
        return MethodType(self._function, estimator)
