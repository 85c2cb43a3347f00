"""Targets standardised inside: everybody outside sees their own units."""

import io
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.preprocessing import RobustScaler, StandardScaler, scale

from skmlp import Checkpoint, MLPRegressor, learning_rate_range_test, resume

X, Y = load_diabetes(return_X_y=True)
X = scale(X)
TWO = np.c_[1e4 * Y, 1e-5 * Y - 3]
WEIGHT = np.random.RandomState(0).uniform(0.1, 2, len(Y))
TRAIN, VAL = slice(0, 350), slice(350, None)


def make(**arguments):
    defaults = {"hidden_layer_sizes": (8,), "max_iter": 15, "random_state": 0, "alpha": 0.1}
    return MLPRegressor(**{**defaults, "normalize_y": True, **arguments})


def by_hand(y, weight=None):
    """Return the target as `StandardScaler` would have it, and the scaler."""
    scaler = StandardScaler().fit(y.reshape(len(y), -1), sample_weight=weight)
    return scaler.transform(y.reshape(len(y), -1)).reshape(y.shape), scaler


# As with a scaler around the network


@pytest.mark.parametrize("y", [Y, 1e4 * Y, 1e-5 * Y, TWO], ids=["own", "large", "small", "two"])
@pytest.mark.parametrize(
    "arguments",
    [{}, {"solver": "lbfgs"}, {"early_stopping": True}],
    ids=str,
)
def test_predictions_are_those_of_a_transformed_target(y, arguments):
    inside = make(**arguments).fit(X, y)
    network = make(normalize_y=False, **arguments)
    outside = TransformedTargetRegressor(network, transformer=StandardScaler()).fit(X, y)
    np.testing.assert_allclose(inside.predict(X), outside.predict(X), rtol=1e-6)
    np.testing.assert_allclose(inside.loss_curve_, outside.regressor_.loss_curve_, rtol=1e-8)
    assert inside.score(X, y) == pytest.approx(outside.score(X, y))


def test_sample_weights_weigh_mean_and_deviation():
    model = make().fit(X, TWO, WEIGHT)
    _, scaler = by_hand(TWO, WEIGHT)
    np.testing.assert_allclose(model.y_mean_, scaler.mean_)
    np.testing.assert_allclose(model.y_scale_, scaler.scale_)


@pytest.mark.parametrize("loss", ["absolute_error", "quantile", "huber"])
def test_a_loss_that_takes_no_notice_of_outliers_has_a_scale_that_does_not(loss):
    wrong = TWO.copy()
    wrong[[5, 70]] *= 1e6
    right, model = make(loss=loss).fit(X, TWO), make(loss=loss).fit(X, wrong)
    robust = RobustScaler(unit_variance=True).fit(TWO)
    np.testing.assert_allclose(right.y_mean_, robust.center_, rtol=0.02)
    np.testing.assert_allclose(right.y_scale_, robust.scale_, rtol=0.02)
    np.testing.assert_allclose(model.y_mean_, right.y_mean_, rtol=0.02)
    np.testing.assert_allclose(model.y_scale_, right.y_scale_, rtol=0.05)


def test_predictions_are_those_of_a_target_with_the_robust_scale():
    inside = make(loss="absolute_error").fit(X, TWO)
    network = make(loss="absolute_error", normalize_y=False)
    outside = network.fit(X, (TWO - inside.y_mean_) / inside.y_scale_)
    expected = outside.predict(X) * inside.y_scale_ + inside.y_mean_
    np.testing.assert_allclose(inside.predict(X), expected, rtol=1e-6)
    np.testing.assert_allclose(inside.loss_curve_, outside.loss_curve_, rtol=1e-8)


def test_the_robust_scale_counts_a_weight_as_so_many_samples():
    repeats = 1 + np.arange(len(Y)) % 3
    weighted = make(loss="absolute_error").fit(X, TWO, repeats)
    repeated = make(loss="absolute_error").fit(X.repeat(repeats, 0), TWO.repeat(repeats, 0))
    np.testing.assert_allclose(weighted.y_mean_, repeated.y_mean_)
    np.testing.assert_allclose(weighted.y_scale_, repeated.y_scale_)


