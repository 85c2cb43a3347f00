"""Weights to start from, and layers that stay as they are."""

import numpy as np
import pytest

from skmlp import MLPClassifier, MLPRegressor
from skmlp.activations import ACTIVATIONS, Activation
from skmlp.layers import dense
from skmlp.losses import IdentitySquaredError
from skmlp.network import Network, perceptron_layers
from skmlp.training.data import Batch
from skmlp.training.objective import Objective

STOCHASTIC = ["adam", "adamw", "muon", "nadam", "sgd", "rmsprop", "adagrad"]
SIZES = (6, 5, 4)
RNG = np.random.RandomState(0)
X = RNG.normal(size=(40, 3))
Y = (X[:, 0] > 0).astype(int)
COEFS = [RNG.normal(size=shape) for shape in [(3, 6), (6, 5), (5, 4), (4, 1)]]
INTERCEPTS = [RNG.normal(size=size) for size in (6, 5, 4, 1)]


def make(estimator, **arguments):
    defaults = {
        "hidden_layer_sizes": SIZES,
        "max_iter": 4,
        "batch_size": 10,
        "random_state": 0,
        "alpha": 0.1,
    }
    return estimator(**{**defaults, **arguments})


def equal(left, right):
    return all(np.array_equal(a, b) for a, b in zip(left, right, strict=True))


@pytest.mark.parametrize("solver", [*STOCHASTIC, "lbfgs"])
@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_frozen_layers_are_bit_identical_and_the_others_train(estimator, solver):
    for dtype in ("float32", "float64"):
        for n_frozen in range(4):
            assert_frozen_and_trained(estimator, solver, n_frozen, dtype)


def assert_frozen_and_trained(estimator, solver, n_frozen, dtype):
    fitted = make(estimator, solver=solver, frozen_layers=n_frozen, dtype=dtype).fit(
        X, Y, coefs_init=COEFS, intercepts_init=INTERCEPTS
    )
    assert equal(fitted.coefs_[:n_frozen], COEFS[:n_frozen])
    assert equal(fitted.intercepts_[:n_frozen], INTERCEPTS[:n_frozen])
    for layer in range(n_frozen, 4):
        assert not np.array_equal(fitted.coefs_[layer], COEFS[layer])
        assert not np.array_equal(fitted.intercepts_[layer], INTERCEPTS[layer])


@pytest.mark.parametrize(
    "arguments",
    [
        {"early_stopping": True},
        {"early_stopping": True, "scoring": "neg_log_loss"},
        {"dropout": 0.3},
        {"max_grad_norm": 0.1},
        {"learning_rate": "one_cycle", "warmup_iter": 2},
        {"activation": "selu", "dropout": 0.2},
    ],
    ids=str,
)
def test_frozen_layers_stay_under_every_option(arguments):
    fitted = make(MLPClassifier, frozen_layers=2, dtype="float32", **arguments).fit(
        X, Y, coefs_init=COEFS, intercepts_init=INTERCEPTS
    )
    assert equal(fitted.coefs_[:2] + fitted.intercepts_[:2], COEFS[:2] + INTERCEPTS[:2])


def test_frozen_layers_stay_in_partial_fit_and_over_a_warm_start():
    fitted = make(MLPClassifier, frozen_layers=2, dtype="float32", warm_start=True).fit(
        X, Y, coefs_init=COEFS, intercepts_init=INTERCEPTS
    )
    fitted.fit(X, Y)
    fitted.partial_fit(X, Y)
    assert equal(fitted.coefs_[:2] + fitted.intercepts_[:2], COEFS[:2] + INTERCEPTS[:2])


def test_layers_can_be_frozen_and_thawed_between_calls():
    fitted = make(MLPRegressor, warm_start=True).fit(X, Y)
    first = [coef.copy() for coef in fitted.coefs_]
    fitted.set_params(frozen_layers=2).fit(X, Y)
    assert equal(fitted.coefs_[:2], first[:2])
    assert not np.array_equal(fitted.coefs_[2], first[2])
    fitted.set_params(frozen_layers=0).partial_fit(X, Y)
    assert not np.array_equal(fitted.coefs_[0], first[0])


@pytest.mark.parametrize("n_frozen", [1, 2, 3])
def test_frozen_layers_cost_no_gradient(n_frozen, monkeypatch):
    """No product, no sum and no slope below the lowest trained layer."""
    products, slopes = [], []
    product = dense.product
    monkeypatch.setattr(
        dense, "product", lambda left, right, out: products.append(1) or product(left, right, out)
    )
    tanh = ACTIVATIONS["tanh"]

    def slope(delta, a, z):
        slopes.append(1)
        tanh.backward(delta, a, z)

    watched = [Activation(tanh.forward, slope)] * 3
    network = Network(perceptron_layers([3, *SIZES, 1], watched, n_frozen=n_frozen))
    parameters = network.parameters(np.dtype(float))
    parameters.assign(list(zip(COEFS, INTERCEPTS, strict=True)))
    objective = Objective(network, IdentitySquaredError(), 0.1, parameters, len(X))
    batch = Batch(X, Y[:, None].astype(float), np.full(len(X), 1 / len(X)), float(len(X)))
    objective.value_and_gradient(batch)

    n_trained = 4 - n_frozen
    n_forward = 4
    assert len(products) == n_forward + 2 * n_trained - 1
    assert len(slopes) == n_trained - 1
    assert not objective.gradient.frozen.any()
    assert objective.gradient.trainable.all()


