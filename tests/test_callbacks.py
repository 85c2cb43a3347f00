"""scikit-learn's callbacks hear of every epoch and can stop the training."""

import importlib.util
import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp import MLPClassifier, MLPRegressor, PerceptronClassifier
from skmlp.estimators.common import _sklearn

X, y = load_iris(return_X_y=True)

needs_callbacks = pytest.mark.skipif(
    not _sklearn.HAS_CALLBACKS,
    reason="callbacks came with scikit-learn 1.9",
)
ESTIMATORS = [
    *(
        estimator(solver=solver, max_iter=4, random_state=0)
        for estimator in (MLPClassifier, MLPRegressor)
        for solver in ("adam", "sgd", "lbfgs")
    ),
    PerceptronClassifier(max_iter=4, tol=None),
]
each_estimator = pytest.mark.parametrize(
    "estimator", ESTIMATORS, ids=lambda e: f"{type(e).__name__}-{getattr(e, 'solver', 'rule')}"
)
one_of_each = pytest.mark.parametrize(
    "estimator", ESTIMATORS[::3], ids=lambda estimator: type(estimator).__name__
)


class Recorder:
    """Remembers what it is told; on request fails in a hook, or asks to stop after an epoch."""

    def __init__(self, fail_in=None, stop_after=None, interrupt_in=None):
        self.fail_in = fail_in
        self.stop_after = stop_after
        self.interrupt_in = interrupt_in
        self.told = []
        self.scores = []

    def hear(self, hook, *task):
        self.told.append((hook, *task) if task else hook)
        if hook == self.fail_in:
            raise RuntimeError(f"failed in {hook}")

    def setup(self, estimator, context):
        self.hear("setup")

    def teardown(self, estimator, context):
        self.hear("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.hear("begin", context.task_name, context.task_id)

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator=None):
        self.hear("end", context.task_name, context.task_id)
        if context.task_name != "epoch":
            return False
        self.scores.append(fitted_estimator.score(X, y))
        if context.task_id == self.interrupt_in:
            raise KeyboardInterrupt
        return context.task_id + 1 == self.stop_after


# What a callback hears


@needs_callbacks
@each_estimator
def test_every_epoch_is_a_task_within_the_task_of_the_fit(estimator):
    recorder = Recorder()
    fitted = clone(estimator).set_callbacks(recorder).fit(X, y)
    epochs = [
        (hook, "epoch", epoch) for epoch in range(fitted.n_iter_) for hook in ("begin", "end")
    ]
    assert fitted.n_iter_ == 4
    assert recorder.told == ["setup", ("begin", "fit", 0), *epochs, ("end", "fit", 0), "teardown"]


@needs_callbacks
@each_estimator
def test_a_callback_sees_the_estimator_as_it_would_be_if_the_fit_ended_now(estimator):
    recorder = Recorder()
    clone(estimator).set_callbacks(recorder).fit(X, y)
    ended = [clone(estimator).set_params(max_iter=n).fit(X, y).score(X, y) for n in range(1, 5)]
    assert recorder.scores == ended


ATTRIBUTES = ["loss_curve_", "n_iter_", "t_", "stop_reason_", "validation_scores_"]
NETWORKS_ATTRIBUTES = ["validation_loss_curve_", "learning_rate_curve_", "best_iteration_", "loss_"]


class Logger(Recorder):
    """Logs the attributes of the estimator in every epoch, in whatever process it trains."""

    def setup(self, estimator, context):
        self.log = []

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        if context.task_name == "epoch":
            names = ATTRIBUTES
            if not isinstance(estimator, PerceptronClassifier):
                names = ATTRIBUTES + NETWORKS_ATTRIBUTES
            self.log.append({name: getattr(fitted_estimator, name) for name in names})


