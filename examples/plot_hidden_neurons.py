"""
What each hidden neuron learned
===============================

A network of two hidden layers on two spirals, drawn neuron by neuron. Each neuron of the first
layer splits the plane along one line. Each neuron of the second combines these splits, and
answers to a shape; some shapes come more than once. The output weighs them.

A fitted network is its `coefs_` and `intercepts_`: two lines of NumPy follow the inputs through
it.
"""

import matplotlib.pyplot as plt
import numpy as np

from skmlp import MLPClassifier

rng = np.random.RandomState(0)
y = rng.randint(0, 2, 400)
t = np.sqrt(rng.uniform(0.02, 1, 400))
angle = 2.5 * np.pi * t + np.pi * y
X = np.c_[t * np.sin(angle), t * np.cos(angle)] + rng.normal(0, 0.03, (400, 2))

network = MLPClassifier(
    (6, 6), "tanh", solver="lbfgs", alpha=0.1, max_iter=3000, random_state=8
).fit(X, y)

axis = np.linspace(-1.2, 1.2, 100)
grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
first = np.tanh(grid @ network.coefs_[0] + network.intercepts_[0])
second = np.tanh(first @ network.coefs_[1] + network.intercepts_[1])
output = 2 * network.predict_proba(grid)[:, 1] - 1

figure = plt.figure(figsize=(10, 3.9), layout="constrained")
hidden, last = figure.subfigures(1, 2, width_ratios=[6, 2.4])
axes = hidden.subplots(2, 6)
big = last.subplots()


def draw(ax, values):
    """Draw values between -1 and 1 as shades of the plane, and where they are 0 as a line."""
    image = values.reshape(100, 100)
    ax.contour(axis, axis, image, [0], colors="k", linewidths=0.8)
    ax.set(xticks=[], yticks=[], aspect="equal")
    return ax.pcolormesh(axis, axis, image, cmap="PuOr", vmin=-1, vmax=1, alpha=0.65)


for row, layer, name in zip(axes, [first, second], ["first", "second"], strict=True):
    for number, ax in enumerate(row):
        draw(ax, layer[:, number])
        ax.set_title(f"{number + 1}")
    row[0].set_ylabel(f"{name} layer")
shade = draw(big, output)
for label, marker, color in [(0, "o", "#b35806"), (1, "^", "#542788")]:
    big.scatter(*X[y == label].T, s=8, c=color, marker=marker, edgecolor="w", linewidth=0.3)
big.set_title(f"output: {network.score(X, y):.0%} of the points")
bar = hidden.colorbar(shade, ax=axes, location="bottom", shrink=0.5, aspect=40, ticks=[-1, 0, 1])
bar.set_label("activation; the output is drawn as 2 p - 1")
plt.show()
