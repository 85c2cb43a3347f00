"""
California housing: predictions against targets
===============================================

The median house value of 20,640 districts in 1990 from eight numbers each, with three hidden
layers of 50 units and early stopping. Inputs and targets are scaled, everything else is left at
its default. On the diagonal a prediction is right. The vertical line of points is the data's own:
values above 500,000 dollars were recorded as 500,001.

**Data.** The folder named by the environment variable ``SKMLP_DATA`` is searched for
``california_housing.npz`` (arrays ``X`` and ``y`` as ``fetch_california_housing`` gives them).
Without it scikit-learn downloads the data (0.4 MB). Without a network the diabetes data, which
come with scikit-learn, take their place.
"""

import os
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import fetch_california_housing, load_diabetes
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp import MLPRegressor


def load():
    """Return inputs, targets, the unit of the targets and the name of the data."""
    file = Path(os.environ.get("SKMLP_DATA", "")) / "california_housing.npz"
    california = "house value in 100,000 dollars", "California housing"
    if file.exists():
        with np.load(file) as data:
            return data["X"], data["y"], *california
    try:
        warnings.filterwarnings("ignore", "Retry downloading")
        return *fetch_california_housing(return_X_y=True, n_retries=1, delay=0.1), *california
    except OSError:
        return *load_diabetes(return_X_y=True), "progression of the disease", "diabetes"


X, y, unit, name = load()
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=42)
network = MLPRegressor(
    hidden_layer_sizes=50, n_hidden_layers=3, early_stopping=True, random_state=42
)
model = TransformedTargetRegressor(
    make_pipeline(StandardScaler(), network), transformer=StandardScaler()
).fit(X_train, y_train)
prediction = model.predict(X_test)
print(f"stopped after {model.regressor_[-1].n_iter_} epochs: {model.regressor_[-1].stop_reason_}")

# %%
error = root_mean_squared_error(y_test, prediction)
low, high = min(y_test.min(), prediction.min()), max(y_test.max(), prediction.max())
figure, ax = plt.subplots(figsize=(6.5, 5.5), layout="constrained")
ax.scatter(y_test, prediction, s=12, alpha=0.25, color="#0072B2", edgecolors="none")
ax.plot([low, high], [low, high], color="#D55E00", lw=1.5, label="prediction = target")
ax.set(
    xlabel=f"target: {unit}",
    ylabel="prediction",
    title=f"{name}: RMSE {error:.3g} on {len(y_test):,} test samples",
    aspect="equal",
)
ax.legend(loc="upper left")
plt.show()
