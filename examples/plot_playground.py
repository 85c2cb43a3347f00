"""
A neural playground
===================

Networks learn four problems in the plane. Press play, or drag through the epochs: the boundary,
what each hidden unit sees and the losses change together.

.. raw:: html

   <div class="playground"></div>
"""

import base64
import json

import matplotlib.pyplot as plt
import numpy as np

from skmlp import MLPClassifier


def circle(rng, n):
    X = rng.uniform(-1, 1, (n, 2))
    return X, (np.hypot(*X.T) < 0.65).astype(int)


def xor(rng, n):
    X = rng.uniform(-1, 1, (n, 2))
    return X, (X[:, 0] * X[:, 1] > 0).astype(int)


def gaussian(rng, n):
    y = rng.randint(0, 2, n)
    return rng.normal(0, 0.3, (n, 2)) + np.where(y, 0.4, -0.4)[:, None], y


def spiral(rng, n):
    y = rng.randint(0, 2, n)
    t = np.sqrt(rng.uniform(0.02, 1, n))
    angle = 3 * np.pi * t + np.pi * y
    return np.c_[t * np.sin(angle), t * np.cos(angle)] + rng.normal(0, 0.03, (n, 2)), y


# %%
# Epoch by epoch
# --------------
#
# Every hidden unit of the first layer is a soft line through the plane, one of the second a shape
# made of such lines, and the boundary is made of those. The slider counts on a logarithmic scale:
# most happens early, and the spiral's loss hardly falls until its units have found their places.
#
# `partial_fit` trains one epoch per call. The films are computed when this page is built; the
# browser only shows them.

HIDDEN = {circle: (4,), xor: (4,), gaussian: (4,), spiral: (8, 8)}
N_EPOCHS, N_FRAMES = 1000, 60
frame_epochs = np.unique(np.geomspace(1, N_EPOCHS, N_FRAMES).round().astype(int))


def plane(n):
    """Return the centres of n x n squares, row by row from above."""
    side = 1.3 * (2 * np.arange(n) + 1 - n) / n
    return np.stack(np.meshgrid(side, -side), axis=-1).reshape(-1, 2)


def hidden_activations(network, X):
    """Return the activations of all hidden units, (n_units, n_samples)."""
    layers = [X]
    for weights, bias in zip(network.coefs_[:-1], network.intercepts_[:-1], strict=True):
        layers.append(np.tanh(layers[-1] @ weights + bias))
    return np.hstack(layers[1:]).T


def log_loss(network, X, y):
    return -network.predict_log_proba(X)[np.arange(len(y)), y].mean()


def as_bytes(frames):
    """Return numbers from 0 to 1 as text, a byte each."""
    return base64.b64encode((255 * np.array(frames)).round().astype(np.uint8)).decode()


def film(problem):
    """Return everything there is to see of a training, frame by frame."""
    X, y = problem(np.random.RandomState(0), 300)
    X_test, y_test = problem(np.random.RandomState(1), 1000)
    network = MLPClassifier(
        HIDDEN[problem], "tanh", batch_size=30, learning_rate_init=0.02, random_state=0
    )
    probabilities, activations, losses, accuracies = [], [], [], []
    for epoch in range(1, N_EPOCHS + 1):
        network.partial_fit(X, y, classes=[0, 1])
        if epoch in frame_epochs:
            probabilities.append(network.predict_proba(plane(40))[:, 1])
            activations.append(hidden_activations(network, plane(16)) / 2 + 0.5)
            losses.append([log_loss(network, X, y), log_loss(network, X_test, y_test)])
            accuracies.append(network.score(X_test, y_test))
    return {
        "layers": HIDDEN[problem],
        "epochs": frame_epochs.tolist(),
        "points": np.c_[X, y].round(3).tolist(),
        "probabilities": as_bytes(probabilities),
        "activations": as_bytes(activations),
        "losses": np.round(losses, 4).tolist(),
        "accuracies": np.round(accuracies, 3).tolist(),
    }


class Playground:
    """Gives films to the playground of this page."""

    def __init__(self, films):
        self.films = films

    def _repr_html_(self):
        return (
            f'<script type="application/json">{json.dumps(self.films)}</script>'
            '<script src="../_static/playground.js"></script>'
        )


films = {problem.__name__: film(problem) for problem in HIDDEN}
Playground(films)

# %%
# Sixteen networks
# ----------------
#
# Four networks, each trained to the end. Without a hidden layer the boundary is a straight line.
# One layer of four units encloses a circle and solves XOR. ``relu`` draws corners where ``tanh``
# draws curves. The spirals want more units.
#
# The shade is the probability of a class; the number is the accuracy on points that the training
# has not seen. Small networks depend on their first weights: with another `random_state` four units
# may miss the circle or XOR, while the larger network finds both from nearly everywhere.

NETWORKS = {
    "no hidden layer": MLPClassifier(()),
    "4 tanh units": MLPClassifier((4,), "tanh"),
    "4 relu units": MLPClassifier((4,), "relu"),
    "two layers of\n16 tanh units": MLPClassifier((16, 16), "tanh"),
}
grid = np.stack(np.meshgrid(np.linspace(-1.3, 1.3, 100), np.linspace(-1.3, 1.3, 100)), axis=-1)

accuracy = {}
figure, axes = plt.subplots(4, 4, figsize=(9, 9.4), layout="constrained")
for row, problem in zip(axes, [circle, xor, gaussian, spiral], strict=True):
    X, y = problem(np.random.RandomState(0), 300)
    X_test, y_test = problem(np.random.RandomState(1), 1000)
    for ax, (name, network) in zip(row, NETWORKS.items(), strict=True):
        network.set_params(solver="lbfgs", alpha=0.1, max_iter=2000, random_state=7)
        network.fit(X, y)
        probability = network.predict_proba(grid.reshape(-1, 2))[:, 1].reshape(100, 100)
        shade = ax.pcolormesh(
            grid[..., 0], grid[..., 1], probability, cmap="PuOr", vmin=0, vmax=1, alpha=0.65
        )
        ax.contour(grid[..., 0], grid[..., 1], probability, [0.5], colors="k", linewidths=1)
        for label, marker, color in [(0, "o", "#b35806"), (1, "^", "#542788")]:
            ax.scatter(*X[y == label].T, s=10, c=color, marker=marker, edgecolor="w", linewidth=0.3)
        accuracy[problem.__name__, name] = network.score(X_test, y_test)
        ax.text(
            0.97, 0.04, f"{accuracy[problem.__name__, name]:.0%}", transform=ax.transAxes,
            ha="right", bbox={"fc": "w", "ec": "none", "alpha": 0.85, "pad": 2},
        )  # fmt: skip
        ax.set(xticks=[], yticks=[], xlim=(-1.3, 1.3), ylim=(-1.3, 1.3), aspect="equal")
        if ax in axes[0]:
            ax.set_title(name)
    row[0].set_ylabel(problem.__name__)
bar = figure.colorbar(shade, ax=axes, location="bottom", shrink=0.5, aspect=40)
bar.set_label("probability of the class drawn as triangles")
plt.show()
