"""scikit-learn's callbacks, shown the epochs of a fit."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from skmlp._typing import Array
from skmlp.estimators.common._held_out import HeldOut
from skmlp.estimators.common._sklearn import callbacks_of, is_heard, open_task
from skmlp.training.data import Samples
from skmlp.training.observer import Observer
from skmlp.training.result import StopReason


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


class Callback:
    """Base of a callback, with all hooks of scikit-learn's protocol; none does anything yet.

    A derived class overrides the hooks that it needs. All of them are called by keyword:

    ``setup(estimator, context)``
        A fit begins; may refuse it by an error.
    ``on_fit_task_begin(estimator, context)``
        An epoch begins, if ``context.task_name == "epoch"``, or a network of an ensemble for
        tables, if it is ``"network"``, else the whole fit; ``context.task_id`` counts from 0.
    ``on_fit_task_end(estimator, context, *, X, y, metadata, fitted_estimator)``
        It is over; returns True to end the training. What it asks for after the asterisk, each by
        a default of None, it gets: the data and weights as given to `fit`, and the estimator as if
        the fit had ended now. An epoch that Ctrl-C cuts short ends, too, with the estimator as it
        stays: ``fitted_estimator.n_iter_ > context.task_id`` is False then.
    ``teardown(estimator, context)``
        The fit is over, whatever ended it.

    See Also
    --------
    History, TensorBoard, TimeLimit, Prune, skmlp.Checkpoint : Callbacks that are there already.

    Notes
    -----
    Callbacks need scikit-learn 1.9 or later. They are set by `set_callbacks` on a network, a
    perceptron or an ensemble, in a pipeline or a search on the network in it. `clone` shares them,
    and a search in several processes gives each process a copy: what a hook keeps of one fit
    belongs to its `context`, not to the callback alone.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skmlp import MLPClassifier
    >>> from skmlp.callbacks import Callback
    >>> class StopAtLoss(Callback):
    ...     def __init__(self, loss):
    ...         self.loss = loss
    ...
    ...     def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
    ...         return context.task_name == "epoch" and fitted_estimator.loss_ < self.loss
    >>> X, y = load_iris(return_X_y=True)
    >>> network = MLPClassifier(random_state=0).set_callbacks(StopAtLoss(0.5)).fit(X, y)
    >>> network.stop_reason_
    'a callback asked to stop'
    """

    def setup(self, estimator: Any, context: Any) -> None:
        """Hear that a fit begins."""

    def teardown(self, estimator: Any, context: Any) -> None:
        """Hear that a fit is over."""

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """Hear that an epoch, or the whole fit, begins."""

    def on_fit_task_end(self, estimator: Any, context: Any) -> bool | None:
        """Hear that an epoch, or the whole fit, is over; return whether to end the training."""
        return False


class TrainingCallback(Callback, ABC):
    """A callback of scikit-learn's protocol that has any training shown to an observer."""

    @abstractmethod
    def watch(self) -> Observer:
        """Return the observer of a training that is about to begin."""


class NetworkCallback(Callback, ABC):
    """A callback of scikit-learn's protocol that has the whole fit of a network shown to one."""

    @abstractmethod
    def watch_network(self, fit: Fit) -> Observer:
        """Return the observer of a fit that is about to train."""


class PartCallbacks:
    """Makes a fit, and each of its parts, a task that the callbacks of an estimator hear of.

    Parameters
    ----------
    fit : CallbackContext
        The task of the fit, which begins.
    arguments : dict
        What is told of every task.
    attributes : callable
        Gives the fitted attributes that come of what there is so far.
    """

    def __init__(
        self, fit: Any, arguments: dict[str, Any], attributes: Callable[[Any], dict[str, Any]]
    ):
        self._fit = fit.call_on_fit_task_begin(**arguments)
        self._arguments = arguments
        self._attributes = attributes

    def close(self) -> None:
        """End the task of the whole fit; the estimator is fitted by then."""
        self._fit.call_on_fit_task_end(**self._arguments, reconstruction_attributes={})


class EpochCallbacks(PartCallbacks, Observer):
    """Makes each epoch a task that callbacks hear of."""

    # The task of an epoch that has begun and not ended.
    _epoch: Any = None

    def begin_training(self, state: Any, parameters: Any) -> None:
        self._state = state

    def begin_epoch(self, epoch: int) -> None:
        self._epoch = self._fit.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(**self._arguments)

    def end_epoch(self, record: Any) -> bool:
        epoch, self._epoch = self._epoch, None
        so_far = partial(self._attributes, self._state.result(StopReason.GOES_ON))
        return epoch.call_on_fit_task_end(**self._arguments, reconstruction_attributes=so_far)

    def close(self) -> None:
        """End the task of an epoch in which the training broke off, too."""
        if self._epoch is not None:
            self._epoch.call_on_fit_task_end(**self._arguments, reconstruction_attributes={})
        super().close()


@contextmanager
def heard_by_callbacks(
    estimator: Any,
    X: Any,
    y: Any,
    sample_weight: Any,
    attributes: Callable[[Any], dict[str, Any]],
    parts: type[PartCallbacks] = EpochCallbacks,
    open_fit: Callable[[Any], Any] = open_task,
) -> Iterator[list[Any]]:
    """Make the block a task that callbacks hear of; give the observer of its parts, if any do."""
    if not is_heard(estimator):
        yield []
        return
    metadata = {} if sample_weight is None else {"sample_weight": sample_weight}
    arguments = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
    observer = parts(open_fit(estimator), arguments, attributes)
    yield [observer]
    observer.close()


def open_watchers(estimator: Any) -> list[Observer]:
    """Return the observers of the callbacks that have any training shown to one."""
    return [callback.watch() for callback in callbacks_of(estimator, TrainingCallback)]


def open_network_watchers(network: Any, fit: Fit) -> list[Observer]:
    """Return the observers of the callbacks that have the whole fit of a network shown to one."""
    return [callback.watch_network(fit) for callback in callbacks_of(network, NetworkCallback)]
