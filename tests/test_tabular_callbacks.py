"""Callbacks hear of every network of an ensemble, and can end its fit; `verbose` tells of each."""

import doctest
import re
import warnings

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from skmlp import TabularMLPClassifier, TabularMLPRegressor
from skmlp.callbacks import History, TimeLimit
from skmlp.estimators.common._callbacks import Callback
from skmlp.estimators.common._sklearn import HAS_CALLBACKS
from skmlp.estimators.tabular import _base

needs_callbacks = pytest.mark.skipif(
    not HAS_CALLBACKS, reason="callbacks came with scikit-learn 1.9"
)
each_n_jobs = pytest.mark.parametrize("n_jobs", [None, 2])

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
y = (X[:, 0] > 0).astype(int)


def classifier(**arguments):
    small = {"hidden_layer_sizes": 8, "max_iter": 3, "n_estimators": 3, "random_state": 0}
    return TabularMLPClassifier(**{**small, **arguments})


class Recorder(Callback):
    """Remembers what it is told; asks to stop after a network."""

    def __init__(self, stop_after=None):
        self.stop_after = stop_after
        self.told = []
        self.scores = []

    def setup(self, estimator, context):
        self.told.append("setup")

    def teardown(self, estimator, context):
        self.told.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.told.append(("begin", context.task_name, context.task_id))

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator=None):
        self.told.append(("end", context.task_name, context.task_id))
        self.scores.append((len(fitted_estimator.estimators_), fitted_estimator.score(X, y)))
        return context.task_name == "network" and context.task_id + 1 == self.stop_after


class PropagatedRecorder(Recorder):
    """A recorder that scikit-learn hands on to the networks."""

    max_propagation_depth = None

    def on_fit_task_end(self, estimator, context):
        self.told.append(("end", context.task_name, context.task_id))


@needs_callbacks
def test_every_network_is_a_task_within_the_task_of_the_fit():
    recorder = Recorder()
    classifier().set_callbacks(recorder).fit(X, y)
    networks = [(hook, "network", k) for k in range(3) for hook in ("begin", "end")]
    fit = [("begin", "fit", 0), *networks, ("end", "fit", 0)]
    assert recorder.told == ["setup", *fit, "teardown"]


@needs_callbacks
@each_n_jobs
def test_the_estimator_shown_is_the_ensemble_so_far(n_jobs):
    recorder = Recorder()
    model = classifier(n_jobs=n_jobs).set_callbacks(recorder).fit(X, y)
    assert [n for n, _ in recorder.scores] == [1, 2, 3, 3]
    assert recorder.scores[-1][1] == model.score(X, y)


@needs_callbacks
def test_epochs_are_tasks_for_a_callback_that_is_handed_on():
    recorder = PropagatedRecorder()
    classifier(n_estimators=2).set_callbacks(recorder).fit(X, y)
    epochs = [(hook, "epoch", k) for k in range(3) for hook in ("begin", "end")]
    told = [entry for entry in recorder.told if entry[1] == "epoch"]
    assert told == 2 * epochs
    assert [recorder.told.count(end) for end in ("setup", "teardown")] == [1, 1]


@needs_callbacks
@pytest.mark.parametrize("make_callback", [History, lambda: TimeLimit(seconds=1)])
def test_callbacks_of_networks_say_what_an_ensemble_has_in_their_place(make_callback):
    text = "got TabularMLPClassifier.*`max_time`.*`verbose=2`.*`estimators_` have their curves"
    with pytest.raises(TypeError, match=text):
        classifier().set_callbacks(make_callback()).fit(X, y)


@needs_callbacks
def test_an_interruption_does_not_say_that_the_weights_of_a_network_are_kept():
    class Interruption(Recorder):
        max_propagation_depth = None

        def on_fit_task_end(self, estimator, context):
            if context.task_name == "epoch":
                raise KeyboardInterrupt

    model = classifier(max_iter=50).set_callbacks(Interruption())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(KeyboardInterrupt):
            model.fit(X, y)


@needs_callbacks
def test_a_callback_can_end_the_fit_after_a_network(monkeypatch):
    monkeypatch.setattr(_base, "learn_again_in_rounds", lambda networks, *rest: networks)
    whole = classifier().fit(X, y)
    monkeypatch.setattr(_base, "learn_again_in_rounds", None)
    model = classifier().set_callbacks(Recorder(stop_after=2)).fit(X, y)
    assert len(model.estimators_) == len(model.n_iter_) == 2
    assert np.isnan(model.validation_predictions_).any()
    np.testing.assert_array_equal(model.estimators_[1].coefs_[0], whole.estimators_[1].coefs_[0])
    assert len(model.estimators_features_) == 2


