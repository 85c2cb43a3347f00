"""skmlp beside scikit-learn, over many splits; then what scikit-learn's networks cannot do.

1. A table as it comes: five numbers that matter on scales of their own, districts, gaps, seven
   positives in a hundred. Gradient boosting gets the same.
2. The handwritten digits: the same network from both packages, and once more with label smoothing,
   which is right more often and less sure of itself.
3. Friedman's function with one target in twenty ten times too large: Huber's loss beside
   scikit-learn's network, a robust linear model and robust gradient boosting.
4. A training that is killed, and finished by another process.

Takes one core for less than a minute and writes a picture: ``quickstart.png``, or the path that is
its argument.
"""

import subprocess
import sys
import tempfile
import time
import warnings
from contextlib import redirect_stdout
from pathlib import Path

import matplotlib
import numpy as np
import sklearn.neural_network
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_digits, make_friedman1
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import HuberRegressor
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler
from threadpoolctl import threadpool_limits

import skmlp

matplotlib.use("Agg")
import matplotlib.pyplot as plt

N_SPLITS, N_TABLES = 10, 5
DISTRICT = 3
# Gradient boosting takes categories as numbers.
NUMBERED = make_column_transformer(
    (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan), [DISTRICT]),
    remainder="passthrough",
)
TABULAR = {
    "gradient boosting": make_pipeline(
        NUMBERED, HistGradientBoostingClassifier(categorical_features=[0])
    ),
    "skmlp.TabularMLPClassifier": skmlp.TabularMLPClassifier(),
}
CLASSIFIERS = {
    "scikit-learn": sklearn.neural_network.MLPClassifier(),
    "skmlp": skmlp.MLPClassifier(),
    "skmlp,\nlabel_smoothing=0.1": skmlp.MLPClassifier(label_smoothing=0.1),
}
SMALL = {
    "hidden_layer_sizes": (20,),
    "activation": "tanh",
    "solver": "lbfgs",
    "alpha": 1.0,
    "tol": 1e-3,
    "max_iter": 1000,
}
REGRESSORS = {
    "scikit-learn's network": sklearn.neural_network.MLPRegressor(**SMALL),
    "HuberRegressor": HuberRegressor(),
    "gradient boosting,\nabsolute error": HistGradientBoostingRegressor(loss="absolute_error"),
    'skmlp, loss="huber"': skmlp.MLPRegressor(loss="huber", **SMALL),
}
KILLED_IN = 30  # epochs
# The color of a model in every picture: grey is not skmlp.
OTHER, OURS, BEST = "0.55", "#3b75af", "#d1603d"


def seeded(model, seed):
    """Return a clone of a model with its random state, if it has one."""
    model = sklearn.clone(model)
    if "random_state" in model.get_params():
        model.set_params(random_state=seed)
    return model


def messy_table(seed):
    """Return Friedman's function as a table of skewed numbers, words and gaps, and who is high."""
    rng = np.random.default_rng(seed)
    X, y = make_friedman1(4000, noise=1.0, random_state=seed)
    table = X.astype(object)
    table[:, 0], table[:, 1] = np.exp(8 * X[:, 0]), 1e6 * X[:, 1] ** 4
    districts = (40 * X[:, DISTRICT]).astype(int).astype(str)
    table[:, DISTRICT] = np.char.add("district ", districts)
    table[rng.random(table.shape) < 0.05] = None
    return table, y > np.quantile(y, 0.93)


def table_precisions(model, n_tables=N_TABLES):
    """Return the average precisions on the other half of each table, and the seconds of a fit."""
    precisions, start = [], time.perf_counter()
    for seed in range(n_tables):
        X, y = messy_table(seed)
        training, test = slice(2000), slice(2000, None)
        fitted = seeded(model, seed).fit(X[training], y[training])
        probability = fitted.predict_proba(X[test])[:, 1]
        precisions.append(average_precision_score(y[test], probability))
    return np.array(precisions), (time.perf_counter() - start) / n_tables


