"""
Stretch pants: a network too large, held in
===========================================

It is easier to take trousers a size too large, and a belt, than to guess the size. Two layers of
200 units have far too much room for 150 noisy points, and follow the noise. Early stopping ends
the training where a validation set says so, here by its loss; dropout makes each step train a
random part of the network. Both hold the large network in, so that its size need not be guessed.

The log loss on new data tells more than the accuracy: it counts how sure the wrong answers are.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss

from skmlp import MLPClassifier

# Two of the networks are meant to train for all epochs.
warnings.simplefilter("ignore", ConvergenceWarning)


def moons(rng, n):
    """Return points of two interleaved half circles, and which one each belongs to."""
    y = rng.randint(0, 2, n)
    t = np.pi * rng.uniform(0, 1, n)
    X = np.c_[np.cos(t) - 0.5, np.sin(t) - 0.25] * np.where(y, -1, 1)[:, None]
    return X + rng.normal(0, 0.35, (n, 2)), y


X, y = moons(np.random.RandomState(0), 150)
X_new, y_new = moons(np.random.RandomState(1), 5000)
NETWORKS = {
    "nothing holds it": {},
    "early stopping": {"early_stopping": True, "scoring": "loss", "validation_fraction": 0.2},
    "dropout": {"dropout": 0.5},
}
axis = np.linspace(-2.3, 2.3, 150)
grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)

losses = {}
figure, axes = plt.subplots(1, 3, figsize=(10, 4.2), layout="constrained")
for ax, (name, arguments) in zip(axes, NETWORKS.items(), strict=True):
    network = MLPClassifier(
        (200, 200), batch_size=30, learning_rate_init=0.003, max_iter=300, tol=0,
        n_iter_no_change=30, random_state=0, **arguments,
    ).fit(X, y)  # fmt: skip
    probability = network.predict_proba(grid)[:, 1].reshape(150, 150)
    shade = ax.pcolormesh(axis, axis, probability, cmap="PuOr", vmin=0, vmax=1, alpha=0.65)
    ax.contour(axis, axis, probability, [0.5], colors="k", linewidths=1.2)
    for label, marker, color in [(0, "o", "#b35806"), (1, "^", "#542788")]:
        ax.scatter(*X[y == label].T, s=16, c=color, marker=marker, edgecolor="w", linewidth=0.4)
    ax.set(xticks=[], yticks=[], aspect="equal", title=name)
    losses[name] = log_loss(y_new, network.predict_proba(X_new))
    ax.set_xlabel(
        f"{network.n_iter_} epochs. New data:\n{network.score(X_new, y_new):.1%} right, "
        f"log loss {losses[name]:.2f}"
    )
bar = figure.colorbar(shade, ax=axes, shrink=0.7)
bar.set_label("probability of a triangle")
plt.show()
