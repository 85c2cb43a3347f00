"""Keywords of `fit` that there are not, answered with what there is."""

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

Method = TypeVar("Method", bound=Callable[..., Any])


def answer_keywords(answers: Mapping[str, str]) -> Callable[[Method], Method]:
    """Return the decorator of a method that says where a keyword of other libraries is here.

    The signature stays as it is: scikit-learn reads from it what metadata there is to route.

    Parameters
    ----------
    answers : dict of str to str
        What completes "Pass ..." by the keyword.
    """

    def decorate(method: Method) -> Method:
        known = inspect.signature(method).parameters

        @wraps(method)
        def answering(estimator: Any, *args: Any, **kwargs: Any) -> Any:
            unknown = [keyword for keyword in kwargs if keyword not in known]
            if unknown:
                names = ", ".join(f"`{keyword}`" for keyword in unknown)
                ways_out = [_answer(estimator, keyword, answers) for keyword in unknown]
                raise TypeError(
                    f"{type(estimator).__name__}.{method.__name__} must be given arguments that it "
                    f"has; got {names}.{''.join(ways_out)}"
                )
            return method(estimator, *args, **kwargs)

        return answering  # type: ignore[return-value]

    return decorate


def _answer(estimator: Any, keyword: str, answers: Mapping[str, str]) -> str:
    if keyword in estimator.get_params(deep=False):
        return f" `{keyword}` is an argument of {type(estimator).__name__} itself."
    return f" Pass {answers[keyword]}." if keyword in answers else ""
