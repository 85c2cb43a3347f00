"""Covertype as it comes, 464,809 rows to learn from: accuracy, seconds and memory of one fit.

    python -m benchmarks.tabular_covertype [--hidden 256 256 256] [--networks 2] [--seconds 900]

The 54 columns are numbers without names, as in the file; the test rows are 116,203 at random.
"""

import argparse
import time

import numpy as np

from benchmarks import data, machine, memory
from skmlp import TabularMLPClassifier

N_TRAINING = 464_809


def split(seed):
    """Return rows to learn from and to test on, with their labels."""
    X, y = data.covertype()
    order = np.random.default_rng(seed).permutation(len(X))
    training, test = order[:N_TRAINING], order[N_TRAINING:]
    return X[training], X[test], y[training], y[test]


def main():
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tabular_covertype", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--hidden", type=int, nargs="+", default=[256, 256, 256])
    parser.add_argument("--networks", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=900)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(machine.describe(), flush=True)
    X_train, X_test, y_train, y_test = split(options.seed)
    model = TabularMLPClassifier(
        options.networks,
        hidden_layer_sizes=options.hidden,
        max_iter=options.epochs,
        max_time=options.seconds,
        n_jobs=options.jobs,
        random_state=options.seed,
        verbose=2,
    )
    start = time.perf_counter()
    with memory.Watch(memory.with_children, interval=0.2) as watch:
        model.fit(X_train, y_train)
    seconds = time.perf_counter() - start
    encoding = model.encoder_.transform(X_train[:1]).nbytes * len(X_train) / memory.MEGABYTE
    print(
        f"{len(X_train)} rows, {len(model.estimators_)} networks, {model.n_iter_} epochs, "
        f"{seconds:.0f} s: test accuracy {model.score(X_test, y_test):.4f}, "
        f"{watch.growth:.0f} MB beside a table of {X_train.nbytes / memory.MEGABYTE:.0f} MB, "
        f"encoded {encoding:.0f} MB"
    )


if __name__ == "__main__":
    main()
