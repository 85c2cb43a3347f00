"""Schedules, clipping and selu in a whole training."""

import numpy as np
import pytest

from skmlp import MLPClassifier, MLPRegressor
from skmlp.estimators.mlp import _options
from skmlp.network import Network, Workspace, forward
from skmlp.optimizers import Optimizer
from skmlp.schedules import Progress

STOCHASTIC = list(_options.OPTIMIZERS)
SCHEDULES = list(_options.SCHEDULES)
X = np.random.RandomState(0).normal(size=(50, 3))
Y = X[:, 0] - X[:, 1]
N_EPOCHS = 8
N_BATCHES = 5


def make(**arguments):
    defaults = {
        "hidden_layer_sizes": (4,),
        "batch_size": 10,
        "max_iter": N_EPOCHS,
        "n_iter_no_change": float("inf"),
        "random_state": 0,
    }
    return MLPRegressor(**{**defaults, **arguments})


@pytest.mark.parametrize("warmup_iter", [0, 3])
@pytest.mark.parametrize("learning_rate", SCHEDULES)
def test_the_curve_records_the_last_rate_of_every_epoch(learning_rate, warmup_iter):
    for solver in STOCHASTIC:
        fitted = make(solver=solver, learning_rate=learning_rate, warmup_iter=warmup_iter).fit(X, Y)
        schedule = _options.make_schedule(fitted)
        middle_of_last_step = 1 - 0.5 / N_BATCHES
        expected = [
            schedule.rate(Progress(epochs=epoch + middle_of_last_step, n_samples=50 * epoch))
            for epoch in range(N_EPOCHS)
        ]
        assert fitted.learning_rate_curve_ == pytest.approx(expected), solver


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize(
    "rising", [{"warmup_iter": 30}, {"learning_rate": "one_cycle", "max_iter": 100}], ids=str
)
def test_patience_begins_when_the_rate_has_risen(rising, early_stopping):
    arguments = {"max_iter": 100, "n_iter_no_change": 20, "tol": 10.0}
    fitted = make(early_stopping=early_stopping, **{**arguments, **rising}).fit(X, Y)
    assert fitted.n_iter_ == 30 + 20
    assert "improved by less than `tol`" in fitted.stop_reason_


@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_standstill_on_the_ramp_divides_no_rate(early_stopping):
    arguments = {"learning_rate": "adaptive", "n_iter_no_change": 2, "tol": 10.0}
    fitted = make(early_stopping=early_stopping, warmup_iter=20, max_iter=30, **arguments)
    rates = fitted.fit(X, Y).learning_rate_curve_
    np.testing.assert_allclose(rates[:20], 1e-3 * (np.arange(20) + 0.9) / 20)
    assert 1e-3 / 5**5 < rates[-1] < 1e-3 / 5


@pytest.mark.parametrize("learning_rate", SCHEDULES)
@pytest.mark.parametrize("solver", STOCHASTIC)
def test_the_recorded_rate_is_the_one_used(solver, learning_rate, monkeypatch):
    used = []

    class Spy(Optimizer):
        def __init__(self, optimizer):
            self.moment_names = optimizer.moment_names
            self._optimizer = optimizer

        def step(self, parameters, gradient, state, rate, *penalty):
            used.append(rate)
            return self._optimizer.step(parameters, gradient, state, rate, *penalty)

    original = _options.make_optimizer
    monkeypatch.setattr(_options, "make_optimizer", lambda p: Spy(original(p)))
    fitted = make(solver=solver, learning_rate=learning_rate, warmup_iter=2).fit(X, Y)
    assert len(used) == N_EPOCHS * N_BATCHES
    assert fitted.learning_rate_curve_ == used[N_BATCHES - 1 :: N_BATCHES]
    # The ramp rises from step to step, not from epoch to epoch.
    assert used[:N_BATCHES] == sorted(used[:N_BATCHES])
    assert used[0] < used[1]
    assert all(type(rate) is float for rate in used)


def test_lbfgs_has_an_entry_per_iteration_without_a_number():
    fitted = make(solver="lbfgs").fit(X, Y)
    assert len(fitted.learning_rate_curve_) == len(fitted.loss_curve_)
    assert np.isnan(fitted.learning_rate_curve_).all()
    assert fitted.t_ == 0


