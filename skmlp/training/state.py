"""Where a training stands: what going on with it needs, besides the parameters."""

import math
from abc import ABC, abstractmethod
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from skmlp._typing import Array
from skmlp.network import Network
from skmlp.optimizers import Optimizer, OptimizerState
from skmlp.parameters import Parameters
from skmlp.schedules import Progress
from skmlp.training.early_stopping import Monitor
from skmlp.training.options import TrainingOptions
from skmlp.training.result import (
    EpochRecord,
    StopReason,
    TrainingResult,
    from_columns,
    to_columns,
)


class TrainingState(ABC):
    """Where a training stands; `train` goes on from there and moves it on.

    Attributes
    ----------
    monitor, progress
        What early stopping has seen, and what the schedule goes by.
    records : list of EpochRecord
        The epochs that are done.
    noise : numpy.random.Generator or None
        Draws the noise of the layers, dropout's say.
    walker : Parameters or None
        Those that take the steps, where the parameters of the training are their running mean.
    """

    monitor: Monitor
    progress: Progress
    records: list[EpochRecord]
    noise: np.random.Generator | None
    walker: Parameters | None

    @property
    @abstractmethod
    def moments(self) -> list[Array]:
        """What the optimizer remembers of the gradients."""

    def result(self, reason: StopReason, initial_loss: float = math.nan) -> TrainingResult:
        """Return the outcome of a training that ends here.

        The objective before the first epoch counts where none is done.
        """
        monitor, records = self.monitor, self.records
        best_score = monitor.best_score
        if monitor.best_epoch == 0:
            best_score = math.nan if monitor.keeps_best else -initial_loss
        loss = records[-1].loss if records else initial_loss
        n_samples = self.progress.n_samples
        return TrainingResult(reason, records, monitor.best_epoch, best_score, loss, n_samples)

    @abstractmethod
    def to_plain(self, parameters: Parameters) -> dict[str, Any]:
        """Return state and parameters as arrays, numbers and strings, not copied."""

    @abstractmethod
    def restore(self, plain: dict[str, Any], parameters: Parameters) -> None:
        """Become the state, and the parameters, that `to_plain` told of."""


@dataclass
class MiniBatchState(TrainingState):
    """Where a training by mini-batches stands.

    `rng` shuffles; `order` is that of the samples in the last epoch, or None, and each shuffle
    permutes the one before.
    """

    optimizer: OptimizerState
    monitor: Monitor
    rng: np.random.RandomState
    noise: np.random.Generator | None = None
    progress: Progress = field(default_factory=Progress)
    order: Array | None = None
    walker: Parameters | None = None
    records: list[EpochRecord] = field(default_factory=list)

    # Memory for the moments of the next fork.
    _spare: list[Array] = field(default_factory=list)

    @property
    def moments(self) -> list[Array]:
        return self.optimizer.moments

    @property
    def generators(self) -> list[np.random.RandomState | np.random.Generator]:
        """What an epoch draws from."""
        return [self.rng] if self.noise is None else [self.rng, self.noise]

    def fork(self, network: Network, options: TrainingOptions) -> "MiniBatchState":
        """Return a state to go on in, so that an epoch that fails leaves this one as it is.

        The two share their generators, whose copies would cost more than a small epoch, and take
        turns in their memory, which costs less than to allocate it for every call. The curves begin
        anew. The network may have noise by now, and the options tolerate something else.
        """
        monitor = copy(self.monitor)
        monitor.tolerate(options.tol, options.patience)
        return replace(
            self,
            optimizer=self.optimizer.copy(self._spare),
            monitor=monitor,
            noise=make_noise(network, self.rng) if self.noise is None else self.noise,
            records=[],
            # The moments of a model in a worker process are memory maps that cannot be written.
            _spare=[moment for moment in self.moments if moment.flags.writeable],
        )

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_spare": []}

    def can_go_on(self, parameters: Parameters, options: TrainingOptions) -> bool:
        """Return whether a training of these parameters can go on from here."""
        optimizer = options.optimizer
        return isinstance(optimizer, Optimizer) and optimizer.can_go_on(
            self.optimizer, parameters.trainable
        )

    def to_plain(self, parameters: Parameters) -> dict[str, Any]:
        return {
            "parameters": parameters.to_plain(),
            "optimizer": vars(self.optimizer),
            "monitor": self.monitor.to_plain(),
            "rng": self.rng.get_state(legacy=False),
            "noise": None if self.noise is None else self.noise.bit_generator.state,
            "progress": self.progress._asdict(),
            "order": self.order,
            "walker": None if self.walker is None else self.walker.to_plain(),
            "records": to_columns(self.records),
        }

    def restore(self, plain: dict[str, Any], parameters: Parameters) -> None:
        parameters.restore(plain["parameters"])
        self.optimizer = OptimizerState(**plain["optimizer"])
        self.monitor.restore(plain["monitor"])
        # The generators stay the same objects: others draw from them, too.
        self.rng.set_state(plain["rng"])
        if self.noise is not None:
            self.noise.bit_generator.state = plain["noise"]
        self.progress = Progress(**plain["progress"])
        self.order = plain["order"]
        if self.walker is not None:
            self.walker.restore(plain["walker"])
        self.records[:] = from_columns(plain["records"])


@dataclass
class FullBatchState(TrainingState):
    """Where L-BFGS began, so that it can be repeated.

    SciPy keeps the state of L-BFGS-B to itself, but draws nothing at random: the same first
    parameters, of which `first` is a copy, give the same iterations, bit for bit.
    """

    first: Parameters
    monitor: Monitor
    progress: Progress
    noise: None = None
    walker: None = None
    records: list[EpochRecord] = field(default_factory=list)

    @property
    def moments(self) -> list[Array]:
        # SciPy keeps them.
        return []

    def to_plain(self, parameters: Parameters) -> dict[str, Any]:
        return {"parameters": self.first.to_plain()}

    def restore(self, plain: dict[str, Any], parameters: Parameters) -> None:
        parameters.restore(plain["parameters"])
        self.first.restore(plain["parameters"])


def begin(
    network: Network,
    parameters: Parameters,
    options: TrainingOptions,
    rng: np.random.RandomState,
    n_samples_seen: int = 0,
    before: MiniBatchState | None = None,
) -> TrainingState:
    """Return the state of a training before its first epoch.

    The generator shuffles, and seeds the noise of the network, if it has any. The schedule counts
    the samples that earlier trainings of these parameters have seen. Where the training can go on
    from the state `before` it, it does.
    """
    if before is not None and before.can_go_on(parameters, options):
        return before.fork(network, options)
    monitor = Monitor(options.tol, options.patience, keeps_best=options.early_stopping)
    progress = Progress(n_samples=n_samples_seen)
    if isinstance(options.optimizer, Optimizer):
        noise = make_noise(network, rng)
        optimizer = options.optimizer.start(parameters.trainable)
        walker = parameters.astype(parameters.dtype) if options.averaging > 0 else None
        return MiniBatchState(optimizer, monitor, rng, noise, progress, walker=walker)
    return FullBatchState(parameters.astype(parameters.dtype), monitor, progress)


def make_noise(network: Network, rng: np.random.RandomState) -> np.random.Generator | None:
    """Return the generator of noise; for a network without, nothing is drawn to seed one."""
    if not network.is_random:
        return None
    return np.random.Generator(np.random.SFC64(rng.randint(2**32, dtype=np.uint64)))
