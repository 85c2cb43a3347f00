"""
Fashion-MNIST: what a network takes for what
============================================

70,000 pictures of clothes, 28 by 28 pixels, ten kinds; one hidden layer of 200 units. Nearly nine
in ten of the test pictures are right. The mistakes are no accident: shirts are taken for t-shirts,
pullovers and coats, and hardly ever for a shoe. Trousers and bags have nothing to be confused with.

.. image:: /_static/fashion_mnist_confusions.png
   :width: 100%
   :alt: Matrix of the true and the predicted kinds, in per cent of the true kind.

**Data.** The folder named by the environment variable ``SKMLP_DATA`` is searched for
``fashion_mnist.npz`` (arrays ``X_train``, ``y_train``, ``X_test``, ``y_test``). Without it
scikit-learn downloads the data from OpenML (about 30 MB). Because of the download this script is
not run where the documentation is built; the picture was drawn by it before.
"""

# sphinx_gallery_thumbnail_path = '_static/fashion_mnist_confusions.png'

import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import fetch_openml
from sklearn.metrics import confusion_matrix

from skmlp import MLPClassifier

KINDS = ["T-shirt", "Trouser", "Pullover", "Dress", "Coat"]
KINDS += ["Sandal", "Shirt", "Sneaker", "Bag", "Boot"]


def load():
    """Return X_train, y_train, X_test, y_test; images of shape (n_samples, 784), 0 to 255."""
    file = Path(os.environ.get("SKMLP_DATA", "")) / "fashion_mnist.npz"
    if file.exists():
        with np.load(file) as data:
            X_train, y_train, X_test, y_test = (
                data[name] for name in ("X_train", "y_train", "X_test", "y_test")
            )
        return X_train.reshape(-1, 784), y_train, X_test.reshape(-1, 784), y_test
    X, y = fetch_openml("Fashion-MNIST", version=1, return_X_y=True, as_frame=False)
    return X[:60_000], y[:60_000].astype(int), X[60_000:], y[60_000:].astype(int)


X_train, y_train, X_test, y_test = load()
X_train, X_test = (X.astype(np.float32) / 255 for X in (X_train, X_test))
network = MLPClassifier(
    200, dropout=0.2, learning_rate="cosine", max_iter=15, tol=0, random_state=0
).fit(X_train, y_train)
prediction = network.predict(X_test)

# %%
percent = 100 * confusion_matrix(y_test, prediction, labels=range(10), normalize="true")
figure, ax = plt.subplots(figsize=(7, 6), layout="constrained")
shade = ax.imshow(percent, cmap="Blues", vmin=0, vmax=100)
for row, column in np.ndindex(percent.shape):
    value = percent[row, column]
    if round(value) > 0:
        color = "white" if value > 50 else "black"
        ax.text(column, row, f"{value:.0f}", ha="center", va="center", color=color)
ax.set(
    xlabel="taken for",
    ylabel="true kind",
    xticks=range(10),
    yticks=range(10),
    yticklabels=KINDS,
    title=f"{(prediction == y_test).mean():.1%} of {len(y_test):,} test pictures are right",
)
ax.set_xticks(range(10), KINDS, rotation=45, ha="right", rotation_mode="anchor")
figure.colorbar(shade, label="per cent of the true kind")
plt.show()
