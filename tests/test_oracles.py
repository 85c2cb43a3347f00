"""skmlp beside scikit-learn: linear models without a hidden layer, and scikit-learn's own MLP."""

from functools import cache
from inspect import signature

import numpy as np
import pytest
from scipy import sparse
from sklearn import neural_network
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    make_multilabel_classification,
)
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge
from sklearn.preprocessing import StandardScaler

import skmlp

HAS_WEIGHTS = "sample_weight" in signature(neural_network.MLPClassifier.fit).parameters
HAS_POISSON = "loss" in signature(neural_network.MLPRegressor).parameters
needs_weights = pytest.mark.skipif(not HAS_WEIGHTS, reason="sample_weight came with 1.7")
needs_poisson = pytest.mark.skipif(not HAS_POISSON, reason="the Poisson loss came with 1.7")


@cache
def data(task):
    if task == "multilabel":
        X, y = make_multilabel_classification(300, 10, n_classes=4, random_state=0)
    elif task == "binary":
        X, y = load_breast_cancer(return_X_y=True)
    elif task == "multiclass":
        X, y = load_digits(return_X_y=True)
        X = X[:, X.std(axis=0) > 1]
    else:
        X, y = load_diabetes(return_X_y=True)
        y = np.round(y / 40) if task == "poisson" else (y - y.mean()) / y.std()
    rng = np.random.RandomState(0)
    weight = rng.uniform(0.5, 2, 300)
    if task == "outputs":
        y = np.column_stack([y, y**2, X[:, 2] * 10])
    return StandardScaler().fit_transform(X[:300]), y[:300], weight


TASKS = [
    "binary",
    "multiclass",
    "multilabel",
    "regression",
    pytest.param("poisson", marks=needs_poisson),
]


def both(task, **arguments):
    """Return scikit-learn's MLP and skmlp's with the same arguments."""
    name = "MLPRegressor" if task in ("regression", "poisson") else "MLPClassifier"
    if task == "poisson":
        arguments["loss"] = "poisson"
    arguments = {"hidden_layer_sizes": (12, 7), "random_state": 3, **arguments}
    theirs = getattr(neural_network, name)(**arguments)
    return theirs, getattr(skmlp, name)(**arguments, dtype="float64")


def assert_same_weights(ours, theirs, rtol, atol=1e-12):
    pairs = zip(ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True)
    for our_array, their_array in pairs:
        np.testing.assert_allclose(our_array, their_array, rtol=rtol, atol=atol)


# No hidden layer


def linear(estimator, **arguments):
    # L-BFGS ends when the objective moves by less than 2e-9 of itself.
    return estimator(
        hidden_layer_sizes=(), solver="lbfgs", tol=1e-9, max_iter=5000, random_state=0, **arguments
    )


@pytest.mark.parametrize("weighted", [False, True], ids=["all alike", "weighted"])
@pytest.mark.parametrize("alpha", [0.1, 10.0])
def test_no_hidden_layer_is_ridge(alpha, weighted):
    X, y, weight = data("regression")
    weight = weight if weighted else None
    ours = linear(skmlp.MLPRegressor, alpha=alpha).fit(X, y, weight)
    theirs = Ridge(alpha=alpha).fit(X, y, weight)
    np.testing.assert_allclose(ours.coefs_[0][:, 0], theirs.coef_, atol=2e-3)
    np.testing.assert_allclose(ours.intercepts_[0], theirs.intercept_, atol=1e-3)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), atol=1e-3)


def test_no_hidden_layer_with_several_outputs_is_ridge():
    X, y, _ = data("outputs")
    ours = linear(skmlp.MLPRegressor, alpha=2.0).fit(X, y)
    # The squared error is a mean over outputs, Ridge's a sum.
    theirs = Ridge(alpha=2.0 * 3).fit(X, y)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), atol=1e-2)


