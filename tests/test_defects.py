"""Defects of scikit-learn 1.9.1's MLP that skmlp does not have, one test each or more."""

import pickle
import warnings

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import ConvergenceWarning

from skmlp import MLPClassifier, MLPRegressor

BOTH = [MLPClassifier, MLPRegressor]
both_estimators = pytest.mark.parametrize("estimator", BOTH)


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return (X - X.mean(axis=0)) / X.std(axis=0), y


@pytest.fixture(scope="module")
def diabetes():
    X, y = load_diabetes(return_X_y=True)
    return X * 10, (y - y.mean()) / y.std()


def n_weights(model):
    return sum(array.nbytes for array in model.coefs_ + model.intercepts_)


def test_defect_01_the_multi_output_gradient_is_that_of_the_multi_output_loss(diabetes):
    X, y = diabetes
    Y = np.column_stack([y, 2 * y + X[:, 0]])
    step = {
        "hidden_layer_sizes": (),
        "solver": "sgd",
        "momentum": 0.0,
        "alpha": 0.0,
        "batch_size": len(X),
        "max_iter": 1,
        "random_state": 0,
    }
    start = MLPRegressor(**step, learning_rate_init=1e-300).fit(X, Y)
    model = MLPRegressor(**step, learning_rate_init=0.5).fit(X, Y)

    def loss(coef):
        return 0.5 * ((X @ coef + start.intercepts_[0] - Y) ** 2).mean()

    moved = (start.coefs_[0] - model.coefs_[0]) / 0.5
    for index in np.ndindex(moved.shape):
        shift = np.zeros_like(moved)
        shift[index] = 1e-5
        quotient = (loss(start.coefs_[0] + shift) - loss(start.coefs_[0] - shift)) / 2e-5
        assert moved[index] == pytest.approx(quotient, rel=1e-6, abs=1e-9)


def test_defect_01_repeated_outputs_train_as_one(diabetes):
    X, y = diabetes
    shape = {
        "hidden_layer_sizes": (),
        "solver": "sgd",
        "alpha": 0.0,
        "momentum": 0.0,
        "shuffle": False,
    }
    start = {"coefs_init": [np.zeros((10, 1))], "intercepts_init": [np.zeros(1)]}
    one = MLPRegressor(**shape, max_iter=3, random_state=0).fit(X, y, **start)
    start = {"coefs_init": [np.zeros((10, 2))], "intercepts_init": [np.zeros(2)]}
    # The loss is a mean over outputs: half the slope each.
    shape["learning_rate_init"] = 0.002
    two = MLPRegressor(**shape, max_iter=3, random_state=0).fit(X, np.column_stack([y, y]), **start)
    np.testing.assert_allclose(two.predict(X)[:, 0], one.predict(X), rtol=1e-9)


@both_estimators
@pytest.mark.parametrize("arguments", [{"solver": "lbfgs"}, {"early_stopping": True}])
def test_defect_02_partial_fit_does_not_exist_where_it_has_no_meaning(estimator, arguments):
    model = estimator(**arguments)
    assert not hasattr(model, "partial_fit")
    with pytest.raises(AttributeError, match="partial_fit"):
        model.partial_fit([[0.0], [1.0]], [0, 1])
    assert hasattr(estimator(), "partial_fit")


def test_defect_03_a_warm_start_with_early_stopping_begins_with_new_patience(iris):
    X, y = iris
    model = MLPClassifier(
        (20,),
        early_stopping=True,
        warm_start=True,
        learning_rate_init=0.01,
        n_iter_no_change=15,
        max_iter=60,
        random_state=0,
    )
    model.fit(X, y)
    assert model.best_validation_score_ > 0.9
    model.fit(X, np.random.RandomState(0).permutation(y))
    assert model.n_iter_ > 15
    assert model.best_validation_score_ < 0.9


