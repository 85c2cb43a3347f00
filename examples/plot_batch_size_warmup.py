"""
Batch size, learning rate and warm-up
=====================================

The loss of a network of four layers after ten epochs, over the learning rate. A small batch takes
many steps per epoch and wants a small rate. A batch ten times as large takes a tenth of the steps
and wants a larger rate. Too large a rate ruins the training in its first steps, while the weights
are still those of chance; with ``warmup_iter=3`` the rate rises over three epochs, and larger
ones can be borne.

Every point is the median of three seeds.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning

from skmlp import MLPClassifier

# Ten epochs are what we want to compare, converged or not.
warnings.simplefilter("ignore", ConvergenceWarning)

X, y = load_digits(return_X_y=True)
X, y = X[:750] / 16, y[:750]
rates = np.geomspace(0.001, 0.3, 8)


def final_loss(seed, **arguments):
    """Return the loss after ten epochs, infinity if the training diverged."""
    network = MLPClassifier((50,) * 4, "tanh", max_iter=10, random_state=seed, **arguments)
    try:
        return network.fit(X, y).loss_curve_[-1]
    except ValueError:
        return np.inf


curves = {}
figure, ax = plt.subplots(figsize=(7.5, 4.5), layout="constrained")
for batch_size, warmup_iter, color, style in [
    (25, 0, "#D55E00", "s-"),
    (250, 0, "#0072B2", "o-"),
    (250, 3, "#0072B2", "o:"),
]:
    losses = [
        np.median(
            [
                final_loss(
                    seed, batch_size=batch_size, warmup_iter=warmup_iter, learning_rate_init=rate
                )
                for seed in range(3)
            ]
        )
        for rate in rates
    ]
    name = f"batch_size={batch_size}" + (f", warmup_iter={warmup_iter}" if warmup_iter else "")
    curves[name] = np.array(losses)
    face = color if warmup_iter == 0 else "w"
    ax.plot(rates, losses, style, color=color, mfc=face, lw=1.8, label=name)
ax.axhline(np.log(10), color="0.6", lw=1)
ax.text(rates[0], np.log(10) * 1.06, "guessing", color="0.35", va="bottom")
ax.set(
    xscale="log",
    yscale="log",
    ylim=(0.02, 8),
    xlabel="learning_rate_init",
    ylabel="training loss after ten epochs",
)
figure.legend(loc="outside upper center", ncols=3, frameon=False)
plt.show()
