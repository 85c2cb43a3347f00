"""The callback that lets Optuna end a trial in the middle."""

from typing import Any, Literal, TypeAlias

from skmlp.callbacks._epochs import EpochCallback, epoch_values, is_whole_epoch
from skmlp.estimators.common._argument_rules import one_of

Value: TypeAlias = Literal["validation_score", "validation_loss", "loss"]
_DIRECTIONS: dict[Value, str] = {
    "loss": "minimize",
    "validation_loss": "minimize",
    "validation_score": "maximize",
}


class Prune(EpochCallback):
    """Callback that reports every epoch to a trial of Optuna, which may be pruned then.

    Parameters
    ----------
    trial : optuna.trial.Trial
        The trial that the fit belongs to. It stays where it is: a copy of the callback has none.
    value : {"validation_score", "validation_loss", "loss"}, default="validation_score"
        What to report. A score is for a study with ``direction="maximize"``, a loss for one with
        ``"minimize"``.

    Notes
    -----
    Callbacks need scikit-learn 1.9 or later. A pruned fit ends in `optuna.TrialPruned`, which the
    study expects; the estimator stays as it was.

    The steps that Optuna sees are epochs. Those of a second fit, the next fold of a
    cross-validation, begin behind the `max_iter` of the first, so that one step is the same epoch
    of the same fold in every trial. There is one fit at a time; pass ``error_score="raise"`` to
    `cross_val_score`, which else takes a pruned fold for a failed one.

    To try several candidates side by side, give `Study.optimize` its `n_jobs`, or start several
    processes on one storage.

    Examples
    --------
    >>> import optuna
    >>> from sklearn.datasets import load_digits
    >>> from skmlp import MLPClassifier
    >>> from skmlp.callbacks import Prune
    >>> X, y = load_digits(return_X_y=True)
    >>> def objective(trial):
    ...     rate = trial.suggest_float("learning_rate_init", 1e-5, 1e-1, log=True)
    ...     network = MLPClassifier(
    ...         learning_rate_init=rate, max_iter=10, early_stopping=True, random_state=0
    ...     )
    ...     return network.set_callbacks(Prune(trial)).fit(X, y).best_validation_score_
    >>> optuna.logging.disable_default_handler()
    >>> study = optuna.create_study(
    ...     direction="maximize",
    ...     sampler=optuna.samplers.RandomSampler(seed=0),
    ...     pruner=optuna.pruners.MedianPruner(n_startup_trials=2),
    ... )
    >>> study.optimize(objective, n_trials=6)
    >>> sorted({trial.state.name for trial in study.trials})
    ['COMPLETE', 'PRUNED']
    """

    def __init__(self, trial: Any, value: Value = "validation_score"):
        one_of(*_DIRECTIONS).check("value", value)
        self.trial = trial
        self.value = value
        # The task of the fit that goes on, and the epochs that the fits before might have had.
        self._fit: Any = None
        self._n_before = 0

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "trial": None, "_fit": None}

    def setup(self, estimator: Any, context: Any) -> None:
        """Refuse what no trial could be pruned by, before any training."""
        super().setup(estimator, context)
        if self.trial is None:
            raise ValueError(
                "`Prune` must be in the process of its trial; got a copy. Let the study run trials "
                "side by side, or take the callback off by `set_callbacks()`."
            )
        # A trial of fixed parameters belongs to no study.
        study = getattr(self.trial, "study", None)
        wanted = _DIRECTIONS[self.value]
        if study is not None and study.direction.name.lower() != wanted:
            raise ValueError(
                f"`value` must go the way of the study; got {self.value!r}, which is to "
                f"{wanted}, in a study that is to {study.direction.name.lower()}. Choose another "
                f"`value`, or create the study with `direction={wanted!r}`."
            )
        if self._fit is not None:
            raise ValueError(
                "`Prune` must watch one fit at a time; got a second one before the end of the "
                "first. Fit one after the other, without threads, or let the study run trials side "
                "by side."
            )
        self._fit = context

    def on_fit_task_end(
        self, estimator: Any, context: Any, *, fitted_estimator: Any = None
    ) -> None:
        """Report an epoch.

        Raises
        ------
        optuna.TrialPruned
            If the trial is to end.
        """
        if not is_whole_epoch(context, fitted_estimator):
            return
        values = epoch_values(fitted_estimator)
        if self.value not in values:
            raise ValueError(
                f"`value` must be known of every epoch; got {self.value!r} of an estimator without "
                "a validation set. Set `early_stopping=True`, pass `X_val` and `y_val` to `fit`, "
                "or report the 'loss'."
            )
        self.trial.report(values[self.value], self._n_before + context.task_id + 1)
        if self.trial.should_prune():
            from optuna import TrialPruned

            raise TrialPruned(f"pruned after epoch {context.task_id + 1}")

    def teardown(self, estimator: Any, context: Any) -> None:
        # A fit that was refused is torn down, too.
        if context is self._fit:
            self._fit = None
            self._n_before += estimator.max_iter
