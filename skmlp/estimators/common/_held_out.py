"""The validation set: given by the user or split off."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split

from skmlp._typing import Array
from skmlp.training.data import Samples


@dataclass(frozen=True)
class HeldOut:
    """A validation set.

    Parameters
    ----------
    samples : Samples
    labels : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        The targets as scorers want them: as the user gave them, but the most probable labels of
        soft targets.
    """

    samples: Samples
    labels: Array


def check_given_together(X_val: Any, y_val: Any, sample_weight_val: Any) -> bool:
    """Return whether there is a validation set; raise if only a part of one was given."""
    if (X_val is None) != (y_val is None):
        missing, given = ("`X_val`", "`y_val`") if X_val is None else ("`y_val`", "`X_val`")
        raise ValueError(
            f"`X_val` and `y_val` must be given together; got {given} without {missing}."
        )
    if X_val is None and sample_weight_val is not None:
        raise ValueError("`sample_weight_val` must come with `X_val` and `y_val`; got it alone.")
    return X_val is not None


def hold_out(
    samples: Samples,
    labels: Array,
    strata: Array | None,
    fraction: float,
    rng: np.random.RandomState,
) -> tuple[Samples, HeldOut]:
    """Split a validation set off the training samples, without copying the rest.

    Parameters
    ----------
    samples : Samples
    labels : ndarray
        The targets as scorers want them.
    strata : ndarray of shape (n_samples,) or None
        Classes to keep in proportion, where both parts have room for all of them.
    fraction : float in [0, 1)
        The part to hold out, rounded up to whole samples and to at least two: the score of a single
        sample says nothing (R² is undefined).
    rng : numpy.random.RandomState
    """
    n_held_out = max(2, math.ceil(fraction * samples.n_samples))
    if fraction == 0 or n_held_out >= samples.n_samples:
        raise ValueError(
            "`validation_fraction` must hold out at least 2 samples and leave at least 1, where "
            f"`early_stopping=True`; got {fraction!r} of {samples.n_samples} samples. The "
            "validation set is too small, or nothing is left. Change it, pass `X_val` and `y_val` "
            "where `fit` takes them, or turn `early_stopping` off."
        )
    train, val = train_test_split(
        np.arange(samples.n_samples),
        test_size=n_held_out,
        random_state=rng,
        stratify=strata if _has_room(strata, n_held_out) else None,
    )
    weight = samples.weight
    if weight is not None and (weight[train].sum() == 0 or weight[val].sum() == 0):
        raise ValueError(
            "`sample_weight` must not be all zero in the training or in the validation part; got a "
            "split where it is. Leave samples without weight out of `X`."
        )
    held_out = Samples(samples.X[val], samples.y[val], None if weight is None else weight[val])
    return samples.of(train), HeldOut(held_out, labels[val])


def _has_room(strata: Array | None, n_held_out: int) -> bool:
    """Return whether every class can be in both parts of a split."""
    if strata is None:
        return False
    counts = np.unique(strata, return_counts=True)[1]
    n_train = len(strata) - n_held_out
    return bool(counts.min() >= 2 and len(counts) <= min(n_held_out, n_train))
