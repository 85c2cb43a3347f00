"""Whether long runs leave anything behind: memory, threads, files, warnings.

    python -m benchmarks.soak

Fits 200 models and predicts 20,000 times, after a warm-up; prints what is left over.
"""

import gc
import os
import sys
import tempfile
import threading
import warnings
from pathlib import Path

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from skmlp import Checkpoint, MLPClassifier

N_WARM_UP_FITS = 20
N_FITS = 200
N_PREDICTIONS = 20_000
ALLOWED_GROWTH = 5e6
SETTINGS = [
    {"solver": "adam", "dropout": 0.2},
    {"solver": "sgd", "early_stopping": True, "learning_rate": "adaptive"},
    {"solver": "lbfgs"},
    {"solver": "adamw", "dtype": "float32"},
]


def resident_bytes():
    """Return the memory that the process holds, after a collection."""
    gc.collect()
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def open_files():
    return len(os.listdir("/proc/self/fd"))


def fit(number, X, y, folder):
    round_, setting = divmod(number, len(SETTINGS))
    classifier = MLPClassifier((64, 32), max_iter=5, random_state=number, **SETTINGS[setting])
    if round_ % 2:
        classifier.set_callbacks(Checkpoint(Path(folder) / "fit.npz"))
    return classifier.fit(X, y)


def soak(n_fits, n_predictions, X, y, folder):
    for number in range(n_fits):
        classifier = fit(number, X, y, folder)
        for start in range(n_predictions // n_fits):
            classifier.predict_proba(X[start : start + 50])


def main():
    warnings.simplefilter("error")
    warnings.simplefilter("ignore", ConvergenceWarning)
    rng = np.random.RandomState(0)
    X = rng.standard_normal((2000, 50))
    y = (X @ rng.standard_normal((50, 5))).argmax(axis=1)
    with tempfile.TemporaryDirectory() as folder:
        soak(N_WARM_UP_FITS, N_PREDICTIONS // 10, X, y, folder)
        memory, threads, files = resident_bytes(), threading.active_count(), open_files()
        soak(N_FITS, N_PREDICTIONS, X, y, folder)
        growth = resident_bytes() - memory
        threads, files = threading.active_count() - threads, open_files() - files
        left = sorted(os.listdir(folder))
    print(f"memory     {growth / 1e6:+.2f} MB after {N_FITS} fits and {N_PREDICTIONS} predictions")
    print(f"threads    {threads:+d}")
    print(f"open files {files:+d}")
    print(f"on disk    {', '.join(left)}")
    sys.exit(growth > ALLOWED_GROWTH or threads > 0 or files > 0 or left != ["fit.npz"])


if __name__ == "__main__":
    main()
