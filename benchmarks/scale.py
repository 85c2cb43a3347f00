"""Data that are large: sparse, or in a memory map."""

import tempfile
import warnings
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
from scipy import sparse
from sklearn import neural_network
from sklearn.exceptions import ConvergenceWarning

import skmlp
from benchmarks import clock, memory

N_FEATURES = 100
N_ROWS = (10_000, 100_000, 1_000_000)


def rows(n_rounds, only):
    if only in "sparse":
        yield from _sparse(n_rounds)
    if only in "memory map":
        yield from _memory_map(n_rounds)


def _sparse(n_rounds):
    n = 20_000
    rng = np.random.RandomState(0)
    X = sparse.random(n, n, density=50 / n, format="csr", random_state=rng)
    y = rng.randint(0, 2, n)
    kinds = (skmlp.MLPClassifier, neural_network.MLPClassifier)
    ours, theirs = clock.alternate([_epoch_timer(kind, X, y, 1) for kind in kinds], n_rounds)
    with memory.Watch(memory.anonymous, interval=0.005) as watch:
        _train(skmlp.MLPClassifier, X, y, 1)
    data, network = _megabytes(X), _network_megabytes(n)
    yield (
        "20,000 x 20,000 CSR, 50 a row",
        f"{n}",
        f"{median(ours) * 1e3:.0f} ms, scikit-learn {clock.ratio(theirs, ours):.1f}x",
        f"{watch.growth:.0f} MB beside {data:.0f} MB of data, the network {network:.0f} MB",
    )


def _memory_map(n_rounds):
    with tempfile.TemporaryDirectory() as folder:
        X, y = _write(Path(folder), max(N_ROWS))
        for n in N_ROWS:
            n_epochs = max(N_ROWS) // n
            timer = _epoch_timer(skmlp.MLPClassifier, X[:n], y[:n], n_epochs)
            (laps,) = clock.alternate([timer], n_rounds)
            with memory.Watch(memory.anonymous, interval=0.005) as watch:
                _train(skmlp.MLPClassifier, X[:n], y[:n], 1)
            yield (
                "memory map, float32 x 100",
                f"{n}",
                f"{median(laps) / n * 1e9:.0f} ns a row",
                f"{watch.growth:.0f} MB",
            )


def _write(folder, n):
    rng = np.random.default_rng(0)
    shape = (n, N_FEATURES)
    X = np.lib.format.open_memmap(folder / "X.npy", "w+", np.float32, shape)
    for start in range(0, n, 10_000):
        X[start : start + 10_000] = rng.standard_normal((10_000, N_FEATURES), dtype=np.float32)
    X.flush()
    return np.load(folder / "X.npy", mmap_mode="r"), rng.integers(0, 2, n)


def _train(kind, X, y, n_epochs):
    model = kind((100,), max_iter=n_epochs, tol=0, n_iter_no_change=n_epochs, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y)


def _epoch_timer(kind, X, y, n_epochs):
    train = partial(_train, kind, X, y)
    train(1)
    return lambda: clock.epoch_seconds(train, n_epochs)


def _megabytes(X):
    return (X.data.nbytes + X.indices.nbytes + X.indptr.nbytes) / memory.MEGABYTE


def _network_megabytes(n_features):
    """Weights, gradient and two averages in float32."""
    return 4 * 4 * 100 * n_features / memory.MEGABYTE
