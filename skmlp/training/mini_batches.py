"""Training by mini-batches: the epoch loop."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from skmlp.optimizers import Optimizer, for_parameters
from skmlp.parameters import Parameters
from skmlp.training.data import Batch, BatchLoader, BatchToGather
from skmlp.training.objective import Objective, clip_norm
from skmlp.training.options import TrainingOptions
from skmlp.training.result import StopReason, TrainingResult
from skmlp.training.state import MiniBatchState
from skmlp.training.supervisor import Stop, Supervisor


@dataclass(frozen=True)
class MiniBatchTraining:
    """Descends the objective batch by batch."""

    objective: Objective
    loader: BatchLoader
    supervisor: Supervisor
    options: TrainingOptions
    optimizer: Optimizer
    # Those of the objective or, where the options ask for it, their running mean.
    parameters: Parameters

    @cached_property
    def _take_step(self) -> Callable[..., float]:
        return for_parameters(self.optimizer, self.parameters).step

    def run(self, state: MiniBatchState) -> TrainingResult:
        """Train for at most ``options.max_epochs`` epochs, those on record included.

        The parameters are then those of the last epoch, and the state is where it ended.
        """
        # Throughout: for a while after a product BLAS' threads spin, in the way of those that take
        # the parts.
        sharing = self.objective.sharing()
        with sharing, np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            reason = self._run_epochs(state)
        return state.result(reason)

    def _run_epochs(self, state: MiniBatchState) -> StopReason:
        try:
            reason = self._reason_to_end(state)
            while reason is None:
                epoch = int(state.progress.epochs) + 1
                self.supervisor.open_epoch(epoch)
                loss, rate = self._run_epoch(state)
                self._average(state)
                reason = self.supervisor.close_epoch(epoch, loss, rate)
                reason = reason or self._reason_to_end(state)
        except Stop as stop:
            return stop.reason
        except KeyboardInterrupt:
            epoch = int(state.progress.epochs) + 1
            now = state.progress.at(epoch - 0.5, state.optimizer.n_steps)
            rate = self.options.schedule.rate(now)
            if state.walker is not None and epoch == 1:
                # There is no mean yet.
                self.parameters.trainable[:] = state.walker.trainable
            return self.supervisor.interrupt_epoch(epoch, rate)
        return reason

    def _run_epoch(self, state: MiniBatchState) -> tuple[float, float]:
        """Take one step per batch; return the mean objective and the last learning rate."""
        progress, schedule = state.progress, self.options.schedule
        watched = self.supervisor.watches_steps
        start, n_batches = progress.epochs, self.loader.n_batches
        loss = weight = rate = 0.0
        for step, batch in enumerate(self._batches(state)):
            now = progress.at(start + (step + 0.5) / n_batches, state.optimizer.n_steps)
            rate = schedule.rate(now)
            if batch.total > 0:
                value = self._step(batch, state, rate)
                if watched:
                    self.supervisor.close_step(value)
                loss += value * batch.total
                weight += batch.total
        n_samples = progress.n_samples + self.loader.samples.n_samples
        state.progress = progress._replace(epochs=start + 1, n_samples=n_samples)
        return loss / weight, rate

    def _average(self, state: MiniBatchState) -> None:
        """Take an epoch into the running mean: the first one whole, the later ones as it decays."""
        if state.walker is None:
            return
        decay = self.options.averaging
        share = (1 - decay) / (1 - decay ** int(state.progress.epochs))
        mean = self.parameters.trainable
        # At once: an interruption in between would leave a part of the mean.
        mean[:] = (1 - share) * mean + share * state.walker.trainable

    def _batches(self, state: MiniBatchState) -> Iterator[Batch | BatchToGather]:
        """Yield the batches of one epoch."""
        if self.options.shuffle:
            self._shuffle(state)
        if self.objective.n_parts > 1:
            return self.loader.epoch_in_parts(state.order)
        return self.loader.epoch(state.order)

    def _step(self, batch: Batch | BatchToGather, state: MiniBatchState, rate: float) -> float:
        """Take one step; return the objective of the batch before it."""
        objective, max_grad_norm = self.objective, self.options.max_grad_norm
        if max_grad_norm is None:
            value, strength = objective.loss_and_gradient(batch), objective.alpha / batch.total
        else:
            value, strength = objective.value_and_gradient(batch), 0.0
            clip_norm(objective.gradient.trainable, max_grad_norm)
        return value + self._take_step(
            objective.parameters.trainable,
            objective.gradient.trainable,
            state.optimizer,
            rate,
            strength,
            objective.parameters.n_penalised,
        )

    def _shuffle(self, state: MiniBatchState) -> None:
        n_samples = self.loader.samples.n_samples
        permutation = state.rng.permutation(n_samples)
        if state.order is None or len(state.order) != n_samples:
            state.order = permutation
        else:
            state.order = state.order[permutation]

    def _reason_to_end(self, state: MiniBatchState) -> StopReason | None:
        """Return why no epoch may follow the last one on record, or None."""
        n_done = len(state.records)
        if n_done == 0:
            return None
        reason = self._end_by_standstill(state)
        done = n_done == self.options.max_epochs
        return StopReason.MAX_ITER if reason is None and done else reason

    def _end_by_standstill(self, state: MiniBatchState) -> StopReason | None:
        if self.options.schedule.rises(state.progress):
            state.monitor.start_over()
        standstill = self.supervisor.standstill
        if standstill is None:
            return None
        progress = self.options.schedule.after_standstill(state.progress)
        if progress is None:
            return standstill
        state.progress = progress
        state.monitor.start_over()
        return None
