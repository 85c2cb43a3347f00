"""Threads share a model, and a process, without disturbing one another."""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.datasets import load_digits

from skmlp import MLPClassifier, MLPRegressor

X, y = load_digits(return_X_y=True)
X = X / 16
N_THREADS = 8


@pytest.fixture(autouse=True)
def frequent_switches():
    """Make the interpreter change threads a thousand times as often as usual."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.parametrize(
    "model",
    [
        MLPClassifier((30, 20), max_iter=5, random_state=0, dropout=0.2),
        MLPClassifier((30,), max_iter=5, random_state=0, dtype="float32"),
        MLPRegressor(hidden_layer_sizes=(30,), max_iter=5, random_state=0),
    ],
)
def test_eight_threads_predict_with_one_model(model):
    model.fit(X, y)
    parts = [X[i % 37 : 37 + 100 * (1 + i % 9)] for i in range(20 * N_THREADS)]
    alone = [model.predict(part) for part in parts]
    before = dict(vars(model))
    with ThreadPoolExecutor(N_THREADS) as pool:
        together = list(pool.map(model.predict, parts))
    for ours, theirs in zip(alone, together, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    # Predicting leaves nothing on the estimator that another thread could stumble over.
    assert vars(model) == before


def test_threads_ask_one_classifier_for_different_things():
    model = MLPClassifier((30,), max_iter=5, random_state=0).fit(X, y)
    methods = [model.predict, model.predict_proba, model.predict_log_proba, model.decision_function]
    expected = [method(X) for method in methods]
    with ThreadPoolExecutor(N_THREADS) as pool:
        for _ in range(5):
            results = pool.map(lambda method: method(X), methods * 2)
            for ours, theirs in zip(expected * 2, results, strict=True):
                np.testing.assert_array_equal(ours, theirs)


def test_threads_fit_different_models():
    settings = [
        {"solver": solver, "random_state": seed, "dropout": dropout}
        for seed in range(2)
        for solver, dropout in [("adam", 0.0), ("sgd", 0.3), ("adagrad", 0.1), ("lbfgs", 0.0)]
    ]

    def fit(arguments):
        return MLPClassifier((20,), max_iter=4, **arguments).fit(X[:500], y[:500])

    alone = [fit(arguments) for arguments in settings]
    with ThreadPoolExecutor(N_THREADS) as pool:
        together = list(pool.map(fit, settings))
    for ours, theirs in zip(alone, together, strict=True):
        assert ours.loss_curve_ == theirs.loss_curve_
        np.testing.assert_array_equal(ours.coefs_[0], theirs.coefs_[0])


def test_a_model_predicts_while_its_twin_trains():
    model = MLPClassifier((20,), max_iter=4, random_state=0).fit(X, y)
    expected = model.predict_proba(X)

    def train(seed):
        return MLPClassifier((20,), max_iter=4, random_state=seed).fit(X, y).n_iter_

    with ThreadPoolExecutor(N_THREADS) as pool:
        trainings = [pool.submit(train, seed) for seed in range(3)]
        predictions = [pool.submit(model.predict_proba, X) for _ in range(20)]
        for prediction in predictions:
            np.testing.assert_array_equal(prediction.result(), expected)
        assert [training.result() for training in trainings] == [4, 4, 4]
