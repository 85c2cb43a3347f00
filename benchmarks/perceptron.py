"""PerceptronClassifier against scikit-learn's Perceptron, side by side in one run.

    python -m benchmarks.perceptron [--repeats 5]

Data come from the folder that the environment variable ``SKMLP_DATA`` names (``mnist.npz`` and
``covertype.npz``), else from scikit-learn's fetchers. Both train 5 epochs with ``tol=None``, in
turns; the table gives median seconds. The finish line: without shuffling both end with the same
weights in float64, and with as many right answers, within a percent, in float32.
"""

import argparse
import tracemalloc
import warnings
from functools import partial
from statistics import median

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Perceptron

from benchmarks import clock, data
from skmlp import PerceptronClassifier

EPOCHS = {"max_iter": 5, "tol": None}
N_COVERTYPE = 50_000


def races():
    """Yield name, inputs and labels of every row of the table."""
    X, y, _, _ = data.mnist()
    for dtype in (np.float64, np.float32):
        yield f"MNIST {np.dtype(dtype)}", X.astype(dtype), y
    X, y = data.covertype()
    rows = np.random.RandomState(0).permutation(len(X))[:N_COVERTYPE]
    yield "Covertype float64", X[rows].astype(np.float64), y[rows]


def extra_memory(estimator, X, y):
    """Return the peak of what a fit allocates, in parts of the size of `X`."""
    tracemalloc.start()
    estimator.fit(X, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / X.nbytes


def assert_agreement(X, y):
    own = PerceptronClassifier(**EPOCHS, shuffle=False).fit(X, y)
    other = Perceptron(**EPOCHS, shuffle=False).fit(X, y)
    if X.dtype == np.float64:
        scale = np.abs(other.coef_).max()
        np.testing.assert_allclose(own.coef_, other.coef_, rtol=0, atol=1e-10 * scale)
    else:
        assert abs(own.score(X, y) - other.score(X, y)) < 0.01


def race(X, y, repeats):
    """Return the median seconds of scikit-learn and skmlp, run in turns."""
    estimators = [kind(**EPOCHS) for kind in (Perceptron, PerceptronClassifier)]
    fits = [partial(clock.seconds, estimator.fit, X, y) for estimator in estimators]
    return [median(laps) for laps in clock.alternate(fits, repeats)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    warnings.simplefilter("ignore", ConvergenceWarning)
    print("| data | scikit-learn (s) | skmlp (s) | times as fast | extra memory (of X) |")
    print("|---|---:|---:|---:|---:|")
    for name, X, y in races():
        assert_agreement(X, y)
        theirs, ours = race(X, y, repeats)
        memory = extra_memory(PerceptronClassifier(**EPOCHS), X, y)
        print(f"| {name} | {theirs:.3f} | {ours:.3f} | {theirs / ours:.2f} | {memory:.3f} |")


if __name__ == "__main__":
    main()
