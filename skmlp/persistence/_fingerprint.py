"""What tells one set of training data from another without keeping it."""

import hashlib
from typing import Any

import numpy as np
from scipy import sparse

from skmlp._typing import Array
from skmlp.estimators.common._callbacks import Fit
from skmlp.training.data import Samples

# Rows that are made contiguous at a time: a memory map is not read into memory whole.
_ROWS = 4096


def fingerprint(fit: Fit) -> dict[str, str | None]:
    """Return a hash of each argument of `fit` that holds data, None for those not given."""
    names = getattr(fit.estimator, "feature_names_in_", None)
    hashes = _hashes(fit.samples, fit.labels, names)
    validation = dict.fromkeys(hashes)
    if fit.held_out is not None:
        validation = _hashes(fit.held_out.samples, fit.held_out.labels)
    return hashes | {f"{name}_val": digest for name, digest in validation.items()}


def _hashes(samples: Samples, labels: Array, names: Array | None = None) -> dict[str, str | None]:
    return {
        "X": _hash(samples.X, names),
        "y": _hash(labels, samples.y),
        "sample_weight": _hash(samples.weight),
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
