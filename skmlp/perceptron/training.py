"""Training of threshold units by the perceptron rule, one sample at a time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from skmlp._typing import Array
from skmlp.perceptron.blocks import BlockEpochs
from skmlp.perceptron.penalised import PenalisedEpochs
from skmlp.perceptron.rule import Epochs, LessonPlan, PerceptronRule, Tally, Units
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
    """The outcome of a training, beside the units that it changed in place."""

    reason: StopReason
    records: list[OnlineRecord]


class OnlineState:
    """Where a training of threshold units stands; a training moves it on.

    Parameters
    ----------
    n_outputs : int
    n_steps : int, default=0
        Samples seen in earlier trainings, for the average.

    Attributes
    ----------
    n_steps : int
        Samples seen.
    records : list of OnlineRecord
        The epochs that are done.
    active : ndarray of bool, shape (n_outputs,)
        Which outputs are still learning.
    loss, mistakes, score, best, n_stale : ndarray of shape (n_outputs,)
        What the last epoch of each output brought; the largest gain so far, and the epochs since.
    """

    def __init__(self, n_outputs: int, n_steps: int = 0):
        self.n_steps = n_steps
        self.records: list[OnlineRecord] = []
        self.active = np.ones(n_outputs, bool)
        self.loss = np.zeros(n_outputs)
        self.mistakes = np.zeros(n_outputs, np.int64)
        self.score = np.zeros(n_outputs)
        self.best = np.full(n_outputs, -np.inf)
        self.n_stale = np.zeros(n_outputs, np.int64)

    def result(self, reason: StopReason) -> OnlineResult:
        """Return the outcome of a training that ends here."""
        return OnlineResult(reason, self.records)


@dataclass(frozen=True)
class OnlineTraining:
    """Trains threshold units together; each stops on its own, as if it were trained alone.

    Parameters
    ----------
    rule : PerceptronRule
    samples : Samples
        With 0 and 1 as targets.
    class_weight : ndarray of shape (2, n_outputs), default=None
        The weights of the targets 0 and 1 of every output. None: all ones.
    tol : float, default=-inf
        By how much the loss must fall, or the validation score rise, to be an improvement;
        minus infinity: every epoch is one.
    patience : int, default=5
        So many epochs in a row without improvement end the training of an output.
    validation : Samples, default=None
        If given, its score decides whether an epoch is an improvement, else the training loss.
    rng : numpy.random.Generator, default=None
        Draws a new order of the samples for every epoch. None: they are taken as they stand.
    observers : sequence of Observer, default=()
        Shown every epoch, but for one that diverged.

    References
    ----------
    Rosenblatt (1958), "The perceptron: a probabilistic model for information storage and
    organization in the brain".
    """

    rule: PerceptronRule
    samples: Samples
    class_weight: Array | None = None
    tol: float = -math.inf
    patience: int = 5
    validation: Samples | None = None
    rng: np.random.Generator | None = None
    observers: Sequence[Observer] = ()

    def run(self, units: Units, n_epochs: int, state: OnlineState | None = None) -> OnlineResult:
        """Train for at most `n_epochs` epochs, those on record included.

        Without a penalty an epoch without mistake is the last one: nothing would change any more.
        Units and state are written, also if the user interrupts the training.
        """
        state = state or OnlineState(len(units.coef))
        plan = LessonPlan(self.rule, self.samples, self.class_weight, units.coef.dtype)
        epochs = (PenalisedEpochs if self.rule.penalised else BlockEpochs)(self.rule, plan)
        for observer in self.observers:
            observer.begin_training(state, units)
        reason = None
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                while reason is None and len(state.records) < n_epochs:
                    reason = self._run_epoch(epochs, units, state)
        except KeyboardInterrupt:
            reason = _interrupt(units, state)
        return state.result(reason or StopReason.MAX_ITER)

    def _run_epoch(self, epochs: Epochs, units: Units, state: OnlineState) -> StopReason | None:
        """Go through the samples once; return why it must be the last time, or None."""
        for observer in self.observers:
            observer.begin_epoch(len(state.records) + 1)
        outputs, order = np.flatnonzero(state.active), None
        if self.rng is not None:
            order = self.rng.permutation(self.samples.n_samples)
        part = units.take(outputs)
        try:
            tally = epochs.run(part, outputs, order, state.n_steps)
        finally:
            units.put(outputs, part)
        self._close_epoch(state, outputs, tally, part)
        if not _finite(part):
            return StopReason.DIVERGED
        # All of them are shown the epoch, also after one has asked to stop.
        record = state.records[-1]
        reasons = [who.stop_reason for who in self.observers if who.end_epoch(record)]
        if not state.active.any():
            return self._standstill(state)
        return reasons[0] if reasons else None

    def _close_epoch(self, state: OnlineState, outputs: Array, tally: Tally, part: Units) -> None:
        """Take note of an epoch of the active outputs, and retire those that are done."""
        n_samples, score = self.samples.n_samples, None
        state.n_steps += n_samples
        state.loss[outputs] = tally.loss / n_samples
        state.mistakes[outputs] = tally.mistakes
        if self.validation is not None:
            state.score[outputs] = accuracies(self.rule, self.validation, part, outputs)
            score = float(state.score.mean())
        epoch, loss = len(state.records) + 1, float(state.loss.mean())
        state.records.append(OnlineRecord(epoch, loss, int(state.mistakes.sum()), score))
        self._retire(state, outputs)

    def _retire(self, state: OnlineState, outputs: Array) -> None:
        gain = -state.loss[outputs] if self.validation is None else state.score[outputs]
        stale = gain < state.best[outputs] + self.tol
        state.n_stale[outputs] = np.where(stale, state.n_stale[outputs] + 1, 0)
        state.best[outputs] = np.maximum(state.best[outputs], gain)
        state.active[outputs] = state.n_stale[outputs] < self.patience
        if not self.rule.penalised:
            state.active[outputs] &= state.mistakes[outputs] > 0

    def _standstill(self, state: OnlineState) -> StopReason:
        if not self.rule.penalised and not state.mistakes.any():
            return StopReason.NO_MISTAKE
        validated = self.validation is not None
        return StopReason.VALIDATION_PLATEAU if validated else StopReason.TRAINING_PLATEAU


def _interrupt(units: Units, state: OnlineState) -> StopReason:
    """Return the reason that an epoch leaves in the middle of which the user interrupts it.

    It is the interruption, unless the training had diverged by then: such weights are not to be
    kept.
    """
    if _finite(units):
        return StopReason.INTERRUPTED
    state.records.append(OnlineRecord(len(state.records) + 1, math.nan, 0))
    return StopReason.DIVERGED


def _finite(units: Units) -> bool:
    return bool(np.isfinite(units.coef).all() and np.isfinite(units.intercept).all())


def accuracies(rule: PerceptronRule, samples: Samples, units: Units, outputs: Array) -> Array:
    """Return the weighted share of the samples that each unit, averaged if it is, predicts.

    The units belong to these outputs, columns of targets 0 and 1.
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
