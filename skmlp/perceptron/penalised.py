"""The perceptron rule with a penalty, which changes the weights after every sample."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse

from skmlp._typing import Array
from skmlp.perceptron.rule import (
    Average,
    Epochs,
    Lesson,
    LessonPlan,
    PerceptronRule,
    Tally,
    Units,
    mistaken,
)

# Below this the common scale of the weights is multiplied in, before it underflows.
_SMALLEST_SCALE = 1e-6


class PenalisedEpochs(Epochs):
    """Epochs of the rule with a penalty, one sample at a time.

    The l2 penalty shrinks all weights alike: their common factor is kept apart, as `scale`, so that
    the weights are ``scale * coef`` during an epoch. The l1 penalty is cumulative [1]_: every
    weight owes the sum of the penalties of all samples so far, and pays, without crossing zero,
    when a sample uses its feature.

    References
    ----------
    .. [1] Tsuruoka, Tsujii, Ananiadou, "Stochastic gradient descent training for l1-regularized
       log-linear models with cumulative penalty", ACL 2009.
    """

    def __init__(self, rule: PerceptronRule, plan: LessonPlan):
        super().__init__(rule, plan)
        self._decay = max(0.0, 1.0 - rule.eta * rule.l2)
        self._scale = 1.0
        self._owed = 0.0
        self._outputs = np.arange(0)

    def run(self, units: Units, outputs: Array, order: Array | None, n_steps: int) -> Tally:
        self._follow(units.coef, outputs)
        tally = Tally(len(outputs))
        try:
            for lesson in self._plan.epoch(outputs, order):
                self._learn_all(lesson, units, n_steps, tally)
                n_steps += len(lesson.signs)
        finally:
            # Also where the user interrupts the epoch: outside of it the weights are as they are.
            self._multiply_scale_in(units.coef)
        return tally

    def _learn_all(self, lesson: Lesson, units: Units, n_steps: int, tally: Tally) -> None:
        first_averaged = self._rule.first_averaged(n_steps, len(lesson.signs))
        samples = zip(_samples(lesson.X), lesson.signs, lesson.steps, strict=True)
        for i, ((x, columns), sign, step) in enumerate(samples):
            self._learn(x, columns, sign, step, units, tally)
            if units.average is not None and i >= first_averaged:
                self._add_to_average(units, units.average)
            if self._rule.l1 > 0:
                self._collect(units.coef, columns)

    def _follow(self, coef: Array, outputs: Array) -> None:
        """Keep the books of these outputs only; open them in the first epoch."""
        if not len(self._outputs):
            self._paid = np.zeros_like(coef)
            self._squares, self._absolutes = (coef**2).sum(axis=1), np.abs(coef).sum(axis=1)
        elif len(outputs) < len(self._outputs):
            kept = np.isin(self._outputs, outputs)
            self._paid = self._paid[kept]
            self._squares, self._absolutes = self._squares[kept], self._absolutes[kept]
        self._outputs = outputs

    def _learn(
        self, x: Array, columns: slice | Array, sign: Array, step: Array, units: Units, tally: Tally
    ) -> None:
        scores = self._scale * (units.coef[:, columns] @ x) + units.intercept
        wrong = mistaken(scores, sign, self._rule.zero_is_positive)
        tally.loss += np.maximum(-sign * scores, 0) + self._penalty()
        self._scale *= self._decay
        if self._scale < _SMALLEST_SCALE:
            self._multiply_scale_in(units.coef)
        changed = np.flatnonzero(wrong & (step != 0))
        if len(changed):
            self._correct(units, changed, step[changed], x, columns)
            tally.mistakes[changed] += 1

    def _correct(
        self, units: Units, changed: Array, corrections: Array, x: Array, columns: slice | Array
    ) -> None:
        units.intercept[changed] += self._rule.intercept_factor * corrections
        where = (changed, columns) if isinstance(columns, slice) else np.ix_(changed, columns)
        coef = units.coef[where] + np.outer(corrections / self._scale, x)
        units.coef[where] = coef
        # As in scikit-learn, the penalty that `tol` watches counts the features in use only.
        self._squares[changed] = (coef**2).sum(axis=1)
        self._absolutes[changed] = np.abs(coef).sum(axis=1)

    def _penalty(self) -> Array:
        """Return the penalty of every unit, as of its last correction."""
        l1 = self._rule.l1 * self._scale * self._absolutes
        return l1 + 0.5 * self._rule.l2 * self._scale**2 * self._squares

    def _collect(self, coef: Array, columns: slice | Array) -> None:
        """Let the weights in use pay what they owe to the l1 penalty, no further than to zero."""
        self._owed += self._rule.eta * self._rule.l1
        weights, paid = self._scale * coef[:, columns], self._paid[:, columns]
        side = np.sign(weights)
        shrunk = side * np.maximum(side * (weights - paid) - self._owed, 0)
        self._paid[:, columns] = paid + (shrunk - weights)
        coef[:, columns] = shrunk / self._scale

    def _add_to_average(self, units: Units, average: Average) -> None:
        average.coef += self._scale * units.coef
        average.intercept += units.intercept
        average.n_summed += 1

    def _multiply_scale_in(self, coef: Array) -> None:
        coef *= self._scale
        self._squares *= self._scale**2
        self._absolutes *= self._scale
        self._scale = 1.0


def _samples(X: Any) -> Iterator[tuple[Array, slice | Array]]:
    """Yield the features that every row uses and which columns they are."""
    if not sparse.issparse(X):
        yield from ((x, slice(None)) for x in X)
        return
    if not X.has_canonical_format:
        # Entries in several parts: a sample that named a feature twice would change it once only.
        X = X.copy()
        X.sum_duplicates()
    for start, end in zip(X.indptr[:-1], X.indptr[1:], strict=True):
        yield X.data[start:end], X.indices[start:end]
