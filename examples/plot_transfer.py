"""
Transfer: lower layers that know digits already
===============================================

A network learns to tell the digits 0 to 4. Its first layer is then given to a network for the digits
5 to 9 by `coefs_init`, and kept as it is by ``frozen_layers=1``. With few labelled samples of the new
digits the borrowed features are better than features learnt from scratch; with many there is no
difference left.

The lines are means over ten draws of the training samples, the bands their standard errors.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skmlp import MLPClassifier

X, y = load_digits(return_X_y=True)
X = X / 16
old, new = y < 5, y >= 5
source = MLPClassifier((32, 16), solver="lbfgs", alpha=1.0, random_state=0).fit(X[old], y[old])
scratch = {}
borrowed = {
    "coefs_init": [source.coefs_[0], None, None],
    "intercepts_init": [source.intercepts_[0], None, None],
}
sizes = [5, 10, 20, 40, 80, 160]


def accuracy(frozen_layers, start, size, draw):
    """Return the test accuracy on the new digits after training on a few of them."""
    X_train, X_test, y_train, y_test = train_test_split(
        X[new], y[new], train_size=size, stratify=y[new], random_state=draw
    )
    network = MLPClassifier(
        (32, 16), solver="lbfgs", alpha=0.1, frozen_layers=frozen_layers, max_iter=500, random_state=draw
    )
    return network.fit(X_train, y_train, **start).score(X_test, y_test)


figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
for name, frozen_layers, start, color, style in [
    ("first layer borrowed and frozen", 1, borrowed, "#0072B2", "o-"),
    ("first layer borrowed, then trained", 0, borrowed, "#E69F00", "^-."),
    ("from scratch", 0, scratch, "#D55E00", "s--"),
]:
    scores = np.array(
        [[accuracy(frozen_layers, start, size, draw) for draw in range(10)] for size in sizes]
    )
    mean, error = scores.mean(axis=1), scores.std(axis=1, ddof=1) / np.sqrt(10)
    ax.plot(sizes, mean, style, color=color, lw=2, label=name)
    ax.fill_between(sizes, mean - error, mean + error, color=color, alpha=0.2, lw=0)
ax.set_xscale("log")
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
ax.set(xlabel="labelled samples of the digits 5 to 9", ylabel="test accuracy", ylim=(None, 1))
ax.legend(loc="lower right")
plt.show()