@pytest.mark.parametrize("weighted", [False, True], ids=["all alike", "weighted"])
@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_no_hidden_layer_is_logistic_regression(task, weighted):
    X, y, weight = data(task)
    weight = weight if weighted else None
    ours = linear(skmlp.MLPClassifier, alpha=2.0).fit(X, y, weight)
    theirs = LogisticRegression(C=1 / 2.0, tol=1e-9, max_iter=5000).fit(X, y, weight)
    np.testing.assert_allclose(ours.coefs_[0], theirs.coef_.T, atol=1e-3)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-3)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


@pytest.mark.parametrize("weighted", [False, True], ids=["all alike", "weighted"])
def test_no_hidden_layer_is_poisson_regression(weighted):
    X, y, weight = data("poisson")
    total = weight.sum() if weighted else len(y)
    weight = weight if weighted else None
    ours = linear(skmlp.MLPRegressor, loss="poisson", alpha=3.0).fit(X, y, weight)
    theirs = PoissonRegressor(alpha=3.0 / total, tol=1e-9, max_iter=5000).fit(X, y, weight)
    np.testing.assert_allclose(ours.coefs_[0][:, 0], theirs.coef_, atol=2e-3)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-3)


# One epoch

STEPS = {
    "plain sgd": {"solver": "sgd", "momentum": 0.0},
    "momentum": {"solver": "sgd", "nesterovs_momentum": False},
    "nesterov": {"solver": "sgd", "learning_rate_init": 0.01},
    "adam": {"solver": "adam"},
    "adam with penalty": {"solver": "adam", "alpha": 1.0, "learning_rate_init": 0.01},
}


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("task", TASKS)
def test_an_unshuffled_epoch_from_the_same_weights_is_that_of_scikit_learn(task, activation):
    X, y, _ = data(task)
    arguments = {"activation": activation, "shuffle": False, "max_iter": 1, "batch_size": 64}
    start, _ = both(task, **arguments, learning_rate_init=1e-300)
    start.fit(X, y)
    for step in STEPS.values():
        theirs, ours = both(task, **arguments, **step)
        ours.set_params(random_state=99)
        ours.fit(X, y, coefs_init=start.coefs_, intercepts_init=start.intercepts_)
        assert_same_weights(ours, theirs.fit(X, y), rtol=1e-10)
        assert not np.allclose(ours.coefs_[0], start.coefs_[0], rtol=1e-6)
        assert ours.loss_ == pytest.approx(theirs.loss_, rel=1e-10)


@pytest.mark.parametrize("task", TASKS)
def test_the_same_random_state_draws_the_first_weights_of_scikit_learn(task):
    X, y, _ = data(task)
    for activation in ("relu", "logistic"):
        arguments = {"max_iter": 1, "learning_rate_init": 1e-300, "activation": activation}
        theirs, ours = (model.fit(X, y) for model in both(task, **arguments))
        assert_same_weights(ours, theirs, rtol=1e-14)


# Whole fits

FITS = {
    "adam": {"solver": "adam"},
    "sgd": {"solver": "sgd", "learning_rate_init": 0.01},
    "unshuffled": {"solver": "sgd", "shuffle": False},
    "invscaling": {"solver": "sgd", "learning_rate": "invscaling", "power_t": 0.2},
    "adaptive": {
        "solver": "sgd",
        "learning_rate": "adaptive",
        "learning_rate_init": 0.05,
        "n_iter_no_change": 2,
        "tol": 0.05,
    },
    "stops by itself": {"solver": "adam", "learning_rate_init": 0.01, "tol": 0.1},
}


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("task", TASKS)
def test_a_whole_fit_follows_scikit_learn(task, fit):
    X, y, _ = data(task)
    arguments = {"max_iter": 25, "batch_size": 50, "n_iter_no_change": 3, **FITS[fit]}
    theirs, ours = (model.fit(X, y) for model in both(task, **arguments))
    assert ours.n_iter_ == theirs.n_iter_
    assert ours.t_ == theirs.t_
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-8)
    assert ours.best_loss_ == pytest.approx(theirs.best_loss_, rel=1e-8)
    assert_same_weights(ours, theirs, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-6, atol=1e-9)


