"""``python -m benchmarks.searches``: three searches, the same space and the same time for each.

Random search, successive halving and Optuna with pruning look for the network with the smallest
log loss on the digits that scikit-learn ships, in three folds of 1200 of them. Each has as many
seconds of a core as ``--seconds`` says; the number of candidates of scikit-learn's two is chosen to
fit. The rest of the digits says what the best network is worth. Over several splits: mean and
standard deviation.
"""

import argparse
import sys
import time
import warnings

import numpy as np
import optuna
from scipy.stats import loguniform, randint, uniform
from sklearn.datasets import load_digits
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.metrics import log_loss
from sklearn.model_selection import (
    HalvingRandomSearchCV,
    RandomizedSearchCV,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp import MLPClassifier
from skmlp.callbacks import Prune

STEP = "mlpclassifier__"
SPACE = {
    "hidden_layer_sizes": randint(16, 257),
    "n_hidden_layers": randint(1, 4),
    "learning_rate_init": loguniform(1e-5, 1.0),
    "alpha": loguniform(1e-6, 1e1),
    "dropout": uniform(0.0, 0.5),
    "batch_size": [32, 64, 128, 256],
}
SCORING = "neg_log_loss"
N_FOLDS = 3
MAX_ITER = 60
# A search may take so much more or less than its time.
TOLERANCE = 0.1


def make_pipeline_of(**arguments):
    network = MLPClassifier(
        max_iter=MAX_ITER, early_stopping=True, scoring="loss", random_state=0, **arguments
    )
    return make_pipeline(StandardScaler(), network)


def prefixed(space):
    return {STEP + name: values for name, values in space.items()}


def random_search(n_candidates, seed):
    """Return a search that gives every candidate all epochs."""
    return RandomizedSearchCV(
        make_pipeline_of(),
        prefixed(SPACE),
        n_iter=n_candidates,
        scoring=SCORING,
        cv=N_FOLDS,
        refit=False,
        random_state=seed,
    )


def halving(n_candidates, seed):
    """Return a search that gives a third of the candidates three times as many epochs."""
    return HalvingRandomSearchCV(
        make_pipeline_of(),
        prefixed(SPACE),
        n_candidates=n_candidates,
        resource=STEP + "max_iter",
        min_resources=6,
        max_resources=MAX_ITER,
        scoring=SCORING,
        cv=N_FOLDS,
        refit=False,
        random_state=seed,
    )


def fitted_in(seconds, make_search, n_candidates, seed, X, y, n_tries=5):
    """Return best arguments, their score, number of candidates and seconds of a search in time.

    It begins with `n_candidates`, and again with more or fewer until they take about as long.
    """
    begin = time.process_time()
    search = make_search(n_candidates, seed).fit(X, y)
    took = time.process_time() - begin
    if n_tries > 1 and abs(took - seconds) > TOLERANCE * seconds:
        n_candidates = max(3, round(n_candidates * seconds / took))
        return fitted_in(seconds, make_search, n_candidates, seed, X, y, n_tries - 1)
    best = {name.removeprefix(STEP): value for name, value in search.best_params_.items()}
    return best, search.best_score_, n_candidates, took


def with_optuna(seconds, _, seed, X, y):
    """Return the same of a study that prunes, and needs no number of candidates."""
    begin = time.process_time()

    def objective(trial):
        pipeline = make_pipeline_of(**suggested(trial))
        pipeline[-1].set_callbacks(Prune(trial, "validation_loss"))
        scores = cross_val_score(pipeline, X, y, scoring=SCORING, cv=N_FOLDS, error_score="raise")
        return -scores.mean()

    def stop_in_time(study, trial):
        if time.process_time() - begin > seconds:
            study.stop()

    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=seed, multivariate=True),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=5),
    )
    # What diverges fails, and is passed over.
    study.optimize(objective, callbacks=[stop_in_time], catch=ValueError)
    took = time.process_time() - begin
    return study.best_params, -study.best_value, len(study.trials), took


def suggested(trial):
    """Return arguments from `SPACE`."""
    return {
        "hidden_layer_sizes": trial.suggest_int("hidden_layer_sizes", 16, 256),
        "n_hidden_layers": trial.suggest_int("n_hidden_layers", 1, 3),
        "learning_rate_init": trial.suggest_float("learning_rate_init", 1e-5, 1.0, log=True),
        "alpha": trial.suggest_float("alpha", 1e-6, 1e1, log=True),
        "dropout": trial.suggest_float("dropout", 0.0, 0.5),
        "batch_size": trial.suggest_categorical("batch_size", SPACE["batch_size"]),
    }


SEARCHES = {
    "RandomizedSearchCV": lambda *how: fitted_in(how[0], random_search, *how[1:]),
    "HalvingRandomSearchCV": lambda *how: fitted_in(how[0], halving, *how[1:]),
    "Optuna": with_optuna,
}


def outcome(search, seconds, n_candidates, seed):
    """Return what a search found on one split: candidates, seconds, log losses and accuracy."""
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X, y, train_size=1200, stratify=y, random_state=seed)
    arguments, score, n_candidates, took = search(seconds, n_candidates, seed, X, y)
    arguments.pop("max_iter", None)
    best = make_pipeline_of(**arguments).fit(X, y)
    loss = log_loss(y_test, best.predict_proba(X_test))
    found = n_candidates, took, -score, loss, best.score(X_test, y_test)
    print(seed, *found, file=sys.stderr, flush=True)
    return found


def outcomes(search, seconds, n_splits):
    """Return the outcome of a search on every split."""
    found = [outcome(search, seconds, 24, 0)]
    for seed in range(1, n_splits):
        found.append(outcome(search, seconds, found[-1][0], seed))
    return np.array(found)


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.searches", description=__doc__)
    parser.add_argument("search", nargs="*", help=f"out of {', '.join(SEARCHES)}; default: all")
    parser.add_argument("--seconds", type=float, default=10, help="of a core, for each search")
    parser.add_argument("--splits", type=int, default=5)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    print("| search | candidates | seconds | log loss, in folds | on test digits | accuracy |")
    print("|---|---:|---:|---:|---:|---:|", flush=True)
    for name in arguments.search or SEARCHES:
        found = outcomes(SEARCHES[name], arguments.seconds, arguments.splits)
        (n, took, *scores), spread = found.mean(0), found.std(0)[2:]
        cells = [f"{score:.3f} ± {sd:.3f}" for score, sd in zip(scores, spread, strict=True)]
        print(f"| {name} | {n:.0f} | {took:.0f} |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
