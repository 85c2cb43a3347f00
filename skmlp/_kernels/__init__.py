"""Chooses, once at import, between a NumPy definition and its compiled twin.

The environment variable ``SKMLP_KERNELS`` decides: ``auto`` (the default) takes the compiled
operations where the extension was built, ``reference`` the definitions, and ``compiled`` insists on
the extension.
"""

import importlib
import os
from collections.abc import Callable
from functools import update_wrapper
from types import ModuleType
from typing import TypeVar

Operation = TypeVar("Operation", bound=Callable[..., object])

DEFINITIONS: dict[str, Callable[..., object]] = {}

MODES = ("auto", "reference", "compiled")


def _load(mode: str) -> ModuleType | None:
    """Return the extension, or None where the definitions are to serve."""
    if mode not in MODES:
        raise ImportError(
            f"The environment variable SKMLP_KERNELS must be one of {', '.join(MODES)}; got "
            f"{mode!r}. Leave it unset for 'auto'."
        )
    if mode == "reference":
        return None
    try:
        return importlib.import_module("skmlp._kernels.compiled")
    except ImportError as error:
        if mode == "auto":
            return None
        raise ImportError(
            "SKMLP_KERNELS='compiled' needs the extension `skmlp._kernels.compiled`; got "
            f"{error}. Install skmlp where there is a C compiler, or set SKMLP_KERNELS to 'auto'."
        ) from error


COMPILED = _load(os.environ.get("SKMLP_KERNELS", "auto"))


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
        Goes by the name, module and docstring of `definition`, so that it pickles alike.
    """
    DEFINITIONS[definition.__name__] = definition
    if COMPILED is None:
        return definition
    return update_wrapper(getattr(COMPILED, definition.__name__), definition)  # type: ignore[return-value]
