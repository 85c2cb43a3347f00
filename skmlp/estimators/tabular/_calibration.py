"""How sure probabilities should be: as labels are, and as rows show that no network has seen."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit, softmax, xlogy

from skmlp._typing import Array

# No probability is nearer to 0 or 1: what float32 can still tell from them.
FLOOR = float(np.finfo(np.float32).eps)
# Of the logarithm of the factor.
_BOUNDS = (-2.0, 3.0)
# What it costs to be e times as sure, in the log loss of so many rows.
_CAUTION = 10.0
_TINY = float(np.finfo(np.float64).tiny)
# By so much of what smoothing leaves to a class that never happens networks are mistaken about it.
_BLUR = 0.1


def unsmooth(probability: Array, smoothing: float, least: float, exclusive: bool) -> Array:
    """Return the probabilities of labels, in float64, from those of smoothed labels.

    Who learns from targets ``(1 - smoothing) y + smoothing / n_classes`` says, of a label with
    probability p, ``(1 - smoothing) p + smoothing / n_classes``, or a little less, by chance: a p
    of 0 becomes `least`, one below it less, and one far above stays what it is.

    Parameters
    ----------
    probability : ndarray of shape (n_samples, n_classes)
    smoothing : float
        The label smoothing of the networks, below 1.
    least : float
        As `least_share` gives it.
    exclusive : bool
        Whether a sample has one class; else each is a label of its own, which it has or not.
    """
    said = probability.astype(np.float64)
    shares = said if exclusive else np.stack([said, 1 - said], axis=-1)
    excess = (shares - smoothing / shares.shape[-1]) / (1 - smoothing)
    positive = excess + np.hypot(excess, 2 * least)
    positive /= positive.sum(axis=-1, keepdims=True)
    return positive if exclusive else positive[..., 0]


def least_share(smoothing: float, n_classes: int, weight: Array) -> float:
    """Return what becomes of a probability of 0: of few rows, what one is of them all.

    It is no more than what smoothing has left.
    """
    left = smoothing / n_classes
    return min(left, max(_BLUR * left, 1 / _n_equal(weight)))


def sharpen(probability: Array, factor: float, exclusive: bool) -> Array:
    """Return the probabilities, in float64, whose logits are `factor` times as large.

    None is 0 or 1: no number of rows shows that something never happens.

    Parameters
    ----------
    probability : ndarray of shape (n_samples, n_classes)
    factor : float
        The inverse of what is called temperature.
    exclusive : bool
        Whether a sample has one class; else each is a label of its own.
    """
    probability = probability.astype(np.float64)
    if exclusive:
        sharp: Array = softmax(factor * np.log(np.maximum(probability, _TINY)), axis=1)
        return FLOOR + (1 - FLOOR * probability.shape[1]) * sharp
    return FLOOR + (1 - 2 * FLOOR) * expit(factor * logit(probability))


def best_factor(probability: Array, targets: Array, weight: Array, exclusive: bool) -> float:
    """Return the factor with the lowest log loss; of few rows one above 1 is nearer to 1.

    Rows that have chosen the best epochs look too good, and where all are right, the lowest loss
    is that of certainty.
    """
    caution = _CAUTION / _n_equal(weight)

    def cautious_loss(log_factor: float) -> float:
        sharp = sharpen(probability, np.exp(log_factor), exclusive)
        loss = log_loss(sharp, targets, weight, exclusive)
        return loss + caution * max(log_factor, 0.0) ** 2

    return float(np.exp(minimize_scalar(cautious_loss, bounds=_BOUNDS, method="bounded").x))


def _n_equal(weight: Array) -> float:
    """Return how many rows of equal weight say as much, as Kish has it."""
    weight = weight / weight.max()
    return float(weight.sum() ** 2 / (weight @ weight))


def log_loss(probability: Array, targets: Array, weight: Array | None, exclusive: bool) -> float:
    """Return the mean log loss, summed over labels that do not exclude each other."""
    loss = -xlogy(targets, np.maximum(probability, _TINY))
    if not exclusive:
        loss -= xlogy(1 - targets, np.maximum(1 - probability, _TINY))
    return float(np.average(loss.sum(axis=1), weights=weight))
