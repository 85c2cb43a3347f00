"""
A neural playground
===================

Four problems in the plane and four networks, from none to two hidden layers. Without a hidden
layer the boundary is a straight line. One layer of four units encloses a circle and solves XOR.
``relu`` draws corners where ``tanh`` draws curves. The spirals want more units.

The shade is the probability of a class; the number is the accuracy on points that the training
has not seen. Small networks depend on their first weights: with another `random_state` four units
may miss the circle or XOR, while the larger network finds both from nearly everywhere.
"""

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
