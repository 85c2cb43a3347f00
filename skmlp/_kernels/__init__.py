"""The two sets of operations: definitions in NumPy and their compiled twins.

The environment variable ``SKMLP_KERNELS``, read once, decides which serves: ``auto`` (the default)
takes the compiled operations that there are, ``reference`` the definitions, and ``compiled``
insists that every operation is compiled.
"""

import importlib
import os
from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeVar

Operation = TypeVar("Operation", bound=Callable[..., object])

# The module and the name of a definition: two modules may have a `tanh` each.
Key = tuple[str, str]

MODES = ("auto", "reference", "compiled")
MODE = os.environ.get("SKMLP_KERNELS", "auto")
REBUILD = "Install skmlp where there is a C compiler, or set SKMLP_KERNELS to 'auto'."


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
            f"{error}. {REBUILD}"
        ) from error


def _twins(extension: ModuleType | None) -> dict[Key, Callable[..., object]]:
    """Return the compiled operations; an extension built before there was a table has none."""
    table = getattr(extension, "TWINS", {})
    return {(module, twin.__name__): twin for module, twins in table.items() for twin in twins}


COMPILED = _load(MODE)
TWINS = _twins(COMPILED)

# Written by `compiled_twin`: what each operation means, and what serves for it.
DEFINITIONS: dict[Key, Callable[..., object]] = {}
OPERATIONS: dict[Key, Callable[..., object]] = {}


def compiled_twin(definition: Operation) -> Operation:
    """Mark a definition in NumPy that has a compiled twin, and return it.

    The twin has the same module in the table of the extension, the same name and the same
    arguments, and is tested against the definition. An extension that was built from other sources
    may lack it, or have it with other arguments: then the definition serves.
    """
    key = _key(definition)
    twin, operation = TWINS.get(key), definition
    if twin is not None and _arguments(twin) == _arguments(definition):
        operation = twin  # type: ignore[assignment]
    elif MODE == "compiled":
        raise ImportError(
            f"SKMLP_KERNELS='compiled' needs every operation in the extension; got one without "
            f"`{'.'.join(key)}`, built from other sources. {REBUILD}"
        )
    DEFINITIONS[key], OPERATIONS[key] = definition, operation
    return definition


def serving(definition: Operation) -> Operation:
    """Return what serves for a definition: its compiled twin, or itself where there is none.

    Asked where a training or a prediction begins, not in each of its steps.
    """
    return OPERATIONS.get(_key(definition), definition)  # type: ignore[return-value]


def _key(definition: Callable[..., object]) -> Key:
    return definition.__module__, definition.__name__


def _arguments(operation: Any) -> tuple[str, ...]:
    code = operation.__code__
    return code.co_varnames[: code.co_argcount]


def names(*, compiled: bool) -> dict[str, list[str]]:
    """Return the operations that are compiled, or that their definitions serve, by module."""
    found: dict[str, list[str]] = {}
    for (module, name), operation in OPERATIONS.items():
        if (operation is not DEFINITIONS[module, name]) == compiled:
            found.setdefault(module, []).append(name)
    return found
