"""scikit-learn's callbacks hear of every epoch and can stop the training."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp import MLPClassifier, MLPRegressor
from skmlp.estimators import _callbacks

X, y = load_iris(return_X_y=True)


class Recorder:
    """Remembers what it is told; asks to stop after an epoch on request."""

    def __init__(self, stop_after=None, fail_in=None, interrupt_in=None):
        self.stop_after = stop_after
        self.fail_in = fail_in
        self.interrupt_in = interrupt_in
        self.told = []

    def setup(self, estimator, context):
        self.told.append("setup")

    def teardown(self, estimator, context):
        self.told.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.told.append(("begin", context.task_name, context.task_id))

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator=None):
        self.told.append(("end", context.task_name, context.task_id))
        if context.task_name != "epoch":
            return False
        self.score = fitted_estimator.score(X, y)
        if context.task_id == self.fail_in:
            raise RuntimeError("the callback failed")
        if context.task_id == self.interrupt_in:
            raise KeyboardInterrupt
        return context.task_id + 1 == self.stop_after


needs_callbacks = pytest.mark.skipif(
    not hasattr(_callbacks.CallbackSupportMixin, "_init_callback_context"),
    reason="callbacks came with scikit-learn 1.9",
)
each_solver = pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])


@needs_callbacks
@each_solver
@pytest.mark.parametrize("estimator", [MLPClassifier(), MLPRegressor()])
def test_every_epoch_is_a_task_within_the_task_of_the_fit(estimator, solver):
    recorder = Recorder()
    fitted = clone(estimator).set_params(solver=solver, max_iter=3).set_callbacks(recorder)
    fitted.fit(X, y)
    epochs = [
        (kind, "epoch", epoch) for epoch in range(fitted.n_iter_) for kind in ("begin", "end")
    ]
    whole = ["setup", ("begin", "fit", 0), *epochs, ("end", "fit", 0), "teardown"]
    assert recorder.told == whole


@needs_callbacks
@each_solver
def test_a_callback_stops_the_training(solver):
    classifier = MLPClassifier(solver=solver).set_callbacks(Recorder(stop_after=2)).fit(X, y)
    assert classifier.n_iter_ == 2
    assert classifier.stop_reason_ == "a callback asked to stop"


@needs_callbacks
def test_a_callback_sees_the_estimator_as_it_would_be_if_the_fit_ended_now():
    recorder = Recorder(stop_after=5)
    classifier = MLPClassifier(random_state=0).set_callbacks(recorder).fit(X, y)
    assert recorder.score == classifier.score(X, y)


@needs_callbacks
def test_callbacks_change_nothing_of_the_fit():
    plain = MLPClassifier(random_state=0, max_iter=5).fit(X, y)
    watched = clone(plain).set_callbacks(Recorder()).fit(X, y)
    np.testing.assert_array_equal(plain.coefs_[0], watched.coefs_[0])


@needs_callbacks
def test_callbacks_are_torn_down_when_one_of_them_fails():
    recorder = Recorder(fail_in=1)
    with pytest.raises(RuntimeError, match="the callback failed"):
        MLPClassifier().set_callbacks(recorder).fit(X, y)
    assert recorder.told[-1] == "teardown"


@needs_callbacks
def test_callbacks_are_torn_down_after_an_interruption_and_the_weights_are_kept():
    recorder = Recorder(interrupt_in=1)
    classifier = MLPClassifier().set_callbacks(recorder)
    with pytest.warns(UserWarning, match="interrupted by user"):
        classifier.fit(X, y)
    assert recorder.told[-1] == "teardown"
    assert classifier.predict(X).shape == y.shape


@needs_callbacks
def test_a_search_over_a_pipeline_passes_its_callbacks_on():
    from sklearn.callback import ScoringMonitor

    monitor = ScoringMonitor(scoring="accuracy")
    network = MLPClassifier(max_iter=3).set_callbacks(monitor)
    search = RandomizedSearchCV(
        make_pipeline(StandardScaler(), network),
        {"mlpclassifier__alpha": [1e-3, 1e-2]},
        n_iter=2,
        cv=2,
    )
    search.fit(X, y)
    epochs = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    assert len(epochs) == 3 * (2 * 2 + 1)
    assert all(0 <= row["accuracy"] <= 1 for row in epochs)


def test_an_older_scikit_learn_says_that_callbacks_need_a_newer_one():
    if hasattr(_callbacks.CallbackSupportMixin, "_init_callback_context"):
        pytest.skip("this scikit-learn has callbacks")
    with pytest.raises(ImportError, match=r"`set_callbacks` needs scikit-learn 1\.9 or later"):
        MLPClassifier().set_callbacks(Recorder())
