"""Whole calls on small data and predictions of every shape, by skmlp and by scikit-learn."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.stats import loguniform
from sklearn import neural_network
from sklearn.datasets import load_digits, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import RandomizedSearchCV

import skmlp
from benchmarks import clock

KINDS = (skmlp.MLPClassifier, neural_network.MLPClassifier)


@dataclass(frozen=True)
class Call:
    """``prepare(kind)`` returns a function without arguments: the call; ``n`` are timed at once."""

    name: str
    prepare: Callable
    n: int
    at_least: float

    def timers(self):
        return [_timer(self.prepare(kind), self.n) for kind in KINDS]


def _timer(call, n):
    def run():
        for _ in range(n):
            call()

    def lap():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return clock.seconds(run) / n

    lap()
    return lap


def _fit_iris(kind):
    X, y = load_iris(return_X_y=True)
    model = kind(max_iter=200, tol=0, n_iter_no_change=200, random_state=0)
    return lambda: model.fit(X, y)


def _fit_digits(kind):
    X, y = load_digits(return_X_y=True)
    model = kind(max_iter=30, random_state=0)
    return lambda: model.fit(X, y)


def _fit_few(kind):
    X, y = load_digits(return_X_y=True)
    model = kind(random_state=0)
    return lambda: model.fit(X[:500], y[:500])


def _fit_stopping(kind):
    X, y = load_digits(return_X_y=True)
    model = kind(max_iter=50, n_iter_no_change=50, early_stopping=True, random_state=0)
    return lambda: model.fit(X[:500], y[:500])


def _search(n_candidates, max_iter=200):
    return lambda kind: _search_call(kind(max_iter=max_iter, random_state=0), n_candidates)


def _search_call(network, n_candidates):
    X, y = load_digits(return_X_y=True)
    rates = {"learning_rate_init": loguniform(1e-4, 1e-2)}
    search = RandomizedSearchCV(network, rates, n_iter=n_candidates, cv=5, random_state=0)
    return lambda: search.fit(X[:500], y[:500])


def _partial_fit(kind):
    X, y = load_digits(return_X_y=True)
    model = kind(random_state=0).partial_fit(X[:32], y[:32], classes=range(10))
    return lambda: model.partial_fit(X[:32], y[:32])


def _predict_one(kind):
    X, y = load_digits(return_X_y=True)
    model = kind(max_iter=2, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y)
    return lambda: model.predict(X[:1])


def _predict_proba(n_rows, n_features, hidden=(100,)):
    X = np.random.RandomState(0).uniform(size=(n_rows, n_features))
    return lambda kind: _proba_call(kind, X, hidden)


def _predict_proba_sparse(n_rows, n_features, n_words=10):
    columns = np.random.RandomState(0).randint(n_features, size=n_rows * n_words)
    entries = np.ones(len(columns)), columns, np.arange(0, len(columns) + 1, n_words)
    X = sparse.csr_matrix(entries, shape=(n_rows, n_features))
    return lambda kind: _proba_call(kind, X, (100,))


def _proba_call(kind, X, hidden):
    # How well it was trained makes no difference to the time that it takes.
    model = kind(hidden, max_iter=1, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X[np.zeros(20, int)], np.arange(20) % 10)
    return lambda: model.predict_proba(X)


CALLS = [
    Call("fit, iris, 200 epochs", _fit_iris, 1, 2.5),
    Call("fit, digits, 30 epochs", _fit_digits, 1, 2.5),
    Call("fit, 500 digits", _fit_few, 1, 4),
    Call("fit, 500 digits, early stopping, 50 epochs", _fit_stopping, 1, 4),
    Call("RandomizedSearchCV, 500 digits, 2 candidates, 5 folds", _search(2), 1, 4),
    Call(
        "RandomizedSearchCV, 500 digits, 20 candidates, 5 folds, 50 epochs", _search(20, 50), 1, 4
    ),
    Call("partial_fit, 32 digits", _partial_fit, 100, 3),
    Call("predict, 1 digit", _predict_one, 200, 1),
    Call("predict_proba, 1 x 784, 100", _predict_proba(1, 784), 200, 1.2),
    Call("predict_proba, 1 x 784, 512-512", _predict_proba(1, 784, (512, 512)), 100, 1.2),
    Call("predict_proba, 20,000 x 784, 100", _predict_proba(20_000, 784), 1, 1),
    Call("predict_proba, 300 x 20,000, 100", _predict_proba(300, 20_000), 1, 1),
    Call("predict_proba, CSR 2,000 x 200,000, 100", _predict_proba_sparse(2_000, 200_000), 1, 1),
]
