"""Fits that end before their time: they diverge, or the user interrupts them."""

import re

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from skmlp import MLPClassifier, MLPRegressor
from skmlp.training.full_batch import FullBatchTraining
from skmlp.training.objective import Objective
from skmlp.training.result import StopReason
from skmlp.training.supervisor import Supervisor

BOTH = [MLPClassifier, MLPRegressor]
both_estimators = pytest.mark.parametrize("estimator", BOTH)

rng = np.random.RandomState(0)
X = rng.normal(size=(60, 3))
Y = (X[:, 0] > 0).astype(int)


def classes(estimator):
    return {"classes": [0, 1]} if estimator is MLPClassifier else {}


# Divergence


@both_estimators
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_a_diverging_fit_names_epoch_rate_and_remedy(estimator, solver):
    model = estimator(solver=solver, activation="identity", learning_rate_init=1e200, alpha=10.0)
    with pytest.raises(ValueError, match=r"Training diverged in epoch \d+ at learning") as caught:
        model.fit(X, Y)
    message = str(caught.value)
    assert "at learning rate 1e+200" in message
    for remedy in ("`learning_rate_init`", "`max_grad_norm`", "`X`", "StandardScaler"):
        assert remedy in message
    assert not hasattr(model, "coefs_")


@both_estimators
@pytest.mark.parametrize("epoch", [1, 4])
def test_divergence_is_noticed_in_the_epoch_in_which_it_happens(estimator, epoch, monkeypatch):
    close_epoch = Supervisor.close_epoch
    closed = []

    def spoil(self, number, loss, rate):
        closed.append(number)
        if number == epoch:
            self._parameters.layers[0][0][0, 0] = np.inf
        return close_epoch(self, number, loss, rate)

    monkeypatch.setattr(Supervisor, "close_epoch", spoil)
    with pytest.raises(ValueError, match=f"Training diverged in epoch {epoch} at learning rate"):
        estimator(max_iter=50).fit(X, Y)
    assert closed == list(range(1, epoch + 1))


@both_estimators
def test_a_diverging_lbfgs_names_the_remedy_that_it_has(estimator):
    with pytest.raises(ValueError, match=r"Training diverged in epoch 1: .* Scale `X`") as caught:
        estimator(solver="lbfgs", activation="identity").fit(X * 1e200, Y)
    assert "learning" not in str(caught.value)


@both_estimators
def test_a_clipped_gradient_does_not_diverge(estimator):
    arguments = {"activation": "identity", "solver": "sgd", "max_iter": 5, "random_state": 0}
    far = X * 1e20
    with pytest.raises(ValueError, match="diverged"):
        estimator(**arguments, learning_rate_init=1.0, max_grad_norm=None).fit(far * 1e20, Y * 1.0)
    model = estimator(**arguments, learning_rate_init=1e-3, max_grad_norm=1.0).fit(far, Y)
    assert np.isfinite(model.coefs_[0]).all()


@both_estimators
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_a_diverging_partial_fit_keeps_the_weights_and_can_go_on(estimator, solver):
    model = estimator(
        hidden_layer_sizes=4, activation="identity", solver=solver, batch_size=10, random_state=0
    )
    model.partial_fit(X, Y, **classes(estimator))
    weights = model.coefs_[0].copy()
    model.set_params(learning_rate_init=1e200)
    with pytest.raises(ValueError, match=r"Training diverged in epoch 2 at learning rate 1e\+200"):
        model.partial_fit(X, Y)
    np.testing.assert_array_equal(model.coefs_[0], weights)
    model.set_params(learning_rate_init=0.01)
    for _ in range(30):
        model.partial_fit(X, Y)
    assert model.score(X, Y) > 0.5


# Squares of gradients that overflow: beside an infinite moment a weight would never move again.

each_adaptive_step = pytest.mark.parametrize(
    "solver", ["adam", "adamw", "nadam", "rmsprop", "adagrad"]
)


