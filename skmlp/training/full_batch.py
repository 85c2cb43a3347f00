"""Training on all samples at once: the same objective handed to SciPy's L-BFGS-B."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import OptimizeResult, minimize

from skmlp._typing import Array
from skmlp.training.blas import blas_of_scipy_alone
from skmlp.training.data import BatchLoader
from skmlp.training.objective import Objective
from skmlp.training.options import LBFGS, TrainingOptions
from skmlp.training.result import StopReason, TrainingResult
from skmlp.training.state import FullBatchState
from skmlp.training.supervisor import Stop, Supervisor

# The full objective is summed over so many rows at a time.
FULL_BATCH_ROWS = 1024
# SciPy's status numbers.
_CONVERGED, _LIMIT_REACHED = 0, 1


@dataclass(frozen=True)
class FullBatchTraining:
    """Minimises the objective by L-BFGS-B; an iteration is an epoch.

    The full objective is summed over the batches of the loader, so that memory does not grow with
    the number of samples.
    """

    objective: Objective
    loader: BatchLoader
    supervisor: Supervisor
    options: TrainingOptions
    method: LBFGS

    def run(self, state: FullBatchState) -> TrainingResult:
        """Train for at most ``options.max_epochs`` iterations; see `MiniBatchTraining.run`."""
        n_epochs = self.options.max_epochs
        trainable = self.objective.parameters.trainable
        accepted = trainable.copy()
        initial_loss = math.nan

        def close_iteration(intermediate_result: OptimizeResult) -> None:
            accepted[:] = trainable[:] = intermediate_result.x
            self._close_iteration(float(intermediate_result.fun))

        try:
            with blas_of_scipy_alone().hold(), np.errstate(all="ignore"):
                outcome = minimize(
                    self._value_and_gradient,
                    trainable.astype(np.float64),
                    method="L-BFGS-B",
                    jac=True,
                    callback=close_iteration,
                    options={
                        "maxiter": n_epochs,
                        "maxfun": self.method.max_fun,
                        "gtol": self.options.tol,
                    },
                )
            if not math.isfinite(outcome.fun):
                # Not even the first iteration was completed, so SciPy never called back.
                self._close_iteration(float(outcome.fun))
            reason, initial_loss = self._reason(outcome, n_epochs), float(outcome.fun)
        except Stop as stop:
            reason = stop.reason
        except KeyboardInterrupt:
            reason = StopReason.INTERRUPTED
        # The last evaluation may have been a trial of the line search.
        trainable[:] = accepted
        return state.result(reason, initial_loss)

    def _value_and_gradient(self, x: Array) -> tuple[float, Array]:
        objective = self.objective
        objective.parameters.trainable[:] = x
        total = self.loader.samples.total_weight
        value = 0.0
        gradient = np.zeros_like(x)
        for batch in self.loader.epoch(order=None):
            share = batch.total / total
            value += share * objective.loss_and_gradient(batch)
            gradient += share * objective.gradient.trainable
        objective.gradient.trainable[:] = 0
        value += objective.add_penalty(total)
        gradient += objective.gradient.trainable
        return value, gradient

    def _close_iteration(self, loss: float) -> None:
        epoch = self.supervisor.n_epochs + 1
        # L-BFGS tells of an iteration only when it is over.
        self.supervisor.open_epoch(epoch)
        reason = self.supervisor.close_epoch(epoch, loss, math.nan)
        if reason is None and self.options.early_stopping:
            # A standstill of the training loss is left to L-BFGS-B's own criteria.
            reason = self.supervisor.standstill
        if reason is not None:
            raise Stop(reason)

    def _reason(self, outcome: OptimizeResult, n_epochs: int) -> StopReason:
        if outcome.status == _CONVERGED:
            return StopReason.CONVERGED
        if outcome.status != _LIMIT_REACHED:
            return StopReason.LINE_SEARCH
        return StopReason.MAX_ITER if outcome.nit >= n_epochs else StopReason.MAX_FUN
