"""The callback that keeps what is known of every epoch."""

import time
from itertools import groupby
from typing import Any

from skmlp.callbacks._epochs import EpochCallback, epoch_values, is_whole_epoch, n_epochs
from skmlp.estimators.common._sklearn import ScoringMonitor
from skmlp.estimators.mlp._fitted_network import CURVES


class History(EpochCallback):
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
    ``fit % n_splits`` the fold, and the last fit is that of `best_estimator_`. A fit that failed
    before its first epoch keeps its number, and has no records.

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
        # There is no other public way home from the processes of a search: a monitor sends what
        # its scorer returns. Of its rows count `task_id_path`, the numbers of the tasks from the
        # outermost to the epoch, and `parent_task_id_path`, the same to the fit.
        self._monitor = ScoringMonitor(scoring=_record)
        self._begun: dict[Any, float] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_begun": {}}

    def setup(self, estimator: Any, context: Any) -> None:
        """Hear that a fit begins; refuse estimators that have no epochs."""
        super().setup(estimator, context)
        self._begun[context] = time.monotonic()
        self._monitor.setup(estimator=estimator, context=context)

    def teardown(self, estimator: Any, context: Any) -> None:
        self._begun.pop(context, None)
        self._monitor.teardown(estimator=estimator, context=context)

    def on_fit_task_end(
        self, estimator: Any, context: Any, *, fitted_estimator: Any = None
    ) -> None:
        """Keep the record of an epoch."""
        if is_whole_epoch(context, fitted_estimator):
            record = {
                "epoch": n_epochs(fitted_estimator),
                "seconds": time.monotonic() - self._begun[context.parent],
                "n_siblings": _n_siblings(context.parent),
                **epoch_values(fitted_estimator),
            }
            self._monitor.on_fit_task_end(
                estimator, context, X=(), y=(), fitted_estimator=fitted_estimator, metadata=record
            )

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records of all epochs so far."""
        fits = [fit for log in self._logs() for fit in _fits(log.data)]
        names = ("epoch", "seconds", *CURVES.values())
        return [
            {"fit": number, **{name: row[name] for name in names if name in row}}
            for number, rows in enumerate(fits)
            for row in rows
        ]

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


def _n_siblings(context: Any) -> list[int]:
    """Return how many tasks there are beside that of a fit, itself included, and its parents.

    Known are those that are planned before the first of them begins, the candidates of a search
    in all folds say; of others it is 0.
    """
    parent = context.parent
    if parent is None:
        return [0]
    n_planned = 0 if parent.sequential_subtasks else parent.max_subtasks or 0
    return [*_n_siblings(parent), n_planned]


def _fits(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return the rows of each fit, in the order of the tasks that scikit-learn makes of them.

    A task that was planned and has no rows, a candidate that failed, counts as one fit.
    """
    rows = sorted(rows, key=lambda row: row["task_id_path"])
    grouped = groupby(rows, key=lambda row: row["parent_task_id_path"])
    fits = {path: list(fit) for path, fit in grouped}
    parents = {
        (path[:depth], n_planned)
        for path, fit in fits.items()
        for depth, n_planned in enumerate(fit[0]["n_siblings"])
    }
    planned = {(*path, task_id) for path, n_planned in parents for task_id in range(n_planned)}
    begun = {path[:depth] for path in fits for depth in range(len(path))}
    return [fits.get(path, []) for path in sorted(planned - begun | fits.keys())]