def test_where_most_targets_are_the_same_the_others_give_the_robust_scale():
    y = np.where(np.arange(len(Y)) % 5 == 0, 7.0, 0.0)
    assert make(loss="absolute_error").fit(X, y).y_scale_ == 7.0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_published_weights_predict_in_the_units_of_the_target(dtype):
    model = make(hidden_layer_sizes=(), dtype=dtype).fit(X, TWO)
    np.testing.assert_allclose(X @ model.coefs_[0] + model.intercepts_[0], model.predict(X))
    assert make(normalize_y=False).fit(X, scale(Y)).y_scale_ is None


def test_the_width_of_the_huber_loss_is_in_the_units_of_the_target():
    inside = make(loss="huber", huber_delta=50.0).fit(X, Y)
    network = make(loss="huber", huber_delta=50.0 / inside.y_scale_[0], normalize_y=False)
    outside = network.fit(X, (Y - inside.y_mean_) / inside.y_scale_)
    np.testing.assert_allclose(inside.loss_curve_, outside.loss_curve_)
    both = np.c_[Y, 10 * Y]
    assert make(loss="huber", huber_delta=50.0, dtype="float32").fit(X, both).score(X, both) < 1


# Validation


@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_validation_set_is_scored_in_the_units_of_the_target(early_stopping):
    model = make(early_stopping=early_stopping, max_iter=60, learning_rate_init=0.01)
    model.fit(X[TRAIN], 1e4 * Y[TRAIN], X_val=X[VAL], y_val=1e4 * Y[VAL])
    best = max(model.validation_scores_) if early_stopping else model.validation_scores_[-1]
    assert best == pytest.approx(model.score(X[VAL], 1e4 * Y[VAL]))
    assert best > 0.3


def test_a_scorer_sees_the_target_in_its_own_units():
    seen = []

    def scorer(model, X_val, y_val):
        seen.append(mean_absolute_error(y_val, model.predict(X_val)))
        return -seen[-1]

    model = make(scoring=scorer).fit(X, 1e4 * Y, X_val=X, y_val=1e4 * Y)
    assert seen[-1] == pytest.approx(mean_absolute_error(1e4 * Y, model.predict(X)))


# Going on


def test_partial_fit_keeps_the_scale_of_its_first_call():
    model = make().partial_fit(X[TRAIN], Y[TRAIN])
    _, scaler = by_hand(Y[TRAIN])
    model.partial_fit(X[VAL], 100 * Y[VAL])
    assert model.y_scale_ == pytest.approx(scaler.scale_)
    before = model.predict(X)
    nearly_still = model.set_params(learning_rate_init=1e-300).partial_fit(X, Y)
    np.testing.assert_allclose(nearly_still.predict(X), before)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_calls_of_partial_fit_are_the_epochs_of_a_fit(dtype):
    arguments = {"shuffle": False, "tol": 0.0, "n_iter_no_change": np.inf}
    inputs, y = X.astype(dtype), 1e3 + Y
    whole, model = make(**arguments).fit(inputs, y), make(**arguments)
    for _ in range(15):
        model.partial_fit(inputs, y)
    tolerance = 1e-4 if dtype is np.float32 else 1e-10
    np.testing.assert_allclose(model.loss_curve_, whole.loss_curve_, rtol=tolerance)


def test_a_warm_start_standardises_anew_and_goes_on_from_the_same_predictions():
    model = make(warm_start=True).fit(X, Y)
    before = model.predict(X)
    model.set_params(learning_rate_init=1e-300, max_iter=1).fit(X, 10 * Y)
    np.testing.assert_allclose(model.predict(X), before)
    assert model.y_mean_ == pytest.approx(10 * Y.mean())
    np.testing.assert_allclose(model.set_params(normalize_y=False).fit(X, Y).predict(X), before)


def test_first_weights_are_given_in_the_units_of_the_target():
    first = make().fit(X, Y)
    start = {"coefs_init": first.coefs_, "intercepts_init": first.intercepts_}
    still = make(learning_rate_init=1e-300, max_iter=1).fit(X, 3 * Y, **start)
    np.testing.assert_allclose(still.predict(X), first.predict(X))


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_an_interrupted_fit_ends_in_the_same_bits(solver, tmp_path):
    pytest.importorskip("sklearn.callback")
    path = tmp_path / "fit.npz"
    model = make(solver=solver, max_iter=9).set_callbacks(Checkpoint(path, every=5))
    model.fit(X, TWO, WEIGHT)
    resumed = resume(path, X, TWO, WEIGHT)
    np.testing.assert_array_equal(resumed.predict(X), model.predict(X))
    np.testing.assert_array_equal(resumed.y_scale_, model.y_scale_)