def digits_accuracies(model, n_splits=N_SPLITS):
    """Return the test accuracies over splits of the digits, and the mean seconds of a fit."""
    X, y = load_digits(return_X_y=True)
    splits = StratifiedShuffleSplit(n_splits, test_size=450, random_state=0).split(X, y)
    accuracies, start = [], time.perf_counter()
    for seed, (train, test) in enumerate(splits):
        fitted = make_pipeline(StandardScaler(), seeded(model, seed)).fit(X[train], y[train])
        accuracies.append(fitted.score(X[test], y[test]))
    return np.array(accuracies), (time.perf_counter() - start) / n_splits


def outlier_errors(model, n_splits=N_SPLITS):
    """Return the test RMSEs on Friedman's function, and the mean seconds of a fit.

    The training targets hold outliers, the test targets none; the noise in them has a standard
    deviation of 1, which no model can fall below.
    """
    errors, start = [], time.perf_counter()
    for seed in range(n_splits):
        X, y = make_friedman1(3000, noise=1.0, random_state=seed)
        train, test = slice(1500), slice(1500, None)
        y[train][::20] *= 10
        fitted = make_pipeline(StandardScaler(), seeded(model, seed)).fit(X[train], y[train])
        errors.append(np.sqrt(np.mean((fitted.predict(X[test]) - y[test]) ** 2)))
    return np.array(errors), (time.perf_counter() - start) / n_splits


def training():
    """Return a network and its data, of which every process makes the same."""
    X, y = load_digits(return_X_y=True)
    network = skmlp.MLPClassifier(
        dropout=0.2, learning_rate="one_cycle", max_iter=160, n_iter_no_change=160, random_state=0
    )
    return network, X / 16, y


def train_and_write_down(path):
    """Train with a checkpoint after every epoch, and say each epoch: what another process kills."""
    network, X, y = training()
    network.set_params(verbose=True).set_callbacks(skmlp.Checkpoint(path))
    with threadpool_limits(1):  # The bits depend on the number of threads.
        network.fit(X, y)


def kill_a_training(path):
    """Kill the process of a training in the midst of it, and return its exit status."""
    command = [sys.executable, "-u", __file__, "--checkpoint", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for _ in range(KILLED_IN):
            process.stdout.readline()
        process.kill()
    return process.returncode


def killed_and_undisturbed():
    """Return a network whose training was killed and resumed, and one that nobody disturbed."""
    network, X, y = training()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "fit.npz")
        kill_a_training(path)
        with redirect_stdout(None):  # It would go on to say each epoch.
            resumed = skmlp.resume(path, X, y)
    return resumed, network.fit(X, y)


def same_weights(one, other):
    """Return whether two networks have the same weights, to the last bit."""
    return all(map(np.array_equal, one.coefs_ + one.intercepts_, other.coefs_ + other.intercepts_))


def table(title, results):
    """Print mean and spread over the splits of every model, and return the scores alone."""
    print(f"\n{title:<44}{'mean ± spread':>16}{'s per fit':>12}")
    for name, (scores, seconds) in results.items():
        shown = f"{scores.mean():.3f} ± {scores.std():.3f}"
        print(f"  {' '.join(name.split()):<42}{shown:>16}{seconds:>12.2f}")
    return {name: scores for name, (scores, _) in results.items()}


def draw_splits(ax, found, colors, **labels):
    """Draw the score on every split, the splits as lines from model to model."""
    places = range(len(found))
    ax.plot(places, np.array([*found.values()]), color="0.85", lw=1, zorder=0)
    for place, (scores, color) in enumerate(zip(found.values(), colors, strict=True)):
        ax.plot([place] * len(scores), scores, "o", color=color, alpha=0.6, ms=5)
        ax.plot(place, scores.mean(), "_", color=color, ms=34, mew=3)
        ax.annotate(
            f"{scores.mean():.3f}", (place, scores.mean()), xytext=(20, 0), va="center",
            textcoords="offset points", color=color, weight="bold",
        )  # fmt: skip
    ax.set(xlim=(-0.5, len(found) - 0.3), **labels)
    ax.set_xticks(places, found)


