"""scikit-learn's own callbacks work with skmlp: alone, in a pipeline, in a search, in processes."""

import pickle
import re
from types import SimpleNamespace

import numpy as np
import pytest
from joblib import Parallel, delayed
from numpy.testing import assert_allclose
from scipy.stats import loguniform
from sklearn.base import clone, is_regressor
from sklearn.datasets import load_iris
from sklearn.metrics import accuracy_score
from sklearn.model_selection import RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp import MLPClassifier, MLPRegressor, PerceptronClassifier
from skmlp.callbacks import Callback
from skmlp.estimators.common._callbacks import EpochCallbacks
from skmlp.estimators.common._sklearn import is_heard

callback = pytest.importorskip("sklearn.callback", reason="callbacks came with scikit-learn 1.9")

X, y = load_iris(return_X_y=True)
ESTIMATORS = [
    MLPClassifier(max_iter=3, random_state=0),
    MLPRegressor(max_iter=3, random_state=0),
    PerceptronClassifier(max_iter=3, tol=None),
]
each_estimator = pytest.mark.parametrize(
    "estimator", ESTIMATORS, ids=lambda estimator: type(estimator).__name__
)


@pytest.fixture
def progress_bar():
    rich = pytest.importorskip("rich", reason="the progress bar is drawn by rich")
    # The console that an earlier test may have made, narrower, is that of the whole process.
    rich.reconfigure(width=160)
    return callback.ProgressBar(max_propagation_depth=None)


def score_of(estimator):
    """Return the name of the estimator's own score: without one the monitor of 1.9.1 fails."""
    return "r2" if is_regressor(estimator) else "accuracy"


def epochs_of(log):
    return [row for row in log.data if row["task_name"] == "epoch"]


def search_over(network):
    """Return a search over pipelines that end in a network."""
    name = type(network).__name__.lower()
    knob = "eta0" if isinstance(network, PerceptronClassifier) else "learning_rate_init"
    return RandomizedSearchCV(
        make_pipeline(StandardScaler(), network),
        {f"{name}__{knob}": loguniform(1e-3, 1e-1)},
        n_iter=2,
        cv=2,
        random_state=0,
    )


def fit_a_clone(estimator):
    clone(estimator).fit(X, y)


# Scores


@each_estimator
def test_the_monitored_score_is_that_of_a_fit_that_ends_there(estimator):
    monitor = callback.ScoringMonitor(scoring=[score_of(estimator)])
    clone(estimator).set_callbacks(monitor).fit(X, y)
    scores = [row[score_of(estimator)] for row in epochs_of(monitor.get_logs())]
    fits = [clone(estimator).set_params(max_iter=n).fit(X, y) for n in (1, 2, 3)]
    assert scores == [fit.score(X, y) for fit in fits]


def test_the_monitor_weighs_the_samples_as_the_fit_did():
    monitor = callback.ScoringMonitor(scoring="accuracy")
    perceptron = clone(ESTIMATORS[2]).set_callbacks(monitor)
    weight = np.where(y == 0, 10.0, 1.0)
    perceptron.fit(X, y, sample_weight=weight)
    last = epochs_of(monitor.get_logs())[-1]["accuracy"]
    assert_allclose(last, accuracy_score(y, perceptron.predict(X), sample_weight=weight))


def test_the_monitor_keeps_a_log_per_fit():
    monitor = callback.ScoringMonitor(scoring=["accuracy", "neg_log_loss"])
    classifier = clone(ESTIMATORS[0]).set_callbacks(monitor).fit(X, y)
    classifier.set_params(max_iter=2).fit(X, y)
    assert [len(epochs_of(log)) for log in monitor.get_logs(select="all")] == [3, 2]
    assert {"accuracy", "neg_log_loss"} <= set(epochs_of(monitor.get_logs())[0])


@each_estimator
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_search_over_pipelines_monitors_every_epoch_of_every_fit(estimator, n_jobs):
    monitor = callback.ScoringMonitor(scoring=[score_of(estimator)])
    search = search_over(clone(estimator).set_callbacks(monitor)).set_params(n_jobs=n_jobs)
    search.fit(X, y)
    (log,) = monitor.get_logs(select="all")
    rows = epochs_of(log)
    n_fits = 2 * 2 + 1
    assert log.estimator_name == "RandomizedSearchCV"
    assert len(rows) == 3 * n_fits
    assert len({row["parent_task_id_path"] for row in rows}) == n_fits
    assert np.isfinite([row[score_of(estimator)] for row in rows]).all()


# Tasks


