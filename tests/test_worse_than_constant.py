"""A fit that ends worse than the best constant prediction says so, and what it saw."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale

from skmlp import MLPClassifier, MLPRegressor
from skmlp.estimators.mlp import _unit_scale, _worse_than_constant

DIGITS, DIGIT = load_digits(return_X_y=True)
IRIS, KIND = load_iris(return_X_y=True)
PATIENTS, DISEASE = load_diabetes(return_X_y=True)
PATIENTS = scale(PATIENTS)
RNG = np.random.RandomState(0)
TIME = 1.7e9 + RNG.uniform(0, 1e7, len(IRIS))
BAD = "than a constant"


def messages(model, *data, **given):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(*data, **given)
    assert all(warning.filename == __file__ for warning in caught)
    return [str(w.message) for w in caught if issubclass(w.category, ConvergenceWarning)]


def the_message(model, *data, **given):
    (message,) = messages(model, *data, **given)
    assert BAD in message
    return message


# What was tried as a new user would


@pytest.mark.parametrize("solver, rate", [("adam", 0.5), ("adam", 50.0), ("adam", 1e6)])
@pytest.mark.parametrize("dtype", ["auto", "float64"])
def test_a_rate_far_too_large_is_named(solver, rate, dtype):
    model = MLPClassifier(solver=solver, learning_rate_init=rate, dtype=dtype, random_state=0)
    assert f"Lower `learning_rate_init`; got {rate:g}." in the_message(model, DIGITS, DIGIT)


@pytest.mark.parametrize("rate", [5.0, 5000.0])
def test_so_it_is_for_plain_descent(rate):
    model = MLPClassifier(solver="sgd", learning_rate_init=rate, random_state=0)
    assert "Lower `learning_rate_init`" in the_message(model, DIGITS, DIGIT)


def test_a_column_of_times_is_named_by_its_number_or_its_name():
    model = MLPClassifier(random_state=0)
    message = the_message(model, np.c_[IRIS, TIME], KIND)
    assert "Column 4 of `X` has values up to 1.71e+09" in message
    assert "`sklearn.preprocessing.StandardScaler`" in message
    frame = pd.DataFrame(IRIS, columns=list("abcd")).assign(time=TIME)
    assert "Column 'time' of `X`" in the_message(model, frame, KIND)
    assert "Column 4 of `X`" in the_message(model, sparse.csr_array(np.c_[IRIS, TIME]), KIND)


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_column_that_makes_a_training_diverge_is_named(method):
    X = RNG.normal(size=(300, 50))
    y = X[:, 1].copy()
    X[:, 7] = 1.7e12 + RNG.uniform(0, 1e10, 300)
    with pytest.raises(ValueError, match=r"Training diverged.* Column 7 of `X` has values up to"):
        getattr(MLPRegressor(random_state=0), method)(X, y)


@pytest.mark.parametrize(
    "factor, arguments, text",
    [(1e-5, {}, "up to 0.00346"), (1e4, {"early_stopping": True}, "up to 3.46e+06")],
    ids=["small", "large"],
)
def test_a_target_far_from_unit_scale_is_named(factor, arguments, text):
    model = MLPRegressor(random_state=0, **arguments)
    assert f"`y` has values {text}" in the_message(model, PATIENTS, DISEASE * factor)


@pytest.mark.parametrize(
    "model, factor",
    [
        (MLPClassifier(), 1e-4),
        (MLPClassifier(), 1e-6),
        (MLPClassifier(solver="lbfgs"), 1e-4),
        (MLPRegressor(), 1e-5),
    ],
    ids=str,
)
def test_inputs_too_small_to_be_told_apart_are_named(model, factor):
    inputs = RNG.normal(size=(1000, 10))
    target = inputs[:, 0] if isinstance(model, MLPRegressor) else inputs[:, 0] > 0
    message = the_message(model.set_params(random_state=0), inputs * factor, target)
    assert "than a constant" in message
    assert "`X` has values up to" in message
    assert "only, far from unit scale" in message
    assert "`learning_rate_init`" not in message


def test_every_output_spreads_in_units_of_its_own():
    y = np.c_[np.resize([1e200, -1e200], 40), np.resize([1.0, -1.0], 40), np.zeros(40)]
    with pytest.raises(ValueError, match="values up to 1e\\+200 and a standard deviation of 1,"):
        MLPRegressor().fit(RNG.normal(size=(40, 3)), y[:, :2])
    with pytest.raises(ValueError, match="values up to 1e\\+200 and a standard deviation of 0,"):
        MLPRegressor().fit(RNG.normal(size=(40, 3)), y)


def test_a_score_that_stopped_a_falling_loss_is_named():
    inputs = np.random.default_rng(0).normal(size=(2000, 10))
    arguments = {"early_stopping": True, "scoring": "average_precision", "random_state": 0}
    message = the_message(MLPClassifier(**arguments), inputs, (inputs[:, 0] > 2.3).astype(int))
    assert "watch the validation loss, `scoring='loss'`, or raise `n_iter_no_change`" in message


def test_a_mean_of_weights_that_reaches_back_to_the_first_ones_is_named():
    X = RNG.normal(size=(200, 3))
    model = MLPRegressor(hidden_layer_sizes=20, learning_rate_init=0.2, max_iter=60, random_state=0)
    assert not any(BAD in message for message in messages(model, X, X[:, 0] + 30))
    for arguments in ({}, {"early_stopping": True, "n_iter_no_change": np.inf}):
        model.set_params(averaging=0.99, **arguments)
        message = the_message(model, X, X[:, 0] + 30)
        assert message.endswith("raise `max_iter`, or lower `averaging`; got 0.99.")


# What must not warn


@pytest.mark.parametrize(
    "model, X, y",
    [
        (MLPClassifier(max_iter=15), DIGITS, DIGIT),
        (MLPClassifier(early_stopping=True, max_iter=10), DIGITS, DIGIT),
        (MLPClassifier(dropout=0.5, max_iter=60), scale(IRIS), KIND),
        (MLPClassifier(class_weight={0: 9}, label_smoothing=0.2, max_iter=60), scale(IRIS), KIND),
        (MLPClassifier(max_iter=60), scale(IRIS), np.eye(3, dtype=int)[KIND]),
        (MLPClassifier(max_iter=60), scale(IRIS), 0.8 * np.eye(3)[KIND] + 0.2 / 3),
        (MLPRegressor(max_iter=60), PATIENTS, scale(DISEASE)),
        (MLPRegressor(loss="huber", max_iter=60), PATIENTS, scale(DISEASE)),
        (MLPRegressor(loss="quantile", quantile=0.9, max_iter=60), PATIENTS, scale(DISEASE)),
        (MLPRegressor(loss="poisson", solver="lbfgs", max_iter=60), PATIENTS, DISEASE),
        (MLPRegressor(solver="lbfgs", max_iter=60), PATIENTS, DISEASE),
    ],
    ids=str,
)
def test_a_healthy_fit_is_not_accused(model, X, y):
    assert BAD not in " ".join(messages(model.set_params(random_state=0), X, y))


def test_the_loss_that_counts_is_that_of_the_fitted_weights():
    """The mean over the first epoch is that of a network which knew nothing yet."""
    model = MLPClassifier((), max_iter=1, batch_size=1, random_state=0, learning_rate_init=0.05)
    first = MLPClassifier((), learning_rate_init=1e-300, max_iter=1, random_state=0)
    X, y = np.tile(5 * scale(IRIS), (2, 1)), np.tile(KIND, 2)
    assert BAD in " ".join(messages(first, X, y))
    assert BAD not in " ".join(messages(model, X, y))


def test_a_constant_target_is_predicted_well_enough():
    for y in (np.full(len(IRIS), 5.0), np.zeros(len(IRIS))):
        assert BAD not in " ".join(messages(MLPRegressor(max_iter=20, random_state=0), IRIS, y))


def test_partial_fit_says_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        MLPRegressor(random_state=0).partial_fit(PATIENTS, 1e4 * DISEASE)


# What it takes


def test_weights_change_what_the_best_constant_is():
    """Nothing but the weights tells these samples apart, and the rate is too small to learn."""
    X, y = np.zeros((40, 1)), np.repeat([0, 1], 20)
    start = {"coefs_init": [np.zeros((1, 1))], "intercepts_init": [np.zeros(1)]}
    model = MLPClassifier((), alpha=0, learning_rate_init=1e-300, max_iter=1)
    weight = np.where(y == 1, 9.0, 1.0)
    assert BAD not in " ".join(messages(model, X, y, **start))
    assert f"constant prediction {-(0.9 * np.log(0.9) + 0.1 * np.log(0.1)):g}" in the_message(
        model, X, y, weight, **start
    )


def test_a_good_fit_is_not_scanned(monkeypatch):
    monkeypatch.setattr(_unit_scale, "largest_per_column", lambda X: pytest.fail("scanned"))
    monkeypatch.setattr(_worse_than_constant, "mean_loss", lambda *_: pytest.fail("evaluated"))
    MLPClassifier(max_iter=60, random_state=0).fit(scale(IRIS), KIND)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
@pytest.mark.parametrize("dtype", [np.int8, np.float32, bool])
def test_the_largest_values_are_found_chunk_by_chunk(container, dtype, monkeypatch):
    monkeypatch.setattr(_unit_scale, "CHUNK_ENTRIES", 8)
    X = RNG.randint(-128, 128, size=(11, 3)).astype(dtype)
    X[4, 1] = -128
    expected = np.abs(X.astype(float)).max(axis=0)
    np.testing.assert_array_equal(_unit_scale.largest_per_column(container(X)), expected)