def assert_told_of(log, fitted, n_before=0):
    """Compare what was logged with the fit that it was logged from."""
    assert [entry["n_iter_"] for entry in log] == list(range(1, fitted.n_iter_ + 1))
    for epoch, entry in enumerate(log, n_before + 1):
        assert entry["stop_reason_"] == "none yet: the training goes on"
        assert entry["loss_curve_"] == fitted.loss_curve_[:epoch]
        for name in ("validation_scores_", "validation_loss_curve_"):
            if name in entry and entry[name] is not None:
                assert_array_equal(entry[name], getattr(fitted, name)[:epoch])
    for name in set(log[-1]) - {"stop_reason_"}:
        assert_array_equal(log[-1][name], getattr(fitted, name))


@needs_callbacks
@each_estimator
@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_callback_sees_the_curves_of_this_fit_so_far(estimator, early_stopping):
    logger = Logger()
    estimator = clone(estimator).set_params(early_stopping=early_stopping).set_callbacks(logger)
    fitted = estimator.fit(X, y)
    assert_told_of(logger.log, fitted)
    fitted.set_params(max_iter=3).fit(X, y)
    assert_told_of(logger.log, fitted)


@needs_callbacks
@pytest.mark.parametrize("estimator", ESTIMATORS[:6:2], ids=str)
def test_a_callback_of_a_warm_start_sees_the_curves_go_on(estimator):
    logger = Logger()
    model = clone(estimator).set_params(warm_start=True).set_callbacks(logger).fit(X, y)
    n_before = len(model.loss_curve_)
    model.fit(X, y)
    assert_told_of(logger.log, model, n_before)


@needs_callbacks
def test_a_callback_in_a_pipeline_sees_the_curves_of_its_fit():
    logger = Logger()
    network = MLPClassifier(max_iter=3, random_state=0).set_callbacks(logger)
    pipeline = make_pipeline(StandardScaler(), network).fit(X, y)
    pipeline.set_params(mlpclassifier__max_iter=2).fit(X, y)
    assert_told_of(logger.log, pipeline[-1])


class InTime(Recorder):
    """Fails where the estimator shown has not as many epochs as there were."""

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        if context.task_name == "epoch":
            n_epochs = context.task_id + 1
            assert fitted_estimator.n_iter_ == len(fitted_estimator.loss_curve_) == n_epochs


@needs_callbacks
@one_of_each
def test_a_callback_sees_the_curves_of_each_fit_of_a_search(estimator):
    watched = clone(estimator).set_callbacks(InTime())
    search = GridSearchCV(watched, {"max_iter": [2, 3]}, cv=2, n_jobs=2, error_score="raise")
    search.fit(X, y)
    assert len(search.best_estimator_.loss_curve_) == search.best_params_["max_iter"]


@needs_callbacks
@one_of_each
def test_callbacks_change_nothing_of_the_fit(estimator):
    plain = clone(estimator).fit(X, y)
    watched = clone(estimator).set_callbacks(Recorder()).fit(X, y)
    assert_array_equal(watched.predict(X), plain.predict(X))
    assert watched.loss_curve_ == plain.loss_curve_
    assert set(vars(watched)) - set(vars(plain)) == {"_skl_callbacks"}


@needs_callbacks
def test_the_average_of_a_perceptron_is_what_a_callback_sees():
    recorder = Recorder()
    perceptron = PerceptronClassifier(average=True, tol=None, max_iter=4).set_callbacks(recorder)
    perceptron.fit(X, y)
    assert recorder.scores[-1] == perceptron.score(X, y)


# Stopping


@needs_callbacks
@each_estimator
@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_callback_stops_the_training(estimator, early_stopping):
    heard = Recorder()
    stopped = clone(estimator).set_params(early_stopping=early_stopping)
    fitted = stopped.set_callbacks(Recorder(stop_after=2), heard).fit(X, y)
    assert fitted.n_iter_ == len(heard.scores) == 2
    assert fitted.stop_reason_ == "a callback asked to stop"


@needs_callbacks
@one_of_each
def test_the_weights_survive_an_interruption_and_callbacks_are_torn_down(estimator):
    recorder = Recorder(interrupt_in=1)
    watched = clone(estimator).set_callbacks(recorder)
    with pytest.warns(UserWarning, match="interrupted by user after 2 epochs"):
        watched.fit(X, y)
    assert recorder.told[-1] == "teardown"
    expected = clone(estimator).set_params(max_iter=2).fit(X, y)
    assert_array_equal(watched.predict(X), expected.predict(X))


