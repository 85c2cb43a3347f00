"""
Random search over sizes and rates
==================================

Two plain integers, `hidden_layer_sizes` and `n_hidden_layers`, describe the network, so a search
can draw them; the learning rate is drawn on a logarithmic scale. Each candidate tries a new value
of every argument, where a grid of as many points would try only a few of each. Here the learning
rate decides: the eight epochs allowed are too few for small rates, and large rates are unstable.
"""

import warnings

import matplotlib.pyplot as plt
from scipy.stats import loguniform, randint
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skmlp import MLPClassifier

# Eight epochs are too few for some candidates; the search shows it.
warnings.simplefilter("ignore", ConvergenceWarning)

X, y = load_digits(return_X_y=True)
search = RandomizedSearchCV(
    make_pipeline(MinMaxScaler(), MLPClassifier(batch_size=50, max_iter=8, random_state=0)),
    {
        "mlpclassifier__hidden_layer_sizes": randint(8, 97),
        "mlpclassifier__n_hidden_layers": randint(1, 4),
        "mlpclassifier__learning_rate_init": loguniform(3e-4, 1e-1),
    },
    n_iter=25,
    cv=2,
    random_state=0,
).fit(X, y)

results = search.cv_results_
rate = results["param_mlpclassifier__learning_rate_init"].astype(float)
width = results["param_mlpclassifier__hidden_layer_sizes"].astype(int)
depth = results["param_mlpclassifier__n_hidden_layers"].astype(int)
score = results["mean_test_score"]
best = search.best_index_

figure, ax = plt.subplots(figsize=(7.5, 4.8), layout="constrained")
for n_layers, marker in [(1, "o"), (2, "s"), (3, "^")]:
    some = depth == n_layers
    dots = ax.scatter(
        rate[some], width[some], c=score[some], marker=marker, s=80, cmap="viridis",
        vmin=0.7, vmax=0.95, edgecolor="k", linewidth=0.5, label=f"n_hidden_layers={n_layers}",
    )  # fmt: skip
ax.scatter(rate[best], width[best], s=320, facecolor="none", edgecolor="#D55E00", linewidth=2)
ax.annotate(
    f"best: {score[best]:.3f}", (rate[best], width[best]), (0, 14),
    textcoords="offset points", ha="center",
)  # fmt: skip
ax.set(xscale="log", xlabel="learning_rate_init", ylabel="hidden_layer_sizes: units per layer")
figure.legend(loc="outside upper center", ncols=3, frameon=False)
figure.colorbar(dots, label="mean accuracy over two folds", extend="min")
plt.show()
