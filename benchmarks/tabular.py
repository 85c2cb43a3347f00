"""Eleven tables and two generated ones: error and seconds beside other estimators with defaults.

    python -m benchmarks.tabular [--tables NAME ...] [--splits N] [--estimators NAME ...] [--cap N]

Error is 1 - accuracy or 1 - R² on rows that nobody has learnt from, relative to scikit-learn's MLP
behind scalers and encoders; the last line has the geometric means. RealMLP runs where pytabkit is
installed.
"""

import argparse
import importlib.util
import time
import warnings
from collections import defaultdict

import numpy as np
import pandas as pd
from sklearn.compose import (
    TransformedTargetRegressor,
    make_column_selector,
    make_column_transformer,
)
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import (
    average_precision_score,
    log_loss,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
)
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from benchmarks import data, machine, messy
from skmlp import TabularMLPClassifier, TabularMLPRegressor

LABELS = ("adult", "letter", "spambase", "phoneme", "magic")
NUMBERS = (
    *("abalone", "kin8nm", "cpu_act"),
    *("bike_sharing", "wine_quality", "california_housing"),
)
N_TEST = 10_000


def _behind_encoders(network):
    numbers = make_column_selector(dtype_include="number")
    categories = make_column_selector(dtype_exclude="number")
    encoder = make_column_transformer(
        (StandardScaler(), numbers), (OneHotEncoder(handle_unknown="ignore"), categories)
    )
    return make_pipeline(encoder, network)


def _sklearn_mlp(seed, is_classification):
    if is_classification:
        return _behind_encoders(MLPClassifier(random_state=seed))
    network = _behind_encoders(MLPRegressor(random_state=seed))
    return TransformedTargetRegressor(network, transformer=StandardScaler())


def _boosting(seed, is_classification):
    kind = HistGradientBoostingClassifier if is_classification else HistGradientBoostingRegressor
    return kind(categorical_features="from_dtype", random_state=seed)


def _skmlp(seed, is_classification, **arguments):
    kind = TabularMLPClassifier if is_classification else TabularMLPRegressor
    return kind(random_state=seed, **arguments)


def _skmlp_one(seed, is_classification):
    return _skmlp(seed, is_classification, n_estimators=1)


def _realmlp(seed, is_classification):
    from pytabkit import RealMLP_TD_S_Classifier, RealMLP_TD_S_Regressor

    kind = RealMLP_TD_S_Classifier if is_classification else RealMLP_TD_S_Regressor
    return kind(random_state=seed, device="cpu")


REFERENCE = "scikit-learn MLP"
ESTIMATORS = {
    REFERENCE: _sklearn_mlp,
    "HistGradientBoosting": _boosting,
    "skmlp": _skmlp,
    "skmlp, one network": _skmlp_one,
}
if importlib.util.find_spec("pytabkit"):
    ESTIMATORS["RealMLP-TD-S"] = _realmlp


def load(name):
    """Return a table as a DataFrame, categories declared, and its targets."""
    X, y, names, is_categorical = data.table(name)
    frame = pd.DataFrame(X, columns=names)
    for column in frame.columns[is_categorical]:
        frame[column] = pd.Categorical(frame[column].astype(int))
    return frame, y


