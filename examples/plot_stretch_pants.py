"""
Stretch pants: a network too large, held in
===========================================

It is easier to take trousers a size too large, and a belt, than to guess the size. Two layers of 200
units have far too much room for 150 noisy points, and follow the noise. Early stopping ends the
training where a validation set says so; dropout makes each step train a random part of the network.
Both hold the large network in, so that its size need not be guessed.

All three networks start from the same weights.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.exceptions import ConvergenceWarning

from skmlp import MLPClassifier

# Two of the networks are meant to train for all epochs.
warnings.simplefilter("ignore", ConvergenceWarning)

def moons(rng, n):
    y = rng.randint(0, 2, n)
    t = np.pi * rng.uniform(0, 1, n)
    x = np.c_[np.cos(t) - 0.5, np.sin(t) - 0.25] * np.where(y, -1, 1)[:, None]
    return x + rng.normal(0, 0.35, (n, 2)), y

X, y = moons(np.random.RandomState(0), 150)
X_test, y_test = moons(np.random.RandomState(1), 5000)
HELD_IN = {
    "too large": {},
    "early stopping": {"early_stopping": True, "validation_fraction": 0.2, "n_iter_no_change": 20, "scoring": "loss"},
    "dropout of one half": {"dropout": 0.5},
}
axis = np.linspace(-2.4, 2.4, 150)
grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
figure, axes = plt.subplots(1, 3, figsize=(10, 3.9), layout="constrained")
for ax, (name, arguments) in zip(axes, HELD_IN.items(), strict=True):
    network = MLPClassifier(
        (200, 200), batch_size=30, learning_rate_init=0.003, max_iter=300, tol=0, n_iter_no_change=300, random_state=0,
    ).set_params(**arguments)
    network.fit(X, y)
    probability = network.predict_proba(grid)[:, 1].reshape(150, 150)
    shade = ax.pcolormesh(axis, axis, probability, cmap="PuOr", vmin=0, vmax=1, alpha=0.65)
    ax.contour(axis, axis, probability, [0.5], colors="k", linewidths=1.2)
    for label, marker, color in [(0, "o", "#b35806"), (1, "^", "#542788")]:
        ax.scatter(*X[y == label].T, s=16, c=color, marker=marker, edgecolor="w", linewidth=0.4)
    ax.set(xticks=[], yticks=[], aspect="equal", title=name)
    ax.set_xlabel(
        f"{network.n_iter_} epochs\n{network.score(X, y):.1%} of the training data,\n"
        f"{network.score(X_test, y_test):.1%} of new data"
    )
figure.colorbar(shade, ax=axes, label="probability of a triangle", shrink=0.8)
plt.show()
