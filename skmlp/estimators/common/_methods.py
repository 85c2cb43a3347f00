"""What wraps methods: all or nothing, an answer to a wrong keyword, a reason for an absence."""

import inspect
from collections.abc import Callable, Mapping
from functools import partial, update_wrapper, wraps
from types import MethodType
from typing import Any, TypeVar

import numpy as np
from sklearn.utils import check_random_state

Method = TypeVar("Method", bound=Callable[..., Any])
RandomGenerator = np.random.RandomState | np.random.Generator


def all_or_nothing(method: Method) -> Method:
    """Return the method with an estimator left as it was when the method raises.

    Otherwise an estimator whose second fit is refused would keep the weights of the first and the
    classes of the second. The generators that the method draws from, those that the estimator names
    in `_generators` and the user's own in `random_state`, go back as well, so that the next call
    does what it would have done.
    """

    @wraps(method)
    def undone_if_it_fails(estimator: Any, *args: Any, **kwargs: Any) -> Any:
        before = dict(vars(estimator))
        ways_back = [_way_back(generator) for generator in _generators(estimator)]
        try:
            return method(estimator, *args, **kwargs)
        except BaseException:
            vars(estimator).clear()
            vars(estimator).update(before)
            for go_back in ways_back:
                go_back()
            raise

    return undone_if_it_fails  # type: ignore[return-value]


def _generators(estimator: Any) -> list[RandomGenerator]:
    """Return the generators that are the estimator's and the user's; NumPy's global is not."""
    generators = estimator._generators() if hasattr(estimator, "_generators") else []
    random_state = getattr(estimator, "random_state", None)
    if isinstance(random_state, RandomGenerator):
        generators = [*generators, random_state]
    return [
        generator
        for position, generator in enumerate(generators)
        if generator is not check_random_state(None) and generator not in generators[:position]
    ]


def _way_back(generator: RandomGenerator) -> Callable[[], None]:
    """Return what brings a generator back to where it is now."""
    if isinstance(generator, np.random.Generator):
        return partial(setattr, generator.bit_generator, "state", generator.bit_generator.state)
    return partial(generator.set_state, generator.get_state(legacy=False))


def answer_keywords(answers: Mapping[str, str]) -> Callable[[Method], Method]:
    """Return the decorator of a method that says where a keyword of other libraries is here.

    An answer completes "Pass ...". The signature stays as it is: scikit-learn reads from it what
    metadata there is to route.
    """

    def decorate(method: Method) -> Method:
        signature = inspect.signature(method)

        @wraps(method)
        def answering(estimator: Any, *args: Any, **kwargs: Any) -> Any:
            unknown = [keyword for keyword in kwargs if keyword not in signature.parameters]
            if unknown:
                names = ", ".join(f"`{keyword}`" for keyword in unknown)
                ways_out = [_answer(estimator, keyword, answers) for keyword in unknown]
                raise TypeError(
                    f"{type(estimator).__name__}.{method.__name__} must be given arguments that it "
                    f"has; got {names}.{''.join(ways_out)}"
                )
            try:
                signature.bind(estimator, *args, **kwargs)
            except TypeError as error:
                # Python's own text names the class in which the method is written.
                name = f"{type(estimator).__name__}.{method.__name__}()"
                raise TypeError(f"{name}: {error}") from None
            return method(estimator, *args, **kwargs)

        return answering  # type: ignore[return-value]

    return decorate


def _answer(estimator: Any, keyword: str, answers: Mapping[str, str]) -> str:
    if keyword in estimator.get_params(deep=False):
        return f" `{keyword}` is an argument of {type(estimator).__name__} itself."
    return f" Pass {answers[keyword]}." if keyword in answers else ""


def available_if(check: Callable[[Any], None]) -> Callable[[Method], Method]:
    """Return the decorator of a method that is no attribute where `check` raises.

    Its AttributeError gives the reason: that of scikit-learn's decorator of this name leaves it to
    the cause of the error, which a log or a test shows seldom.
    """
    return lambda function: _AvailableIf(function, check)  # type: ignore[return-value]


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
