"""What of scikit-learn is private, or not in every version: nowhere else."""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import sklearn
from sklearn.utils.validation import _check_feature_names_in

from skmlp._typing import Array

Method = TypeVar("Method", bound=Callable[..., Any])


def _missing_callbacks(name: str) -> ImportError:
    return ImportError(
        f"`{name}` needs scikit-learn 1.9 or later; got {sklearn.__version__}. Upgrade it, or read "
        "the curves after the fit."
    )


# Its callbacks came with version 1.9.
try:
    from sklearn.callback import CallbackSupportMixin, ScoringMonitor
    from sklearn.callback import with_callbacks as _with_callbacks

    HAS_CALLBACKS = True
except ImportError:
    HAS_CALLBACKS = False

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Says which scikit-learn has callbacks."""

        def set_callbacks(self, *callbacks: Any) -> Any:
            """Refuse: callbacks need scikit-learn 1.9 or later."""
            raise _missing_callbacks("set_callbacks")

    class ScoringMonitor:  # type: ignore[no-redef]
        """Says which scikit-learn has callbacks."""

        def __init__(self, **_: Any):
            raise _missing_callbacks("History")

    def _with_callbacks(method: Any) -> Any:
        return method


def with_callbacks(method: Method) -> Method:
    """Return the method within which scikit-learn's callbacks are called; typed as it is."""
    return _with_callbacks(method)


def callbacks_of(estimator: Any, kind: type = object) -> list[Any]:
    """Return the callbacks of a kind that were set on an estimator."""
    callbacks = getattr(estimator, "_skl_callbacks", [])
    return [callback for callback in callbacks if isinstance(callback, kind)]


def is_heard(estimator: Any) -> bool:
    """Return whether callbacks hear of the fit, the estimator's own or those around it.

    In a search every fit is a task among others, even if nobody watches any of them. Of tasks that
    another scikit-learn keeps in another way it is not known: somebody may.
    """
    task = getattr(estimator, "_parent_callback_ctx", None)
    while task is not None:
        if getattr(task, "_callbacks", True):
            return True
        task = getattr(task, "parent", None)
    return bool(callbacks_of(estimator))


def open_task(estimator: Any) -> Any:
    """Return scikit-learn's account of a fit, whose tasks are its epochs."""
    return estimator._init_callback_context(max_subtasks=estimator.max_iter)


def open_task_of_members(ensemble: Any) -> Any:
    """Return scikit-learn's account of a fit, whose tasks are its members, by their numbers."""
    return ensemble._init_callback_context(
        max_subtasks=ensemble.n_estimators, sequential_subtasks=False
    )


def add_callback(estimator: Any, callback: Any) -> None:
    """Let an estimator have one more callback."""
    estimator.set_callbacks(*callbacks_of(estimator), callback)


def strip_callbacks(estimator: Any) -> None:
    """Take from an estimator what it keeps of who watched its fit, in another process say."""
    for name in ("_skl_callbacks", "_parent_callback_ctx"):
        vars(estimator).pop(name, None)


def takes_weights(scorer: Callable) -> bool:
    """Return whether a scorer, or the metric of one of scikit-learn's, takes sample weights."""
    # A scorer of scikit-learn takes any keyword and hands it to its metric.
    parameters = inspect.signature(getattr(scorer, "_score_func", scorer)).parameters
    return "sample_weight" in parameters or any(
        parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()
    )


def column_names(estimator: Any, given: Any) -> Array:
    """Return the names of the columns: as `fit` saw them, else as given, else ``x0, x1, ...``."""
    return _check_feature_names_in(estimator, given)