@needs_weights
@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("task", TASKS)
def test_a_weighted_fit_follows_scikit_learn(task, solver):
    X, y, weight = data(task)
    models = both(task, solver=solver, max_iter=10, batch_size=50)
    theirs, ours = (model.fit(X, y, sample_weight=weight) for model in models)
    assert_same_weights(ours, theirs, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("task", TASKS)
def test_lbfgs_follows_scikit_learn(task):
    X, y, _ = data(task)
    models = both(task, solver="lbfgs", max_iter=8, activation="tanh")
    theirs, ours = (model.fit(X, y) for model in models)
    assert ours.n_iter_ == theirs.n_iter_
    assert ours.loss_ == pytest.approx(theirs.loss_, rel=1e-7)
    assert_same_weights(ours, theirs, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("make_sparse", [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array])
@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_a_fit_on_sparse_inputs_follows_scikit_learn(solver, make_sparse):
    X, y, _ = data("multiclass")
    X = make_sparse(np.where(X > 0.5, X, 0))
    models = both("multiclass", solver=solver, max_iter=6)
    theirs, ours = (model.fit(X, y) for model in models)
    assert_same_weights(ours, theirs, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    "task", ["regression", pytest.param("poisson", marks=needs_poisson)], ids=str
)
def test_early_stopping_on_a_continuous_score_follows_scikit_learn(task):
    X, y, _ = data(task)
    arguments = {"early_stopping": True, "learning_rate_init": 0.02, "tol": 0.0, "max_iter": 100}
    theirs, ours = (model.fit(X, y) for model in both(task, **arguments))
    assert ours.n_iter_ == theirs.n_iter_ < 100
    np.testing.assert_allclose(ours.validation_scores_, theirs.validation_scores_, rtol=1e-6)
    assert ours.best_validation_score_ == pytest.approx(theirs.best_validation_score_)
    assert_same_weights(ours, theirs, rtol=1e-5, atol=1e-8)


def test_early_stopping_of_two_classes_sees_the_scores_of_scikit_learn():
    X, y, _ = data("binary")
    models = both("binary", early_stopping=True, n_iter_no_change=5, max_iter=100)
    theirs, ours = (model.fit(X, y) for model in models)
    assert ours.n_iter_ == theirs.n_iter_
    np.testing.assert_array_equal(ours.validation_scores_, theirs.validation_scores_)


@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("task", TASKS)
def test_partial_fit_follows_scikit_learn(task, solver):
    X, y, _ = data(task)
    theirs, ours = both(task, solver=solver, shuffle=False)
    classes = {"classes": np.unique(y)} if task in ("binary", "multiclass") else {}
    if task == "multilabel":
        classes = {"classes": np.arange(y.shape[1])}
    for start in range(0, 300, 60):
        part = slice(start, start + 60)
        theirs.partial_fit(X[part], y[part], **classes)
        ours.partial_fit(X[part], y[part], **classes)
    assert ours.t_ == theirs.t_
    assert_same_weights(ours, theirs, rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize("task", TASKS)
def test_the_first_call_of_partial_fit_shuffles_as_scikit_learn(task):
    X, y, _ = data(task)
    classes = {"classes": np.unique(y)} if task in ("binary", "multiclass") else {}
    if task == "multilabel":
        classes = {"classes": np.arange(y.shape[1])}
    models = both(task, batch_size=20)
    theirs, ours = (model.partial_fit(X, y, **classes) for model in models)
    assert_same_weights(ours, theirs, rtol=1e-9)


@pytest.mark.parametrize("task", TASKS)
def test_a_warm_start_follows_scikit_learn(task):
    X, y, _ = data(task)
    theirs, ours = both(task, warm_start=True, max_iter=4)
    for _ in range(2):
        theirs.fit(X, y)
        ours.fit(X, y)
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-9)
    assert_same_weights(ours, theirs, rtol=1e-7, atol=1e-10)