@each_adaptive_step
def test_a_column_that_would_freeze_the_training_ends_it(solver):
    milliseconds = 1.7e12 + 1e10 * X[:, :1]
    model = MLPRegressor(solver=solver, dtype="float32", random_state=0)
    with pytest.raises(ValueError, match=r"diverged in epoch 1 .* or a moment of the optimizer"):
        model.fit(np.hstack([X, milliseconds]), Y)
    model.set_params(max_grad_norm=1.0, max_iter=3).fit(np.hstack([X, milliseconds]), Y)


@each_adaptive_step
def test_a_row_that_would_freeze_a_stream_is_refused_and_the_stream_goes_on(solver):
    model = MLPRegressor(solver=solver, dtype="float32", random_state=0).partial_fit(X, Y)
    before = [coef.copy() for coef in model.coefs_]
    with pytest.raises(ValueError, match="diverged in epoch 2"):
        model.partial_fit(np.full((1, 3), 1e12), [1.0])
    np.testing.assert_array_equal(model.coefs_[0], before[0])
    model.partial_fit(X, Y)
    assert (model.coefs_[1] != before[1]).mean() > 0.9


def diverging_in_epoch(epoch, monkeypatch):
    """Let the weights be lost in the midst of every training."""
    close_epoch = Supervisor.close_epoch

    def spoil(self, number, loss, rate):
        if number == epoch:
            self._parameters.layers[0][0][0, 0] = np.inf
        return close_epoch(self, number, loss, rate)

    monkeypatch.setattr(Supervisor, "close_epoch", spoil)


@both_estimators
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_divergence_after_a_validated_epoch_keeps_the_best_one_and_warns(
    estimator, solver, monkeypatch
):
    arguments = {"hidden_layer_sizes": 5, "solver": solver, "random_state": 0, "warm_start": True}
    undisturbed = estimator(**arguments, early_stopping=True, max_iter=3).fit(X, Y)
    diverging_in_epoch(4, monkeypatch)
    model = estimator(**arguments, early_stopping=True)
    with pytest.warns(
        ConvergenceWarning, match=r"diverged in epoch 4.* those of epoch \d"
    ) as caught:
        model.fit(X, Y)
    assert caught[0].filename == __file__
    assert len(caught) == 1
    assert model.best_iteration_ == undisturbed.best_iteration_
    np.testing.assert_array_equal(model.coefs_[0], undisturbed.coefs_[0])
    assert model.validation_scores_[:3] == undisturbed.validation_scores_
    assert len(model.validation_scores_) == 4
    assert np.isnan(model.validation_scores_[3])
    assert model.stop_reason_ == "the training diverged"
    monkeypatch.undo()
    assert np.isfinite(model.fit(X, Y).coefs_[0]).all()


@both_estimators
def test_divergence_before_a_validated_epoch_has_nothing_to_keep(estimator, monkeypatch):
    with monkeypatch.context() as patch:
        diverging_in_epoch(1, patch)
        with pytest.raises(ValueError, match="diverged in epoch 1"):
            estimator(early_stopping=True).fit(X, Y)
    diverging_in_epoch(3, monkeypatch)
    with pytest.raises(ValueError, match="diverged in epoch 3"):
        estimator(scoring=lambda *_: np.nan, early_stopping=True).fit(X, Y)


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_weights_beyond_the_published_dtype_are_refused(method):
    model = MLPRegressor(hidden_layer_sizes=(), dtype="float64", solver="sgd", max_iter=20)
    with pytest.raises(ValueError, match=r"weight beyond float32.* pass `X` in float64") as caught:
        getattr(model, method)(X.astype(np.float32), np.full(60, 3e42))
    assert "StandardScaler" in str(caught.value)
    assert not hasattr(model, "coefs_")
    getattr(model, method)(X, np.full(60, 3e42))
    assert np.isfinite(model.coefs_[0]).all()


