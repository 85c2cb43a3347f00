"""A fit happens as a whole or not at all."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

Method = TypeVar("Method", bound=Callable[..., Any])


def all_or_nothing(method: Method) -> Method:
    """Return the method with an estimator left as it was when the method raises.

    Otherwise an estimator whose second fit is refused would keep the weights of the first and the
    classes of the second.
    """

    @wraps(method)
    def undone_if_it_fails(estimator: Any, *args: Any, **kwargs: Any) -> Any:
        before = dict(vars(estimator))
        try:
            return method(estimator, *args, **kwargs)
        except BaseException:
            vars(estimator).clear()
            vars(estimator).update(before)
            raise

    return undone_if_it_fails  # type: ignore[return-value]
