"""The core objects of one training, wired together as the constructor arguments say."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from skmlp._typing import Array
from skmlp.estimators import _recipes as recipes
from skmlp.estimators._transaction import RandomGenerator
from skmlp.losses import Loss
from skmlp.network import Network
from skmlp.parameters import Parameters
from skmlp.schedules import Progress
from skmlp.training.data import BatchLoader, Samples
from skmlp.training.full_batch import FullBatchTraining
from skmlp.training.monitor import Monitor
from skmlp.training.objective import Objective, mean_loss
from skmlp.training.observer import Observer
from skmlp.training.result import EpochRecord, StopReason, TrainingResult
from skmlp.training.stochastic import StochasticState, StochasticTraining
from skmlp.training.supervisor import Supervisor, Validate
from skmlp.training.sweep import sweep_rates

# The full objective of L-BFGS is summed over so many rows at a time.
FULL_BATCH_ROWS = 1024


@dataclass(frozen=True)
class Task:
    """What is to be trained on what.

    Parameters
    ----------
    arguments : estimator
        Its constructor arguments say how.
    network : Network
    parameters : Parameters
        Where to start; training changes them in place.
    loss : Loss
    samples : Samples
    n_samples_seen : int
        Samples that earlier trainings of these parameters have seen.
    validate : callable or None
    """

    arguments: Any
    network: Network
    parameters: Parameters
    loss: Loss
    samples: Samples
    n_samples_seen: int = 0
    validate: Validate | None = None


class Training(ABC):
    """A training of `fit`, which can be written down after any epoch and taken up again."""

    _task: Task
    _monitor: Monitor
    _records: list[EpochRecord]

    def so_far(self) -> TrainingResult:
        """Return the outcome as it is after the last epoch on record."""
        supervisor = _supervisor(self._task, self._monitor, (), self._records)
        n_samples = (
            self._task.samples.n_samples if recipes.is_stochastic(self._task.arguments) else 0
        )
        return supervisor.result(StopReason.GOES_ON, n_samples_seen=len(self._records) * n_samples)

    @abstractmethod
    def run(self, observers: Sequence[Observer]) -> TrainingResult:
        """Train to the end; with early stopping, go back to the best epoch."""

    @abstractmethod
    def to_plain(self) -> dict[str, Any]:
        """Return where the training stands as arrays, numbers and strings, not copied."""

    @abstractmethod
    def restore(self, plain: dict[str, Any]) -> None:
        """Stand where `to_plain` was called, before `run`."""


class StochasticFit(Training):
    """By mini-batches: goes on with the epoch after the last one written down.

    Parameters
    ----------
    task : Task
    rng : numpy.random.RandomState
    """

    def __init__(self, task: Task, rng: np.random.RandomState):
        self._task = task
        self._monitor = _monitor(task)
        self._state = _start(task, rng)
        self._records = []

    def run(self, observers: Sequence[Observer]) -> TrainingResult:
        """See `Training`."""
        supervisor = _supervisor(self._task, self._monitor, observers, self._records)
        training = _stochastic(self._task, self._state, supervisor)
        result = training.run(self._state, self._task.arguments.max_iter)
        self._monitor.give_back(self._task.parameters.vector)
        return result

    def to_plain(self) -> dict[str, Any]:
        """See `Training`."""
        return {
            "parameters": self._task.parameters.to_plain(),
            "state": self._state.to_plain(),
            "monitor": self._monitor.to_plain(),
            "records": [list(vars(record).values()) for record in self._records],
        }

    def restore(self, plain: dict[str, Any]) -> None:
        """See `Training`."""
        self._task.parameters.restore(plain["parameters"])
        self._state.restore(plain["state"])
        self._monitor.restore(plain["monitor"])
        self._records[:] = [EpochRecord(*record) for record in plain["records"]]


class FullBatchFit(Training):
    """By L-BFGS: goes back to the first parameters and repeats what was done.

    SciPy keeps the state of L-BFGS-B to itself, but draws nothing at random: the same first
    parameters give the same iterations, bit for bit.

    Parameters
    ----------
    task : Task
    """

    def __init__(self, task: Task):
        self._task = task
        self._monitor = _monitor(task)
        self._first = task.parameters.astype(task.parameters.dtype)
        self._records = []

    def run(self, observers: Sequence[Observer]) -> TrainingResult:
        """See `Training`."""
        supervisor = _supervisor(self._task, self._monitor, observers, self._records)
        result = _full_batch(self._task, supervisor).run(self._task.arguments.max_iter)
        self._monitor.give_back(self._task.parameters.vector)
        return result

    def to_plain(self) -> dict[str, Any]:
        """See `Training`."""
        return {"parameters": self._first.to_plain()}

    def restore(self, plain: dict[str, Any]) -> None:
        """See `Training`."""
        self._task.parameters.restore(plain["parameters"])
        self._first.restore(plain["parameters"])


@dataclass
class Session:
    """What `partial_fit` needs to go on where its last call ended."""

    solver: str
    # The name: a dtype itself is an object that skops would not load untrusted.
    dtype: str
    state: StochasticState
    monitor: Monitor
    # Memory for the moments of the next epoch.
    spare: list[Array] = field(default_factory=list)

    @property
    def generators(self) -> list[RandomGenerator]:
        """What an epoch draws from."""
        state = self.state
        return [state.rng] if state.noise is None else [state.rng, state.noise]

    def fork(self) -> "Session":
        """Return a session to train in, so that an epoch that fails leaves this one to go on from.

        The two share their generators, whose copies would cost more than a small epoch, and take
        turns in their memory, which costs less than to allocate it for every call.
        """
        moments = self.state.optimizer.moments
        return replace(
            self,
            state=replace(self.state, optimizer=self.state.optimizer.copy(self.spare)),
            monitor=copy(self.monitor),
            # The moments of a model in a worker process are memory maps that cannot be written.
            spare=[moment for moment in moments if moment.flags.writeable],
        )

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "spare": []}

    def fits(self, task: Task) -> bool:
        """Return whether the optimizer's state can go on with the parameters of `task`."""
        n_parameters = len(task.parameters.trainable)
        same = (self.solver, self.dtype) == (task.arguments.solver, task.parameters.dtype.name)
        return same and all(len(moment) == n_parameters for moment in self.state.optimizer.moments)


