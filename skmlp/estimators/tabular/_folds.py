"""Which rows each network of an ensemble holds out."""

import numpy as np

from skmlp._typing import Array

# From so many networks on, each holds out its share of the rows; fewer hold out an eighth each.
_MANY = 4
_SHARES_OF_FEW = 8


def deal_out(
    n_samples: int, n_networks: int, labels: Array | None, rng: np.random.RandomState
) -> list[tuple[Array, Array]]:
    """Deal shuffled rows out in turns.

    Parameters
    ----------
    n_samples : int
        At least 4.
    n_networks : int
    labels : ndarray of shape (n_samples,) or None
        Classes to hold out in proportion.
    rng : numpy.random.RandomState

    Returns
    -------
    parts : list of tuple of ndarray
        For each network the rows it learns from and those it holds out, two at least. No row is
        held out twice, unless there are fewer rows than that takes.
    """
    n_shares = min(n_networks if n_networks >= _MANY else _SHARES_OF_FEW, n_samples // 2)
    order = rng.permutation(n_samples)
    if labels is not None:
        order = order[np.argsort(labels[order], kind="stable")]
    share = np.empty(n_samples, dtype=np.intp)
    share[order] = np.arange(n_samples) % n_shares
    return [
        (np.flatnonzero(share != k % n_shares), np.flatnonzero(share == k % n_shares))
        for k in range(n_networks)
    ]