def test_defect_03_a_warm_start_leaves_the_weights_of_an_earlier_copy_alone(iris):
    X, y = iris
    model = MLPClassifier((20,), early_stopping=True, warm_start=True, max_iter=20, random_state=0)
    model.fit(X, y)
    held = model.coefs_
    copies = [coef.copy() for coef in held]
    model.fit(X, y[::-1])
    for array, copy in zip(held, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


@both_estimators
def test_defect_04_every_call_of_partial_fit_shuffles_anew(estimator):
    X, y = np.random.RandomState(0).normal(size=(30, 2)), np.arange(30) % 2
    orders = []
    model = estimator(hidden_layer_sizes=3, random_state=0)
    for _ in range(4):
        model.partial_fit(X, y, **({"classes": [0, 1]} if estimator is MLPClassifier else {}))
        orders.append(tuple(model._state.order))
    assert sorted(orders[0]) == list(range(30))
    assert len(set(orders)) == 4


@both_estimators
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_defect_05_a_batch_without_weight_is_left_out(estimator, solver):
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(60, 3)), np.arange(60) % 2
    weight = np.r_[np.ones(20), np.zeros(20), np.ones(20)]
    model = estimator(
        hidden_layer_sizes=5,
        solver=solver,
        shuffle=False,
        batch_size=20,
        max_iter=5,
        random_state=0,
    )
    model.fit(X, y, sample_weight=weight)
    weights = [coef.copy() for coef in model.coefs_]
    kept = weight > 0
    model.fit(X[kept], y[kept])
    for coef, expected in zip(weights, model.coefs_, strict=True):
        np.testing.assert_allclose(coef, expected, rtol=1e-12)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_defect_06_log_probabilities_are_finite(iris, n_classes, dtype):
    X, y = iris
    X, y = X[y < n_classes].astype(dtype), y[y < n_classes]
    model = MLPClassifier(max_iter=5, random_state=0).fit(X, y)
    far = X * dtype(1e4)
    log_probability = model.predict_log_proba(far)
    assert log_probability.min() < -1000, "far out, or the test shows nothing"
    assert np.isfinite(log_probability).all()
    assert log_probability.max() <= 0


@both_estimators
def test_defect_07_lbfgs_has_a_loss_curve(estimator, iris):
    X, y = iris
    model = estimator(solver="lbfgs", max_iter=15, random_state=0).fit(X, y)
    assert len(model.loss_curve_) == model.n_iter_ == 15
    assert model.loss_curve_ == sorted(model.loss_curve_, reverse=True)
    assert model.loss_curve_[-1] == model.loss_
    assert model.stop_reason_


@both_estimators
def test_defect_07_lbfgs_obeys_early_stopping(estimator, iris):
    X, y = iris
    noise = np.random.RandomState(0).permutation(y)
    model = estimator(
        solver="lbfgs", early_stopping=True, n_iter_no_change=3, max_iter=500, random_state=0
    ).fit(X, noise)
    assert "validation" in model.stop_reason_
    assert model.n_iter_ < 500
    assert len(model.validation_scores_) == model.n_iter_
    assert model.best_iteration_ <= model.n_iter_ - 3


@both_estimators
@pytest.mark.parametrize("arguments", [{}, {"early_stopping": True}, {"solver": "lbfgs"}])
def test_defect_08_a_fitted_model_pickles_to_its_weights(estimator, arguments):
    X, y = np.random.RandomState(0).normal(size=(60, 100)), np.arange(60) % 3
    model = estimator(hidden_layer_sizes=200, max_iter=3, random_state=0, **arguments).fit(X, y)
    assert len(pickle.dumps(model)) <= 1.3 * n_weights(model)


@both_estimators
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_defect_09_a_new_learning_rate_takes_effect_between_partial_fit_calls(estimator, solver):
    X, y = np.random.RandomState(0).normal(size=(40, 3)), np.arange(40) % 2
    model = estimator(hidden_layer_sizes=4, solver=solver, random_state=0)
    classes = {"classes": [0, 1]} if estimator is MLPClassifier else {}
    model.partial_fit(X, y, **classes)
    before = model.coefs_[0].copy()
    model.set_params(learning_rate_init=1e-30, momentum=0.0).partial_fit(X, y)
    np.testing.assert_allclose(model.coefs_[0], before, rtol=1e-12)
    model.set_params(learning_rate_init=0.1).partial_fit(X, y)
    assert not np.allclose(model.coefs_[0], before, atol=1e-3)
    assert model.learning_rate_curve_ == [0.001, 1e-30, 0.1]


