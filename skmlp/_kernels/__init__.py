"""Chooses, once at import, between a NumPy definition and its compiled twin."""

from collections.abc import Callable
from typing import TypeVar

Operation = TypeVar("Operation", bound=Callable[..., object])

DEFINITIONS: dict[str, Callable[..., object]] = {}


def compiled_twin(definition: Operation) -> Operation:
    """Return the compiled operation of the same name, or `definition` where there is none.

    Parameters
    ----------
    definition : callable
        The operation in NumPy. It is what the operation means; the compiled twin has the same
        name and signature and is tested against it.

    Returns
    -------
    operation : callable
    """
    DEFINITIONS[definition.__name__] = definition
    return definition
