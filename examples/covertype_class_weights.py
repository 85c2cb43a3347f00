"""
Covertype: class weights find the rare trees
============================================

Which of seven kinds of forest grows on a patch of land? Half of the 581,012 patches are lodgepole
pine, one in 200 is cottonwood or willow. A network that counts every patch alike does well where
there are many. ``class_weight="balanced"`` counts every *kind* alike: more of the rare forests are
found, and some of the frequent ones are given up for them. Which of the two is better, the cost of
a mistake decides.

.. image:: /_static/covertype_class_weights.png
   :width: 100%
   :alt: Share of each kind of forest that is found, with and without class weights.

**Data.** The folder named by the environment variable ``SKMLP_DATA`` is searched for
``covertype.npz`` (arrays ``X`` and ``y`` as ``fetch_covtype`` gives them). Without it scikit-learn
downloads the data (11 MB). Because of the download this script is not run where the documentation
is built; the picture was drawn by it before.
"""

# sphinx_gallery_thumbnail_path = '_static/covertype_class_weights.png'

import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import fetch_covtype
from sklearn.metrics import recall_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp import MLPClassifier

FORESTS = {
    2: "Lodgepole pine",
    1: "Spruce or fir",
    3: "Ponderosa pine",
    7: "Krummholz",
    6: "Douglas fir",
    5: "Aspen",
    4: "Cottonwood or willow",
}


def load():
    """Return X of shape (581012, 54), and y of shape (581012,), 1 to 7."""
    file = Path(os.environ.get("SKMLP_DATA", "")) / "covertype.npz"
    if file.exists():
        with np.load(file) as data:
            return data["X"], data["y"]
    return fetch_covtype(return_X_y=True)


X, y = load()
X_train, X_test, y_train, y_test = train_test_split(
    X.astype(np.float32), y, train_size=0.2, test_size=0.2, stratify=y, random_state=0
)
recalls = {}
for class_weight in (None, "balanced"):
    network = MLPClassifier(
        100,
        n_hidden_layers=2,
        class_weight=class_weight,
        learning_rate="cosine",
        max_iter=15,
        tol=0,
        random_state=0,
    )
    model = make_pipeline(StandardScaler(), network).fit(X_train, y_train)
    prediction = model.predict(X_test)
    recalls[class_weight] = recall_score(y_test, prediction, labels=[*FORESTS], average=None)
    print(f"class_weight={class_weight!r}: {np.mean(prediction == y_test):.1%} of all are right")

# %%
figure, ax = plt.subplots(figsize=(7.5, 4.5), layout="constrained")
rows = np.arange(len(FORESTS))
ax.hlines(rows, *recalls.values(), color="0.7", lw=2, zorder=1)
for (class_weight, recall), color, marker in zip(
    recalls.items(), ["#D55E00", "#0072B2"], "so", strict=True
):
    ax.scatter(recall, rows, s=60, color=color, marker=marker, label=f"{class_weight=}")
shares = [np.mean(y == kind) for kind in FORESTS]
ax.set(
    xlabel="share of the test patches of a kind that is found",
    xlim=(0, 1.02),
    yticks=rows,
    yticklabels=[
        f"{name} ({share:.1%})" for name, share in zip(FORESTS.values(), shares, strict=True)
    ],
)
ax.invert_yaxis()
ax.grid(axis="x", alpha=0.3)
ax.legend(loc="lower left")
plt.show()
