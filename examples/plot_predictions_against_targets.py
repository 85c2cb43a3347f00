"""
Predictions against targets: house prices, or Friedman's function
=================================================================

On the diagonal a prediction is right. Three hidden layers of 50 units and early stopping; inputs
and targets are scaled, everything else is left at its default. The title of the picture says which
data it shows, and the error beside that of a linear model.

**Data.** The median house values of 20,640 districts of California in 1990, from eight numbers
each, where they are at hand: as ``california_housing.npz`` (arrays ``X`` and ``y`` as
``fetch_california_housing`` gives them) in the folder that the environment variable ``SKMLP_DATA``
names, or through scikit-learn, which downloads them (0.4 MB). Their vertical line of points is in
the data: values above 500,000 dollars were recorded as 500,001. Without a network Friedman's
function takes their place: five numbers that matter, five that do not, and noise of size 1, so that
no model can have an error much below that.
"""

import os
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import fetch_california_housing, make_friedman1
from sklearn.linear_model import LinearRegression
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp import MLPRegressor


def load():
    """Return inputs, targets, what the targets are and the name of the data."""
    file = Path(os.environ.get("SKMLP_DATA", "")) / "california_housing.npz"
    california = "house value in 100,000 dollars", "California housing"
    if file.exists():
        with np.load(file) as data:
            return data["X"], data["y"], *california
    try:
        warnings.filterwarnings("ignore", "Retry downloading")
        return *fetch_california_housing(return_X_y=True, n_retries=1, delay=0.1), *california
    except OSError:
        X, y = make_friedman1(5000, noise=1.0, random_state=0)
        return X, y, "value of the function, with noise", "Friedman's function"


X, y, meaning, name = load()
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=42)
network = MLPRegressor(
    hidden_layer_sizes=50, n_hidden_layers=3, early_stopping=True, random_state=42
)
model = TransformedTargetRegressor(
    make_pipeline(StandardScaler(), network), transformer=StandardScaler()
).fit(X_train, y_train)
prediction = model.predict(X_test)
linear = LinearRegression().fit(X_train, y_train)
print(f"stopped after {model.regressor_[-1].n_iter_} epochs: {model.regressor_[-1].stop_reason_}")

# %%
error = root_mean_squared_error(y_test, prediction)
linear_error = root_mean_squared_error(y_test, linear.predict(X_test))
low, high = min(y_test.min(), prediction.min()), max(y_test.max(), prediction.max())
figure, ax = plt.subplots(figsize=(6.5, 5.5), layout="constrained")
ax.scatter(y_test, prediction, s=12, alpha=0.25, color="#0072B2", edgecolors="none")
ax.plot([low, high], [low, high], color="#D55E00", lw=1.5, label="prediction = target")
ax.set(
    xlabel=f"target: {meaning}",
    ylabel="prediction",
    title=f"{name}, {len(y_test):,} test samples\n"
    f"RMSE {error:.3g}, of a linear model {linear_error:.3g}",
    aspect="equal",
)
ax.legend(loc="upper left")
plt.show()
