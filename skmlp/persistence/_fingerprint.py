"""What tells one set of training data from another without keeping it."""

import hashlib
from typing import Any

import numpy as np
from scipy import sparse

from skmlp._typing import Array
from skmlp.estimators.common._callbacks import Fit

# Rows that are made contiguous at a time: a memory map is not read into memory whole.
_ROWS = 4096


def fingerprint(fit: Fit) -> dict[str, str | None]:
    """Return a hash of each argument of `fit` that holds data, None for those not given."""
    samples, held_out = fit.samples, fit.held_out
    names = getattr(fit.estimator, "feature_names_in_", None)
    return {
        "X": _hash(samples.X, names),
        "y": _hash(fit.labels, samples.y),
        "sample_weight": _hash(samples.weight),
        "X_val": _hash(None if held_out is None else held_out.X),
        "y_val": None if held_out is None else _hash(held_out.y, held_out.targets),
        "sample_weight_val": _hash(None if held_out is None else held_out.weight),
    }


def _hash(*arrays: Array | None) -> str | None:
    """Return a hash of arrays, None if the first of them is."""
    if arrays[0] is None:
        return None
    digest = hashlib.blake2b(digest_size=16)
    for array in arrays:
        _feed(digest, array)
    return digest.hexdigest()


def _feed(digest: Any, array: Any) -> None:
    if array is None:
        return
    digest.update(f"{array.dtype} {array.shape}".encode())
    if sparse.issparse(array):
        for part in (array.data, array.indices, array.indptr):
            _feed(digest, part)
    elif array.dtype.hasobject:
        digest.update(repr(array.tolist()).encode())
    else:
        for start in range(0, len(array), _ROWS):
            digest.update(np.ascontiguousarray(array[start : start + _ROWS]).view(np.uint8))