@pytest.mark.filterwarnings("error")
def test_weights_beyond_their_dtype_in_the_units_of_the_target_are_refused():
    y = 3e38 * X[:, 0]
    model = MLPRegressor(hidden_layer_sizes=(), normalize_y=True, solver="lbfgs", random_state=0)
    with pytest.raises(ValueError, match=r"weight beyond float32.* pass `X` in float64"):
        model.fit(0.3 * X.astype(np.float32), y)
    assert not hasattr(model, "coefs_")
    assert np.isfinite(model.fit(0.3 * X, y).coefs_[0]).all()


# Interruption


class Interrupting:
    """A scorer during which the user presses Ctrl-C."""

    def __init__(self, epoch):
        self.epoch = epoch
        self.weights = []

    def __call__(self, estimator, X, y):
        self.weights.append([coef.copy() for coef in estimator.coefs_])
        if len(self.weights) == self.epoch:
            raise KeyboardInterrupt
        return -float(len(self.weights))


@both_estimators
@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_ctrl_c_keeps_the_weights_so_far_and_warns(estimator, solver):
    scorer = Interrupting(epoch=4)
    model = estimator(hidden_layer_sizes=5, solver=solver, scoring=scorer, random_state=0)
    with pytest.warns(UserWarning, match="interrupted by user after 3 epochs") as caught:
        model.fit(X, Y, X_val=X, y_val=Y)
    assert "`warm_start=True`" in str(caught[0].message)
    assert caught[0].filename == __file__
    assert model.n_iter_ == len(model.loss_curve_) == len(model.validation_scores_) == 3
    assert "interrupted" in model.stop_reason_
    np.testing.assert_array_equal(model.coefs_[0], scorer.weights[-1][0])
    assert np.isfinite(model.predict(X)).all()


@both_estimators
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_ctrl_c_with_early_stopping_keeps_the_best_epoch(estimator, solver):
    scorer = Interrupting(epoch=4)
    model = estimator(
        hidden_layer_sizes=5, solver=solver, scoring=scorer, early_stopping=True, random_state=0
    )
    with pytest.warns(UserWarning, match="interrupted by user after 3 epochs"):
        model.fit(X, Y)
    assert model.best_iteration_ == 1
    np.testing.assert_array_equal(model.coefs_[0], scorer.weights[0][0])


@both_estimators
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_ctrl_c_in_the_first_epoch_leaves_a_model_that_predicts(estimator, solver):
    model = estimator(hidden_layer_sizes=5, solver=solver, scoring=Interrupting(1))
    with pytest.warns(UserWarning, match="interrupted by user after 0 epochs"):
        model.fit(X, Y, X_val=X, y_val=Y)
    assert model.n_iter_ == 0
    assert np.isnan(model.loss_)
    assert np.isnan(model.best_loss_)
    assert np.isfinite(model.predict(X)).all()


@pytest.fixture
def ctrl_c_before_step(monkeypatch):
    """Let the user press Ctrl-C before the n-th step from now."""

    def press_before(step):
        loss_and_gradient, calls = Objective.loss_and_gradient, []

        def interrupt(self, batch):
            calls.append(batch.total)
            if len(calls) == step:
                raise KeyboardInterrupt
            return loss_and_gradient(self, batch)

        monkeypatch.setattr(Objective, "loss_and_gradient", interrupt)

    return press_before


@both_estimators
def test_ctrl_c_between_two_batches_is_not_lost(estimator, ctrl_c_before_step):
    ctrl_c_before_step(8)
    model = estimator(hidden_layer_sizes=5, batch_size=20, random_state=0)
    with pytest.warns(UserWarning, match="interrupted by user after 2 epochs"):
        model.fit(X, Y)
    assert model.n_iter_ == 2


