"""MNIST, 300-100, batches of 50: a recipe out of the vocabulary.

    python -m benchmarks.mnist

Decoupled decay, dropout and label smoothing regularise; one cycle of the learning rate trains. The
recipe was written down beforehand, not chosen by its result.
"""

import argparse
import time
import warnings

from sklearn.exceptions import ConvergenceWarning

from benchmarks import data
from skmlp import MLPClassifier

RECIPE = {
    "hidden_layer_sizes": [300, 100],
    "batch_size": 50,
    "solver": "adamw",
    "alpha": 0.01,
    "learning_rate": "one_cycle",
    "learning_rate_init": 2e-3,
    "max_iter": 30,
    "dropout": [0.2, 0.1],
    "label_smoothing": 0.1,
    "n_iter_no_change": float("inf"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)

    X_train, y_train, X_test, y_test = data.mnist()
    X_train, X_test = data.unit_scale(X_train), data.unit_scale(X_test)
    for seed in range(options.seeds):
        start = time.perf_counter()
        model = MLPClassifier(**RECIPE, random_state=seed).fit(X_train, y_train)
        seconds = time.perf_counter() - start
        print(f"seed {seed}: test accuracy {model.score(X_test, y_test):.4f} in {seconds:.0f} s")


if __name__ == "__main__":
    main()
