"""scikit-learn's callbacks, shown the epochs of a fit."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from skmlp._typing import Array
from skmlp.estimators.common._held_out import HeldOut
from skmlp.estimators.common._sklearn import callbacks_of, is_heard, open_task
from skmlp.parameters import Parameters
from skmlp.training.data import Samples
from skmlp.training.observer import Observer
from skmlp.training.state import TrainingState


@dataclass(frozen=True)
class Fit:
    """A fit that is about to train: the same beginning leads to the same end."""

    estimator: Any
    # The state of the random generator before its first draw, as plain arrays and numbers.
    rng: dict[str, Any]
    # What a warm start builds on, as arrays, numbers and strings; None for a fit from scratch.
    carried: dict[str, Any] | None
    samples: Samples
    # The targets as scorers want them.
    labels: Array
    # The validation set that the user gave.
    held_out: HeldOut | None
    parameters: Parameters
    # Where the training stands, now and after each epoch.
    state: TrainingState


class SilentHooks:
    """The hooks of scikit-learn's protocol, of which none does anything."""

    def setup(self, estimator: Any, context: Any) -> None:
        """Hear that a fit begins."""

    def teardown(self, estimator: Any, context: Any) -> None:
        """Hear that a fit is over."""

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """Hear that an epoch begins."""

    def on_fit_task_end(self, estimator: Any, context: Any) -> bool:
        """Hear that an epoch is over, and let the training go on."""
        return False


class TrainingCallback(SilentHooks, ABC):
    """A callback of scikit-learn's protocol that is shown the whole training."""

    @abstractmethod
    def watch(self, fit: Fit) -> Observer:
        """Return the observer of a fit that is about to train."""


class EpochCallbacks(Observer):
    """Makes each epoch a task that the callbacks of an estimator hear of.

    Parameters
    ----------
    fit : CallbackContext
        The task of the whole fit.
    arguments : dict
        What is told of every task.
    attributes_so_far : callable
        Gives the fitted attributes as if the training ended here.
    """

    def __init__(
        self, fit: Any, arguments: dict[str, Any], attributes_so_far: Callable[[], dict[str, Any]]
    ):
        self._fit = fit
        self._arguments = arguments
        self._attributes_so_far = attributes_so_far
        # The task of an epoch that has begun and not ended.
        self._epoch: Any = None

    def begin_epoch(self, epoch: int) -> None:
        """See `Observer`."""
        self._epoch = self._fit.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(**self._arguments)

    def end_epoch(self, record: Any, parameters: Any) -> bool:
        """See `Observer`."""
        epoch, self._epoch = self._epoch, None
        return epoch.call_on_fit_task_end(
            **self._arguments, reconstruction_attributes=self._attributes_so_far
        )

    def close(self) -> None:
        """End the task of an epoch in which the training broke off, and that of the whole fit."""
        if self._epoch is not None:
            self._epoch.call_on_fit_task_end(**self._arguments)
        self._fit.call_on_fit_task_end(**self._arguments, reconstruction_attributes={})


@contextmanager
def heard_by_callbacks(
    estimator: Any,
    X: Any,
    y: Any,
    sample_weight: Any,
    attributes_so_far: Callable[[], dict[str, Any]],
) -> Iterator[list[Observer]]:
    """Make the block a task that callbacks hear of; give the observer of its epochs, if any do."""
    if not is_heard(estimator):
        yield []
        return
    metadata = {} if sample_weight is None else {"sample_weight": sample_weight}
    arguments = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
    fit = open_task(estimator)
    fit.call_on_fit_task_begin(**arguments)
    observer = EpochCallbacks(fit, arguments, attributes_so_far)
    yield [observer]
    observer.close()


def open_watchers(fit: Fit) -> list[Observer]:
    """Return the observers of the callbacks that are shown the whole training."""
    return [
        callback.watch(fit)
        for callback in callbacks_of(fit.estimator)
        if isinstance(callback, TrainingCallback)
    ]