def begin_training(task: Task, rng: np.random.RandomState) -> Training:
    """Return the training before its first epoch."""
    if recipes.is_stochastic(task.arguments):
        return StochasticFit(task, rng)
    return FullBatchFit(task)


def open_session(task: Task, rng: np.random.RandomState) -> Session:
    """Return the state before the first epoch of `partial_fit`."""
    dtype = task.parameters.dtype.name
    return Session(task.arguments.solver, dtype, _start(task, rng), _monitor(task))


def train_one_epoch(task: Task, session: Session, observers: Sequence[Observer]) -> TrainingResult:
    """Train one epoch and leave in `session` what the next one needs."""
    if session.state.noise is None:
        # The user may have turned dropout on since the last call.
        session.state.noise = _make_noise(task, session.state.rng)
    p = task.arguments
    session.monitor.tolerate(float(p.tol), float(p.n_iter_no_change))
    supervisor = _supervisor(task, session.monitor, observers)
    result = _stochastic(task, session.state, supervisor).run(session.state, 1)
    if result.reason in (StopReason.MAX_ITER, StopReason.TRAINING_PLATEAU):
        return replace(result, reason=StopReason.EPOCH_DONE)
    return result


def sweep(task: Task, rates: Array, rng: np.random.RandomState) -> tuple[Array, Array]:
    """Take one step per learning rate; return the losses, plain and smoothed."""
    state = _start(task, rng)
    training = _stochastic(task, state, _supervisor(task, _monitor(task), observers=()))
    return sweep_rates(training, state, rates)


def final_loss(task: Task) -> float:
    """Return the mean loss of the trained parameters on the training samples."""
    n_rows = min(FULL_BATCH_ROWS, task.samples.n_samples)
    loader = BatchLoader(task.samples, n_rows, task.parameters.dtype)
    return mean_loss(task.network, task.loss, task.parameters, loader)


def _monitor(task: Task) -> Monitor:
    p = task.arguments
    return Monitor(float(p.tol), float(p.n_iter_no_change), keeps_best=bool(p.early_stopping))


def _start(task: Task, rng: np.random.RandomState) -> StochasticState:
    optimizer = recipes.make_optimizer(task.arguments, task.parameters)
    return StochasticState(
        optimizer.start(task.parameters.trainable),
        rng,
        _make_noise(task, rng),
        Progress(n_samples=task.n_samples_seen),
    )


def _make_noise(task: Task, rng: np.random.RandomState) -> np.random.Generator | None:
    """Return the generator of dropout, if there is any: training without draws nothing for it."""
    if all(dropout is None for dropout in task.network.dropouts):
        return None
    return np.random.Generator(np.random.SFC64(rng.randint(2**32, dtype=np.uint64)))


def _stochastic(task: Task, state: StochasticState, supervisor: Supervisor) -> StochasticTraining:
    p = task.arguments
    batch_size = recipes.batch_size(p, task.samples.n_samples)
    return StochasticTraining(
        _objective(task, batch_size, state.noise),
        BatchLoader(task.samples, batch_size, task.parameters.dtype),
        recipes.make_optimizer(p, task.parameters),
        recipes.make_schedule(p),
        supervisor,
        None if p.max_grad_norm is None else float(p.max_grad_norm),
        bool(p.shuffle),
    )


def _full_batch(task: Task, supervisor: Supervisor) -> FullBatchTraining:
    batch_size = min(FULL_BATCH_ROWS, task.samples.n_samples)
    return FullBatchTraining(
        _objective(task, batch_size),
        BatchLoader(task.samples, batch_size, task.parameters.dtype),
        supervisor,
        float(task.arguments.tol),
        int(task.arguments.max_fun),
        bool(task.arguments.early_stopping),
    )


def _objective(task: Task, batch_size: int, noise: np.random.Generator | None = None) -> Objective:
    alpha = recipes.penalty_strength(task.arguments)
    return Objective(task.network, task.loss, alpha, task.parameters, batch_size, noise)


def _supervisor(
    task: Task,
    monitor: Monitor,
    observers: Sequence[Observer],
    records: list[EpochRecord] | None = None,
) -> Supervisor:
    early_stopping = bool(task.arguments.early_stopping)
    return Supervisor(monitor, early_stopping, task.validate, observers, records)