@both_estimators
def test_ctrl_c_before_there_is_a_mean_of_epochs_keeps_the_weights_that_take_steps(
    estimator, ctrl_c_before_step
):
    kept = []
    for averaging in (0.0, 0.8):
        ctrl_c_before_step(3)
        model = estimator(hidden_layer_sizes=5, batch_size=20, averaging=averaging, random_state=0)
        with pytest.warns(UserWarning, match="interrupted by user after 0 epochs"):
            model.fit(X, Y)
        kept.append(model.coefs_[0])
    np.testing.assert_array_equal(*kept)


@pytest.mark.parametrize("epoch", [1, 2])
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_ctrl_c_keeps_no_weights_of_an_epoch_that_had_diverged(solver, epoch, ctrl_c_before_step):
    model = MLPRegressor(solver=solver, dtype="float32", batch_size=4, random_state=0)
    if epoch == 2:
        model.partial_fit(X, Y)
    weights = getattr(model, "coefs_", None)
    ctrl_c_before_step(10)
    with pytest.raises(ValueError, match=f"diverged in epoch {epoch} at learning rate 0.001"):
        model.partial_fit(1e12 * X, Y)
    assert getattr(model, "coefs_", None) is weights


@both_estimators
def test_ctrl_c_in_a_line_search_goes_back_to_the_last_iteration(estimator, monkeypatch):
    loss_and_gradient = Objective.loss_and_gradient
    scorer = Interrupting(epoch=-1)

    def interrupt(self, batch):
        if len(scorer.weights) == 3:
            raise KeyboardInterrupt
        return loss_and_gradient(self, batch)

    monkeypatch.setattr(Objective, "loss_and_gradient", interrupt)
    model = estimator(hidden_layer_sizes=5, solver="lbfgs", scoring=scorer, random_state=0)
    with pytest.warns(UserWarning, match="interrupted by user after 3 epochs"):
        model.fit(X, Y, X_val=X, y_val=Y)
    np.testing.assert_array_equal(model.coefs_[0], scorer.weights[-1][0])


