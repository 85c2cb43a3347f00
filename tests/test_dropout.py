"""The contract that every dropout keeps."""

import numpy as np
import pytest

from skmlp import MLPClassifier, MLPRegressor
from skmlp.activations import SELU_ALPHA, SELU_SCALE
from skmlp.dropout import AlphaDropout, InvertedDropout

KINDS = {"inverted": InvertedDropout, "alpha": AlphaDropout}
SHAPE = (400, 250)

every_kind = pytest.mark.parametrize("kind", KINDS)
every_rate = pytest.mark.parametrize("rate", [0.05, 0.3, 0.9])
every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def apply(kind, rate, a, seed=0):
    slope, out = np.full_like(a, np.nan), np.full_like(a, np.nan)
    KINDS[kind](rate).forward(a, slope, out, np.random.default_rng(seed))
    return slope, out


def activations(dtype=np.float64):
    """Return activations with mean 0 and variance 1, as selu's are."""
    a = np.random.RandomState(0).normal(size=SHAPE)
    return ((a - a.mean()) / a.std()).astype(dtype)


@every_kind
@every_rate
@every_dtype
def test_a_share_of_the_units_is_dropped_and_no_other(kind, rate, dtype):
    slope, _ = apply(kind, rate, activations(dtype))
    assert slope.dtype == dtype
    assert (slope == 0).mean() == pytest.approx(rate, abs=4 * np.sqrt(rate * (1 - rate) / 1e5))
    assert len(np.unique(slope)) == 2


@every_kind
@every_rate
def test_the_slope_is_the_difference_quotient_under_frozen_noise(kind, rate):
    a = activations()
    slope, out = apply(kind, rate, a)
    _, above = apply(kind, rate, a + 1e-3)
    np.testing.assert_allclose((above - out) / 1e-3, slope, rtol=1e-9, atol=1e-9)


@every_kind
def test_activations_are_only_read(kind):
    a = activations()
    a.flags.writeable = False
    _, out = apply(kind, 0.5, a)
    assert np.isfinite(out).all()


@every_kind
def test_noise_is_new_every_time_and_the_same_from_the_same_seed(kind):
    a = activations()
    np.testing.assert_array_equal(apply(kind, 0.5, a, 1)[1], apply(kind, 0.5, a, 1)[1])
    assert not np.array_equal(apply(kind, 0.5, a, 1)[1], apply(kind, 0.5, a, 2)[1])
    slope, out = np.empty_like(a), np.empty_like(a)
    dropout, rng = KINDS[kind](0.5), np.random.default_rng(0)
    dropout.forward(a, slope, out, rng)
    first = slope.copy()
    dropout.forward(a, slope, out, rng)
    assert not np.array_equal(first, slope)


@every_rate
def test_inverted_dropout_keeps_the_mean_of_any_activations(rate):
    a = activations() ** 2
    _, out = apply("inverted", rate, a)
    assert out.mean() == pytest.approx(a.mean(), rel=0.05)
    kept = out != 0
    np.testing.assert_allclose(out[kept], a[kept] / (1 - rate))


@every_rate
def test_alpha_dropout_keeps_mean_0_and_variance_1(rate):
    _, out = apply("alpha", rate, activations())
    assert out.mean() == pytest.approx(0, abs=0.02)
    assert out.var() == pytest.approx(1, rel=0.03)


def test_alpha_dropout_drops_to_the_lower_limit_of_selu():
    slope, out = apply("alpha", 0.3, activations())
    dropped = out[slope == 0]
    limit = -SELU_SCALE * SELU_ALPHA
    scale = slope.max()
    shift = -scale * 0.3 * limit
    np.testing.assert_allclose(dropped, scale * limit + shift)


@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize("activation", ["relu", "selu"])
def test_a_prediction_is_without_noise(estimator, activation):
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(40, 3)), np.arange(40) % 2
    arguments = {
        "hidden_layer_sizes": 8,
        "activation": activation,
        "max_iter": 3,
        "random_state": 0,
    }
    model = estimator(**arguments, dropout=0.5)
    model.fit(X, y)
    np.testing.assert_array_equal(model.predict(X), model.predict(X))
    without = estimator(**arguments).fit(X, y)
    assert not np.allclose(model.coefs_[0], without.coefs_[0])


def test_dropout_follows_the_random_state():
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(40, 3)), rng.normal(size=40)
    fits = [
        MLPRegressor(hidden_layer_sizes=8, dropout=0.5, max_iter=3, random_state=seed)
        .fit(X, y)
        .coefs_[0]
        for seed in (0, 0, 1)
    ]
    np.testing.assert_array_equal(fits[0], fits[1])
    assert not np.array_equal(fits[0], fits[2])


def test_a_rate_per_layer_drops_in_that_layer():
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(40, 3)), rng.normal(size=40)

    def first_weights(dropout):
        model = MLPRegressor(hidden_layer_sizes=(8, 8), dropout=dropout, max_iter=3, random_state=0)
        return model.fit(X, y).coefs_[0]

    np.testing.assert_array_equal(first_weights(0.4), first_weights([0.4, 0.4]))
    assert not np.array_equal(first_weights([0.4, 0]), first_weights([0, 0.4]))
    assert not np.array_equal(first_weights([0, 0.4]), first_weights(0))
