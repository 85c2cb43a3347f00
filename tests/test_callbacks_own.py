"""skmlp's own callbacks, wherever a network is fitted: alone, again, in a search, in processes."""

import copy
import importlib
import os
import pickle
import sys
from datetime import timedelta

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp import MLPClassifier, MLPRegressor, PerceptronClassifier, callbacks
from skmlp.callbacks import Callback, History, Prune, TensorBoard, TimeLimit
from skmlp.estimators.common import _clock

pytest.importorskip("sklearn.callback", reason="callbacks came with scikit-learn 1.9")

X, y = load_iris(return_X_y=True)
NETWORK = MLPClassifier((5,), max_iter=3, early_stopping=True, random_state=0)
WATCHED = [
    NETWORK,
    MLPRegressor(hidden_layer_sizes=(5,), solver="lbfgs", max_iter=3, random_state=0),
    PerceptronClassifier(max_iter=3, tol=None),
]
each_estimator = pytest.mark.parametrize(
    "estimator", WATCHED, ids=lambda estimator: type(estimator).__name__
)


def values_of(records, name):
    return [record[name] for record in records]


def of_fit(history, number):
    return [record for record in history.records if record["fit"] == number]


# History


@each_estimator
def test_a_history_has_the_curves_of_a_fit(estimator):
    history = History()
    assert history.records == []
    fitted = clone(estimator).set_callbacks(history).fit(X, y)
    assert values_of(history.records, "epoch") == [1, 2, 3]
    assert values_of(history.records, "loss") == fitted.loss_curve_
    seconds = values_of(history.records, "seconds")
    assert seconds[0] > 0
    assert seconds == sorted(seconds)


def test_a_history_knows_what_the_epochs_of_a_solver_have():
    def keys(estimator):
        history = History()
        clone(estimator).set_callbacks(history).fit(X, y)
        return list(history.records[0])

    every = ["fit", "epoch", "seconds", "loss"]
    assert keys(NETWORK) == [*every, "learning_rate", "validation_loss", "validation_score"]
    assert keys(WATCHED[1]) == every
    assert keys(clone(WATCHED[2]).set_params(early_stopping=True)) == [*every, "validation_score"]


def test_a_refit_is_another_fit_and_a_warm_start_goes_on_in_the_curves():
    history = History()
    network = clone(NETWORK).set_callbacks(history).fit(X, y)
    network.set_params(max_iter=2).fit(X, y)
    network.set_params(warm_start=True).fit(X, y)
    assert values_of(history.records, "fit") == [0, 0, 0, 1, 1, 2, 2]
    assert values_of(history.records, "epoch") == [1, 2, 3, 1, 2, 3, 4]
    assert values_of(of_fit(history, 2), "validation_score") == network.validation_scores_[2:]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_the_history_of_a_search_has_every_candidate_and_fold_in_order(n_jobs):
    history = History()
    pipeline = make_pipeline(StandardScaler(), clone(NETWORK).set_callbacks(history))
    rates = [1e-4, 1e-3, 1e-2]
    search = GridSearchCV(
        pipeline, {"mlpclassifier__learning_rate_init": rates}, cv=2, n_jobs=n_jobs
    ).fit(X, y)
    first_epochs = [record for record in history.records if record["epoch"] == 1]
    assert values_of(first_epochs, "fit") == list(range(7))
    assert values_of(first_epochs[:6], "learning_rate") == [rate for rate in rates for _ in "ab"]
    train, _ = next(StratifiedKFold(2).split(X, y))
    alone = clone(pipeline).set_params(mlpclassifier__learning_rate_init=rates[1])
    alone[-1].set_callbacks()
    alone.fit(X[train], y[train])
    assert values_of(of_fit(history, 2), "loss") == alone[-1].loss_curve_
    assert values_of(of_fit(history, 6), "loss") == search.best_estimator_[-1].loss_curve_


