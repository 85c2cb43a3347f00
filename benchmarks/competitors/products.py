"""The matrix products of the training alone, in float32, on batches that lie ready."""

from itertools import pairwise

import numpy as np

NAME = "products"


def train(case, n_epochs):
    X = case.X.astype(np.float32)
    coefs = [np.full(shape, 0.01, np.float32) for shape in pairwise(case.units)]
    gradient = [np.empty_like(coef) for coef in coefs]
    outputs = [np.ones((case.batch_size, n), np.float32) for n in case.units[1:]]
    for _ in range(n_epochs):
        for start in range(0, len(X), case.batch_size):
            batch = X[start : start + case.batch_size]
            _step([batch, *(h[: len(batch)] for h in outputs)], coefs, gradient)


def _step(layers, coefs, gradient):
    for layer, coef in enumerate(coefs):
        np.matmul(layers[layer], coef, out=layers[layer + 1])
    for layer in reversed(range(len(coefs))):
        np.matmul(layers[layer].T, layers[layer + 1], out=gradient[layer])
        if layer:
            np.matmul(layers[layer + 1], coefs[layer].T, out=layers[layer])
