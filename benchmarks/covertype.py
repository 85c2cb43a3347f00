"""Covertype, all 581,012 rows: a deep MLP found on a subsample and refitted on all of them.

    python -m benchmarks.covertype [--beside-sklearn EPOCHS]

The textbook's exercise. `RandomizedSearchCV` looks for a recipe on 60,000 rows of the training part
of a random 80/20 split; the best one is refitted, for more epochs, on all 464,809 rows. Or whole
fits with early stopping on those rows, in turns with scikit-learn's, of so many epochs.
"""

import argparse
import time
import warnings
from functools import partial
from statistics import median

import numpy as np
from scipy.stats import loguniform
from sklearn import neural_network
from sklearn.compose import make_column_transformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import RandomizedSearchCV, ShuffleSplit, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks import clock, data
from skmlp import MLPClassifier

N_NUMERIC = 10
SUBSAMPLE = 60_000
SEARCH_EPOCHS = 12
REFIT_EPOCHS = 30
SPACE = {
    "mlpclassifier__hidden_layer_sizes": [256, 384, 512],
    "mlpclassifier__n_hidden_layers": [2, 3, 4],
    "mlpclassifier__learning_rate_init": loguniform(5e-4, 5e-3),
    "mlpclassifier__batch_size": [256, 512, 1024],
    "mlpclassifier__activation": ["relu", "leaky_relu"],
    "mlpclassifier__solver": ["adam", "adamw"],
    "mlpclassifier__weight_init": ["auto", "he_uniform"],
}
# What is fitted beside scikit-learn.
HIDDEN = (256, 256, 256)
BATCH_SIZE = 1024
N_ROUNDS = 3


def make_model(seed, **arguments):
    """Return scaling of the numeric columns and an MLP whose rate rises once and falls to zero."""
    scale = make_column_transformer(
        (StandardScaler(), slice(0, N_NUMERIC)), remainder="passthrough"
    )
    mlp = MLPClassifier(
        learning_rate="one_cycle",
        alpha=1e-5,
        n_iter_no_change=float("inf"),
        random_state=seed,
        **arguments,
    )
    return make_pipeline(scale, mlp)


def search(X, y, n_candidates, seed):
    """Return the search for a recipe on a subsample."""
    rows = np.random.RandomState(seed).permutation(len(X))[:SUBSAMPLE]
    found = RandomizedSearchCV(
        make_model(seed, max_iter=SEARCH_EPOCHS),
        SPACE,
        n_iter=n_candidates,
        cv=ShuffleSplit(1, test_size=0.2, random_state=seed),
        refit=False,
        random_state=seed,
        verbose=3,
    )
    return found.fit(X[rows], y[rows])


def beside_sklearn(X, y, n_epochs):
    """Print the seconds of a whole fit with early stopping, ours and scikit-learn's."""
    X = StandardScaler().fit_transform(X.astype(float))
    kinds = (MLPClassifier, neural_network.MLPClassifier)
    stopping = {"early_stopping": True, "n_iter_no_change": n_epochs, "max_iter": n_epochs}
    networks = [kind(HIDDEN, batch_size=BATCH_SIZE, random_state=0, **stopping) for kind in kinds]
    timers = [partial(clock.seconds, network.fit, X, y) for network in networks]
    ours, theirs = clock.alternate(timers, N_ROUNDS)
    print(
        f"{n_epochs} epochs of {len(X)} rows: {median(ours):.1f} s, scikit-learn "
        f"{median(theirs):.1f} s, {clock.ratio(theirs, ours):.2f}x"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--candidates", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=REFIT_EPOCHS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--beside-sklearn", type=int, metavar="EPOCHS", help="no search")
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)

    X, y = data.covertype()
    X_train, X_test, y_train, y_test = train_test_split(
        X.astype(np.float32), y, test_size=0.2, random_state=options.seed
    )
    if options.beside_sklearn:
        beside_sklearn(X_train, y_train, options.beside_sklearn)
        return
    start = time.perf_counter()
    found = search(X_train, y_train, options.candidates, options.seed)
    print(f"searched {options.candidates} candidates in {time.perf_counter() - start:.0f} s")
    print(f"best on the subsample: {found.best_score_:.4f} with {found.best_params_}")

    model = make_model(options.seed, max_iter=options.epochs, verbose=True)
    model.set_params(**found.best_params_)
    start = time.perf_counter()
    model.fit(X_train, y_train)
    seconds = time.perf_counter() - start
    accuracy = model.score(X_test, y_test)
    print(f"refitted on {len(X_train)} rows in {seconds:.0f} s: test accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