@pytest.mark.parametrize("failing", [0, 2])
@pytest.mark.filterwarnings("ignore")
def test_a_candidate_that_fails_before_its_first_epoch_has_its_numbers_all_the_same(failing):
    history, alphas = History(), [1e-4, 1e-3, 1e-2]
    alphas[failing] = -1.0
    network = clone(NETWORK).set_callbacks(history)
    search = GridSearchCV(network, {"alpha": alphas}, cv=2).fit(X, y)
    numbers = sorted({record["fit"] for record in history.records})
    fitted = [row for row in range(3) if row != failing]
    assert numbers == [2 * row + fold for row in fitted for fold in range(2)] + [6]
    assert values_of(of_fit(history, 6), "loss") == search.best_estimator_.loss_curve_


def test_the_seconds_of_a_history_know_nothing_of_a_clock_that_is_set_back(monkeypatch):
    class SetBack(Callback):
        def on_fit_task_begin(self, estimator, context):
            if context.task_name == "fit":
                context.init_time += timedelta(hours=1)

    history = History()
    clone(NETWORK).set_callbacks(history, SetBack()).fit(X, y)
    assert 0 < history.records[0]["seconds"] < 600


def test_a_pickled_history_keeps_its_records_and_takes_more():
    network = clone(NETWORK).set_callbacks(History()).fit(X, y)
    restored = pickle.loads(pickle.dumps(network))
    (history,) = restored._skl_callbacks
    assert history.records == network._skl_callbacks[0].records
    restored.fit(X, y)
    assert len(history.records) == 6
    assert len(network._skl_callbacks[0].records) == 3


# TimeLimit


def endless(estimator):
    """Return a clone that nothing ends for a million epochs."""
    endless = clone(estimator).set_params(max_iter=10**6, tol=0 if estimator is NETWORK else None)
    return endless.set_params(n_iter_no_change=10**6)


@pytest.fixture
def clock(monkeypatch):
    """A clock that is looked at once per epoch and goes a second each time."""
    seconds = iter(range(10**6))
    monkeypatch.setattr(_clock.time, "monotonic", lambda: float(next(seconds)))


