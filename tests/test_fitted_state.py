"""What was fitted predicts, and a fit happens as a whole or not at all."""

import copy
import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from skmlp import (
    LossCurveDisplay,
    MLPClassifier,
    MLPRegressor,
    PerceptronClassifier,
    learning_rate_range_test,
)
from skmlp.training.objective import clip_norm

rng = np.random.RandomState(0)
X = rng.normal(size=(80, 4))
Y = (X[:, 0] > 0).astype(int)

# What a user may try between a fit and a prediction.
CHANGES = [
    {"hidden_layer_sizes": (5,)},
    {"n_hidden_layers": 2, "hidden_layer_sizes": 3},
    {"activation": "foo"},
    {"dropout": [0.1, 0.2]},
    {"frozen_layers": 3},
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_set_params_changes_no_prediction_of_a_fitted_model(estimator, change):
    model = estimator((8,), random_state=0) if estimator is MLPClassifier else estimator()
    model.fit(X, Y)
    before = model.predict(X)
    np.testing.assert_array_equal(model.set_params(**change).predict(X), before)


@pytest.mark.parametrize("change", [{"loss": "poisson"}, {"out_activation": "softplus"}], ids=str)
def test_the_fitted_output_activation_predicts(change):
    model = MLPRegressor(random_state=0).fit(X, Y)
    before = model.predict(X)
    model.set_params(**change)
    np.testing.assert_array_equal(model.predict(X), before)
    assert model.out_activation_ == "identity"


def test_a_warm_start_takes_a_new_output_activation():
    model = MLPRegressor(warm_start=True, random_state=0).fit(X, Y)
    model.set_params(out_activation="softplus").fit(X, Y)
    assert model.out_activation_ == "softplus"
    assert model.predict(X).min() > 0


REFUSED = [
    {"sample_weight": -np.ones(80)},
    {"coefs_init": [np.ones(3)]},
    {"X_val": X[:, :2], "y_val": Y},
]


@pytest.mark.parametrize("given", REFUSED, ids=["weights", "first weights", "validation"])
def test_a_refused_refit_leaves_the_old_model_whole(given):
    model = MLPClassifier((8,), random_state=0).fit(X, np.where(Y, "yes", "no"))
    before = model.predict(X)
    with pytest.raises(ValueError, match=r"must|expecting"):
        model.fit(X, np.where(Y, "cat", "dog"), **given)
    np.testing.assert_array_equal(model.predict(X), before)


def test_a_diverging_refit_leaves_the_old_model_whole():
    model = MLPRegressor(random_state=0).fit(X, Y)
    before = model.predict(X)
    with pytest.raises(ValueError, match="diverged"):
        model.fit(np.hstack([X, X]) * 1e300, Y)
    np.testing.assert_array_equal(model.predict(X), before)


def test_a_failed_first_fit_leaves_an_unfitted_estimator():
    model = MLPRegressor()
    with pytest.raises(ValueError, match="diverged"):
        model.fit(X * 1e300, Y)
    with pytest.raises(NotFittedError):
        model.predict(X)
    assert vars(model).keys() == vars(clone(model)).keys()


def diverge(model):
    with pytest.raises(ValueError, match="diverged"):
        model.partial_fit(X * 1e300, Y)


def be_refused_by_a_warning(model):
    """The schedule is at its end: where warnings are errors, the call fails after its epoch."""
    changed = model.get_params()
    model.set_params(learning_rate="cosine", max_iter=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match="a schedule that ended"):
            model.partial_fit(X, Y)
    model.set_params(**changed)


@pytest.mark.parametrize("fail", [diverge, be_refused_by_a_warning])
@pytest.mark.parametrize("seed", [0, np.random.RandomState(0)], ids=["seed", "generator"])
@pytest.mark.parametrize("solver", ["adam", "sgd", "rmsprop"])
def test_a_call_of_partial_fit_that_fails_leaves_no_trace(solver, seed, fail):
    model = MLPRegressor(solver=solver, random_state=copy.copy(seed), batch_size=10, dropout=0.2)
    model.partial_fit(X, Y).partial_fit(X, Y)
    undisturbed = copy.deepcopy(model)
    fail(model)
    for _ in range(2):
        np.testing.assert_array_equal(
            model.partial_fit(X, Y).coefs_[0], undisturbed.partial_fit(X, Y).coefs_[0]
        )


@pytest.mark.parametrize(
    "model",
    [MLPClassifier(dropout=0.2, batch_size=10), MLPRegressor(), PerceptronClassifier()],
    ids=lambda model: type(model).__name__,
)
def test_a_copy_of_a_stream_goes_its_own_way(model):
    def weights(model):
        return model.coef_ if isinstance(model, PerceptronClassifier) else model.coefs_[0]

    classes = {} if isinstance(model, MLPRegressor) else {"classes": [0, 1]}
    model = clone(model).set_params(random_state=0).partial_fit(X, Y, **classes).partial_fit(X, Y)
    undisturbed, twin = pickle.loads(pickle.dumps(model)), copy.copy(model)
    for _ in range(3):
        twin.partial_fit(X, 1 - Y)
        model.partial_fit(X, Y)
        np.testing.assert_array_equal(weights(model), weights(undisturbed.partial_fit(X, Y)))
    assert twin.random_state is model.random_state


def test_a_first_call_that_diverges_leaves_the_generator_where_it_was():
    model = MLPRegressor(random_state=np.random.RandomState(0))
    undisturbed = clone(model).set_params(random_state=np.random.RandomState(0))
    diverge(model)
    np.testing.assert_array_equal(
        model.partial_fit(X, Y).coefs_[0], undisturbed.partial_fit(X, Y).coefs_[0]
    )


def test_curves_keep_their_length_when_validation_comes_and_goes():
    model = MLPClassifier((8,), max_iter=6, warm_start=True, random_state=0).fit(X, Y)
    assert model.validation_scores_ is None
    model.set_params(early_stopping=True, max_iter=4).fit(X, Y)
    model.set_params(early_stopping=False).fit(X, Y)
    curves = [model.loss_curve_, model.validation_scores_, model.validation_loss_curve_]
    assert {len(curve) for curve in curves} == {14}
    assert np.isnan(model.validation_scores_[:6] + model.validation_scores_[-4:]).all()
    pytest.importorskip("matplotlib").use("Agg")
    LossCurveDisplay.from_estimator(model, scores=True)


def test_a_fit_that_ends_before_its_first_epoch_has_empty_curves():
    model = MLPRegressor(solver="lbfgs", tol=1e9).fit(X, Y)
    assert model.n_iter_ == 0
    assert model.loss_curve_ == model.learning_rate_curve_ == []
    assert np.isfinite(model.loss_)
    assert model.best_loss_ == model.loss_
    assert model.best_iteration_ == 0


def test_a_fit_that_ends_before_its_first_epoch_has_no_best_score():
    model = MLPRegressor(solver="lbfgs", tol=1e9, early_stopping=True).fit(X, Y)
    assert np.isnan(model.best_validation_score_)


def test_inverse_scaling_goes_on_with_the_samples_seen():
    model = MLPClassifier(solver="sgd", learning_rate="invscaling", max_iter=3, random_state=0)
    model.fit(X, Y).partial_fit(X, Y)
    np.testing.assert_allclose(model.learning_rate_curve_[-1], 1e-3 / np.sqrt(3 * 80 + 1))


SPOILT = {"features": (X[:, :2], Y), "NaN": (X * np.nan, Y), "lengths": (X, Y[1:])}


@pytest.mark.parametrize("data", SPOILT.values(), ids=SPOILT)
@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_a_refused_call_of_partial_fit_changes_nothing_of_the_next(estimator, data):
    classes = {"classes": [0, 1]} if estimator is MLPClassifier else {}
    model = estimator(learning_rate="cosine", max_iter=5, dropout=0.2, random_state=0)
    undisturbed = clone(model).partial_fit(X, Y, **classes).partial_fit(X, Y)
    model.partial_fit(X, Y, **classes)
    with pytest.raises(ValueError):
        model.partial_fit(*data)
    model.partial_fit(X, Y)
    np.testing.assert_array_equal(model.coefs_[0], undisturbed.coefs_[0])
    assert model.learning_rate_curve_ == undisturbed.learning_rate_curve_


def test_tolerance_and_patience_may_change_between_calls_of_partial_fit():
    model = MLPClassifier(learning_rate="adaptive", random_state=0)
    model.partial_fit(X, Y, classes=[0, 1])
    model.set_params(tol=10.0, n_iter_no_change=1)
    for _ in range(4):
        model.partial_fit(X, Y)
    assert model.learning_rate_curve_[-1] < model.learning_rate_curve_[0]


def test_a_schedule_that_ended_says_so_in_partial_fit():
    model = MLPClassifier(learning_rate="cosine", max_iter=2, random_state=0)
    model.partial_fit(X, Y, classes=[0, 1]).partial_fit(X, Y)
    with pytest.warns(UserWarning, match="`learning_rate` should last as long as the training"):
        model.partial_fit(X, Y)


def test_the_range_test_trains_as_the_fit_will(monkeypatch):
    """Dropout is drawn, clipping and order are kept, and no buffer is read before it is written."""
    empty = np.empty

    def spoiled(*args, **kwargs):
        array = empty(*args, **kwargs)
        array.fill(np.nan if array.dtype.kind == "f" else 0)
        return array

    def losses(**arguments):
        model = MLPClassifier((8,), batch_size=20, random_state=0, **arguments)
        return learning_rate_range_test(model, X, Y, n_steps=20).losses

    dropped = losses(dropout=0.5)
    monkeypatch.setattr(np, "empty", spoiled)
    np.testing.assert_array_equal(losses(dropout=0.5), dropped)
    assert not np.array_equal(losses(), dropped)
    assert not np.array_equal(losses(), losses(max_grad_norm=1e-3, solver="sgd"))
    assert not np.array_equal(losses(), losses(shuffle=False))


@pytest.mark.parametrize("dtype, large", [(np.float32, 1e20), (np.float64, 1e200)])
def test_clipping_holds_for_gradients_whose_square_overflows(dtype, large):
    gradient = np.array([large, -large, 0], dtype)
    clip_norm(gradient, 1.0)
    np.testing.assert_allclose(gradient, np.array([1, -1, 0]) / np.sqrt(2), rtol=1e-6)


def test_clipping_leaves_what_is_short_enough_or_not_finite():
    for gradient in (np.array([0.3, 0.4]), np.array([np.inf, 1.0]), np.zeros(2), np.zeros(0)):
        before = gradient.copy()
        clip_norm(gradient, 1.0)
        np.testing.assert_array_equal(gradient, before)


def test_a_class_weight_may_name_a_class_that_a_fold_lacks():
    weights = {0: 1, 1: 2, 7: 3}
    MLPClassifier((4,), class_weight=weights, max_iter=2).fit(X, Y)
    with pytest.raises(ValueError, match="`class_weight` must have classes as keys"):
        MLPClassifier(class_weight={0: 1, 7: 3}).fit(X, Y)
    with pytest.raises(ValueError, match="`class_weight` must have classes as keys"):
        MLPClassifier(class_weight={0: "x"}).fit(X, Y)


def test_soft_targets_of_two_classes_have_one_logit():
    soft = np.column_stack([1 - 0.8 * Y - 0.1, 0.8 * Y + 0.1])
    model = MLPClassifier((8,), random_state=0).fit(X, soft)
    assert model.decision_function(X).shape == (80,)
    assert model.predict_proba(X).shape == (80, 2)
    MLPClassifier((8,), early_stopping=True, scoring="roc_auc").fit(X, soft)


def test_a_quantile_is_reached_with_early_stopping_by_default():
    inputs = rng.uniform(0, 5, (2000, 1))
    targets = np.sin(inputs[:, 0]) + rng.exponential(1, 2000)
    model = MLPRegressor(
        "quantile", quantile=0.9, early_stopping=True, max_iter=300, random_state=0
    )
    model.fit(inputs[:1500], targets[:1500])
    assert abs((targets[1500:] <= model.predict(inputs[1500:])).mean() - 0.9) < 0.05


@pytest.mark.parametrize("score", [np.nan, np.inf, -np.inf])
def test_a_score_that_is_never_a_finite_number_is_told(score):
    model = MLPClassifier(early_stopping=True, scoring=lambda estimator, X, y: score, max_iter=3)
    with pytest.warns(UserWarning, match=f"`scoring` should give a finite number; got {score} in"):
        model.fit(X, Y)