def draw_outliers(ax, errors):
    """Draw the error on every split, a row per model."""
    places = range(len(errors))[::-1]
    for place, scores in zip(places, errors.values(), strict=True):
        color = OTHER if place else BEST
        ax.plot(scores, [place] * len(scores), "o", color=color, alpha=0.6, ms=5)
        ax.annotate(
            f"{scores.mean():.2f}", (scores.mean(), place), xytext=(0, 8), ha="center",
            textcoords="offset points", color=color, weight="bold",
        )  # fmt: skip
    ax.axvline(1, color="0.3", ls=":")
    ax.annotate("the noise", (1, places[0]), xytext=(4, 0), textcoords="offset points")
    ax.set(
        title="One target in twenty ten times too large", xlabel="test RMSE, Friedman's function",
        xscale="log", ylim=(-0.5, len(errors) - 0.3), xticks=[1, 2, 5, 10, 20],
    )  # fmt: skip
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter(matplotlib.ticker.NullFormatter())
    ax.set_yticks(places, errors)


def draw_resumed(ax, resumed, undisturbed):
    """Draw the losses of a training that was killed over those of one that was not."""
    epochs = np.arange(1, undisturbed.n_iter_ + 1)
    before, after = epochs <= KILLED_IN, epochs >= KILLED_IN
    losses = np.array(resumed.loss_curve_)
    ax.plot(epochs, undisturbed.loss_curve_, color="0.85", lw=6, label="undisturbed")
    ax.plot(epochs[before], losses[before], color=OURS, label="until it was killed")
    ax.plot(epochs[after], losses[after], color=BEST, label="resumed")
    ax.axvline(KILLED_IN, color="0.3", ls=":")
    ax.annotate("kill -9", (KILLED_IN, losses.max()), xytext=(5, -8), textcoords="offset points")
    same = "the same bits" if same_weights(resumed, undisturbed) else "other weights"
    ax.set(
        title=f"Killed and resumed: {same}", xlabel="epoch", ylabel="training loss",
        ylim=(0, None),
    )  # fmt: skip
    ax.legend(loc="center right", frameon=False)


def draw(precisions, accuracies, errors, networks, path):
    """Draw the four stories."""
    style = {"axes.spines.top": False, "axes.spines.right": False, "axes.titleweight": "bold"}
    with plt.rc_context(style):
        figure, axes = plt.subplots(2, 2, figsize=(11, 7.5), layout="constrained")
        draw_splits(
            axes[0, 0], precisions, [OTHER, BEST], title="A table as it comes",
            ylabel="test average precision",
        )  # fmt: skip
        draw_splits(
            axes[0, 1], accuracies, [OTHER, OURS, BEST],
            title="The same network, then one argument more",
            ylabel="test accuracy on the digits",
        )  # fmt: skip
        draw_outliers(axes[1, 0], errors)
        draw_resumed(axes[1, 1], *networks)
        figure.savefig(path, dpi=110)
        plt.close(figure)


def main(path="quickstart.png"):
    """Run the four stories, print what they found and write the picture."""
    # A network at its defaults ends at `max_iter` on some splits, in both packages.
    warnings.filterwarnings("ignore", category=ConvergenceWarning)
    print(f"Over {N_TABLES} tables, and {N_SPLITS} splits or samples; one core.")
    with threadpool_limits(1):
        precisions = table(
            "A table as it comes: test average precision",
            {name: table_precisions(model) for name, model in TABULAR.items()},
        )
        accuracies = table(
            "Digits: test accuracy",
            {name: digits_accuracies(model) for name, model in CLASSIFIERS.items()},
        )
        errors = table(
            "Friedman with outliers: test RMSE (noise 1)",
            {name: outlier_errors(model) for name, model in REGRESSORS.items()},
        )
        resumed, undisturbed = killed_and_undisturbed()
    print(f"\nKilled in epoch {KILLED_IN} and resumed by another process:")
    print(f"  the same weights to the last bit: {same_weights(resumed, undisturbed)}")
    draw(precisions, accuracies, errors, (resumed, undisturbed), path)
    print(f"\nPicture: {Path(path).resolve()}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--checkpoint"]:
        train_and_write_down(sys.argv[2])
    else:
        main(*sys.argv[1:])