@needs_callbacks
def test_networks_that_were_trained_at_the_same_time_all_stay():
    model = classifier(n_jobs=2).set_callbacks(Recorder(stop_after=1)).fit(X, y)
    assert len(model.estimators_) == 2


class PropagatedStop(Callback):
    """Asks to stop after whatever it hears of."""

    max_propagation_depth = None

    def on_fit_task_end(self, estimator, context):
        return True


@needs_callbacks
@each_n_jobs
def test_a_callback_that_is_handed_on_ends_each_network_and_not_the_fit(n_jobs):
    model = classifier(n_jobs=n_jobs).set_callbacks(PropagatedStop()).fit(X, y)
    assert model.n_iter_ == [1, 1, 1]


@needs_callbacks
def test_the_example_of_a_callback_for_networks_leaves_an_ensemble_alone():
    names = {}
    for example in doctest.DocTestParser().get_examples(Callback.__doc__):
        if not example.source.startswith(("X", "network")):
            exec(example.source, names)
    watched = classifier().set_callbacks(names["StopAtLoss"](1e9)).fit(X, y)
    assert watched.n_iter_ == [3, 3, 3]


@needs_callbacks
@each_n_jobs
def test_who_watches_changes_nothing_and_stays_with_no_network(n_jobs):
    whole = classifier().fit(X, y)
    recorders = [Recorder(), PropagatedRecorder()]
    watched = classifier(n_jobs=n_jobs).set_callbacks(*recorders).fit(X, y)
    np.testing.assert_array_equal(watched.predict_proba(X), whole.predict_proba(X))
    for network in watched.estimators_:
        assert vars(network).keys() == vars(whole.estimators_[0]).keys()


@needs_callbacks
@each_n_jobs
def test_scikit_learns_monitor_has_a_score_per_network(n_jobs):
    from sklearn.callback import ScoringMonitor

    monitor = ScoringMonitor(scoring="r2")
    regressor = TabularMLPRegressor(hidden_layer_sizes=8, max_iter=3, n_jobs=n_jobs, random_state=0)
    # Else the networks learn again when they all are trained.
    validation = {"X_val": X[:20], "y_val": X[:20, 0]}
    regressor.set_callbacks(monitor).fit(X, X[:, 0], **validation)
    scores = [row["r2"] for row in monitor.get_logs().data if row["task_name"] == "network"]
    assert len(scores) == len(regressor.estimators_)
    assert scores[-1] == regressor.score(X, X[:, 0])


@needs_callbacks
def test_a_search_shows_the_progress_of_every_network(capsys):
    rich = pytest.importorskip("rich", reason="the progress bar is drawn by rich")
    # The console that an earlier test may have made, narrower, is that of the whole process.
    rich.reconfigure(width=160)
    from sklearn.callback import ProgressBar

    # In one process: on a busy machine scikit-learn's bar may refuse the connection of a worker.
    search = GridSearchCV(classifier(n_estimators=2), {"max_iter": [2, 3]}, cv=2)
    search.set_callbacks(ProgressBar(max_propagation_depth=None)).fit(X, y)
    shown = capsys.readouterr().out
    assert "TabularMLPClassifier - network" in shown
    assert "| MLPClassifier - fit" in shown
    assert re.findall(r"\d+%", shown)[-1] == "100%"


@each_n_jobs
def test_verbose_prints_a_line_per_network_and_the_score_of_all(n_jobs, capsys):
    model = classifier(verbose=True, n_jobs=n_jobs).fit(X, y)
    *lines, score_line, last = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[:2] for line in lines] == [
        [f"network {k}/3", "epochs 3"] for k in (1, 2, 3)
    ]
    best = model.estimators_[0].best_iteration_
    score = r"validation score -\d\.\d{6}  seconds \d+\.\d"
    assert re.search(rf"best epoch {best}  {score}", lines[0])
    assert score_line == f"validation score {model.validation_score_:.6f} of all"
    assert last == "all networks learn anew, from all rows"


@pytest.mark.parametrize("max_time", [None, 1e6])
def test_more_than_verbose_prints_a_line_per_epoch_too(max_time, capsys):
    classifier(verbose=2, n_estimators=2, max_time=max_time).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    begin, other = lines.index("network 1/2"), lines.index("network 2/2")
    assert begin == 0
    assert [line.split("  ")[0] for line in lines[begin + 1 : begin + 4]] == [
        "epoch 1/3",
        "epoch 2/3",
        "epoch 3/3",
    ]
    assert other > begin + 4
