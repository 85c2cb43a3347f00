"""Train on more data than fit into memory: `partial_fit` on parts of a memory map.

    python examples/larger_than_memory.py

The arrays lie on disk; a part at a time is read, scaled and shown to the network. What the process
holds grows by the size of a part, not of the data.
"""

import tempfile
from pathlib import Path

import numpy as np
from sklearn.preprocessing import StandardScaler

from skmlp import MLPClassifier

N_SAMPLES, N_FEATURES = 1_000_000, 50
ROWS = 20_000
N_EPOCHS = 2


def write_data(folder):
    """Write the data in parts, as an instrument or a database would deliver them."""
    rng = np.random.default_rng(0)
    direction = rng.standard_normal(N_FEATURES)
    X = np.lib.format.open_memmap(
        folder / "X.npy", "w+", dtype=np.float32, shape=(N_SAMPLES, N_FEATURES)
    )
    y = np.lib.format.open_memmap(folder / "y.npy", "w+", dtype=np.uint8, shape=(N_SAMPLES,))
    for part in parts(N_SAMPLES):
        X[part] = rng.standard_normal((len(X[part]), N_FEATURES))
        y[part] = np.abs(X[part] @ direction) > 5


def parts(n_samples):
    """Yield slices that together are all rows."""
    for start in range(0, n_samples, ROWS):
        yield slice(start, start + ROWS)


def own_memory():
    """Return the megabytes that the process holds for itself, without mapped files (on Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1e3 for line in lines if line.startswith("RssAnon"))


def train(X, y):
    """Return the scaler and the network, trained part by part; the last part is left out."""
    *training, _ = parts(len(X))
    scaler = StandardScaler()
    for part in training:
        scaler.partial_fit(X[part])
    network = MLPClassifier((64,), batch_size=500, random_state=0)
    for _ in range(N_EPOCHS):
        for part in training:
            network.partial_fit(scaler.transform(X[part]), y[part], classes=[0, 1])
    return scaler, network


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_data(folder)
        X, y = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("X", "y"))
        before = own_memory()
        scaler, network = train(X, y)
        growth = own_memory() - before
        accuracy = network.score(scaler.transform(X[-ROWS:]), y[-ROWS:])
        print(f"data on disk      {X.nbytes / 1e6:.0f} MB, {X[:ROWS].nbytes / 1e6:.0f} MB a part")
        print(f"memory grew by    {growth:.0f} MB")
        print(f"held-out accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
