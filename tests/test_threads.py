"""Threads share a model, and a process, without disturbing one another."""

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from libraries import BlasOfOpenMP, Ended, Library
from sklearn.datasets import load_digits

from skmlp import MLPClassifier, MLPRegressor, TabularMLPRegressor
from skmlp.estimators.tabular import _chunks
from skmlp.training.blas import SingleThread

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


def test_many_rows_of_a_table_are_predicted_on_as_many_threads_as_blas_has(monkeypatch):
    held = SingleThread([Library(3)])
    monkeypatch.setattr(_chunks, "blas_of_numpy", lambda: held)
    all_at_once = Barrier(3, timeout=60)

    def predict(rows):
        all_at_once.wait()
        return np.arange(rows.start, rows.stop)

    np.testing.assert_array_equal(_chunks.in_chunks(predict, 10_000), np.arange(10_000))


def test_no_thread_that_predicts_tables_has_threads_of_blas_where_openmp_counts_them(monkeypatch):
    library = BlasOfOpenMP(3)
    held = SingleThread([library])
    monkeypatch.setattr(_chunks, "blas_of_numpy", lambda: held)

    def predict(rows):
        return np.full(rows.stop - rows.start, library.get_num_threads())

    assert set(_chunks.in_chunks(predict, 10_000)) == {1}
    assert library.get_num_threads() == 3


def test_no_thread_is_started_where_blas_has_one_or_rows_are_few(monkeypatch):
    held = SingleThread([])
    monkeypatch.setattr(_chunks, "blas_of_numpy", lambda: held)
    monkeypatch.setattr(_chunks, "ThreadPoolExecutor", None)
    sizes = []

    def predict(rows):
        sizes.append(rows.stop - rows.start)
        return np.arange(rows.start, rows.stop)

    for n_rows in (1, 1000, 20_000):
        np.testing.assert_array_equal(_chunks.in_chunks(predict, n_rows), np.arange(n_rows))
    # A chunk at a time is in memory.
    assert max(sizes) < 10_000


def test_rows_are_predicted_where_no_thread_can_be_started_any_more(monkeypatch):
    library = Library(3)
    held = SingleThread([library])
    monkeypatch.setattr(_chunks, "blas_of_numpy", lambda: held)
    monkeypatch.setattr(_chunks, "ThreadPoolExecutor", Ended)
    predictions = _chunks.in_chunks(lambda rows: np.arange(rows.start, rows.stop), 10_000)
    np.testing.assert_array_equal(predictions, np.arange(10_000))
    assert library.n_threads == 3


def test_an_ensemble_says_the_same_of_many_rows_as_of_few():
    model = TabularMLPRegressor(
        n_estimators=2, hidden_layer_sizes=8, max_iter=1, random_state=0
    ).fit(X, y)
    many = np.tile(X, (5, 1))
    np.testing.assert_allclose(model.predict(many), np.tile(model.predict(X), 5), rtol=1e-5)
