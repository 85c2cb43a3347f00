"""Real data: from the folder that ``SKMLP_DATA`` names, else through scikit-learn's fetchers.

The folder holds one ``.npz`` file per data set, with ``X`` and ``y``, or ``X_train``, ``y_train``,
``X_test``, ``y_test`` where the source defines a split.
"""

import os
from functools import cache
from pathlib import Path

import numpy as np
from sklearn import datasets
from sklearn.preprocessing import StandardScaler

# The images of the MNIST family come as one table, the official test set last.
N_IMAGES_FOR_TRAINING = 60_000


# As they come


def california_housing():
    """Return X of shape (20640, 8) and y of shape (20640,)."""
    stored = _stored("california_housing", ("X", "y"))
    return stored or datasets.fetch_california_housing(return_X_y=True)


def covertype():
    """Return X of shape (581012, 54), ten numeric columns first, and y of shape (581012,)."""
    stored = _stored("covertype", ("X", "y"))
    return stored or datasets.fetch_covtype(return_X_y=True)


def mnist():
    """Return X_train, y_train, X_test, y_test; images of shape (n_samples, 784), 0 to 255."""
    return _images("mnist", "mnist_784")


def fashion_mnist():
    """Return X_train, y_train, X_test, y_test; images of shape (n_samples, 784), 0 to 255."""
    return _images("fashion_mnist", "Fashion-MNIST")


def table(name):
    """Return X, y, the names of the columns and which of them hold codes of categories.

    Only from the folder, whose files of tables hold ``feature_names`` and ``categorical``, too.
    """
    if "SKMLP_DATA" not in os.environ:
        raise OSError("`SKMLP_DATA` must name the folder with the tables; it is not set.")
    with np.load(Path(os.environ["SKMLP_DATA"]) / f"{name}.npz", allow_pickle=False) as archive:
        parts = [""] if "X" in archive else ["_train", "_test"]
        X, y = (np.concatenate([archive[f"{key}{part}"] for part in parts]) for key in "Xy")
        return X, y, archive["feature_names"].tolist(), archive["categorical"]


def unit_scale(images):
    """Return images as float32 between 0 and 1."""
    return images.astype(np.float32) / 255


def _stored(name, keys):
    if "SKMLP_DATA" not in os.environ:
        return None
    path = Path(os.environ["SKMLP_DATA"]) / f"{name}.npz"
    with np.load(path, allow_pickle=False) as archive:
        return tuple(archive[key] for key in keys)


def _images(name, name_at_openml):
    stored = _stored(name, ("X_train", "y_train", "X_test", "y_test"))
    if stored is None:
        X, y = datasets.fetch_openml(name_at_openml, version=1, return_X_y=True, as_frame=False)
        n = N_IMAGES_FOR_TRAINING
        stored = X[:n], y[:n].astype(np.uint8), X[n:], y[n:].astype(np.uint8)
    X_train, y_train, X_test, y_test = stored
    return X_train.reshape(-1, 784), y_train, X_test.reshape(-1, 784), y_test


# As they race


@cache
def load(name):
    """Return inputs and targets of a data set, ready to train on: float64, in random order."""
    X, y = READY[name]()
    order = np.random.default_rng(0).permutation(len(X))
    return X[order], y[order]


def _ready_images():
    X, y, _, _ = fashion_mnist()
    return X[:20_000] / 255, y[:20_000].astype(int)


def _ready_numbers():
    X, y = _ready_images()
    return X, y.astype(float)


def _ready_houses():
    X, y = california_housing()
    return StandardScaler().fit_transform(X), y.astype(float)


def _ready_trees():
    X, y = covertype()
    rows = np.random.default_rng(0).permutation(len(X))[:50_000]
    return StandardScaler().fit_transform(X[rows].astype(float)), y[rows].astype(int)


READY = {
    "Fashion-MNIST": _ready_images,
    "Fashion-MNIST as numbers": _ready_numbers,
    "California": _ready_houses,
    "Covertype": _ready_trees,
}
