"""A fit happens as a whole or not at all."""

from collections.abc import Callable
from functools import partial, wraps
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
