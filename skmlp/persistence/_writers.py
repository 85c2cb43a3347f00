"""The observers that write a training down, of a network and of an ensemble."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from skmlp.estimators.common._callbacks import TrainingCallback
from skmlp.estimators.common._sklearn import add_callback, callbacks_of
from skmlp.estimators.tabular._observers import EnsembleObserver
from skmlp.parameters import Parameters
from skmlp.persistence._file import damaged, remove_leftovers, write_file
from skmlp.training.observer import Observer
from skmlp.training.result import EpochRecord
from skmlp.training.sharing import can_start
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
    """Has where a training stands written after every n-th epoch, if there is a way to write it.

    It is carried forward to where it stood `before`, in the file at `path`, if it is there.
    """

    def __init__(self, path: Path, every: int, write: Write | None, before: Any = None):
        self._path = path
        self._every = every
        self._write = write
        self._before = before

    def begin_training(self, state: TrainingState, parameters: Parameters) -> None:
        self._state, self._parameters = state, parameters
        if self._before is None:
            return
        try:
            state.restore(self._before, parameters)
        except Exception as error:
            raise damaged(self._path, error) from error

    def end_epoch(self, record: EpochRecord) -> bool:
        if self._write is not None and record.epoch % self._every == 0:
            self._write(self.training())
        return False

    def training(self) -> dict[str, Any]:
        """Return where the training stands."""
        return self._state.to_plain(self._parameters)


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
        add_callback(network, MemberCheckpoint(Writer(path, every, self._write_epoch, before)))

    def end_member(self, member: int, network: Any, seconds: float) -> bool:
        (checkpoint,) = callbacks_of(network, MemberCheckpoint)
        self._finished.append(checkpoint.writer.training())
        # Those of a file that is resumed stay in it, though they are not carried on yet.
        self._write_with()
        return False

    def _write_with(self, *unfinished: dict[str, Any]) -> None:
        trainings = [*self._finished, *unfinished]
        trainings += self._trainings[len(trainings) :]
        self._file.write(trainings)


class MemberCheckpoint(TrainingCallback):
    """Has the training of a network shown to its writer, and brings it back from a process."""

    def __init__(self, writer: Writer):
        self.writer = writer

    def watch(self) -> Observer:
        return self.writer


def _call_to_the_end(function: Callable[..., None], *arguments: Any) -> None:
    """Call a function, and raise an interruption by the user when it is over.

    Ctrl-C reaches the main thread alone. In it, an archive would raise an error of its own in place
    of the interruption; and the training must not change arrays that are being written.
    """
    interruption = None
    with ThreadPoolExecutor(1) as pool:
        # A thread that runs already is waited for, whenever the interruption comes.
        if not can_start(pool):
            function(*arguments)
            return
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