def test_copies_predict_alike():
    model = make().fit(X, TWO)
    copy = pickle.load(io.BytesIO(pickle.dumps(model)))
    np.testing.assert_array_equal(copy.predict(X), model.predict(X))
    assert clone(model).normalize_y is True


@pytest.mark.parametrize("switch", [True, False])
def test_moments_in_other_units_are_forgotten_where_the_scale_comes_or_goes(switch):
    arguments = {"max_iter": 1, "shuffle": False}
    model = make(normalize_y=not switch, **arguments).partial_fit(X, 1e4 * Y)
    start = {"coefs_init": model.coefs_, "intercepts_init": model.intercepts_}
    model.set_params(normalize_y=switch).partial_fit(X, 1e4 * Y)
    anew = make(normalize_y=switch, **arguments).fit(X, 1e4 * Y, **start)
    np.testing.assert_allclose(model.coefs_[0], anew.coefs_[0])
    assert model.y_scale_ == anew.y_scale_


# Edges


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_spread_that_the_weights_cannot_resolve_is_told(method):
    y = 1e7 + np.c_[1e3 * Y, scale(Y)]
    model = make(solver="adam", warm_start=True)
    assert getattr(model, method)(X, y).y_scale_[1] == pytest.approx(1.0)
    text = r"`y` should spread over .* of float32, .* got .* 1e\+07 .* 1 in output 1[.] .* float64"
    with pytest.warns(UserWarning, match=text):
        getattr(make(), method)(X.astype(np.float32), y)
    with pytest.warns(UserWarning, match=r"of float64, .* in output 1[.] Subtract the mean[.]$"):
        getattr(make(), method)(X, 1e15 + y)
    # The weights keep the dtype of the first call.
    getattr(model, method)(X.astype(np.float32), y)


@pytest.mark.parametrize("constant", [0.0, 5.0, 0.1, -1e300])
def test_a_constant_target_is_predicted(constant):
    y = np.full(len(X), constant)
    model = make(max_iter=200, learning_rate_init=0.01).fit(X, np.c_[y, Y])
    np.testing.assert_array_equal(model.y_scale_[0], 1.0)
    np.testing.assert_allclose(model.predict(X)[:, 0], y, rtol=0.1, atol=0.3)


def test_a_target_without_weight_has_no_part_in_the_scale():
    y, weight = np.append(np.full(10, 0.1), 5.0), np.append(np.ones(10), 0.0)
    model = make().fit(X[:11], y, weight)
    np.testing.assert_array_equal(model.y_scale_, 1.0)


@pytest.mark.parametrize("factor", [1e-250, 1e250])
def test_targets_whose_squares_leave_the_range_are_learnt(factor):
    model = make(solver="lbfgs").fit(X, factor * Y)
    assert r2_score(Y, model.predict(X) / factor) > 0.4


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize(
    "arguments, other",
    [
        ({"loss": "poisson"}, "exp"),
        ({"out_activation": "relu"}, "relu"),
        ({"loss": "huber", "out_activation": "tanh"}, "tanh"),
    ],
    ids=str,
)
def test_it_is_refused_where_predictions_have_a_range(arguments, other, method):
    text = f"`normalize_y=True` needs .* `out_activation='identity'`; got '{other}'"
    with pytest.raises(ValueError, match=text):
        getattr(make(**arguments), method)(X, Y)


def test_the_range_test_trains_on_what_the_fit_would():
    plain = learning_rate_range_test(make(normalize_y=False), X, by_hand(1e4 * Y)[0], n_steps=50)
    inside = learning_rate_range_test(make(), X, 1e4 * Y, n_steps=50)
    np.testing.assert_allclose(inside.losses, plain.losses)


def test_a_number_is_no_truth_value():
    with pytest.raises(TypeError, match="`normalize_y` must be True or False; got 1"):
        make(normalize_y=1).fit(X, Y)
