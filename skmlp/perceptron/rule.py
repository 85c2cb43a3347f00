"""The perceptron rule: what a mistake is, how it is corrected, and on which samples."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from skmlp._typing import Array
from skmlp.training.data import BatchLoader, Samples

# Samples gathered at a time: many blocks, few enough to stay in the processor's cache.
PART_SIZE = 256


@dataclass(frozen=True)
class PerceptronRule:
    """How threshold units learn from a sample ``x`` with the targets ``sign``, -1 or 1.

    ::

        score = coef @ x + intercept
        correction = eta * weight * sign where step(score) != sign, else 0
        coef = max(0, 1 - eta * l2) * coef + outer(correction, x)
        intercept += intercept_factor * correction

    followed, with an l1 penalty, by a pull of the weights towards zero.

    Parameters
    ----------
    eta : float, default=1.0
        The learning rate, above 0.
    zero_is_positive : bool, default=False
        Whether a score of exactly zero predicts 1 (Heaviside's step function), or neither 1 nor -1
        (the sign function), so that it is a mistake whatever the target.
    intercept_factor : float, default=1.0
        How much slower than the weights the intercept learns; 0: it stays as it is.
    l1, l2 : float, default=0.0
        The strengths of the penalties ``l1 sum(abs(coef))`` and ``l2 / 2 sum(coef**2)``.
    average_from : int, default=0
        The sample, counted from 1, after which the weights are averaged; 0: they are not.
    """

    eta: float = 1.0
    zero_is_positive: bool = False
    intercept_factor: float = 1.0
    l1: float = 0.0
    l2: float = 0.0
    average_from: int = 0

    @property
    def penalised(self) -> bool:
        """Whether samples without a mistake change the weights, too."""
        return self.l1 > 0 or self.l2 > 0

    def first_averaged(self, n_steps: int, n_samples: int) -> int:
        """Return the first of the next samples after which the weights count in the average."""
        return min(max(self.average_from - 1 - n_steps, 0), n_samples)


def mistaken(scores: Array, signs: Array, zero_is_positive: bool) -> Array:
    """Return where the step function of the scores is not the target."""
    if zero_is_positive:
        return (scores >= 0) != (signs > 0)
    return scores * signs <= 0


@dataclass
class Average:
    """The sum of the weights after each of many samples.

    Sums are float64 whatever the weights are: in float32 each addition would be rounded, and after
    2**24 of them the sums would stand still.

    Parameters
    ----------
    coef : ndarray of shape (n_outputs, n_features)
    intercept : ndarray of shape (n_outputs,)
    n_summed : ndarray of shape (n_outputs,)
        After how many samples.
    """

    coef: Array
    intercept: Array
    n_summed: Array

    @classmethod
    def of_nothing(cls, coef: Array) -> "Average":
        """Return an empty sum of weights like these."""
        return cls(np.zeros(coef.shape), np.zeros(len(coef)), np.zeros(len(coef), np.int64))

    def take(self, outputs: Array) -> "Average":
        """Return a copy of the part that belongs to some outputs."""
        return Average(self.coef[outputs], self.intercept[outputs], self.n_summed[outputs])

    def put(self, outputs: Array, part: "Average") -> None:
        """Write the part that belongs to some outputs."""
        self.coef[outputs], self.intercept[outputs] = part.coef, part.intercept
        self.n_summed[outputs] = part.n_summed


@dataclass
class Units:
    """A layer of threshold units, one per output; training changes it in place.

    Parameters
    ----------
    coef : ndarray of shape (n_outputs, n_features)
    intercept : ndarray of shape (n_outputs,)
    average : Average or None
    """

    coef: Array
    intercept: Array
    average: Average | None = None

    def take(self, outputs: Array) -> "Units":
        """Return a copy of some of the units."""
        average = None if self.average is None else self.average.take(outputs)
        return Units(self.coef[outputs], self.intercept[outputs], average)

    def put(self, outputs: Array, part: "Units") -> None:
        """Write some of the units."""
        self.coef[outputs], self.intercept[outputs] = part.coef, part.intercept
        if self.average is not None and part.average is not None:
            self.average.put(outputs, part.average)

    def published(self) -> tuple[Array, Array]:
        """Return weights and intercepts, averaged as soon as there is an average."""
        coef, intercept = self.coef.copy(), self.intercept.copy()
        if self.average is not None:
            some = self.average.n_summed > 0
            n_summed = self.average.n_summed[some]
            coef[some] = self.average.coef[some] / n_summed[:, None]
            intercept[some] = self.average.intercept[some] / n_summed
        return coef, intercept


class Tally:
    """What an epoch counts, per output.

    Attributes
    ----------
    loss : ndarray of shape (n_outputs,)
        The sum of ``max(0, -sign * score)`` over the samples, penalty included.
    mistakes : ndarray of int, shape (n_outputs,)
        How many corrections there were.
    """

    def __init__(self, n_outputs: int):
        self.loss = np.zeros(n_outputs)
        self.mistakes = np.zeros(n_outputs, np.int64)

    def add(self, margins: Array, corrections: Array) -> None:
        """Count samples by their ``sign * score`` and their corrections."""
        self.loss -= np.minimum(margins, 0).sum(axis=0, dtype=np.float64)
        self.mistakes += np.count_nonzero(corrections, axis=0)


@dataclass(frozen=True)
class Lesson:
    """A few samples with what there is to learn from them.

    Parameters
    ----------
    X : ndarray or CSR of shape (n_samples, n_features)
        May be a view of the caller's array: only read.
    signs : ndarray of shape (n_samples, n_outputs)
        The targets, -1 or 1.
    steps : ndarray of shape (n_samples, n_outputs)
        The corrections of mistakes.
    """

    X: Array
    signs: Array
    steps: Array


class LessonPlan:
    """Gathers the samples of an epoch, a few at a time.

    Parameters
    ----------
    rule : PerceptronRule
    samples : Samples
        With 0 and 1 as targets.
    class_weight : ndarray of shape (2, n_outputs) or None
        The weights of the targets 0 and 1 of every output.
    dtype : dtype
        The dtype of training.
    """

    def __init__(
        self, rule: PerceptronRule, samples: Samples, class_weight: Array | None, dtype: np.dtype
    ):
        self._eta = rule.eta
        self._samples = samples
        self._class_weight = class_weight
        self._dtype = dtype
        self._loader = BatchLoader(samples, PART_SIZE, dtype)

    def epoch(self, outputs: Array, order: Array | None) -> Iterator[Lesson]:
        """Yield all samples; a lesson is valid until the next one."""
        for rows in self._loader.rows(order):
            targets = np.take(self._samples.y[rows], outputs, axis=1)
            signs = np.where(targets, self._dtype.type(1), self._dtype.type(-1))
            steps = signs * self._weigh(rows, targets, outputs)
            yield Lesson(self._loader.gather_inputs(rows), signs, steps)

    def _weigh(self, rows: slice | Array, targets: Array, outputs: Array) -> float | Array:
        """Return the sizes of the corrections."""
        size: float | Array = self._eta
        if self._class_weight is not None:
            negative, positive = self._class_weight[:, outputs]
            size = size * np.where(targets, positive, negative)
        if self._samples.weight is not None:
            size = size * self._samples.weight[rows][:, None]
        return size if isinstance(size, float) else size.astype(self._dtype)


class Epochs(ABC):
    """A way to go through the samples by the rule."""

    def __init__(self, rule: PerceptronRule, plan: LessonPlan):
        self._rule = rule
        self._plan = plan

    @abstractmethod
    def run(self, units: Units, outputs: Array, order: Array | None, n_steps: int) -> Tally:
        """Go through all samples once.

        Parameters
        ----------
        units : Units
            Written.
        outputs : ndarray of int, shape (n_outputs,)
            Which columns of the targets the units belong to: those of the epoch before, or fewer.
        order : ndarray of int, shape (n_samples,), or None
            A permutation of ``range(n_samples)``. None: as they stand.
        n_steps : int
            Samples seen before.
        """
