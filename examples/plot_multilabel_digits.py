"""
Several labels at once
======================

A 2-D `y` of zeros and ones gives every sample a set of labels. Here the network is asked four
questions about a handwritten digit at once, and answers each with a probability of its own. The
dot marks where the right answer is yes.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skmlp import MLPClassifier

QUESTIONS = {
    "even": {0, 2, 4, 6, 8},
    "prime": {2, 3, 5, 7},
    "encloses an area": {0, 6, 8, 9},
    "larger than 4": {5, 6, 7, 8, 9},
}
X, digit = load_digits(return_X_y=True)
Y = np.array([[d in members for members in QUESTIONS.values()] for d in digit], dtype=int)
X_train, X_test, Y_train, Y_test, _, digit_test = train_test_split(
    X / 16, Y, digit, random_state=0, stratify=digit
)
network = MLPClassifier((64,), learning_rate_init=0.005, tol=1e-3, random_state=0).fit(
    X_train, Y_train
)
right = (network.predict(X_test) == Y_test).mean(axis=0)
probability = network.predict_proba(X_test)

# One test sample of every digit.
shown = [np.flatnonzero(digit_test == d)[1] for d in range(10)]
figure, axes = plt.subplots(
    2, 1, figsize=(10, 4.6), height_ratios=[1, 2], sharex=True, layout="constrained"
)
for column, sample in enumerate(shown):
    axes[0].imshow(
        X_test[sample].reshape(8, 8), cmap="gray_r", extent=(column - 0.45, column + 0.45, 0, 0.9)
    )
axes[0].set(ylim=(0, 0.9), xlim=(-0.5, 9.5))
axes[0].axis("off")
shade = axes[1].imshow(probability[shown].T, cmap="cividis", vmin=0, vmax=1, aspect="auto")
for column, sample in enumerate(shown):
    for row, p in enumerate(probability[sample]):
        axes[1].text(
            column, row, f"{p:.0%}", ha="center", va="center", color="k" if p > 0.5 else "w"
        )
    yes = np.flatnonzero(Y_test[sample])
    axes[1].plot(np.full(len(yes), column), yes - 0.3, "o", ms=5, mfc="#D55E00", mec="w")
labels = [f"{q}\n({r:.1%} right)" for q, r in zip(QUESTIONS, right, strict=True)]
axes[1].set_yticks(range(4), labels)
axes[1].set_xticks(range(10), [f"a {d}" for d in range(10)])
figure.colorbar(shade, ax=axes[1], label="probability of yes", pad=0.01)
plt.show()
