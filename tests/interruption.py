"""Fits to interrupt, ways to interrupt them, and the comparison of what comes of it."""

import multiprocessing
import signal
import time

import numpy as np
import pytest
from sklearn.datasets import load_digits

from skmlp import Checkpoint, MLPClassifier, resume
from skmlp.estimators.common import _callbacks
from skmlp.persistence import _file, _writers

X, y = load_digits(return_X_y=True)
X, y = X[:600] / 16, y[:600]
WEIGHT = np.random.RandomState(0).uniform(0.5, 2, len(X))


def classifier(**arguments):
    arguments = {"random_state": 0, "max_iter": 20, "n_iter_no_change": 3, **arguments}
    return MLPClassifier((24, 16), **arguments)


# Every solver, and everything that has a state of its own.
CASES = {
    "sgd": {"solver": "sgd", "learning_rate": "invscaling", "learning_rate_init": 0.5},
    "adam": {"dropout": 0.2},
    "adamw": {"solver": "adamw", "early_stopping": True, "tol": 1e-2},
    "muon": {"solver": "muon", "averaging": 0.7, "early_stopping": True},
    "nadam": {"solver": "nadam", "learning_rate": "cosine", "warmup_iter": 4},
    "rmsprop": {"solver": "rmsprop", "dtype": "float32", "learning_rate": "one_cycle"},
    "adagrad": {"solver": "adagrad", "activation": "selu", "dropout": [0.1, 0.3]},
    "lbfgs": {"solver": "lbfgs", "early_stopping": True},
    "adaptive": {
        **{"solver": "sgd", "learning_rate": "adaptive", "tol": 0.05, "momentum": 0.5},
        "max_iter": 30,
    },
    "plateau": {"solver": "sgd", "learning_rate_init": 1e-5, "max_grad_norm": 0.5},
    "exponential": {"learning_rate": "exponential", "early_stopping": True, "scoring": "loss"},
    "in order": {"shuffle": False, "label_smoothing": 0.1, "class_weight": {0: 2.0, 3: 0.5}},
}
each_case = pytest.mark.parametrize("case", CASES)


class Stop(Exception):
    """Ends a fit in the middle."""


class Bomb(_callbacks.Callback):
    """Raises at the end of an epoch."""

    def __init__(self, epoch, error=Stop):
        self.epoch = epoch
        self.error = error

    def on_fit_task_end(self, estimator, context):
        if context.task_name == "epoch" and context.task_id + 1 == self.epoch:
            raise self.error
        return False


def cut_short(estimator, path, epoch, *data, every=1, **validation):
    """Fit with a checkpoint and blow the fit up."""
    estimator.set_callbacks(Checkpoint(path, every), Bomb(epoch))
    with pytest.raises(Stop):
        estimator.fit(*data, **validation)


def assert_same_bits(left, right):
    """Compare everything that a fit leaves, curves and reasons included."""
    ours, theirs = ({**vars(estimator)} for estimator in (left, right))
    for attributes in (ours, theirs):
        attributes.pop("_skl_callbacks", None)
        attributes.pop("random_state")
        attributes["_targets"] = vars(attributes.pop("_targets", object))
    assert sorted(ours) == sorted(theirs)
    for name, value in ours.items():
        np.testing.assert_equal(value, theirs[name], err_msg=name)
    for ours_coef, theirs_coef in zip(left.coefs_, right.coefs_, strict=True):
        assert ours_coef.dtype == theirs_coef.dtype
        assert ours_coef.tobytes() == theirs_coef.tobytes()


def write_slowly(path, contents):
    """Write a file, and leave time to be killed."""
    time.sleep(0.05)
    _file.write_file(path, contents)


def fit_slowly(path, case):
    """Fit, or go on with the fit, in a process that somebody kills."""
    _writers.write_file = write_slowly
    if path.exists():
        resume(path, X, y, WEIGHT)
    else:
        classifier(**CASES[case]).set_callbacks(Checkpoint(path)).fit(X, y, WEIGHT)


def identity(path):
    """Return a number that changes when the file is replaced."""
    return path.stat().st_ino if path.exists() else None


def start(target, *args):
    """Return the process that runs a function."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["skmlp", "sklearn.datasets", "sklearn.metrics"])
    process = context.Process(target=target, args=args, daemon=True)
    process.start()
    return process


def kill_at_random(target, path, case, rng):
    """Run `target` in a process and kill it a while after it has written its first file.

    Returns whether it was killed: it may have come to its end before.
    """
    before = identity(path)
    process = start(target, path, case)
    while process.is_alive() and identity(path) == before:
        time.sleep(0.001)
    time.sleep(rng.uniform(0, 0.15))
    process.kill()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0
