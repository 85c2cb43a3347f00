"""
Label smoothing and a reliability diagram
=========================================

A network that fits its training data to the last sample is too sure of itself: of the predictions
made with 99 %, far fewer are right. Label smoothing replaces the targets 0 and 1 by values a
little inside, and the probabilities come closer to the truth. Early stopping on the loss,
``early_stopping=True, scoring="loss"``, ends the training before the network is too sure. Here it
is the better remedy: more of its predictions are right, and its log loss is lower. Label smoothing
has the smaller calibration error, and no held-out samples to pay for it.

The diagram bins the test predictions by their confidence; on the diagonal the confidence is the
share that is right. The calibration error is the mean distance from the diagonal, weighted by the
number of predictions in a bin.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from skmlp import MLPClassifier

# Two of the networks are meant to train for all epochs.
warnings.simplefilter("ignore", ConvergenceWarning)

X, y = make_classification(
    12000, n_informative=10, n_redundant=0, n_classes=3, flip_y=0.15, random_state=0
)
X_train, X_test, y_train, y_test = train_test_split(X, y, train_size=2000, random_state=0)
edges = np.linspace(1 / 3, 1, 11)
REMEDIES = {
    "to the end": {},
    "label_smoothing=0.2": {"label_smoothing": 0.2},
    "early stopping on the loss": {"early_stopping": True, "scoring": "loss"},
}
STYLES = [("#D55E00", "s"), ("#0072B2", "o"), ("#009E73", "^")]

quality = {}
figure, (ax, counts) = plt.subplots(
    2, 1, figsize=(9, 6), height_ratios=[3, 1], sharex=True, layout="constrained"
)
ax.plot([1 / 3, 1], [1 / 3, 1], color="0.5", lw=1, label="perfectly calibrated")
for (name, arguments), (color, marker) in zip(REMEDIES.items(), STYLES, strict=True):
    network = MLPClassifier(
        (100,), learning_rate_init=0.005, max_iter=100, random_state=0, **arguments
    ).fit(X_train, y_train)
    probability = network.predict_proba(X_test)
    confidence = probability.max(axis=1)
    right = network.classes_[probability.argmax(axis=1)] == y_test
    which = np.clip(np.digitize(confidence, edges) - 1, 0, 9)
    size = np.bincount(which, minlength=10)
    filled = size >= 20
    mean_confidence = np.bincount(which, confidence, minlength=10)[filled] / size[filled]
    accuracy = np.bincount(which, right, minlength=10)[filled] / size[filled]
    quality[name] = {
        "accuracy": right.mean(),
        "log loss": log_loss(y_test, probability),
        "calibration error": np.average(np.abs(accuracy - mean_confidence), weights=size[filled]),
    }
    numbers = "".join(f"\n{label} {value:.3f}" for label, value in quality[name].items())
    ax.plot(mean_confidence, accuracy, marker=marker, color=color, lw=2, label=name + numbers)
    counts.stairs(size, edges, color=color, lw=2)
ax.set(ylabel="share that is right", ylim=(0.3, 1))
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
counts.set(xlabel="confidence: the largest probability", ylabel="predictions")
plt.show()
