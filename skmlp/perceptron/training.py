"""Training of threshold units by the perceptron rule, one sample at a time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from skmlp._typing import Array
from skmlp.perceptron.blocks import BlockEpochs
from skmlp.perceptron.penalised import PenalisedEpochs
from skmlp.perceptron.rule import PerceptronRule, Tally, Units
from skmlp.training.data import BatchLoader, Samples
from skmlp.training.observer import Observer
from skmlp.training.result import StopReason


@dataclass(frozen=True)
class OnlineRecord:
    """What is known at the end of an epoch, outputs that are done included as they were.

    Parameters
    ----------
    epoch : int
        Counted from 1 in this training.
    loss : float
        The mean over samples and outputs of ``max(0, -sign * score)``, penalty included.
    mistakes : int
        How many corrections there were, over all outputs.
    validation_score : float or None
        The share of the validation targets that are predicted, larger is better.
    """

    epoch: int
    loss: float
    mistakes: int
    validation_score: float | None = None


@dataclass(frozen=True)
class OnlineResult:
    """The outcome of a training, beside the units that it changed in place.

    Parameters
    ----------
    reason : StopReason
    records : list of OnlineRecord
    """

    reason: StopReason
    records: list[OnlineRecord]


@dataclass(frozen=True)
class Patience:
    """When an output counts as learnt.

    Parameters
    ----------
    tol : float, default=-inf
        By how much the loss must fall, or the validation score rise, to be an improvement;
        minus infinity: every epoch is one.
    n_epochs : int, default=5
        So many epochs in a row without improvement end the training of an output.
    """

    tol: float = float("-inf")
    n_epochs: int = 5


class OnlineTraining:
    """Trains threshold units together; each stops on its own, as if it were trained alone.

    Parameters
    ----------
    rule : PerceptronRule
    samples : Samples
        With 0 and 1 as targets.
    class_weight : ndarray of shape (2, n_outputs), default=None
        The weights of the targets 0 and 1 of every output. None: all ones.
    patience : Patience, default=Patience()
    validation : Samples, default=None
        If given, its score decides whether an epoch is an improvement, else the training loss.
    rng : numpy.random.Generator, default=None
        Draws a new order of the samples for every epoch. None: they are taken as they stand.
    observers : sequence of Observer, default=()
        Shown every epoch, but for one that diverged.

    References
    ----------
    .. [1] Rosenblatt, "The perceptron: a probabilistic model for information storage and
       organization in the brain", Psychological Review 65 (1958).
    .. [2] Novikoff, "On convergence proofs on perceptrons", Symposium on the Mathematical Theory
       of Automata 12 (1962).
    """

    def __init__(
        self,
        rule: PerceptronRule,
        samples: Samples,
        class_weight: Array | None = None,
        *,
        patience: Patience = Patience(),
        validation: Samples | None = None,
        rng: np.random.Generator | None = None,
        observers: Sequence[Observer] = (),
    ):
        self._rule = rule
        self._samples = samples
        self._class_weight = class_weight
        self._patience = patience
        self._validation = validation
        self._rng = rng
        self._observers = observers

    def run(self, units: Units, n_epochs: int, n_steps: int = 0) -> OnlineResult:
        """Train for at most `n_epochs` epochs.

        Without a penalty an epoch without mistake is the last one: nothing would change any more.

        Parameters
        ----------
        units : Units
            Where to start from; written, also if the user interrupts the training.
        n_epochs : int
        n_steps : int, default=0
            Samples seen in earlier trainings, for the average.

        Returns
        -------
        result : OnlineResult
        """
        epochs_of = PenalisedEpochs if self._rule.penalised else BlockEpochs
        epochs = epochs_of(self._rule, self._samples, self._class_weight, units.coef.dtype)
        course = _Course(len(units.coef), self._patience, not self._rule.penalised)
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                while course.reason is None and len(course.records) < n_epochs:
                    self._run_epoch(epochs, units, course, n_steps)
                    n_steps += self._samples.n_samples
        except KeyboardInterrupt:
            course.interrupt_epoch(units)
        return OnlineResult(course.reason or StopReason.MAX_ITER, course.records)

    def _run_epoch(
        self,
        epochs: BlockEpochs | PenalisedEpochs,
        units: Units,
        course: "_Course",
        n_steps: int,
    ) -> None:
        for observer in self._observers:
            observer.begin_epoch(len(course.records) + 1)
        outputs, order = np.flatnonzero(course.active), None
        if self._rng is not None:
            order = self._rng.permutation(self._samples.n_samples)
        part = units.take(outputs)
        try:
            tally = epochs.run(part, outputs, order, n_steps)
        finally:
            units.put(outputs, part)
        if not _finite(part):
            course.reason = StopReason.DIVERGED
        scores = None
        if self._validation is not None:
            scores = accuracies(self._rule, self._validation, part, outputs)
        course.close_epoch(tally, self._samples.n_samples, scores)
        if course.reason is not StopReason.DIVERGED:
            self._show(units, course)

    def _show(self, units: Units, course: "_Course") -> None:
        """Show the epoch to all observers, also after one has asked to stop."""
        stops = [observer.end_epoch(course.records[-1], units) for observer in self._observers]
        if any(stops) and course.reason is None:
            course.reason = StopReason.CALLBACK


class _Course:
    """The course of a training: what each epoch brought and which outputs are still learning."""

    def __init__(self, n_outputs: int, patience: Patience, done_without_mistake: bool):
        self.active = np.ones(n_outputs, bool)
        self.records: list[OnlineRecord] = []
        self.reason: StopReason | None = None
        self._patience = patience
        self._done_without_mistake = done_without_mistake
        self._loss = np.zeros(n_outputs)
        self._mistakes = np.zeros(n_outputs, np.int64)
        self._scores = np.zeros(n_outputs)
        self._best = np.full(n_outputs, -np.inf)
        self._n_stale = np.zeros(n_outputs, np.int64)

    def close_epoch(self, tally: Tally, n_samples: int, scores: Array | None) -> None:
        """Take note of an epoch of the active outputs, and retire those that are done."""
        outputs = np.flatnonzero(self.active)
        self._loss[outputs] = tally.loss / n_samples
        self._mistakes[outputs] = tally.mistakes
        if scores is not None:
            self._scores[outputs] = scores
        score = None if scores is None else float(self._scores.mean())
        self.records.append(
            OnlineRecord(
                len(self.records) + 1, float(self._loss.mean()), int(self._mistakes.sum()), score
            )
        )
        self._retire(outputs, -self._loss[outputs] if scores is None else scores)
        if self.reason is None and not self.active.any():
            self.reason = self._reason(scores is not None)

    def interrupt_epoch(self, units: Units) -> None:
        """Take note that the user interrupted an epoch, unless the training had diverged by then.

        Weights that are not finite are not to be kept.
        """
        self.reason = StopReason.INTERRUPTED
        if not _finite(units):
            self.reason = StopReason.DIVERGED
            self.records.append(OnlineRecord(len(self.records) + 1, math.nan, 0))

    def _retire(self, outputs: Array, gain: Array) -> None:
        best = self._best[outputs]
        stale = gain < best + self._patience.tol
        self._n_stale[outputs] = np.where(stale, self._n_stale[outputs] + 1, 0)
        self._best[outputs] = np.maximum(best, gain)
        self.active[outputs] = self._n_stale[outputs] < self._patience.n_epochs
        if self._done_without_mistake:
            self.active[outputs] &= self._mistakes[outputs] > 0

    def _reason(self, validated: bool) -> StopReason:
        if self._done_without_mistake and not self._mistakes.any():
            return StopReason.NO_MISTAKE
        return StopReason.VALIDATION_PLATEAU if validated else StopReason.TRAINING_PLATEAU


def _finite(units: Units) -> bool:
    return bool(np.isfinite(units.coef).all() and np.isfinite(units.intercept).all())


def accuracies(rule: PerceptronRule, samples: Samples, units: Units, outputs: Array) -> Array:
    """Return the weighted share of the samples that each unit, averaged if it is, predicts.

    Parameters
    ----------
    rule : PerceptronRule
    samples : Samples
        With 0 and 1 as targets.
    units : Units
    outputs : ndarray of int, shape (n_outputs,)
        Which columns of the targets the units belong to.

    Returns
    -------
    accuracies : ndarray of shape (n_outputs,)
    """
    loader = BatchLoader(samples, min(1024, samples.n_samples), units.coef.dtype)
    coef, intercept = units.published()
    correct = np.zeros(len(outputs))
    for rows in loader.rows(order=None):
        scores = loader.gather_inputs(rows) @ coef.T + intercept
        positive = scores >= 0 if rule.zero_is_positive else scores > 0
        right = positive == (samples.y[rows][:, outputs] != 0)
        correct += right.sum(axis=0) if samples.weight is None else samples.weight[rows] @ right
    return correct / samples.total_weight
