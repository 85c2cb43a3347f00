"""Nested arrays, numbers and strings as JSON beside a table of arrays."""

from typing import Any

import numpy as np

from skmlp._typing import Array


def to_json(value: Any, arrays: dict[str, Array]) -> Any:
    """Return what JSON can hold of a nested value; the arrays go into a table beside it.

    JSON has neither tuples nor keys that are no strings nor arrays: each of these becomes an object
    of one entry, which says what it stands for.

    Parameters
    ----------
    value : None, bool, int, float, str, NumPy scalar, ndarray, or a list, tuple or dict of them
    arrays : dict of ndarray
        Written: the arrays, by the name that stands for them.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list):
        return [to_json(entry, arrays) for entry in value]
    if isinstance(value, tuple):
        return {"tuple": [to_json(entry, arrays) for entry in value]}
    if isinstance(value, dict):
        return {"dict": [to_json(list(pair), arrays) for pair in value.items()]}
    if isinstance(value, np.ndarray):
        return _array_to_json(value, arrays)
    if isinstance(value, np.generic):
        # In its dtype: a float32 rounds otherwise than the Python float of the same value.
        return {"scalar": _array_to_json(np.asarray(value), arrays)}
    raise TypeError(f"{value!r} is neither a number, a string, an array nor made of them")


def _array_to_json(array: Array, arrays: dict[str, Array]) -> Any:
    if array.dtype.hasobject:
        # Strings, mostly: NumPy would pickle them.
        return {"objects": [to_json(entry, arrays) for entry in array.tolist()]}
    name = f"array_{len(arrays)}"
    arrays[name] = array
    return {"array": name}


def from_json(value: Any, arrays: dict[str, Array]) -> Any:
    """Return the nested value that `to_json` was given."""
    if isinstance(value, list):
        return [from_json(entry, arrays) for entry in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "array":
        return arrays[content]
    entries = from_json(content, arrays)
    if kind == "tuple":
        return tuple(entries)
    if kind == "dict":
        return dict(entries)
    if kind == "scalar":
        return entries[()]
    if kind == "objects":
        array = np.empty(len(entries), object)
        array[:] = entries
        return array
    raise ValueError(f"{kind!r} stands for nothing")