def epochs_begun_in(search, monkeypatch):
    """Return how many epochs of a search are opened as a task."""
    begun = []
    begin_epoch = EpochCallbacks.begin_epoch
    monkeypatch.setattr(
        EpochCallbacks, "begin_epoch", lambda *task: begun.append(task) or begin_epoch(*task)
    )
    search.fit(X, y)
    return len(begun)


def test_in_a_search_that_nobody_watches_no_epoch_is_a_task(monkeypatch):
    assert epochs_begun_in(search_over(ESTIMATORS[0]), monkeypatch) == 0


def test_who_watches_a_search_alone_finds_the_epochs_among_its_tasks(monkeypatch):
    class Names(Callback):
        def teardown(self, estimator, context):
            self.names = [task.task_name for task in context]

    watcher = Names()
    search = search_over(ESTIMATORS[0]).set_callbacks(watcher)
    n_epochs = epochs_begun_in(search, monkeypatch)
    assert watcher.names.count("epoch") == n_epochs == 3 * (2 * 2 + 1)


def test_callbacks_are_shown_the_averaged_weights():
    class Weights(Callback):
        def setup(self, estimator, context):
            self.shown = []

        def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
            if context.task_name == "epoch":
                self.shown.append(fitted_estimator.coefs_[0])

    network, weights = MLPClassifier(4, averaging=0.5, random_state=0), Weights()
    network.set_params(max_iter=3).set_callbacks(weights).fit(X, y)
    for n_epochs, coef in enumerate(weights.shown, start=1):
        until_then = network.set_params(max_iter=n_epochs).set_callbacks().fit(X, y)
        assert_allclose(coef, until_then.coefs_[0], rtol=1e-12)
    assert n_epochs == 3


# Progress


@each_estimator
def test_the_progress_bar_of_a_fit_ends_at_a_hundred_percent(estimator, progress_bar, capsys):
    clone(estimator).set_callbacks(progress_bar).fit(X, y)
    shown = capsys.readouterr().out
    assert f"{type(estimator).__name__} - fit" in shown
    assert "100%" in shown


def test_the_progress_bar_of_a_fit_that_stops_early_is_full(progress_bar, capsys):
    classifier = MLPClassifier(max_iter=500, early_stopping=True, random_state=0)
    classifier.set_callbacks(progress_bar).fit(X, y)
    assert classifier.n_iter_ < 500
    assert re.findall(r"\d+%", capsys.readouterr().out)[-1] == "100%"


# In one process: on a busy machine scikit-learn's bar may refuse the connection of a worker.
@each_estimator
def test_a_search_shows_the_progress_of_the_networks_in_its_pipelines(
    estimator, progress_bar, capsys
):
    search_over(estimator).set_callbacks(progress_bar).fit(X, y)
    shown = capsys.readouterr().out
    assert "RandomizedSearchCV - fit" in shown
    assert f"| {type(estimator).__name__} - fit" in shown
    assert set(re.findall(r"\d+%", shown)[-1:]) == {"100%"}


# Copies and processes


@each_estimator
def test_callbacks_are_pickled_before_and_after_a_fit(estimator, progress_bar):
    monitor = callback.ScoringMonitor(scoring=[score_of(estimator)])
    watched = clone(estimator).set_callbacks(progress_bar, monitor)
    pickle.loads(pickle.dumps(watched)).fit(X, y)
    restored = pickle.loads(pickle.dumps(watched.fit(X, y))).fit(X, y)
    _, restored_monitor = restored._skl_callbacks
    first, second = restored_monitor.get_logs(select="all")
    assert first.data == second.data == monitor.get_logs().data


@each_estimator
@pytest.mark.parametrize("prefer", ["threads", "processes"])
def test_fits_side_by_side_are_monitored_apart(estimator, prefer):
    monitor = callback.ScoringMonitor(scoring=[score_of(estimator)])
    watched = clone(estimator).set_callbacks(monitor)
    Parallel(n_jobs=2, prefer=prefer)(delayed(fit_a_clone)(watched) for _ in range(3))
    logs = monitor.get_logs(select="all")
    assert [len(epochs_of(log)) for log in logs] == [3, 3, 3]
    assert all(log.data == logs[0].data for log in logs)


def test_a_fit_is_heard_where_it_cannot_be_known_whether_anybody_listens():
    network = MLPClassifier()
    assert not is_heard(network)
    for task, heard in [
        (SimpleNamespace(_callbacks=[], parent=None), False),
        (SimpleNamespace(_callbacks=[]), False),
        (SimpleNamespace(_callbacks=[], parent=SimpleNamespace(parent=None)), True),
    ]:
        network._parent_callback_ctx = task
        assert is_heard(network) == heard
