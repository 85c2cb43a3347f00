"""Tables: how often held-out targets lie in the interval that should hold nine of ten.

    python -m benchmarks.interval_coverage [--cap N]

The interval of `predict_quantiles`, from the out-of-fold residuals, beside one of the same width
everywhere, from the same residuals, and one between two networks that learn the quantiles. The
score is Winkler's, smaller is better: the width, and twenty times what a target misses it by.
"""

import argparse

import numpy as np
from sklearn.datasets import load_diabetes

from benchmarks import tabular
from skmlp import TabularMLPRegressor

LEVELS = (0.05, 0.95)
TABLES = ("california_housing", "abalone", "bike_sharing", "cpu_act", "wine_quality", "kin8nm")


def parts(name, cap):
    """Return training and test rows of a table."""
    if name == "diabetes":
        table, y = load_diabetes(return_X_y=True, as_frame=True)
        return tabular.split(table, [y.to_numpy()], 0, cap)
    table, y = tabular.load(name)
    return tabular.split(table, [y], 0, cap)


def intervals(X, X_test, y):
    """Give the name of each way and the ends of its intervals."""
    model = TabularMLPRegressor(random_state=0).fit(X, y)
    yield "predict_quantiles", model.predict_quantiles(X_test, LEVELS).T
    residuals = np.quantile(y - model.validation_predictions_, LEVELS)
    yield "one width", model.predict(X_test) + residuals[:, None]
    networks = [
        TabularMLPRegressor("quantile", quantile=level, random_state=0).fit(X, y)
        for level in LEVELS
    ]
    yield "two fits", np.sort([network.predict(X_test) for network in networks], axis=0)


def measures(y, low, high):
    """Return the share of targets in their intervals, and Winkler's score."""
    missed = np.maximum(low - y, 0) + np.maximum(y - high, 0)
    return np.mean(missed == 0), np.mean(high - low + missed / LEVELS[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cap", type=int, default=8000)
    cap = parser.parse_args().cap
    for name in ("diabetes", *TABLES):
        X, X_test, y, y_test = parts(name, cap)
        found = {way: measures(y_test, *ends) for way, ends in intervals(X, X_test, y)}
        reference = found["one width"][1]
        cells = [
            f"{way}: {share:.3f}, {score / reference:.2f}" for way, (share, score) in found.items()
        ]
        print(f"{name:20}", *cells, sep="  ", flush=True)


if __name__ == "__main__":
    main()
