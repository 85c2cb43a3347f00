"""
Random search over sizes and rates
==================================

Two plain integers, `hidden_layer_sizes` and `n_hidden_layers`, describe the network, so a search can
draw them; the learning rate is drawn on a logarithmic scale. Random search tries a new value of every
argument each time, where a grid of as many points would try only a few. Here the learning rate
matters much more than the size: below 0.001, the ten epochs allowed are too few.
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

# Ten epochs are too few for some candidates; the search shows it.
warnings.simplefilter("ignore", ConvergenceWarning)

X, y = load_digits(return_X_y=True)
search = RandomizedSearchCV(
    make_pipeline(MinMaxScaler(), MLPClassifier(batch_size=50, max_iter=10, random_state=0)),
    {
        "mlpclassifier__hidden_layer_sizes": randint(8, 129),
        "mlpclassifier__n_hidden_layers": randint(1, 4),
        "mlpclassifier__learning_rate_init": loguniform(1e-4, 1e-1),
    },
    n_iter=40,
    cv=3,
    random_state=0,
).fit(X, y)

results = search.cv_results_
rate = results["param_mlpclassifier__learning_rate_init"].astype(float)
width = results["param_mlpclassifier__hidden_layer_sizes"].astype(int)
depth = results["param_mlpclassifier__n_hidden_layers"].astype(int)
score = results["mean_test_score"]

figure, ax = plt.subplots(figsize=(7.5, 4.8), layout="constrained")
for n_layers, marker in [(1, "o"), (2, "s"), (3, "^")]:
    some = depth == n_layers
    dots = ax.scatter(
        rate[some], width[some], c=score[some], marker=marker, s=70, cmap="viridis",
        vmin=score.min(), vmax=score.max(), edgecolor="k", linewidth=0.5, label=f"{n_layers}",
    )  # fmt: skip
best = search.best_index_
ax.scatter(rate[best], width[best], s=300, facecolor="none", edgecolor="#D55E00", linewidth=2)
ax.annotate(f"best: {score[best]:.3f}", (rate[best], width[best]), (14, 8), textcoords="offset points")
ax.set(xscale="log", xlabel="learning_rate_init", ylabel="hidden_layer_sizes (units per layer)")
ax.legend(title="n_hidden_layers", loc="upper left", bbox_to_anchor=(1.22, 1))
figure.colorbar(dots, label="mean accuracy of three folds")
plt.show()
