"""The callback that keeps what is known of every epoch."""

from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from skmlp.callbacks._epochs import (
    CURVES,
    check_has_epochs,
    epoch_values,
    is_whole_epoch,
    n_epochs,
)
from skmlp.estimators.common._callbacks import Callback
from skmlp.estimators.common._sklearn import ScoringMonitor


class History(Callback):
    """Callback that keeps a record of every epoch of every fit, those of a search included.

    A fitted estimator has its own curves; a history also has those of the fits that nobody keeps:
    of every candidate and fold of a search, in the processes of its `n_jobs`, too.

    Attributes
    ----------
    records : list of dict
        One per epoch, all with the keys ``"fit"``, a number from 0 in the order of the fits;
        ``"epoch"``, its place in the curves, from 1; ``"seconds"`` since the fit began;
        ``"loss"``; and where there is such a thing ``"learning_rate"``, ``"validation_loss"`` and
        ``"validation_score"``.

    See Also
    --------
    skmlp.LossCurveDisplay : Draws the curves of fitted estimators.
    TensorBoard : Writes the same for TensorBoard, while a training runs.

    Notes
    -----
    Callbacks need scikit-learn 1.9 or later.

    Fits on a cluster, Dask's or Ray's, are out of reach, as they are for scikit-learn's
    `~sklearn.callback.ScoringMonitor`: let `TensorBoard` write into a folder that all machines see.

    In a search over `n_splits` folds, ``fit // n_splits`` is the row of `cv_results_`,
    ``fit % n_splits`` the fold, and the last fit is that of `best_estimator_`.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skmlp import MLPClassifier
    >>> from skmlp.callbacks import History
    >>> X, y = load_iris(return_X_y=True)
    >>> history = History()
    >>> network = MLPClassifier(max_iter=3, random_state=0).set_callbacks(history).fit(X, y)
    >>> [(record["epoch"], round(record["loss"], 2)) for record in history.records]
    [(1, 1.22), (2, 1.15), (3, 1.1)]

    ``pandas.DataFrame(history.records)`` is a table of them.
    """

    def __init__(self) -> None:
        # A monitor brings home what it is given, from whatever process.
        self._monitor = ScoringMonitor(scoring=_record)

    def setup(self, estimator: Any, context: Any) -> None:
        """Refuse estimators that have no epochs."""
        check_has_epochs(self, estimator)
        self._monitor.setup(estimator=estimator, context=context)

    def teardown(self, estimator: Any, context: Any) -> None:
        """Hear that a fit is over."""
        self._monitor.teardown(estimator=estimator, context=context)

    def on_fit_task_end(
        self, estimator: Any, context: Any, *, fitted_estimator: Any = None
    ) -> None:
        """Keep the record of an epoch."""
        if is_whole_epoch(context, fitted_estimator):
            record = {
                "epoch": n_epochs(fitted_estimator),
                "seconds": (datetime.now(UTC) - context.parent.init_time).total_seconds(),
                **epoch_values(fitted_estimator),
            }
            self._monitor.on_fit_task_end(
                estimator, context, X=(), y=(), fitted_estimator=fitted_estimator, metadata=record
            )

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records of all epochs so far."""
        fits = [fit for log in self._logs() for fit in _fits(log.data)]
        return [{"fit": number, **record} for number, fit in enumerate(fits) for record in fit]

    def _logs(self) -> list[Any]:
        try:
            logs: list[Any] = self._monitor.get_logs(select="all")
        except ValueError:
            # So says a monitor that has not been given anything.
            return []
        return logs


def _record(estimator: Any, X: Any, y: Any, **record: Any) -> dict[str, Any]:
    """Return, as the score of an epoch, the record that stands where metadata would."""
    return record


def _fits(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return the records of each fit, in the order of the tasks that scikit-learn makes of them."""
    rows = sorted(rows, key=lambda row: row["task_id_path"])
    fits = groupby(rows, key=lambda row: row["parent_task_id_path"])
    return [[_without_task(row) for row in fit] for _, fit in fits]


def _without_task(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("epoch", "seconds", *CURVES) if name in row}
