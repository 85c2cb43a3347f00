"""What scikit-learn's MLP does not have: each option does what its name says."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.preprocessing import StandardScaler

from skmlp import MLPClassifier, MLPRegressor
from skmlp.initializers import INITIALIZERS

BOTH = [MLPClassifier, MLPRegressor]
both_estimators = pytest.mark.parametrize("estimator", BOTH)
SOLVERS = ["sgd", "adam", "adamw", "muon", "nadam", "rmsprop", "adagrad", "lbfgs"]

X, Y = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)


def fitted(estimator, given=None, **arguments):
    arguments = {"hidden_layer_sizes": (8,), "max_iter": 5, "random_state": 0, **arguments}
    return estimator(**arguments).fit(X, Y, **(given or {}))


def units(model):
    return [coef.shape[1] for coef in model.coefs_]


@both_estimators
def test_an_integer_width_and_a_number_of_layers_are_a_list_of_widths(estimator):
    two_numbers = fitted(estimator, hidden_layer_sizes=6, n_hidden_layers=3)
    a_list = fitted(estimator, hidden_layer_sizes=[6, 6, 6])
    assert units(two_numbers)[:-1] == [6, 6, 6]
    np.testing.assert_array_equal(two_numbers.coefs_[-1], a_list.coefs_[-1])


@both_estimators
@pytest.mark.parametrize("sizes, width", [({}, 100), ({"hidden_layer_sizes": [6]}, 6)], ids=str)
def test_a_number_of_layers_takes_the_only_width_there_is(estimator, sizes, width):
    model = estimator(n_hidden_layers=2, max_iter=2, **sizes).fit(X, Y)
    assert units(model)[:-1] == [width, width]


@both_estimators
@pytest.mark.parametrize(
    "sizes, expected",
    [((), []), ([], []), (4, [4]), (np.int64(4), [4]), (np.array([4, 3]), [4, 3])],
    ids=str,
)
def test_layer_sizes_come_in_any_form(estimator, sizes, expected):
    assert units(fitted(estimator, hidden_layer_sizes=sizes))[:-1] == expected


@both_estimators
def test_no_hidden_layer_can_be_said_with_a_number_too(estimator):
    model = fitted(estimator, hidden_layer_sizes=6, n_hidden_layers=0)
    assert units(model)[:-1] == []


@both_estimators
@pytest.mark.parametrize("dtype", [np.float32, np.dtype(np.float32)], ids=repr)
def test_a_dtype_comes_in_any_form(estimator, dtype):
    model = clone(fitted(estimator, dtype=dtype)).fit(X, Y)
    assert model.get_params()["dtype"] == dtype
    assert np.isfinite(model.loss_)
    named = fitted(estimator, dtype="float32")
    np.testing.assert_array_equal(model.coefs_[0], named.coefs_[0])
    assert not np.array_equal(named.coefs_[0], fitted(estimator, dtype=float).coefs_[0])


@both_estimators
def test_an_activation_per_layer_is_applied_in_that_layer(estimator):
    sizes = {"hidden_layer_sizes": (5, 5)}
    alike = fitted(estimator, activation=["tanh", "tanh"], **sizes)
    np.testing.assert_array_equal(
        alike.coefs_[0], fitted(estimator, activation="tanh", **sizes).coefs_[0]
    )
    mixed = [
        fitted(estimator, activation=names, **sizes)
        for names in (["relu", "tanh"], ["tanh", "relu"])
    ]
    assert not np.allclose(mixed[0].coefs_[0], mixed[1].coefs_[0])


@both_estimators
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("n_frozen", [1, 2])
def test_frozen_layers_stay_as_they_are_and_the_others_train(estimator, solver, n_frozen):
    rng = np.random.RandomState(0)
    start = {
        "coefs_init": [rng.normal(size=(4, 6)), rng.normal(size=(6, 5)), None],
        "intercepts_init": [rng.normal(size=6), rng.normal(size=5), None],
    }
    arguments = {"hidden_layer_sizes": (6, 5), "solver": solver, "alpha": 1.0}
    model = fitted(estimator, start, frozen_layers=n_frozen, **arguments)
    for layer in (0, 1):
        frozen = layer < n_frozen
        same = np.array_equal(model.coefs_[layer], start["coefs_init"][layer])
        assert same is frozen
        assert np.array_equal(model.intercepts_[layer], start["intercepts_init"][layer]) is frozen


@both_estimators
def test_first_weights_that_are_not_given_are_drawn_as_always(estimator):
    coef = np.random.RandomState(1).normal(size=(4, 8))
    still = {"learning_rate_init": 1e-300, "max_iter": 1}
    given = fitted(estimator, {"coefs_init": [coef, None]}, **still)
    drawn = fitted(estimator, **still)
    np.testing.assert_array_equal(given.coefs_[0], coef)
    np.testing.assert_array_equal(given.coefs_[1], drawn.coefs_[1])
    np.testing.assert_array_equal(given.intercepts_[0], drawn.intercepts_[0])


@both_estimators
def test_a_clipped_gradient_makes_a_step_of_at_most_that_length(estimator):
    step = {"solver": "sgd", "momentum": 0.0, "max_iter": 1, "batch_size": 150}
    start = fitted(estimator, **step, learning_rate_init=1e-300)
    model = fitted(estimator, **step, learning_rate_init=0.5, max_grad_norm=0.01)
    now, then = (m.coefs_ + m.intercepts_ for m in (model, start))
    length = np.sqrt(sum(((a - b) ** 2).sum() for a, b in zip(now, then, strict=True)))
    assert length == pytest.approx(0.5 * 0.01)


@both_estimators
def test_a_large_clipping_norm_changes_nothing(estimator):
    clipped = fitted(estimator, max_grad_norm=1e6)
    np.testing.assert_array_equal(clipped.coefs_[0], fitted(estimator).coefs_[0])


@both_estimators
@pytest.mark.parametrize("name", INITIALIZERS)
def test_a_named_initialisation_draws_the_first_weights(estimator, name):
    model = fitted(estimator, weight_init=name, learning_rate_init=1e-300, max_iter=1)
    rng = np.random.RandomState(0)
    for coef, intercept in zip(model.coefs_, model.intercepts_, strict=True):
        expected = INITIALIZERS[name](rng, *coef.shape)[0]
        np.testing.assert_allclose(coef, expected)
        np.testing.assert_allclose(intercept, 0, atol=1e-200)


@both_estimators
@pytest.mark.parametrize("learning_rate", ["exponential", "cosine", "one_cycle", "invscaling"])
def test_every_schedule_works_with_every_stochastic_solver(estimator, learning_rate):
    for solver in SOLVERS[:-1]:
        model = fitted(estimator, solver=solver, learning_rate=learning_rate, warmup_iter=2)
        assert len(set(model.learning_rate_curve_)) == 5
        assert np.isfinite(model.loss_curve_).all()


@both_estimators
def test_the_best_iteration_of_partial_fit_is_that_of_the_lowest_loss(estimator):
    model = estimator(hidden_layer_sizes=(8,), solver="sgd", random_state=0)
    for rate in (0.01, 0.01, 0.01, 5.0, 5.0):
        model.set_params(learning_rate_init=rate, momentum=0.0 if rate < 1 else 0.5)
        model.partial_fit(X, Y, **({"classes": [0, 1, 2]} if estimator is MLPClassifier else {}))
        assert model.best_iteration_ == 1 + np.argmin(model.loss_curve_)
    assert model.best_iteration_ < 5, "the loss must rise for this to show anything"