def split(table, targets, seed, cap):
    """Return training and test rows, `cap` of the former at most."""
    order = np.random.default_rng(seed).permutation(len(table))
    n_training = min(cap, 3 * len(table) // 4)
    training, test = order[:n_training], order[n_training : n_training + N_TEST]
    return (
        table.iloc[training],
        table.iloc[test],
        *(part for y in targets for part in (y[training], y[test])),
    )


def fit(estimator, X, y):
    """Return the seconds of a fit."""
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(X, y)
    return time.perf_counter() - start


def error_on_table(name, kind, seed, cap):
    """Return the error, the log loss of labels, and the seconds of a fit."""
    table, y = load(name)
    is_classification = name in LABELS
    X_train, X_test, y_train, y_test = split(table, [y], seed, cap)
    estimator = ESTIMATORS[kind](seed, is_classification)
    seconds = fit(estimator, X_train, y_train)
    if not is_classification:
        return 1 - r2_score(y_test, estimator.predict(X_test)), np.nan, seconds
    probability = estimator.predict_proba(X_test)
    labels = estimator.classes_[probability.argmax(axis=1)]
    loss = log_loss(y_test, probability, labels=estimator.classes_)
    return np.mean(labels != y_test), loss, seconds


def tables(names, kinds, n_splits, cap):
    """Give a line per table: the mean errors relative to the reference's."""
    relative = defaultdict(list)
    yield ("table", *kinds)
    yield ("---",) * (1 + len(kinds))
    for name in names:
        results = {
            kind: np.mean(
                [error_on_table(name, kind, seed, cap) for seed in range(n_splits)], axis=0
            )
            for kind in kinds
        }
        for kind, (error, _, _) in results.items():
            relative[kind].append(error / results[kinds[0]][0])
        yield (
            name,
            *(
                f"{relative[kind][-1]:.3f} ({error:.4f}"
                + ("" if np.isnan(loss) else f", log loss {loss:.4f}")
                + f", {seconds:.0f} s)"
                for kind, (error, loss, seconds) in results.items()
            ),
        )
    means = (np.exp(np.mean(np.log(relative[kind]))) for kind in kinds)
    yield ("geometric mean", *(f"{mean:.3f}" for mean in means))


def churn(kinds, cap):
    """Give AUC, average precision and log loss on customers of whom 6 % leave."""
    table, y = messy.churn()
    X_train, X_test, y_train, y_test = split(table, [y], 0, min(cap, 30_000))
    words = X_train.columns[X_train.dtypes.map(str).isin(["object", "str", "bool"])]
    yield ("churn", "AUC", "average precision", "log loss", "seconds")
    yield ("---",) * 5
    for kind in kinds:
        # Boosting wants its categories declared.
        declared = [X_train, X_test]
        if kind == "HistGradientBoosting":
            declared = [X.astype(dict.fromkeys(words, "category")) for X in declared]
        estimator = ESTIMATORS[kind](0, True)
        seconds = fit(estimator, declared[0], y_train)
        probability = estimator.predict_proba(declared[1])[:, 1]
        yield (
            kind,
            f"{roc_auc_score(y_test, probability):.4f}",
            f"{average_precision_score(y_test, probability):.4f}",
            f"{log_loss(y_test, probability):.4f}",
            f"{seconds:.0f}",
        )


def houses(cap):
    """Give the mean absolute error on right prices after learning from typed ones."""
    table, typed, price = messy.houses()
    X_train, X_test, typed_train, _, _, price_test = split(
        table, [typed, price], 0, min(cap, 22_500)
    )
    declared = [X.astype({"state": "category", "garden": "category"}) for X in (X_train, X_test)]
    competitors = {
        "HistGradientBoosting": (HistGradientBoostingRegressor, *declared),
        "skmlp": (TabularMLPRegressor, X_train, X_test),
    }
    yield ("houses", "mean absolute error", "seconds")
    yield ("---",) * 3
    for name, (kind, training, test) in competitors.items():
        estimator = kind(loss="absolute_error", random_state=0)
        if name == "HistGradientBoosting":
            estimator.set_params(categorical_features="from_dtype")
        seconds = fit(estimator, training, typed_train)
        error = mean_absolute_error(price_test, estimator.predict(test))
        yield name, f"{error:.0f}", f"{seconds:.0f}"


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tabular", description=__doc__)
    parser.add_argument("--tables", nargs="*", default=[*LABELS, *NUMBERS, "churn", "houses"])
    parser.add_argument("--estimators", nargs="*", default=list(ESTIMATORS))
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--cap", type=int, default=8_000, help="rows to learn from, at most")
    arguments = parser.parse_args()
    print(machine.describe(), flush=True)
    kinds, names = arguments.estimators, arguments.tables
    real = [name for name in names if name in (*LABELS, *NUMBERS)]
    parts = [tables(real, kinds, arguments.splits, arguments.cap)] if real else []
    if "churn" in names:
        parts.append(churn([k for k in kinds if k != REFERENCE], 5 * arguments.cap))
    if "houses" in names:
        parts.append(houses(5 * arguments.cap))
    for part in parts:
        print()
        for row in part:
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
