"""The rate that the range test suggests, beside the best of a grid of ten.

python -m benchmarks.range_test
"""

import warnings
from statistics import median

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from benchmarks import data
from skmlp import MLPClassifier, MLPRegressor, learning_rate_range_test

RATES = np.geomspace(1e-4, 1, 10)
SEEDS = (0, 1, 2)


def digits():
    X, y = load_digits(return_X_y=True)
    return MLPClassifier(max_iter=30), X / 16, y


def fashion_mnist():
    return MLPClassifier(max_iter=10), *data.load("Fashion-MNIST")


def california_housing():
    return MLPRegressor(max_iter=30), *data.load("California")


def lowest_validation_loss(network, rate, X, X_val, y, y_val):
    network.set_params(learning_rate_init=rate)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        try:
            network.fit(X, y, X_val=X_val, y_val=y_val)
        except ValueError:
            # The training diverged.
            return np.inf
    return min(network.validation_loss_curve_)


def compare(network, X, y, seed):
    """Return the suggestion and its loss, of the lowest loss of the grid."""
    parts = train_test_split(X, y, random_state=seed)
    network.set_params(random_state=seed)
    suggestion = learning_rate_range_test(network, parts[0], parts[2]).suggestion
    losses = [lowest_validation_loss(network, float(rate), *parts) for rate in RATES]
    return suggestion, lowest_validation_loss(network, suggestion, *parts) / min(losses)


def main():
    for name, case in [
        ("digits", digits),
        ("Fashion-MNIST", fashion_mnist),
        ("California", california_housing),
    ]:
        suggestions, ratios = zip(*(compare(*case(), seed) for seed in SEEDS), strict=True)
        shown = ", ".join(f"{suggestion:.2g}" for suggestion in suggestions)
        print(
            f"{name}: suggested {shown}; lowest validation loss {median(ratios):.3f} times the "
            f"grid's best ({min(ratios):.3f} to {max(ratios):.3f}), demanded 1.1",
            flush=True,
        )


if __name__ == "__main__":
    main()