def test_defect_10_the_decision_function_gives_logits(iris):
    X, y = iris
    model = MLPClassifier((10,), max_iter=30, random_state=0).fit(X, y)
    logits = model.decision_function(X)
    np.testing.assert_allclose(model.predict_proba(X), np.exp(logits), rtol=1e-10)
    two = MLPClassifier((10,), max_iter=30, random_state=0).fit(X[:100], y[:100])
    logits = two.decision_function(X)
    assert logits.shape == (150,)
    np.testing.assert_array_equal(two.predict(X), (logits > 0).astype(int))
    np.testing.assert_allclose(two.predict_proba(X)[:, 1], 1 / (1 + np.exp(-logits)), rtol=1e-10)


def test_defect_10_the_tags_say_what_the_estimators_can():
    tags = MLPRegressor().__sklearn_tags__()
    assert tags.target_tags.multi_output
    assert tags.input_tags.sparse
    assert MLPClassifier().__sklearn_tags__().classifier_tags.multi_label


@both_estimators
def test_defect_11_early_stopping_keeps_column_names(estimator, iris):
    pd = pytest.importorskip("pandas")
    X, y = iris
    frame = pd.DataFrame(X, columns=list("abcd"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = estimator(early_stopping=True, max_iter=3, random_state=0).fit(frame, y)
        model.predict(frame)
    assert list(model.feature_names_in_) == list("abcd")


@both_estimators
def test_defect_11_early_stopping_works_with_one_feature(estimator, iris):
    X, y = iris
    model = estimator(early_stopping=True, max_iter=3, random_state=0).fit(X[:, :1], y)
    assert np.isfinite(model.validation_scores_).all()


@pytest.mark.filterwarnings("ignore:`y` holds one class")
def test_defect_11_early_stopping_works_with_one_class(iris):
    X, _ = iris
    model = MLPClassifier(early_stopping=True, max_iter=3).fit(X, np.ones(150))
    assert set(model.validation_scores_) == {1.0}


def test_defect_11_early_stopping_works_with_a_class_of_one_sample(iris):
    X, y = iris
    y = y.copy()
    y[0] = 7
    model = MLPClassifier(early_stopping=True, max_iter=3, random_state=0).fit(X, y)
    assert 7 in model.classes_


@both_estimators
@pytest.mark.parametrize("solver", ["sgd", "lbfgs"])
def test_defect_12_a_diverging_fit_stops_in_the_epoch_in_which_it_diverges(estimator, solver):
    X, y = np.random.RandomState(0).normal(size=(50, 3)) * 1e200, np.arange(50) % 2
    model = estimator(
        solver=solver, activation="identity", learning_rate_init=1e3, max_iter=100, random_state=0
    )
    with pytest.raises(ValueError, match=r"Training diverged in epoch [1-3]\b"):
        model.fit(X, y)


@both_estimators
@pytest.mark.parametrize("solver", ["sgd", "adam", "adamw", "nadam", "rmsprop", "adagrad"])
def test_defect_13_float32_training_stays_float32(estimator, solver):
    X = np.random.RandomState(0).normal(size=(50, 3)).astype(np.float32)
    y = (np.arange(50) % 2).astype(np.float32)
    model = estimator(hidden_layer_sizes=5, solver=solver, random_state=0)
    model.partial_fit(X, y, **({"classes": [0, 1]} if estimator is MLPClassifier else {}))
    assert all(array.dtype == np.float32 for array in model.coefs_ + model.intercepts_)
    moments = model._state.moments
    assert moments
    assert all(moment.dtype == np.float32 for moment in moments)
    with_numpy_numbers = estimator(
        hidden_layer_sizes=5,
        solver=solver,
        random_state=0,
        learning_rate_init=np.float64(0.001),
        alpha=np.float64(1e-4),
        epsilon=np.float64(1e-8),
        beta_1=np.float64(0.9),
    ).fit(X, y)
    assert all(array.dtype == np.float32 for array in with_numpy_numbers.coefs_)