@needs_callbacks
@one_of_each
def test_a_callback_stops_the_last_step_of_a_pipeline(estimator):
    recorder = Recorder(stop_after=2)
    pipeline = make_pipeline(StandardScaler(), clone(estimator).set_callbacks(recorder)).fit(X, y)
    assert pipeline[-1].n_iter_ == 2
    assert recorder.told.count("setup") == recorder.told.count("teardown") == 1


# Errors


@needs_callbacks
@one_of_each
@pytest.mark.parametrize("hook", ["setup", "begin", "end", "teardown"])
def test_a_callback_that_fails_is_torn_down_and_nothing_is_fitted(estimator, hook):
    failing, beside = Recorder(fail_in=hook), Recorder()
    watched = clone(estimator).set_callbacks(failing, beside)
    with pytest.raises(RuntimeError, match=f"failed in {hook}"):
        watched.fit(X, y)
    assert failing.told.count("teardown") == 1
    # What was never set up is not torn down.
    assert beside.told.count("teardown") == beside.told.count("setup") == (hook != "setup")
    assert set(vars(watched)) == {*watched.get_params(), "_skl_callbacks"}


@needs_callbacks
@one_of_each
def test_all_callbacks_are_torn_down_though_several_fail(estimator):
    failing = [Recorder(fail_in="teardown"), Recorder(fail_in="teardown")]
    with pytest.raises(ExceptionGroup) as caught:
        clone(estimator).set_callbacks(*failing).fit(X, y)
    assert [str(error) for error in caught.value.exceptions] == ["failed in teardown"] * 2
    assert all(recorder.told.count("teardown") == 1 for recorder in failing)


@needs_callbacks
@one_of_each
def test_data_that_are_refused_never_reach_a_callback(estimator):
    recorder = Recorder()
    with pytest.raises(ValueError, match="NaN"):
        clone(estimator).set_callbacks(recorder).fit(np.full_like(X, np.nan), y)
    assert recorder.told == []


@needs_callbacks
def test_callbacks_are_torn_down_when_the_training_diverges():
    recorder = Recorder()
    perceptron = PerceptronClassifier(eta0=1e308).set_callbacks(recorder)
    with pytest.raises(ValueError, match="diverged in epoch 1"):
        perceptron.fit(X * 1e10, y)
    assert recorder.told == ["setup", ("begin", "fit", 0), ("begin", "epoch", 0), "teardown"]


# Setting


@needs_callbacks
@one_of_each
@pytest.mark.parametrize("callback", [None, Recorder, print], ids=["None", "class", "function"])
def test_what_is_no_callback_is_refused(estimator, callback):
    with pytest.raises(TypeError, match="FitCallback protocol"):
        clone(estimator).set_callbacks(callback)


@needs_callbacks
@one_of_each
def test_a_clone_has_the_callbacks_and_no_arguments_take_them_away(estimator):
    recorder = Recorder()
    watched = clone(estimator).set_callbacks(recorder)
    assert watched.set_callbacks(recorder) is watched
    clone(watched).fit(X, y)
    watched.set_callbacks().fit(X, y)
    assert recorder.told.count("setup") == 1


@one_of_each
def test_before_scikit_learn_1_9_there_are_no_callbacks_and_the_refusal_says_so(
    estimator, monkeypatch
):
    monkeypatch.setitem(sys.modules, "sklearn.callback", None)
    spec = importlib.util.spec_from_file_location("_sklearn_of_old", _sklearn.__file__)
    old = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(old)
    with pytest.raises(ImportError, match=r"`set_callbacks` needs scikit-learn 1\.9 or later; got"):
        old.CallbackSupportMixin.set_callbacks(estimator, Recorder())
    with pytest.raises(ImportError, match=r"`History` needs scikit-learn 1\.9 or later; got"):
        old.ScoringMonitor(scoring=None)
    assert type(estimator).set_callbacks is _sklearn.CallbackSupportMixin.set_callbacks
