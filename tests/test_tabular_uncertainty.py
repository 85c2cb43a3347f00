"""What the regressor for tables says of its own errors is true of rows that it has not seen."""

import pickle

import numpy as np
import pytest
from sklearn.datasets import load_diabetes

from skmlp import TabularMLPRegressor
from skmlp.estimators.tabular._spread import Spread

SMALL = {"hidden_layer_sizes": (32, 32), "max_iter": 30, "random_state": 0}


def noisy(n_rows, seed):
    """Return rows, and targets whose noise grows with them."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(1, 5, (n_rows, 2))
    return X, 100 * (X[:, 0] + 0.3 * X[:, 0] * rng.standard_normal(n_rows))


@pytest.fixture(scope="module")
def model():
    return TabularMLPRegressor(**SMALL).fit(*noisy(2000, 0))


def test_as_many_new_targets_lie_below_a_quantile_as_it_says(model):
    X, y = noisy(4000, 1)
    levels = (0.05, 0.25, 0.5, 0.9, 0.95)
    quantiles = model.predict_quantiles(X, levels)
    shares = (y[:, None] < quantiles).mean(axis=0)
    np.testing.assert_allclose(shares, levels, atol=0.02)
    assert (np.diff(quantiles, axis=1) >= 0).all()


def test_an_interval_is_wide_where_the_targets_spread(model):
    X, y = noisy(4000, 1)
    low, high = model.predict_quantiles(X).T
    for half in (X[:, 0] < 3, X[:, 0] >= 3):
        covered = (low <= y) & (y <= high)
        assert covered[half].mean() == pytest.approx(0.9, abs=0.03)


def test_the_standard_deviation_is_that_of_the_noise(model):
    X, _ = noisy(500, 1)
    prediction, std = model.predict(X, return_std=True)
    np.testing.assert_array_equal(prediction, model.predict(X))
    inner = (X[:, 0] > 1.5) & (X[:, 0] < 4.5)
    assert np.median(np.abs(std / (30 * X[:, 0]) - 1)[inner]) < 0.1


def test_the_errors_of_a_small_table_are_honest_too():
    X, y = load_diabetes(return_X_y=True)
    model = TabularMLPRegressor(**SMALL).fit(X[:300], y[:300])
    low, high = model.predict_quantiles(X[300:]).T
    assert ((low <= y[300:]) & (y[300:] <= high)).mean() > 0.85


def test_several_targets_have_errors_of_their_own(model):
    X, y = noisy(500, 0)
    both = TabularMLPRegressor(**SMALL).fit(X, np.c_[y, -1e-3 * y])
    prediction, std = both.predict(X, return_std=True)
    assert prediction.shape == std.shape == (500, 2)
    assert (std[:, 0] > 100 * std[:, 1]).all()
    assert both.predict_quantiles(X, [0.1, 0.5, 0.9]).shape == (500, 2, 3)
    assert model.predict_quantiles(X, [0.1, 0.5, 0.9]).shape == (500, 3)


def test_a_row_of_weight_two_counts_twice_in_the_spread_and_one_without_does_not():
    rng = np.random.default_rng(0)
    predictions, targets = rng.normal(size=(2, 60))
    weight = np.repeat([0.0, 1.0, 2.0], 20)
    weighted = Spread.of(predictions, targets, weight)
    repeated = Spread.of(*(np.repeat(a, weight.astype(int)) for a in (predictions, targets)), None)
    np.testing.assert_allclose(weighted.std, repeated.std)
    at = np.zeros(1)
    for level in (0.1, 0.5, 0.9):
        one, other = (spread.quantile_at(at, level) for spread in (weighted, repeated))
        np.testing.assert_allclose(one, other, atol=0.2)


def test_rows_that_are_predicted_alike_spread_alike_in_whatever_order_they_come():
    predictions = np.repeat([0.0, 1.0, 2.0], 400)
    residuals = np.random.default_rng(0).normal(size=1200) * (1 + predictions)
    # Sorted, the first of equal predictions have the lowest targets.
    targets = predictions + np.sort(residuals.reshape(3, 400)).ravel()
    spread = Spread.of(predictions, targets, None)
    truth = [np.sqrt(np.mean((targets - predictions)[predictions == k] ** 2)) for k in range(3)]
    np.testing.assert_allclose(spread.std_at(np.arange(3.0)), truth)
    medians = [np.median((targets - predictions)[predictions == k]) for k in range(3)]
    np.testing.assert_allclose(spread.quantile_at(np.arange(3.0), 0.5), medians, atol=0.02)


def test_the_tails_of_many_rows_are_kept_and_the_rows_are_not():
    rng = np.random.default_rng(0)
    predictions, residuals = rng.normal(size=(2, 100_000))
    spread = Spread.of(predictions, predictions + residuals, None)
    for level in (0.001, 0.05, 0.5, 0.99):
        # Around zero lie these.
        near = np.argsort(np.abs(predictions))[:5000]
        truth = np.quantile(residuals[near], level)
        np.testing.assert_allclose(spread.quantile_at(np.zeros(1), level), truth, atol=0.1)
    assert len(pickle.dumps(spread)) < 500_000


def test_with_rows_of_your_own_their_residuals_count():
    X, y = noisy(600, 0)
    model = TabularMLPRegressor(**SMALL).fit(X[:300], y[:300], X_val=X[300:], y_val=y[300:] + 1e3)
    assert model.predict(X, return_std=True)[1].mean() > 500


@pytest.mark.parametrize(
    "quantiles, text",
    [
        ([0.5, 1], r"`quantiles` must lie in \(0, 1\); got 1"),
        (0.9, "`quantiles` must be a sequence of numbers; got 0.9. Pass .0.9."),
        ([], "`quantiles` must be a sequence of numbers; got .."),
        (["high"], "`quantiles` must be a sequence of numbers; got .'high'."),
    ],
)
def test_what_is_no_quantile_is_refused(model, quantiles, text):
    with pytest.raises(ValueError, match=text):
        model.predict_quantiles(np.ones((1, 2)), quantiles)
