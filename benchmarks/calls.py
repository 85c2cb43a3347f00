"""Whole calls on the small data that scikit-learn ships, by skmlp and by scikit-learn."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

from sklearn import neural_network
from sklearn.datasets import load_digits, load_iris
from sklearn.exceptions import ConvergenceWarning

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


CALLS = [
    Call("fit, iris, 200 epochs", _fit_iris, 1, 2.5),
    Call("fit, digits, 30 epochs", _fit_digits, 1, 2.5),
    Call("partial_fit, 32 digits", _partial_fit, 100, 3),
    Call("predict, 1 digit", _predict_one, 200, 1),
]
