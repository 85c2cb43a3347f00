"""Training by mini-batches: the epoch loop."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from skmlp._typing import Array
from skmlp.optimizers import Optimizer, OptimizerState
from skmlp.schedules import Progress, Schedule
from skmlp.training.data import Batch, BatchLoader
from skmlp.training.objective import Objective, clip_norm
from skmlp.training.result import StopReason, TrainingResult
from skmlp.training.supervisor import Supervisor


@dataclass
class StochasticState:
    """Where a training stands, besides its parameters: what going on with it needs.

    Parameters
    ----------
    optimizer : OptimizerState
    progress : Progress
    rng : numpy.random.RandomState
        Shuffles.
    noise : numpy.random.Generator or None
        Draws the dropout.
    order : ndarray of int, shape (n_samples,), or None
        The order of the samples in the last epoch; each shuffle permutes the one before.
    """

    optimizer: OptimizerState
    rng: np.random.RandomState
    noise: np.random.Generator | None = None
    progress: Progress = field(default_factory=Progress)
    order: Array | None = None

    def to_plain(self) -> dict[str, Any]:
        """Return the state as arrays, numbers and strings, not copied."""
        return {
            "optimizer": vars(self.optimizer),
            "progress": vars(self.progress),
            "rng": self.rng.get_state(legacy=False),
            "noise": None if self.noise is None else self.noise.bit_generator.state,
            "order": self.order,
        }

    def restore(self, plain: dict[str, Any]) -> None:
        """Become the state that `to_plain` told of; the generators stay the same objects."""
        self.optimizer = OptimizerState(**plain["optimizer"])
        self.progress = Progress(**plain["progress"])
        self.rng.set_state(plain["rng"])
        if self.noise is not None:
            self.noise.bit_generator.state = plain["noise"]
        self.order = plain["order"]


@dataclass(frozen=True)
class StochasticTraining:
    """Descends the objective batch by batch.

    Parameters
    ----------
    objective : Objective
    loader : BatchLoader
    optimizer : Optimizer
    schedule : Schedule
    supervisor : Supervisor
    max_grad_norm : float or None
        The largest Euclidean norm of a gradient; larger ones are scaled down to it.
    shuffle : bool
        Whether every epoch takes the samples in a new order.
    """

    objective: Objective
    loader: BatchLoader
    optimizer: Optimizer
    schedule: Schedule
    supervisor: Supervisor
    max_grad_norm: float | None = None
    shuffle: bool = True

    def run(self, state: StochasticState, n_epochs: int) -> TrainingResult:
        """Train for at most `n_epochs` epochs.

        Parameters
        ----------
        state : StochasticState
            Written: where the training stands when it ends.
        n_epochs : int
            Those that the supervisor has on record already count.

        Returns
        -------
        result : TrainingResult
            The parameters of the objective are those of the last epoch.
        """
        reason = self._run_epochs(state, n_epochs)
        n_samples_seen = len(self.supervisor.records) * self.loader.samples.n_samples
        return self.supervisor.result(reason, n_samples_seen=n_samples_seen)

    def _run_epochs(self, state: StochasticState, n_epochs: int) -> StopReason:
        parameters = self.objective.parameters
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            try:
                reason = self._reason_to_end(state, n_epochs)
                while reason is None:
                    epoch = int(state.progress.epochs) + 1
                    self.supervisor.open_epoch(epoch)
                    loss, rate = self._run_epoch(state)
                    moments = state.optimizer.moments
                    reason = self.supervisor.close_epoch(epoch, loss, rate, parameters, moments)
                    reason = reason or self._reason_to_end(state, n_epochs)
            except KeyboardInterrupt:
                epoch = int(state.progress.epochs) + 1
                rate = self.schedule.rate(state.progress.at(epoch - 0.5))
                moments = state.optimizer.moments
                return self.supervisor.interrupt_epoch(epoch, rate, parameters, moments)
        return reason

    def _run_epoch(self, state: StochasticState) -> tuple[float, float]:
        """Take one step per batch; return the mean objective and the last learning rate."""
        start, n_batches = state.progress.epochs, self.loader.n_batches
        loss = weight = rate = 0.0
        for step, batch in enumerate(self.batches(state)):
            rate = self.schedule.rate(state.progress.at(start + (step + 0.5) / n_batches))
            if batch.total > 0:
                loss += self.step(batch, state, rate) * batch.total
                weight += batch.total
        state.progress = replace(
            state.progress,
            epochs=start + 1,
            n_samples=state.progress.n_samples + self.loader.samples.n_samples,
        )
        return loss / weight, rate

    def batches(self, state: StochasticState) -> Iterator[Batch]:
        """Yield the batches of one epoch."""
        if self.shuffle:
            self._shuffle(state)
        return self.loader.epoch(state.order)

    def step(self, batch: Batch, state: StochasticState, rate: float) -> float:
        """Take one step; return the objective of the batch before it."""
        objective = self.objective
        parameters, gradient = objective.parameters.trainable, objective.gradient.trainable
        if self.max_grad_norm is not None:
            value = objective.value_and_gradient(batch)
            clip_norm(gradient, self.max_grad_norm)
            self.optimizer.step(parameters, gradient, state.optimizer, rate)
            return value
        loss = objective.loss_and_gradient(batch)
        return loss + self.optimizer.penalised_step(
            parameters,
            gradient,
            state.optimizer,
            rate,
            objective.alpha / batch.total,
            objective.n_penalised,
        )

    def _shuffle(self, state: StochasticState) -> None:
        n_samples = self.loader.samples.n_samples
        permutation = state.rng.permutation(n_samples)
        if state.order is None or len(state.order) != n_samples:
            state.order = permutation
        else:
            state.order = state.order[permutation]

    def _reason_to_end(self, state: StochasticState, n_epochs: int) -> StopReason | None:
        """Return why no epoch may follow the last one on record, or None."""
        n_done = len(self.supervisor.records)
        if n_done == 0:
            return None
        reason = self._end_by_standstill(state)
        return StopReason.MAX_ITER if reason is None and n_done == n_epochs else reason

    def _end_by_standstill(self, state: StochasticState) -> StopReason | None:
        if self.schedule.rises(state.progress):
            self.supervisor.monitor.start_over()
        standstill = self.supervisor.standstill
        if standstill is None:
            return None
        progress = self.schedule.after_standstill(state.progress)
        if progress is None:
            return standstill
        state.progress = progress
        self.supervisor.monitor.start_over()
        return None
