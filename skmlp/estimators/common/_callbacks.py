"""scikit-learn's callbacks, which came with version 1.9, shown the epochs of a fit."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from skmlp._typing import Array
from skmlp.estimators.common._held_out import HeldOut
from skmlp.parameters import Parameters
from skmlp.training.data import Samples
from skmlp.training.observer import Observer
from skmlp.training.state import TrainingState

Method = TypeVar("Method", bound=Callable[..., Any])

try:
    from sklearn.callback import CallbackSupportMixin
    from sklearn.callback import with_callbacks as _with_callbacks
except ImportError:

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Says which scikit-learn has callbacks."""

        def set_callbacks(self, *callbacks: Any) -> Any:
            """Refuse: callbacks need scikit-learn 1.9 or later.

            Raises
            ------
            ImportError
                In any case.
            """
            import sklearn

            raise ImportError(
                "`set_callbacks` needs scikit-learn 1.9 or later; got "
                f"{sklearn.__version__}. Upgrade it, or read the curves after the fit."
            )

    def _with_callbacks(method: Any) -> Any:
        """Return the method as it is."""
        return method


def with_callbacks(method: Method) -> Method:
    """Return the method within which scikit-learn's callbacks are called; typed as it is."""
    return _with_callbacks(method)


@dataclass(frozen=True)
class Fit:
    """A fit that is about to train: the same beginning leads to the same end.

    Parameters
    ----------
    estimator : estimator
        Its constructor arguments.
    rng : dict
        The state of the random generator before its first draw, as plain arrays and numbers.
    carried : dict or None
        What a warm start builds on, as arrays, numbers and strings; None for a fit from scratch.
    samples : Samples
    labels : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        The targets as scorers want them.
    held_out : HeldOut or None
        The validation set that the user gave.
    parameters : Parameters
    state : TrainingState
        Where the training stands, now and after each epoch.
    """

    estimator: Any
    rng: dict[str, Any]
    carried: dict[str, Any] | None
    samples: Samples
    labels: Array
    held_out: HeldOut | None
    parameters: Parameters
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
    estimator : estimator with callbacks
    X, y, sample_weight : as given to `fit`
    attributes_so_far : callable
        Gives the fitted attributes as if the training had ended with the epochs so far, from what
        it shows and the records of these epochs.
    """

    def __init__(
        self,
        estimator: Any,
        X: Any,
        y: Any,
        sample_weight: Any,
        attributes_so_far: Callable[[Any, list[Any]], dict[str, Any]],
    ):
        self._attributes_so_far = attributes_so_far
        self._records: list[Any] = []
        self._root = estimator._init_callback_context(max_subtasks=estimator.max_iter)
        metadata = {} if sample_weight is None else {"sample_weight": sample_weight}
        self._arguments = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
        self._root.call_on_fit_task_begin(**self._arguments)

    def begin_epoch(self, epoch: int) -> None:
        """See `Observer`."""
        self._epoch = self._root.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(**self._arguments)

    def end_epoch(self, record: Any, parameters: Any) -> bool:
        """See `Observer`."""
        self._records.append(record)
        return self._epoch.call_on_fit_task_end(
            **self._arguments,
            reconstruction_attributes=partial(self._attributes_so_far, parameters, self._records),
        )

    def close(self) -> None:
        """End the task of the whole fit."""
        self._root.call_on_fit_task_end(**self._arguments, reconstruction_attributes={})


def open_callbacks(
    estimator: Any,
    X: Any,
    y: Any,
    sample_weight: Any,
    attributes_so_far: Callable[[Any, list[Any]], dict[str, Any]],
) -> list[EpochCallbacks]:
    """Return the observer that serves the callbacks, or nothing where there are none to serve."""
    if hasattr(estimator, "_skl_callbacks") or hasattr(estimator, "_parent_callback_ctx"):
        return [EpochCallbacks(estimator, X, y, sample_weight, attributes_so_far)]
    return []


def open_watchers(fit: Fit) -> list[Observer]:
    """Return the observers of the callbacks that are shown the whole training."""
    return [
        callback.watch(fit)
        for callback in getattr(fit.estimator, "_skl_callbacks", [])
        if isinstance(callback, TrainingCallback)
    ]


def close_callbacks(callbacks: list[EpochCallbacks]) -> None:
    """End the task of the whole fit."""
    for callback in callbacks:
        callback.close()