@both_estimators
def test_ctrl_c_in_partial_fit_warns_too(estimator, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    model = estimator(hidden_layer_sizes=5).partial_fit(X, Y, **classes(estimator))
    with monkeypatch.context() as patch:
        patch.setattr(Supervisor, "close_epoch", interrupt)
        text = r"interrupted by user within `partial_fit`\. What .* A loop around it .* `stop_r"
        with pytest.warns(UserWarning, match=text) as caught:
            model.partial_fit(X, Y)
    assert caught[0].filename == __file__
    assert repr(model.stop_reason_) in str(caught[0].message)
    assert np.isfinite(model.partial_fit(X, Y).coefs_[0]).all()


@both_estimators
def test_ctrl_c_in_partial_fit_leaves_the_losses_before(estimator, ctrl_c_before_step):
    model = estimator(hidden_layer_sizes=5, max_iter=5, random_state=0).fit(X, Y)
    for _ in range(3):
        model.partial_fit(X, Y)
    before = model.loss_, model.best_loss_
    assert model.best_iteration_ == 8
    ctrl_c_before_step(1)
    with pytest.warns(UserWarning, match="interrupted by user"):
        model.partial_fit(X, Y)
    assert model.best_iteration_ == 8
    assert (model.loss_, model.best_loss_) == before


@both_estimators
def test_an_interrupted_fit_goes_on_with_a_warm_start(estimator):
    model = estimator(hidden_layer_sizes=5, scoring=Interrupting(4), warm_start=True, max_iter=9)
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(X, Y, X_val=X, y_val=Y)
    model.set_params(scoring=None).fit(X, Y)
    assert len(model.loss_curve_) == 3 + 9


# Running out of epochs


@both_estimators
@pytest.mark.parametrize(
    "arguments, reason",
    [
        ({"max_iter": 3}, "`max_iter` epochs are done"),
        ({"max_iter": 3, "solver": "lbfgs"}, "`max_iter` epochs are done"),
        ({"max_fun": 4, "solver": "lbfgs"}, "`max_fun` evaluations of the objective are done"),
    ],
    ids=str,
)
def test_running_out_of_epochs_warns_with_the_reason_and_a_remedy(estimator, arguments, reason):
    steps = {"batch_size": 5, "learning_rate_init": 0.02}
    model = estimator(hidden_layer_sizes=5, random_state=0, **steps, **arguments)
    with pytest.warns(ConvergenceWarning, match=re.escape(reason)) as caught:
        model.fit(X, Y)
    message = str(caught[0].message)
    assert caught[0].filename == __file__
    assert "Maximum iterations (" in message or "max_fun" in arguments
    assert f"Raise `{next(iter(arguments))}`" in message
    assert f"the loss is {model.loss_:g}" in message
    scaled = "scale `X` and `y`" if estimator is MLPRegressor else "scale `X`,"
    assert scaled in message
    assert model.stop_reason_ == reason


@both_estimators
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_float64_is_a_remedy_for_those_who_train_in_float32(estimator, dtype, monkeypatch):
    monkeypatch.setattr(FullBatchTraining, "_reason", lambda *_: StopReason.LINE_SEARCH)
    with pytest.warns(ConvergenceWarning, match="line search found no better point") as caught:
        estimator(hidden_layer_sizes=5, solver="lbfgs", dtype=dtype).fit(X, Y)
    message = str(caught[0].message)
    assert "raise `alpha`" in message
    assert ("dtype='float64'" in message) == (dtype == "float32")


@both_estimators
def test_code_without_a_module_is_warned_and_keeps_its_fit(estimator):
    names = {"model": estimator(hidden_layer_sizes=5, max_iter=2), "X": X, "y": Y}
    with pytest.warns(ConvergenceWarning):
        exec("model.fit(X, y)", names)
    assert names["model"].n_iter_ == 2


@both_estimators
@pytest.mark.filterwarnings("error")
def test_a_fit_that_converges_does_not_warn(estimator):
    arguments = {"learning_rate_init": 0.05, "tol": 0.05, "max_iter": 500, "random_state": 0}
    stochastic = estimator(hidden_layer_sizes=5, **arguments)
    assert "training loss improved" in stochastic.fit(X, Y).stop_reason_
    linear = estimator(hidden_layer_sizes=(), solver="lbfgs", alpha=1.0, max_iter=500)
    assert linear.fit(X, Y).stop_reason_ == "the optimizer met its tolerance"


@both_estimators
@pytest.mark.parametrize("warmup_iter", [0, 2])
@pytest.mark.parametrize("learning_rate", ["cosine", "one_cycle"])
@pytest.mark.filterwarnings("error")
def test_a_schedule_that_falls_to_zero_ends_as_planned(estimator, learning_rate, warmup_iter):
    model = estimator(
        hidden_layer_sizes=5,
        learning_rate=learning_rate,
        warmup_iter=warmup_iter,
        learning_rate_init=0.02,
        batch_size=5,
        max_iter=9,
        random_state=0,
    )
    assert model.fit(X, Y).stop_reason_ == "`max_iter` epochs are done"


@pytest.mark.filterwarnings("error")
def test_partial_fit_never_warns_about_convergence():
    MLPClassifier((5,)).partial_fit(X, Y, classes=[0, 1])


@both_estimators
def test_a_batch_size_above_the_number_of_samples_warns_and_is_clipped(estimator):
    arguments = {"hidden_layer_sizes": 5, "max_iter": 3, "random_state": 0}
    with pytest.warns(UserWarning, match="`batch_size` should be at most .*, 60; got 1000"):
        model = estimator(**arguments, batch_size=1000).fit(X, Y)
    np.testing.assert_array_equal(
        model.coefs_[0], estimator(**arguments, batch_size=60).fit(X, Y).coefs_[0]
    )
