"""scikit-learn's callbacks, which came with version 1.9, shown the epochs of a fit."""

from typing import Any

import numpy as np

from skmlp.parameters import Parameters
from skmlp.training.observer import Observer
from skmlp.training.result import EpochRecord

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
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

    def with_callbacks(method: Any) -> Any:
        """Return the method as it is."""
        return method


class EpochCallbacks(Observer):
    """Makes each epoch a task that the callbacks of an estimator hear of.

    Parameters
    ----------
    estimator : estimator with callbacks
    X, y, sample_weight : as given to `fit`
    dtype : dtype
        The dtype of fitted attributes.
    """

    def __init__(self, estimator: Any, X: Any, y: Any, sample_weight: Any, dtype: np.dtype):
        self._estimator = estimator
        self._dtype = dtype
        self._root = estimator._init_callback_context(max_subtasks=estimator.max_iter)
        metadata = {} if sample_weight is None else {"sample_weight": sample_weight}
        self._arguments = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
        self._root.call_on_fit_task_begin(**self._arguments)

    def begin_epoch(self, epoch: int) -> None:
        """See `Observer`."""
        self._epoch = self._root.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(**self._arguments)

    def end_epoch(self, record: EpochRecord, parameters: Parameters) -> bool:
        """See `Observer`."""

        def fitted_attributes() -> dict[str, Any]:
            return self._estimator._fitted_weights(parameters, self._dtype)

        return self._epoch.call_on_fit_task_end(
            **self._arguments, reconstruction_attributes=fitted_attributes
        )

    def close(self) -> None:
        """End the task of the whole fit."""
        self._root.call_on_fit_task_end(**self._arguments, reconstruction_attributes={})


def open_callbacks(
    estimator: Any, X: Any, y: Any, sample_weight: Any, dtype: np.dtype
) -> list[EpochCallbacks]:
    """Return the observer that serves the callbacks, or nothing where there are none to serve."""
    if hasattr(estimator, "_skl_callbacks") or hasattr(estimator, "_parent_callback_ctx"):
        return [EpochCallbacks(estimator, X, y, sample_weight, dtype)]
    return []


def close_callbacks(callbacks: list[EpochCallbacks]) -> None:
    """End the task of the whole fit."""
    for callback in callbacks:
        callback.close()
