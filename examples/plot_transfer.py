"""
Transfer: lower layers that can read
====================================

A network learns to read digits from the first half of the data. Another one, for the second half,
is asked something else: is the digit a prime number? It gets the first layer of the reader by
`coefs_init` and `intercepts_init`, and keeps it as it is with ``frozen_layers=1``. With few
labelled samples the borrowed layer is worth a lot. Its advantage is gone at some 300; with more, a
layer of its own knows the question better.

The lines are means over eight draws of the training samples, the bands their standard errors.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skmlp import MLPClassifier

X, digit = load_digits(return_X_y=True)
X_read, X_ask, digit_read, digit_ask = train_test_split(
    X / 16, digit, test_size=0.5, random_state=0
)
reader = MLPClassifier(
    (32,), solver="lbfgs", alpha=1.0, tol=1e-3, max_iter=500, random_state=0
).fit(X_read, digit_read)
is_prime = np.isin(digit_ask, [2, 3, 5, 7])

from_scratch = {}
borrowed = {
    "coefs_init": [reader.coefs_[0], None],
    "intercepts_init": [reader.intercepts_[0], None],
}
sizes = [10, 20, 40, 80, 160, 320, 640]
n_draws = 8


def accuracy(start, frozen_layers, size, draw):
    """Return the test accuracy after training on a few labelled samples."""
    X_train, X_test, y_train, y_test = train_test_split(
        X_ask, is_prime, train_size=size, stratify=is_prime, random_state=draw
    )
    network = MLPClassifier(
        (32,),
        solver="lbfgs",
        alpha=0.1,
        tol=1e-3,
        max_iter=500,
        frozen_layers=frozen_layers,
        random_state=draw,
    )
    return network.fit(X_train, y_train, **start).score(X_test, y_test)


means = {}
figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
for name, start, frozen_layers, color, style in [
    ("first layer borrowed and frozen", borrowed, 1, "#0072B2", "o-"),
    ("from scratch", from_scratch, 0, "#D55E00", "s--"),
]:
    scores = np.array(
        [[accuracy(start, frozen_layers, size, draw) for draw in range(n_draws)] for size in sizes]
    )
    mean, error = scores.mean(axis=1), scores.std(axis=1, ddof=1) / np.sqrt(n_draws)
    means[name] = mean
    ax.plot(sizes, mean, style, color=color, lw=2, label=name)
    ax.fill_between(sizes, mean - error, mean + error, color=color, alpha=0.2, lw=0)
ax.set_xscale("log")
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
ax.set(xlabel="labelled samples: prime or not", ylabel="test accuracy", ylim=(None, 1))
ax.legend(loc="lower right")
plt.show()
