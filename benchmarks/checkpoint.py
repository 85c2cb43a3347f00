"""What a checkpoint after every epoch costs, on a fit whose epochs take about 0.1 s.

    python benchmarks/checkpoint.py

Fits with and without a checkpoint take turns; the table has the median time of an epoch of each.
"""

import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from skmlp import Checkpoint, MLPClassifier

SECONDS_PER_EPOCH = 0.1
N_FEATURES = 100
N_ROUNDS = 5
N_EPOCHS = 20
SETTINGS = {
    "adam, 100": {"hidden_layer_sizes": (100,)},
    "adam, 256-256": {"hidden_layer_sizes": (256, 256)},
    "adam, 256-256, early stopping": {"hidden_layer_sizes": (256, 256), "early_stopping": True},
    "sgd, 256-256": {"hidden_layer_sizes": (256, 256), "solver": "sgd"},
}


def make_data(n_samples):
    rng = np.random.RandomState(0)
    X = rng.standard_normal((n_samples, N_FEATURES)).astype(np.float32)
    return X, (X @ rng.standard_normal((N_FEATURES, 10))).argmax(axis=1)


def make_classifier(arguments):
    return MLPClassifier(
        **arguments, max_iter=N_EPOCHS, n_iter_no_change=np.inf, tol=0, random_state=0
    )


def seconds_per_epoch(classifier, X, y):
    start = time.perf_counter()
    classifier.fit(X, y)
    return (time.perf_counter() - start) / classifier.n_iter_


def enough_samples(arguments):
    """Return the number of samples of which an epoch takes about as long as it should."""
    n_samples = 20_000
    classifier = make_classifier(arguments)
    seconds = median(seconds_per_epoch(classifier, *make_data(n_samples)) for _ in range(2))
    return int(n_samples * SECONDS_PER_EPOCH / seconds)


def measure(arguments, folder):
    """Return seconds per epoch without and with a checkpoint, and the size of its file."""
    X, y = make_data(enough_samples(arguments))
    path = Path(folder) / "checkpoint.npz"
    plain, saved = make_classifier(arguments), make_classifier(arguments)
    saved.set_callbacks(Checkpoint(path))
    times = [
        (seconds_per_epoch(plain, X, y), seconds_per_epoch(saved, X, y)) for _ in range(N_ROUNDS)
    ]
    without, with_checkpoint = (median(column) for column in zip(*times, strict=True))
    return without, with_checkpoint, path.stat().st_size


def main():
    print(f"{'network':<32}{'plain':>10}{'saved':>10}{'cost':>8}{'file':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for name, arguments in SETTINGS.items():
            plain, saved, size = measure(arguments, folder)
            print(
                f"{name:<32}{1e3 * plain:>7.1f} ms{1e3 * saved:>7.1f} ms{saved / plain - 1:>8.1%}"
                f"{size / 1e6:>7.2f} MB"
            )


if __name__ == "__main__":
    main()