def test_a_schedule_goes_on_over_calls_of_partial_fit():
    whole = make(learning_rate="one_cycle", warmup_iter=2).fit(X, Y)
    by_calls = make(learning_rate="one_cycle", warmup_iter=2)
    for _ in range(N_EPOCHS):
        by_calls.partial_fit(X, Y)
    assert by_calls.learning_rate_curve_ == pytest.approx(whole.learning_rate_curve_)


@pytest.mark.parametrize("weight", [1.0, 3.0])
@pytest.mark.parametrize("batch_size", [5, 25])
@pytest.mark.parametrize("solver", ["sgd", "adamw"])
def test_adamw_decays_by_the_step_where_the_penalty_is_divided_by_the_weight_of_the_batch(
    solver, batch_size, weight
):
    alpha, rate = 0.1, 0.5
    fitted = make(
        hidden_layer_sizes=(), solver=solver, momentum=0.0, alpha=alpha, learning_rate_init=rate,
        batch_size=batch_size, max_iter=1,
    )  # fmt: skip
    # Nothing but the penalty moves the weights of inputs that are zero.
    fitted.fit(0 * X, Y, np.full(50, weight), coefs_init=[np.ones((3, 1))])
    taken = alpha * rate / (1 if solver == "adamw" else batch_size * weight)
    np.testing.assert_allclose(fitted.coefs_[0], (1 - taken) ** (50 // batch_size))


@pytest.mark.parametrize("max_grad_norm", [1e-3, 1.0])
def test_no_step_of_plain_descent_is_longer_than_rate_times_norm(max_grad_norm):
    arguments = {
        "solver": "sgd",
        "momentum": 0.0,
        "nesterovs_momentum": False,
        "learning_rate_init": 0.1,
        "batch_size": 50,
        "max_iter": 1,
        "max_grad_norm": max_grad_norm,
        "hidden_layer_sizes": (),
    }
    zeros = {"coefs_init": [np.zeros((3, 1))], "intercepts_init": [np.zeros(1)]}
    # The gradient is far longer than either norm.
    fitted = make(**arguments).fit(X, 1e3 * Y, **zeros)
    step = np.r_[fitted.coefs_[0].ravel(), fitted.intercepts_[0]]
    assert np.linalg.norm(step) == pytest.approx(0.1 * max_grad_norm)
    free = make(**{**arguments, "max_grad_norm": None}).fit(X, 1e3 * Y, **zeros)
    free_step = np.r_[free.coefs_[0].ravel(), free.intercepts_[0]]
    np.testing.assert_allclose(step / np.linalg.norm(step), free_step / np.linalg.norm(free_step))


@pytest.mark.parametrize("solver", STOCHASTIC)
def test_averaged_weights_are_a_mean_of_those_of_all_epochs_in_which_the_last_weigh_most(solver):
    arguments = {"solver": solver, "frozen_layers": 1, "hidden_layer_sizes": (5, 4)}
    epochs = [make(**arguments, max_iter=n).fit(X, Y) for n in range(1, N_EPOCHS + 1)]
    averaged = make(**arguments, averaging=0.6).fit(X, Y)
    shares = 0.6 ** np.arange(N_EPOCHS)[::-1]
    for name in ("coefs_", "intercepts_"):
        for layer, mean in enumerate(getattr(averaged, name)):
            of_epochs = [getattr(epoch, name)[layer] for epoch in epochs]
            expected = np.average(of_epochs, axis=0, weights=shares)
            np.testing.assert_allclose(mean, expected, rtol=1e-12, atol=1e-14)
    # The steps are taken from where the last one has led, not from the mean.
    assert averaged.loss_curve_ == epochs[-1].loss_curve_
    np.testing.assert_array_equal(averaged.coefs_[0], epochs[0].coefs_[0])


def test_early_stopping_validates_averaged_weights_and_goes_back_to_the_best_of_them():
    arguments = {"averaging": 0.5, "max_iter": 30, "learning_rate_init": 0.1}
    fitted = make(**arguments, early_stopping=True, scoring="loss")
    fitted.fit(X, Y, X_val=X[:20], y_val=-Y[:20])
    assert 1 <= fitted.best_iteration_ < 30
    residuals = fitted.predict(X[:20]) + Y[:20]
    assert fitted.best_validation_score_ == pytest.approx(-0.5 * (residuals**2).mean())
    until_then = make(**{**arguments, "max_iter": fitted.best_iteration_}).fit(X, Y)
    np.testing.assert_allclose(fitted.coefs_[0], until_then.coefs_[0], rtol=1e-12)


def test_a_warm_start_begins_a_mean_of_its_own_from_the_one_before():
    averaged = make(averaging=0.6, shuffle=False, warm_start=True).fit(X, Y)
    start = {"coefs_init": averaged.coefs_, "intercepts_init": averaged.intercepts_}
    plain = make(shuffle=False, max_iter=1).fit(X, Y, **start)
    averaged.set_params(max_iter=1).fit(X, Y)
    for mean, weights in zip(averaged.coefs_, plain.coefs_, strict=True):
        np.testing.assert_allclose(mean, weights, rtol=1e-12)


def test_averaged_weights_that_diverge_are_no_end_but_a_mistake():
    with pytest.raises(ValueError, match="diverged"):
        make(averaging=0.9, solver="sgd", learning_rate_init=1e30).fit(X, 1e3 * Y)


@pytest.mark.parametrize("solver", STOCHASTIC)
def test_a_large_norm_clips_nothing(solver):
    plain, loose = (make(solver=solver, max_grad_norm=norm).fit(X, Y) for norm in (None, 1e9))
    for one, other in zip(plain.coefs_, loose.coefs_, strict=True):
        np.testing.assert_array_equal(one, other)


def test_clipping_holds_a_training_together_that_diverges_without():
    arguments = {"solver": "sgd", "learning_rate_init": 0.05, "max_iter": 20}
    outliers = np.where(np.arange(50) % 10 == 0, 1e6, Y)
    with pytest.raises(ValueError, match=r"diverged.*`max_grad_norm`"):
        make(**arguments).fit(X, outliers)
    make(max_grad_norm=1.0, **arguments).fit(X, outliers)


# selu

DEPTH = 16


def layer_statistics(weight_init, dropout):
    """Return mean and variance of every layer of a deep selu network at the start."""
    p = MLPClassifier([200] * DEPTH, "selu", weight_init=weight_init, dropout=dropout)
    network = _options.make_network(p, 200, 1)
    parameters, rng = network.parameters(np.dtype(float)), np.random.RandomState(0)
    network.draw(parameters, rng)
    workspace = Workspace(network, 500, np.dtype(float))
    forward(
        network, parameters.layers, rng.normal(size=(500, 200)), workspace, np.random.default_rng(0)
    )
    outputs = workspace.inputs[1:]
    return np.array([h.mean() for h in outputs]), np.array([h.var() for h in outputs])


@pytest.mark.parametrize("dropout", [0.0, 0.1, 0.3])
def test_a_deep_selu_network_keeps_mean_and_variance(dropout):
    mean, variance = layer_statistics("auto", dropout)
    assert np.abs(mean).max() < 0.15
    assert variance.min() > 0.7
    assert variance.max() < 1.4


def test_another_initialisation_does_not():
    _, variance = layer_statistics("he_normal", 0.0)
    assert variance[-1] > 1.8


@pytest.mark.parametrize("activation, is_normal", [("selu", True), ("relu", False)])
def test_auto_initialises_selu_by_lecun(activation, is_normal):
    p = MLPClassifier([200], activation)
    weights, biases = _options.make_initializers(p)[0](np.random.RandomState(0), 300, 200)
    if is_normal:
        assert weights.std() == pytest.approx(300**-0.5, rel=0.02)
        assert np.abs(weights).max() > 3 * weights.std()
        assert not biases.any()
    else:
        assert np.abs(weights).max() <= (6 / 500) ** 0.5


def test_only_the_selu_layers_of_a_network_drop_to_the_limit():
    network: Network = _options.make_network(
        MLPClassifier([5, 5], ["selu", "relu"], dropout=0.2), 3, 1
    )
    assert [type(layer._dropout).__name__ for layer in network.layers[:-1]] == [
        "AlphaDropout",
        "InvertedDropout",
    ]


@pytest.mark.parametrize(
    "settings, penalised", [({}, True), ({"alpha": 0.0}, False), ({"solver": "adamw"}, False)]
)
def test_the_optimizer_is_asked_for_a_penalty_only_where_there_is_one(
    settings, penalised, monkeypatch
):
    seen = set()

    class Spy(Optimizer):
        moment_names = ()

        def step(self, parameters, gradient, state, rate, strength, n_penalised):
            seen.add((strength > 0, n_penalised))
            return 0.0

    monkeypatch.setattr(_options, "make_optimizer", lambda p: Spy())
    fitted = make(**settings).fit(X, Y)
    assert seen == {(penalised, sum(coef.size for coef in fitted.coefs_))}
