"""The exact perceptron rule, computed in blocks.

Within a block the score that a sample meets is its score at the start of the block plus what the
corrections of the samples before it add, a product of corrections and inner products::

    scores = X @ coef.T + gram @ corrections + intercepts
    gram[i, j] = X[i] @ X[j]    for j < i, else 0
    intercepts[i] = intercept + intercept_factor * corrections[:i].sum()
    corrections = steps where the scores are mistaken, else 0

The equations have one solution, because sample i depends on earlier samples only: it is what going
through the samples one at a time gives. Weights are needed at the start of a block only.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse

from skmlp._kernels import compiled_twin, serving
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

# The most samples per block: longer ones spend more on inner products, shorter ones on calls.
BLOCK_SIZE = 32
_SMALLEST_BLOCK = 8
# Where the sample of a row is not later than that of a column.
_NOT_LATER = np.tri(BLOCK_SIZE, dtype=bool).T
# Up to so many multiplications OpenBLAS keeps a product in one thread. Many small products in
# several threads wait for each other, 20 times as long where other programs want the cores, too.
_ONE_THREAD = 2**18


@compiled_twin
def walk_block(
    scores: Array,
    gram: Array,
    signs: Array,
    steps: Array,
    intercept: Array,
    intercept_factor: float,
    zero_is_positive: bool,
    corrections: Array,
) -> None:
    """Find the corrections that a block's samples cause one after the other.

    Each round finds the mistakes that the corrections of the round before would lead to. After r
    rounds the first r samples are right for good, so the rounds end; they mostly end much earlier.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_outputs)
        ``X @ coef.T`` at the start of the block; written: the score each sample meets.
    gram : ndarray of shape (n_samples, n_samples)
        What a correction of 1 at sample j adds to the score of sample i; zero unless j < i.
    signs : ndarray of shape (n_samples, n_outputs)
        The targets, -1 or 1.
    steps : ndarray of shape (n_samples, n_outputs)
        The correction if the sample is mistaken.
    intercept : ndarray of shape (n_outputs,)
        At the start of the block; written: at its end.
    intercept_factor : float
    zero_is_positive : bool
        Whether a score of zero predicts 1, or neither 1 nor -1.
    corrections : ndarray of shape (n_samples, n_outputs)
        Written: `steps` where the sample is mistaken, else zero.
    """
    start = scores.copy()
    scores += intercept
    wrong = mistaken(scores, signs, zero_is_positive)
    intercepts = changes = np.vstack([intercept, corrections])
    for _ in range(len(scores)):
        np.multiply(steps, wrong, out=corrections)
        # One addition after the other: with a factor of 0.01 and whole numbers as inputs, its
        # rounding decides whether a score is zero.
        np.multiply(corrections, intercept_factor, out=changes[1:])
        intercepts = np.add.accumulate(changes)
        np.matmul(gram, corrections, out=scores)
        scores += start
        scores += intercepts[:-1]
        before, wrong = wrong, mistaken(scores, signs, zero_is_positive)
        if (wrong == before).all():
            break
    intercept[...] = intercepts[-1]


class BlockEpochs(Epochs):
    """Epochs of the rule without penalty."""

    def __init__(self, rule: PerceptronRule, plan: LessonPlan):
        super().__init__(rule, plan)
        self._walk = serving(walk_block)

    def run(self, units: Units, outputs: Array, order: Array | None, n_steps: int) -> Tally:
        tally = Tally(len(outputs))
        for lesson in self._plan.epoch(outputs, order):
            self._learn(lesson, units, n_steps, tally)
            n_steps += len(lesson.signs)
        return tally

    def _learn(self, lesson: Lesson, units: Units, n_steps: int, tally: Tally) -> None:
        X, columns = _compact(lesson.X)
        scores, corrections = np.empty_like(lesson.signs), np.zeros_like(lesson.signs)
        coef = units.coef[:, columns]
        for rows, gram in _grams(X):
            scores[rows] = X[rows] @ coef.T
            self._walk(
                scores[rows],
                gram,
                lesson.signs[rows],
                lesson.steps[rows],
                units.intercept,
                self._rule.intercept_factor,
                self._rule.zero_is_positive,
                corrections[rows],
            )
            coef += corrections[rows].T @ X[rows]
        units.coef[:, columns] = coef
        tally.add(lesson.signs * scores, corrections)
        if units.average is not None:
            first = self._rule.first_averaged(n_steps, len(scores))
            self._add_to_average(units, units.average, X[first:], columns, corrections[first:])

    def _add_to_average(
        self, units: Units, average: Average, X: Any, columns: slice | Array, corrections: Array
    ) -> None:
        """Add the weights after each of the samples.

        They are the weights after the last one, less the corrections that were still to come: that
        of sample i was so i times.
        """
        n_samples = len(corrections)
        to_come = np.arange(n_samples)[:, None] * corrections
        average.coef += n_samples * units.coef
        average.coef[:, columns] -= to_come.T @ X
        average.intercept += n_samples * units.intercept
        average.intercept -= self._rule.intercept_factor * to_come.sum(axis=0)
        average.n_summed += n_samples


def _compact(X: Any) -> tuple[Any, slice | Array]:
    """Return the inputs with only the columns in use, and which these are.

    A few rows of text use few of the features; the products then touch only the weights of those.
    """
    if not sparse.issparse(X):
        return X, slice(None)
    columns, positions = np.unique(X.indices, return_inverse=True)
    shape = (X.shape[0], len(columns))
    return sparse.csr_array((X.data, positions.ravel(), X.indptr), shape=shape), columns


def _block_size(n_features: int) -> int:
    """Return how many samples make a block, fewer if they are long."""
    size = BLOCK_SIZE
    while size > _SMALLEST_BLOCK and size * size * n_features > _ONE_THREAD:
        size //= 2
    return size


def _grams(X: Any) -> Iterator[tuple[slice, Array]]:
    """Yield the rows of every block, and what a correction adds to the scores of later samples."""
    size = BLOCK_SIZE if sparse.issparse(X) else _block_size(X.shape[1])
    starts = range(0, X.shape[0], size)
    blocks = [slice(start, min(start + size, X.shape[0])) for start in starts]
    if sparse.issparse(X):
        grams = [(X[rows] @ X[rows].T).toarray() for rows in blocks]
    else:
        grams = [X[rows] @ X[rows].T for rows in blocks]
    for rows, gram in zip(blocks, grams, strict=True):
        np.copyto(gram, 0, where=_NOT_LATER[: len(gram), : len(gram)])
        yield rows, gram
