"""The data sets of the recipes: from a folder of archives, else from scikit-learn's fetchers.

The environment variable ``SKMLP_DATA`` names the folder. It holds one ``.npz`` file per data set,
with ``X`` and ``y``, or ``X_train``, ``y_train``, ``X_test``, ``y_test`` where the source defines a
split.
"""

import os
from pathlib import Path

import numpy as np
from sklearn.datasets import fetch_california_housing, fetch_covtype, fetch_openml

# The images of the MNIST family come as one table, the official test set last.
N_IMAGES_FOR_TRAINING = 60_000


def california_housing():
    """Return X of shape (20640, 8) and y of shape (20640,)."""
    stored = _stored("california_housing")
    return stored or fetch_california_housing(return_X_y=True)


def covertype():
    """Return X of shape (581012, 54), ten numeric columns first, and y of shape (581012,)."""
    stored = _stored("covertype")
    return stored or fetch_covtype(return_X_y=True)


def mnist():
    """Return X_train, y_train, X_test, y_test; images of shape (n_samples, 784), 0 to 255."""
    return _stored_images("mnist") or _fetch_images("mnist_784")


def fashion_mnist():
    """Return X_train, y_train, X_test, y_test; images of shape (n_samples, 784), 0 to 255."""
    return _stored_images("fashion_mnist") or _fetch_images("Fashion-MNIST")


def unit_scale(images):
    """Return images as float32 between 0 and 1."""
    return images.astype(np.float32) / 255


def _stored(name, keys=("X", "y")):
    if "SKMLP_DATA" not in os.environ:
        return None
    path = Path(os.environ["SKMLP_DATA"]) / f"{name}.npz"
    with np.load(path, allow_pickle=False) as archive:
        return tuple(archive[key] for key in keys)


def _stored_images(name):
    stored = _stored(name, ("X_train", "y_train", "X_test", "y_test"))
    if stored is None:
        return None
    X_train, y_train, X_test, y_test = stored
    return X_train.reshape(-1, 784), y_train, X_test.reshape(-1, 784), y_test


def _fetch_images(name):
    X, y = fetch_openml(name, version=1, return_X_y=True, as_frame=False)
    y = y.astype(np.uint8)
    n = N_IMAGES_FOR_TRAINING
    return X[:n], y[:n], X[n:], y[n:]
