"""What else than the seed decides over the bits of a fit, and by how much.

    python benchmarks/same_bits.py

Fits the same networks in processes that differ in one thing: the number of BLAS threads, the
instructions that a library may use. The latter stand in for other processors. Every row is compared
with a process in which nothing is changed but that BLAS has one thread.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

# What one process differs in from the first.
ROWS = {
    "nothing": {},
    "2 BLAS threads": {"OPENBLAS_NUM_THREADS": "2"},
    "4 BLAS threads": {"OPENBLAS_NUM_THREADS": "4"},
    "BLAS for AVX-512": {"OPENBLAS_CORETYPE": "SkylakeX"},
    "BLAS for AVX": {"OPENBLAS_CORETYPE": "Sandybridge"},
    "BLAS for SSE3": {"OPENBLAS_CORETYPE": "Prescott"},
    "NumPy without AVX-512": {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL"},
    "NumPy without AVX2": {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL"},
    "libm without AVX-512": {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F"},
    "libm without AVX2, FMA": {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX2,-FMA"},
    "without compiled twins": {"SKMLP_KERNELS": "reference"},
}
SOLVERS = ("adam", "sgd", "lbfgs")
DTYPES = ("float64", "float32")
N_SAMPLES = 2000


def fit(solver, dtype):
    """Return the weights and the probabilities of a fit."""
    from sklearn.datasets import load_digits

    from skmlp import MLPClassifier

    X, y = load_digits(return_X_y=True)
    X = np.tile(X / 16, (2, 1))[:N_SAMPLES].astype(dtype)
    y = np.tile(y, 2)[:N_SAMPLES]
    network = MLPClassifier(
        (256, 64), solver=solver, dtype=dtype, max_iter=20, tol=0, random_state=0
    )
    network.fit(X[: N_SAMPLES // 2], y[: N_SAMPLES // 2])
    weights = np.concatenate([coef.ravel() for coef in network.coefs_])
    return weights, network.predict_proba(X[N_SAMPLES // 2 :])


def fit_all(path):
    arrays = {}
    for solver in SOLVERS:
        for dtype in DTYPES:
            weights, probabilities = fit(solver, dtype)
            arrays |= {f"{solver} {dtype} w": weights, f"{solver} {dtype} p": probabilities}
    np.savez(path, **arrays)


def in_a_process(change, path):
    """Return the arrays of a process in which something is changed."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", **change}
    command = [sys.executable, "-W", "ignore", __file__, str(path)]
    subprocess.run(command, env=environment, check=True)
    with np.load(path) as archive:
        return dict(archive)


def difference(one, other):
    """Return how far two arrays are apart at most, by the size of what is in them."""
    if np.array_equal(one, other):
        return "same bits"
    return f"{np.abs(one - other).max() / np.abs(one).max():.0e}"


def other_labels(one, other):
    return (one.argmax(axis=1) != other.argmax(axis=1)).sum()


def main():
    columns = [f"{solver} {dtype}" for solver in SOLVERS for dtype in DTYPES]
    print(f"{'changed':<24}" + "".join(f"{column:>16}" for column in columns) + f"{'labels':>9}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fits.npz"
        first = in_a_process({}, path)
        for name, change in ROWS.items():
            arrays = in_a_process(change, path)
            cells = [difference(first[f"{c} w"], arrays[f"{c} w"]) for c in columns]
            n_other = sum(other_labels(first[f"{c} p"], arrays[f"{c} p"]) for c in columns)
            n_labels = sum(len(first[f"{c} p"]) for c in columns)
            print(
                f"{name:<24}"
                + "".join(f"{cell:>16}" for cell in cells)
                + f"{n_other:>4}/{n_labels}",
                flush=True,
            )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        fit_all(sys.argv[1])
    else:
        main()
