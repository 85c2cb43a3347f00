"""Inputs and targets far from unit scale, which no network learns from."""

from typing import Any

import numpy as np
from scipy import sparse

from skmlp._typing import Array
from skmlp.estimators.mlp._options import can_normalize_y
from skmlp.training.data import Samples

# Sizes from here on, and below its inverse, are far from 1.
FAR = 100.0
# Entries of `X` that are looked at in one go: a memory map is not read into memory whole.
CHUNK_ENTRIES = 2**17


def seen_far_from_unit_scale(estimator: Any, samples: Samples) -> list[str]:
    """Return a sentence with the remedy for the inputs and one for the targets, where they are."""
    seen = [_about_inputs(estimator, samples.matrix), _about_targets(estimator, samples.y)]
    return [sentence for sentence in seen if sentence]


def are_tiny(X: Array) -> bool:
    """Return whether no input comes near 1: the network sees all samples as one."""
    return 0 < float(largest_per_column(X).max()) < 1 / FAR


def _about_inputs(estimator: Any, X: Array) -> str:
    sizes = largest_per_column(X)
    column, far = int(sizes.argmax()), int((sizes >= FAR).sum())
    remedy = "put `sklearn.preprocessing.StandardScaler` before the network."
    if 0 < sizes[column] < 1 / FAR:
        return f"`X` has values up to {sizes[column]:.3g} only, far from unit scale: {remedy}"
    if not far:
        return ""
    names = getattr(estimator, "feature_names_in_", None)
    name = column if names is None else repr(str(names[column]))
    others = f" (as {far - 1} more columns)" if far > 1 else ""
    return (
        f"Column {name} of `X` has values up to {sizes[column]:.3g}, far from unit scale{others}: "
        f"{remedy}"
    )


def _about_targets(estimator: Any, y: Array) -> str:
    if not estimator._y_is_numeric or estimator.normalize_y:
        return ""
    sizes = np.abs(y).max(axis=0)
    largest = float(sizes.max())
    # Squares of what is at most 1 do not overflow.
    units = np.where(sizes > 0, sizes, 1)
    spread = float((units * (y / units).std(axis=0)).min())
    if largest < FAR and spread > 1 / FAR:
        return ""
    remedy = "set `normalize_y=True`" if can_normalize_y(estimator) else "scale `y`"
    return (
        f"`y` has values up to {largest:.3g} and a standard deviation of {spread:.3g}, far from "
        f"unit scale: {remedy}."
    )


def largest_per_column(X: Any) -> Array:
    """Return the largest absolute value of every column, as float64."""
    largest = np.zeros(X.shape[1])
    if sparse.issparse(X):
        for start in range(0, X.nnz, CHUNK_ENTRIES):
            part = slice(start, start + CHUNK_ENTRIES)
            np.maximum.at(largest, X.indices[part], np.abs(X.data[part].astype(np.float64)))
        return largest
    n_rows = max(1, CHUNK_ENTRIES // X.shape[1])
    for start in range(0, X.shape[0], n_rows):
        chunk = X[start : start + n_rows].astype(np.float64)
        np.maximum(largest, np.abs(chunk).max(axis=0), out=largest)
    return largest
