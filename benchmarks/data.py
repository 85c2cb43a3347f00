"""Real data: from the folder that ``SKMLP_DATA`` names, else through scikit-learn's fetchers.

The folder holds ``fashion_mnist.npz`` (``X_train``, ``y_train``), ``california_housing.npz`` and
``covertype.npz`` (``X``, ``y``).
"""

import os
from functools import cache
from pathlib import Path

import numpy as np
from sklearn import datasets
from sklearn.preprocessing import StandardScaler


@cache
def load(name):
    """Return inputs and targets of a data set, in float64 and in random order."""
    X, y = LOADERS[name]()
    order = np.random.default_rng(0).permutation(len(X))
    return X[order], y[order]


def _fashion_mnist():
    X, y = _read("fashion_mnist", "_train") or datasets.fetch_openml(
        "Fashion-MNIST", return_X_y=True, as_frame=False
    )
    return X.reshape(len(X), -1)[:20_000] / 255, y[:20_000].astype(int)


def _california():
    X, y = _read("california_housing") or datasets.fetch_california_housing(return_X_y=True)
    return StandardScaler().fit_transform(X), y.astype(float)


def _covertype():
    X, y = _read("covertype") or datasets.fetch_covtype(return_X_y=True)
    rows = np.random.default_rng(0).permutation(len(X))[:50_000]
    return StandardScaler().fit_transform(X[rows].astype(float)), y[rows].astype(int)


def _read(name, part=""):
    folder = os.environ.get("SKMLP_DATA")
    if folder is None:
        return None
    with np.load(Path(folder) / f"{name}.npz") as archive:
        return archive[f"X{part}"], archive[f"y{part}"]


def _iris():
    return datasets.load_iris(return_X_y=True)


def _digits():
    return datasets.load_digits(return_X_y=True)


LOADERS = {
    "Fashion-MNIST": _fashion_mnist,
    "California": _california,
    "Covertype": _covertype,
    "iris": _iris,
    "digits": _digits,
}
