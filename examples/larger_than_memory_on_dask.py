"""Train on a Dask array that does not fit into memory: `Incremental` of dask-ml, chunk by chunk.

    python examples/larger_than_memory_on_dask.py

The array is made when a chunk of it is needed, as one that is read from files would be. What the
process holds grows by a few chunks, not by the data.
"""

from pathlib import Path

import dask.array as da
from dask_ml.wrappers import Incremental

from skmlp import MLPClassifier

N_SAMPLES, N_FEATURES = 4_000_000, 50
ROWS = 20_000


def make_data(n_samples):
    """Return inputs and labels as Dask arrays, none of them computed yet."""
    rng = da.random.default_rng(0)
    shape, chunks = (n_samples, N_FEATURES), (ROWS, N_FEATURES)
    X = rng.standard_normal(shape, chunks=chunks, dtype="float32")
    return X, (abs(X[:, 0] + X[:, 1]) > 1).astype("uint8")


def largest_memory():
    """Return the megabytes that the process held at most (on Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1e3 for line in lines if line.startswith("VmHWM"))


def train_and_score(X, y):
    """Return the accuracy on all chunks after one pass over them."""
    network = MLPClassifier((32,), batch_size=500, random_state=0)
    # With a `scoring` dask-ml predicts and scores chunk by chunk.
    incremental = Incremental(network, scoring="accuracy").fit(X, y, classes=[0, 1])
    return incremental.score(X, y)


def main():
    # What a run needs in any case is held from here on.
    train_and_score(*make_data(2 * ROWS))
    X, y = make_data(N_SAMPLES)
    before = largest_memory()
    accuracy = train_and_score(X, y)
    growth = largest_memory() - before
    print(f"data            {X.nbytes / 1e6:.0f} MB, {X[:ROWS].nbytes / 1e6:.0f} MB a chunk")
    print(f"memory grew by  {growth:.0f} MB at most")
    print(f"accuracy        {accuracy:.3f}")


if __name__ == "__main__":
    main()