@pytest.mark.parametrize("solver", STOCHASTIC)
def test_the_optimizer_keeps_no_state_for_frozen_layers(solver):
    fitted = make(MLPClassifier, solver=solver, frozen_layers=3).partial_fit(X, Y, classes=[0, 1])
    moments = fitted._state.moments
    assert moments
    assert all(len(moment) == 4 + 1 for moment in moments)


def test_frozen_layers_are_not_in_the_penalty():
    """The loss curve of a long frozen layer does not grow with its weights."""
    arguments = {"hidden_layer_sizes": (6,), "frozen_layers": 1, "max_iter": 1, "batch_size": 40}
    last = [np.zeros((6, 1))]
    intercepts = [np.zeros(6), np.zeros(1)]
    curves = [
        make(MLPRegressor, **arguments)
        .fit(X, Y, coefs_init=[size * COEFS[0], *last], intercepts_init=intercepts)
        .loss_curve_
        for size in (1, 1000)
    ]
    assert curves[0] == curves[1] == [pytest.approx(0.5 * np.mean(Y**2))]


def test_first_weights_are_those_given_and_the_others_drawn_as_ever():
    tiny = {"learning_rate_init": 1e-300, "solver": "sgd", "max_iter": 1}
    drawn = make(MLPRegressor, **tiny).fit(X, Y)
    given = make(MLPRegressor, **tiny).fit(
        X, Y, coefs_init=[None, COEFS[1], None, None], intercepts_init=[None, None, None, [7.0]]
    )
    assert equal(given.coefs_[1:2], COEFS[1:2])
    assert given.intercepts_[3].tolist() == [7.0]
    for layer in (0, 2, 3):
        np.testing.assert_array_equal(given.coefs_[layer], drawn.coefs_[layer])
    for layer in (0, 1, 2):
        np.testing.assert_array_equal(given.intercepts_[layer], drawn.intercepts_[layer])


@pytest.mark.parametrize("solver", [*STOCHASTIC, "lbfgs"])
def test_given_arrays_are_never_written(solver):
    coefs = [coef.copy() for coef in COEFS]
    intercepts = [intercept.copy() for intercept in INTERCEPTS]
    for array in coefs + intercepts:
        array.flags.writeable = False
    make(MLPRegressor, solver=solver).fit(X, Y, coefs_init=coefs, intercepts_init=intercepts)
    assert equal(coefs + intercepts, COEFS + INTERCEPTS)


def test_going_on_from_a_fitted_network_is_a_warm_start():
    first = make(MLPRegressor, solver="lbfgs").fit(X, Y)
    warm = make(MLPRegressor, solver="lbfgs", warm_start=True).fit(X, Y).fit(X, Y)
    given = make(MLPRegressor, solver="lbfgs").fit(
        X, Y, coefs_init=first.coefs_, intercepts_init=first.intercepts_
    )
    assert equal(given.coefs_, warm.coefs_)


def test_lower_layers_learned_on_one_task_help_on_another():
    """Features of a task with many samples, reused where there are thirty."""
    rng = np.random.RandomState(0)
    many = rng.normal(size=(2000, 10))
    features = np.tanh(many @ rng.normal(size=(10, 3)))
    source = MLPRegressor(
        hidden_layer_sizes=(30,), activation="tanh", solver="lbfgs", max_iter=300, random_state=0
    ).fit(many[:1000], features[:1000])
    target = features @ [1.0, -1.0, 0.5]
    few, test = slice(1000, 1030), slice(1030, None)

    arguments = {"hidden_layer_sizes": (30,), "activation": "tanh", "solver": "lbfgs"}
    alone = MLPRegressor(**arguments, random_state=0).fit(many[few], target[few])
    transferred = MLPRegressor(**arguments, frozen_layers=1, alpha=0.1, random_state=0).fit(
        many[few],
        target[few],
        coefs_init=[source.coefs_[0], None],
        intercepts_init=[source.intercepts_[0], None],
    )
    unexplained = [1 - model.score(many[test], target[test]) for model in (alone, transferred)]
    assert unexplained[1] < unexplained[0] / 2


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"coefs_init": COEFS[:3]}, r"`coefs_init` must be a list with one entry per layer, 4"),
        ({"intercepts_init": INTERCEPTS[0]}, r"`intercepts_init` must be a list.*got a ndarray"),
        (
            {"coefs_init": [COEFS[0].T, None, None, None]},
            r"`coefs_init\[0\]` must have shape \(3, 6\).*got shape \(6, 3\)",
        ),
        (
            {"coefs_init": [None, COEFS[1] * np.nan, None, None]},
            r"`coefs_init\[1\]` contains NaN",
        ),
        ({"intercepts_init": [None, None, ["a"] * 4, None]}, "could not convert string"),
    ],
)
def test_unfit_weights_are_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        make(MLPRegressor).fit(X, Y, **arguments)


def test_one_layer_at_least_must_train():
    make(MLPRegressor, frozen_layers=3).fit(X, Y)
    with pytest.raises(ValueError, match=r"`frozen_layers` must.*at most 3; got 4"):
        make(MLPRegressor, frozen_layers=4).fit(X, Y)
    with pytest.raises(ValueError, match=r"`frozen_layers` must be an integer of at least 0"):
        make(MLPRegressor, frozen_layers=-1).fit(X, Y)
