"""What a checkpoint after every epoch costs, on a fit whose epochs take about 0.1 s.

    python -m benchmarks.checkpoint

Within one fit every second epoch is written down; the table has the median times of the epochs with
and without. The cost is the time until the file is on the disk: another folder, another cost. The
environment variable ``TMPDIR`` chooses it.
"""

import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from skmlp import Checkpoint, MLPClassifier

SECONDS_PER_EPOCH = 0.1
N_FEATURES = 100
N_EPOCHS = 61
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


class Clock:
    """Notes when each epoch ends, its writing included."""

    def __init__(self):
        self.times = []

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        if context.task_name == "epoch":
            self.times.append(time.perf_counter())
        return False


def seconds_of_epochs(classifier, X, y, *callbacks):
    """Return the seconds of each epoch but the first."""
    clock = Clock()
    classifier.set_callbacks(clock, *callbacks).fit(X, y)
    return np.diff(clock.times)


def enough_samples(arguments):
    """Return the number of samples of which an epoch takes about as long as it should."""
    n_samples = 20_000
    seconds = seconds_of_epochs(make_classifier(arguments), *make_data(n_samples))
    return int(n_samples * SECONDS_PER_EPOCH / median(seconds))


def measure(arguments, folder):
    """Return seconds per epoch without and with a checkpoint, and the size of its file."""
    X, y = make_data(enough_samples(arguments))
    path = Path(folder) / "checkpoint.npz"
    seconds = seconds_of_epochs(make_classifier(arguments), X, y, Checkpoint(path, every=2))
    # The second epoch of the fit is the first of these.
    return median(seconds[1::2]), median(seconds[::2]), path.stat().st_size


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
