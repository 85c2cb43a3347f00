"""The observers that write a training down, of a network and of an ensemble."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from skmlp.estimators.common._callbacks import NetworkCallback, NetworkFit
from skmlp.estimators.common._sklearn import add_callback, callbacks_of
from skmlp.estimators.tabular._observers import EnsembleObserver
from skmlp.parameters import Parameters
from skmlp.persistence._file import damaged, remove_leftovers, write_file
from skmlp.training.observer import Observer
from skmlp.training.result import EpochRecord
from skmlp.training.state import TrainingState

Write: TypeAlias = Callable[[Any], None]


@dataclass(frozen=True)
class CheckpointFile:
    """A file that is written again and again in the course of a fit."""

    path: Path
    every: int
    # What the fit began with.
    beginning: dict[str, Any]

    def __post_init__(self) -> None:
        remove_leftovers(self.path)

    def write(self, training: Any) -> None:
        """Write where the training stands by now."""
        contents = {"every": self.every, "beginning": self.beginning, "training": training}
        _call_to_the_end(write_file, self.path, contents)


class Writer(Observer):
    """Has where a training stands written after every n-th epoch, if there is a way to write it."""

    def __init__(self, state: TrainingState, every: int, write: Write | None):
        self._state = state
        self._every = every
        self._write = write

    def end_epoch(self, record: EpochRecord, parameters: Parameters) -> bool:
        if self._write is not None and record.epoch % self._every == 0:
            self._write(self._state.to_plain(parameters))
        return False


class EnsembleWriter(EnsembleObserver):
    """Writes the trainings of an ensemble down: the finished ones, and the one that goes on.

    Networks that are trained `in_processes` of their own are not written before they are finished.
    The `trainings` in a file are carried on from there.
    """

    def __init__(self, file: CheckpointFile, in_processes: bool, trainings: Sequence[Any] = ()):
        self._file = file
        self._write_epoch = None if in_processes else self._write_with
        self._trainings = list(trainings)
        self._finished: list[dict[str, Any]] = []

    def begin_member(self, member: int, network: Any) -> None:
        before = self._trainings[member] if member < len(self._trainings) else None
        path, every = self._file.path, self._file.every
        add_callback(network, MemberCheckpoint(path, every, before, self._write_epoch))

    def end_member(self, member: int, network: Any, seconds: float) -> bool:
        (checkpoint,) = callbacks_of(network, MemberCheckpoint)
        self._finished.append(checkpoint.training())
        # Those of a file that is resumed stay in it, though they are not carried on yet.
        self._write_with()
        return False

    def _write_with(self, *unfinished: dict[str, Any]) -> None:
        trainings = [*self._finished, *unfinished]
        trainings += self._trainings[len(trainings) :]
        self._file.write(trainings)


class MemberCheckpoint(NetworkCallback):
    """Carries a network forward to where its training in a file ends, and knows where it stands."""

    def __init__(self, path: Path, every: int, before: Any, write: Write | None):
        self._path = path
        self._every = every
        self._before = before
        self._write = write

    def watch_network(self, fit: NetworkFit) -> Observer:
        if self._before is not None:
            restore(fit, self._before, self._path)
        self._state, self._parameters = fit.state, fit.parameters
        return Writer(fit.state, self._every, self._write)

    def training(self) -> dict[str, Any]:
        """Return where the training stands."""
        return self._state.to_plain(self._parameters)


def restore(fit: NetworkFit, training: Any, path: Path) -> None:
    """Carry a fit that is about to train forward to where the file at `path` ends."""
    try:
        fit.state.restore(training, fit.parameters)
    except Exception as error:
        raise damaged(path, error) from error


def _call_to_the_end(function: Callable[..., None], *arguments: Any) -> None:
    """Call a function, and raise an interruption by the user when it is over.

    Ctrl-C reaches the main thread alone. In it, an archive would raise an error of its own in place
    of the interruption; and the training must not change arrays that are being written.
    """
    interruption = None
    with ThreadPoolExecutor(1) as pool:
        # A thread that runs already is waited for, whenever the interruption comes.
        pool.submit(int).result()
        call = pool.submit(function, *arguments)
        while True:
            try:
                wait([call])
                break
            except KeyboardInterrupt as error:
                interruption = error
    if interruption is not None:
        raise interruption
    call.result()