@pytest.mark.parametrize(
    "estimator",
    [
        endless(NETWORK),
        MLPRegressor(
            hidden_layer_sizes=(5,), solver="lbfgs", tol=0, max_iter=10**6, random_state=0
        ),
        PerceptronClassifier(max_iter=10**6, tol=None),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_a_time_limit_ends_a_training_after_the_epoch_in_which_it_is_over(estimator, clock):
    fitted = clone(estimator).set_callbacks(TimeLimit(4)).fit(X, y)
    assert (fitted.n_iter_, fitted.stop_reason_) == (4, "the time limit is over")
    as_long = clone(estimator).set_params(max_iter=4).fit(X, y)
    assert_array_equal(fitted.predict(X), as_long.predict(X))
    assert fitted.loss_curve_ == as_long.loss_curve_


def test_a_fit_ended_by_a_time_limit_has_the_weights_of_its_best_epoch(clock):
    # So large a rate that later epochs are worse.
    network = endless(NETWORK).set_params(learning_rate_init=0.3, scoring="loss")
    network.set_callbacks(TimeLimit(30)).fit(X, y)
    assert network.n_iter_ == 30
    assert network.best_iteration_ < 30
    best = clone(network).set_callbacks().set_params(max_iter=network.best_iteration_).fit(X, y)
    assert_array_equal(network.coefs_[0], best.coefs_[0])


def test_every_fit_has_the_whole_time(clock):
    network = endless(NETWORK).set_callbacks(TimeLimit(3)).fit(X, y)
    assert network.fit(X, y).n_iter_ == 3
    assert network.set_params(warm_start=True).fit(X, y).n_iter_ == 3


def test_a_time_limit_ends_every_fit_of_a_search_in_processes():
    network = endless(NETWORK).set_callbacks(TimeLimit(0.05))
    pipeline = make_pipeline(StandardScaler(), network)
    alphas = {"mlpclassifier__alpha": [1e-4, 1e-2, 1.0]}
    search = RandomizedSearchCV(pipeline, alphas, n_iter=2, cv=2, n_jobs=2, error_score="raise")
    best = search.fit(X, y).best_estimator_[-1]
    assert best.stop_reason_ == "the time limit is over"


def test_another_reason_that_comes_first_is_the_one_that_counts(clock):
    network = clone(NETWORK).set_callbacks(TimeLimit(99)).fit(X, y)
    assert network.stop_reason_ == "`max_iter` epochs are done"


def test_without_any_time_there_is_one_epoch():
    assert endless(NETWORK).set_callbacks(TimeLimit(0)).fit(X, y).n_iter_ == 1


@pytest.mark.parametrize("seconds, error", [(-1, ValueError), ("60", TypeError)])
def test_what_is_no_time_is_refused(seconds, error):
    with pytest.raises(error, match=r"`seconds` must be a number in \[0, inf\); got"):
        TimeLimit(seconds)


# TensorBoard


@pytest.fixture(params=["tensorboardX", "torch.utils.tensorboard"])
def writer(request, monkeypatch):
    """One of the packages that can write, and no other."""
    pytest.importorskip(request.param)
    monkeypatch.setattr(callbacks._tensorboard, "_WRITERS", (request.param,))


def runs(folder):
    """Return what TensorBoard's own reader finds: the values of every run, by their names."""
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    found = {}
    for path in sorted({event.parent for event in folder.rglob("*tfevents*")}):
        run = reader.EventAccumulator(str(path)).Reload()
        found[path.relative_to(folder).as_posix()] = {
            name: [(event.step, event.value) for event in run.Scalars(name)]
            for name in run.Tags()["scalars"]
        }
    return found


def assert_written(written, name, curve, first_step=1):
    steps, values = zip(*written[name], strict=True)
    assert list(steps) == list(range(first_step, first_step + len(curve)))
    assert_array_equal(values, np.float32(curve))


def test_tensorboard_reads_the_curves_of_every_fit(writer, tmp_path):
    network = clone(NETWORK).set_callbacks(TensorBoard(tmp_path / "runs")).fit(X, y)
    ((name, run),) = runs(tmp_path / "runs").items()
    assert "-MLPClassifier-" in name
    assert_written(run, "loss", network.loss_curve_)
    assert_written(run, "learning_rate", network.learning_rate_curve_)
    assert_written(run, "validation_loss", network.validation_loss_curve_)
    assert_written(run, "validation_score", network.validation_scores_)
    network.set_params(warm_start=True).fit(X, y)
    second = next(run for other, run in runs(tmp_path / "runs").items() if other != name)
    assert_written(second, "loss", network.loss_curve_[3:], first_step=4)


def test_a_run_says_with_which_arguments_it_was_made(writer, tmp_path):
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    clone(NETWORK).set_callbacks(TensorBoard(tmp_path)).fit(X, y)
    (folder,) = tmp_path.iterdir()
    run = reader.EventAccumulator(str(folder)).Reload()
    (text,) = run.Tensors("arguments/text_summary")
    table = text.tensor_proto.string_val[0].decode()
    assert "| argument | value |" in table
    for name, value in NETWORK.get_params().items():
        assert f"| {name} | {value!r} |" in table


def test_every_fit_of_a_search_is_a_run(tmp_path):
    pytest.importorskip("tensorboardX")
    pipeline = make_pipeline(StandardScaler(), clone(NETWORK).set_callbacks(TensorBoard(tmp_path)))
    alphas = {"mlpclassifier__alpha": [1e-4, 1e-2, 1.0]}
    search = RandomizedSearchCV(pipeline, alphas, n_iter=2, cv=2, n_jobs=2, error_score="raise")
    search.fit(X, y)
    found = runs(tmp_path)
    assert len(found) == 5
    assert len({name.partition("/")[0] for name in found}) == 1
    of_the_best = search.best_estimator_[-1].loss_curve_
    assert_written(found[max(found)], "loss", of_the_best)


def test_a_perceptron_and_l_bfgs_are_written_without_a_rate(tmp_path):
    pytest.importorskip("tensorboardX")
    for estimator in WATCHED[1:]:
        folder = tmp_path / type(estimator).__name__
        clone(estimator).set_callbacks(TensorBoard(folder)).fit(X, y)
        (run,) = runs(folder).values()
        assert set(run) == {"loss"}


def test_a_fit_that_fails_closes_its_files_and_an_estimator_with_runs_is_pickled(tmp_path):
    pytest.importorskip("tensorboardX")
    board = TensorBoard(tmp_path)
    network = clone(NETWORK).set_callbacks(board, Failing())
    with pytest.raises(RuntimeError, match="on purpose"):
        network.fit(X, y)
    assert board._writers == {}
    assert [len(run["loss"]) for run in runs(tmp_path).values()] == [2]


class Failing(Callback):
    """Pickles the estimator, its open files included, and fails."""

    def on_fit_task_end(self, estimator, context):
        if context.task_name == "epoch" and context.task_id == 1:
            pickle.loads(pickle.dumps(estimator._skl_callbacks))
            raise RuntimeError("on purpose")


def test_a_log_dir_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    network = clone(NETWORK).set_callbacks(TensorBoard(tmp_path / "file"))
    with pytest.raises(ValueError, match=r"`log_dir` must be a folder; got '.*file', which is"):
        network.fit(X, y)


def test_without_a_writer_the_error_says_what_to_install(monkeypatch, tmp_path):
    for name in callbacks._tensorboard._WRITERS:
        monkeypatch.setitem(sys.modules, name, None)
    network = clone(NETWORK).set_callbacks(TensorBoard(tmp_path))
    with pytest.raises(ImportError, match="needs a writer of its files, and none"):
        network.fit(X, y)


# Prune


@pytest.fixture
def optuna():
    optuna = pytest.importorskip("optuna")
    optuna.logging.disable_default_handler()
    return optuna


def make_study(optuna, direction="maximize", worst=None):
    """Return a study that prunes what is worse than `worst` after an epoch."""
    pruner = optuna.pruners.NopPruner()
    if worst is not None:
        pruner = optuna.pruners.ThresholdPruner(lower=worst)
    return optuna.create_study(direction=direction, pruner=pruner)


def slow_or_fast(trial):
    """Return a network that learns nothing in the first of all trials."""
    rate = 1e-6 if trial.number == 0 else 0.1
    network = clone(NETWORK).set_params(learning_rate_init=rate, hidden_layer_sizes=(20,))
    return make_pipeline(StandardScaler(), network.set_callbacks(Prune(trial)))


def test_a_trial_is_told_of_every_epoch_and_pruned(optuna):
    networks = []

    def objective(trial):
        networks.append(slow_or_fast(trial))
        return networks[-1].fit(X, y)[-1].best_validation_score_

    study = make_study(optuna, worst=0.5)
    study.optimize(objective, n_trials=2)
    pruned, complete = study.trials
    assert (pruned.state.name, complete.state.name) == ("PRUNED", "COMPLETE")
    assert list(pruned.intermediate_values) == [1]
    assert not hasattr(networks[0][-1], "coefs_")
    scores = dict(enumerate(networks[1][-1].validation_scores_, 1))
    assert complete.intermediate_values == scores


@pytest.mark.parametrize("value", ["loss", "validation_loss"])
def test_a_loss_is_reported_to_a_study_that_minimizes(optuna, value):
    def objective(trial):
        network = clone(NETWORK).set_callbacks(Prune(trial, value)).fit(X, y)
        assert list(trial.storage.get_trial(trial._trial_id).intermediate_values.values()) == (
            network.loss_curve_ if value == "loss" else network.validation_loss_curve_
        )
        return network.loss_

    make_study(optuna, "minimize").optimize(objective, n_trials=1)


def test_the_folds_of_a_cross_validation_are_told_of_one_behind_the_other(optuna):
    def objective(trial):
        return cross_val_score(slow_or_fast(trial), X, y, cv=2, error_score="raise").mean()

    study = make_study(optuna, worst=0.5)
    study.optimize(objective, n_trials=2)
    pruned, complete = study.trials
    assert (pruned.state.name, complete.state.name) == ("PRUNED", "COMPLETE")
    assert list(complete.intermediate_values) == [1, 2, 3, 4, 5, 6]


def test_fits_of_other_lengths_are_told_of_one_behind_the_other(optuna):
    trial = make_study(optuna).ask()
    network = clone(NETWORK).set_callbacks(Prune(trial))
    for max_iter in (4, 2, 3):
        network.set_params(max_iter=max_iter).fit(X, y)
    told = trial.storage.get_trial(trial._trial_id).intermediate_values
    assert list(told) == list(range(1, 10))


def test_a_second_fit_beside_the_first_is_refused_and_leaves_the_first(optuna):
    class Beside(Callback):
        def on_fit_task_begin(self, estimator, context):
            if context.task_id == 1:
                with pytest.raises(ValueError, match="`Prune` must watch one fit at a time; got a"):
                    clone(NETWORK).set_callbacks(prune).fit(X, y)

    trial = make_study(optuna).ask()
    prune = Prune(trial)
    network = clone(NETWORK).set_callbacks(prune, Beside()).fit(X, y)
    told = trial.storage.get_trial(trial._trial_id).intermediate_values
    assert told == dict(enumerate(network.validation_scores_, 1))
    network.set_callbacks(prune).fit(X, y)


def test_a_value_that_goes_the_other_way_than_the_study_is_refused(optuna):
    study = make_study(optuna, "minimize")
    network = clone(NETWORK).set_callbacks(Prune(study.ask()))
    with pytest.raises(ValueError, match="`value` must go the way of the study; got 'validation"):
        network.fit(X, y)
    network.set_callbacks(Prune(optuna.trial.FixedTrial({}))).fit(X, y)


def test_a_value_that_there_is_none_of_is_refused(optuna):
    network = clone(NETWORK).set_params(early_stopping=False)
    network.set_callbacks(Prune(make_study(optuna).ask()))
    with pytest.raises(ValueError, match="`value` must be known of every epoch; got 'validation"):
        network.fit(X, y)


def test_a_copy_in_another_process_is_refused_and_a_saved_network_holds_no_study(optuna, tmp_path):
    network = clone(NETWORK).set_callbacks(Prune(make_study(optuna).ask())).fit(X, y)
    joblib.dump(network, tmp_path / "network.joblib")
    restored = joblib.load(tmp_path / "network.joblib")
    assert_array_equal(restored.predict(X), network.predict(X))
    for copied in (restored, copy.deepcopy(network)):
        with pytest.raises(ValueError, match=r"`Prune` must be in .* its trial; got a copy\. Let"):
            copied.fit(X, y)
    assert restored.set_callbacks().fit(X, y).n_iter_ == 3


def test_a_misspelt_value_is_mended():
    with pytest.raises(
        ValueError, match=r"`value` must be one of .*Did you mean 'validation_loss'"
    ):
        Prune(None, "val_loss")


# All of them


@pytest.mark.parametrize(
    "callback",
    [History, lambda: TimeLimit(1), lambda: TensorBoard("runs"), lambda: Prune(None)],
    ids=["History", "TimeLimit", "TensorBoard", "Prune"],
)
def test_an_estimator_without_epochs_is_refused_by_name(callback, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    watched = LogisticRegression().set_callbacks(callback())
    with pytest.raises(TypeError, match=r"`(History|TimeLimit|TensorBoard|Prune)` must be set on"):
        watched.fit(X, y)
    assert os.listdir(tmp_path) == []


def test_all_of_them_watch_one_fit_and_change_nothing_of_it(optuna, tmp_path):
    pytest.importorskip("tensorboardX")
    trial = make_study(optuna).ask()
    all_of_them = History(), TensorBoard(tmp_path), TimeLimit(1e6), Prune(trial)
    watched = clone(NETWORK).set_callbacks(*all_of_them).fit(X, y)
    plain = clone(NETWORK).fit(X, y)
    assert_array_equal(watched.coefs_[0], plain.coefs_[0])
    assert watched.loss_curve_ == plain.loss_curve_
    assert len(all_of_them[0].records) == len(plain.loss_curve_)


def test_skmlp_needs_neither_optuna_nor_a_writer(without_skmlp, monkeypatch):
    for name in ("optuna", "tensorboardX", "torch", "torch.utils.tensorboard"):
        monkeypatch.setitem(sys.modules, name, None)
    assert importlib.import_module("skmlp").callbacks.Prune(None).value == "validation_score"
