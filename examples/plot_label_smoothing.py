"""
Label smoothing and a reliability diagram
=========================================

A network that fits its training data to the last sample is too sure of itself: of the predictions
made with 99 %, far fewer are right. Label smoothing replaces the targets 0 and 1 by values a
little inside, and the probabilities come closer to the truth. The diagram bins the test
predictions by their confidence; on the diagonal the confidence is the share that is right.

The expected calibration error is the mean distance from the diagonal, weighted by the number of
predictions in a bin.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from skmlp import MLPClassifier

# A hundred epochs are what we want, converged or not.
warnings.simplefilter("ignore", ConvergenceWarning)

X, y = make_classification(
    12000, n_informative=10, n_redundant=0, n_classes=3, flip_y=0.15, random_state=0
)
X_train, X_test, y_train, y_test = train_test_split(X, y, train_size=2000, random_state=0)
edges = np.linspace(1 / 3, 1, 11)

figure, (ax, counts) = plt.subplots(
    2, 1, figsize=(8, 6), height_ratios=[3, 1], sharex=True, layout="constrained"
)
ax.plot([1 / 3, 1], [1 / 3, 1], color="0.5", lw=1, label="perfectly calibrated")
for smoothing, color, marker in [(0.0, "#D55E00", "s"), (0.2, "#0072B2", "o")]:
    network = MLPClassifier(
        (100,), label_smoothing=smoothing, learning_rate_init=0.005, max_iter=100, random_state=0
    ).fit(X_train, y_train)
    probability = network.predict_proba(X_test)
    confidence = probability.max(axis=1)
    right = network.classes_[probability.argmax(axis=1)] == y_test
    which = np.clip(np.digitize(confidence, edges) - 1, 0, 9)
    size = np.bincount(which, minlength=10)
    filled = size >= 20
    mean_confidence = np.bincount(which, confidence, minlength=10)[filled] / size[filled]
    accuracy = np.bincount(which, right, minlength=10)[filled] / size[filled]
    error = np.average(np.abs(accuracy - mean_confidence), weights=size[filled])
    name = f"label_smoothing={smoothing:g}"
    ax.plot(
        mean_confidence, accuracy, marker=marker, color=color, lw=2,
        label=f"{name}\naccuracy {right.mean():.3f}\ncalibration error {error:.3f}",
    )  # fmt: skip
    counts.stairs(size, edges, color=color, lw=2, label=name)
ax.set(ylabel="share that is right", ylim=(0.3, 1))
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
counts.set(xlabel="confidence: the largest probability", ylabel="predictions")
plt.show()
