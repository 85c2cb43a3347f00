"""Random tables of all kinds: none may crash an ensemble, or be answered by what is no number.

    python -m benchmarks.fuzz_tables [--tables N] [--first SEED]

A table is refused by a ValueError that begins with what it is about, in backticks, or else learnt
from; only values of another type are refused then. Predictions are finite and within their range,
for one row as for many, and after a pickle.
"""

import argparse
import pickle
import re
import warnings
from collections import Counter
from decimal import Decimal

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning

from skmlp import TabularMLPClassifier, TabularMLPRegressor

WORDS = np.array(["Oslo", "Rome", "Bonn", "", " ", "Ærø", "nan", "a\nb", "1", "x" * 300], object)


def numbers(rng, n):
    """Return a column of numbers, in some dtype and of some scale."""
    scale = 10.0 ** rng.choice([0, 0, 0, 3, 9, -9, 30, -30, 300, -300])
    kind = rng.choice(["normal", "lognormal", "zeros", "integers", "two"])
    values = {
        "normal": lambda: rng.normal(size=n) + rng.choice([0, 1e6]),
        "lognormal": lambda: rng.lognormal(0, 3, n),
        "zeros": lambda: rng.normal(size=n) * (rng.random(n) < 0.2),
        "integers": lambda: rng.integers(-5, 99, n).astype(float),
        "two": lambda: rng.choice([0.0, 1.0], n),
    }[kind]()
    with np.errstate(over="ignore"):
        values = np.clip(values * scale, -1e308, 1e308)
        dtype = rng.choice(["f8", "f8", "f4", "f2", "i8", "i4", "u1", "Int64", "Float32", "object"])
        if dtype in ("f8", "object", "Float32"):
            limit = 3e38 if dtype == "Float32" else np.inf
            return pd.Series(np.clip(values, -limit, limit)).astype(
                str(dtype).replace("f8", "float64")
            )
        if dtype in ("f4", "f2"):
            return pd.Series(np.nan_to_num(values.astype(dtype)))
        return pd.Series(np.clip(np.abs(values), 0, 200).round()).astype(
            {"i8": "int64", "i4": "int32", "u1": "uint8", "Int64": "Int64"}[dtype]
        )


def categories(rng, n):
    """Return a column of words, truth values or codes."""
    n_kinds = int(rng.choice([1, 2, 3, 10, 80]))
    kind = rng.choice(["words", "codes", "bool", "boolean", "string", "category", "mixed"])
    words = WORDS[:n_kinds] if n_kinds <= 10 else np.array([f"w{i}" for i in range(80)], object)
    values = rng.choice(words, n)
    if kind == "codes":
        return pd.Series(pd.Categorical(rng.integers(0, n_kinds, n)))
    if kind in ("bool", "boolean"):
        return pd.Series(rng.random(n) < rng.choice([0, 0.1, 0.5, 1])).astype(str(kind))
    if kind == "mixed":
        odd = rng.choice(np.array([1, 2.5, True, "1", "True", Decimal("3"), np.int8(4)], object), n)
        return pd.Series(np.where(rng.random(n) < 0.5, odd, values), dtype=object)
    return pd.Series(values, dtype={"words": "object"}.get(str(kind), str(kind)))


def missed(rng, column, share):
    """Return a column that misses some of its values."""
    gone = rng.random(len(column)) < share
    if not gone.any():
        return column
    if column.dtype.kind in "iub" and not isinstance(
        column.dtype, pd.api.extensions.ExtensionDtype
    ):
        column = column.astype(object if column.dtype.kind == "b" else float)
    marks = [None, np.nan, pd.NA] if column.dtype == object else [None]
    column = column.copy()
    for mark in marks:
        column[gone & (rng.random(len(column)) < 1 / len(marks))] = mark
    return column


def tables(rng):
    """Return a table to learn from, and another one of the same columns."""
    n, n_new = int(rng.choice([4, 5, 8, 20, 60, 150])), int(rng.choice([1, 2, 30]))
    n_columns = int(rng.choice([1, 2, 5, 12]))
    frames = {}, {}
    for position in range(n_columns):
        whole = (numbers if rng.random() < 0.6 else categories)(rng, n + n_new)
        shares = rng.choice([0, 0, 0.1, 0.5, 1], 2, p=[0.3, 0.3, 0.2, 0.15, 0.05])
        if rng.random() < 0.1:
            whole[:] = whole.iloc[0]
        for frame, part, share in zip(
            frames, (whole.iloc[:n], whole.iloc[n:]), shares, strict=True
        ):
            frame[f"c{position}"] = missed(rng, part.reset_index(drop=True), share)
    return [pd.DataFrame(frame) for frame in frames]


def contained(rng, frames):
    """Return the tables in some container."""
    kind = rng.choice(["pandas", "pandas", "array", "polars", "pyarrow", "list"])
    if kind == "array":
        return kind, [frame.to_numpy(dtype=object) for frame in frames]
    if kind == "list":
        return kind, [frame.to_numpy(dtype=object).tolist() for frame in frames]
    try:
        if kind == "polars":
            import polars

            return kind, [polars.from_pandas(frame) for frame in frames]
        if kind == "pyarrow":
            import pyarrow

            return kind, [pyarrow.Table.from_pandas(frame) for frame in frames]
    except Exception:
        # A column that such a table cannot hold.
        kind = "pandas"
    return kind, frames


def labels(rng, n):
    """Return targets of a classifier."""
    n_classes = int(rng.choice([1, 2, 2, 3, 8]))
    share = rng.dirichlet(np.full(n_classes, rng.choice([0.1, 1, 10])))
    y = rng.choice(n_classes, n, p=share)
    kind = rng.choice(["integers", "words", "bool", "multilabel", "soft", "floats"])
    if kind == "words":
        return np.array([f"class {label}" for label in y], object)
    if kind == "bool":
        return y > 0
    if kind == "multilabel":
        return (rng.random((n, 3)) < rng.choice([0, 0.1, 0.5])).astype(int)
    if kind == "soft":
        return rng.dirichlet(np.ones(3), n)
    return y.astype(float) if kind == "floats" else y


def amounts(rng, n):
    """Return targets of a regressor."""
    y = rng.normal(size=n) * 10.0 ** rng.choice([0, 0, 6, -6, 30, -30]) + rng.choice([0, 0, 1e4])
    kind = rng.choice(["normal", "constant", "outliers", "integers", "two", "float32"])
    if kind == "constant":
        y[:] = y[0]
    if kind == "outliers":
        y[rng.random(n) < 0.05] *= 1e6
    if kind == "integers":
        return np.clip(y, -1e6, 1e6).round().astype(int)
    if kind == "float32":
        return y.astype(np.float32)
    return np.c_[y, rng.normal(size=n)] if kind == "two" else y


def arguments(rng, n):
    """Return arguments of both ensembles, and weights of the rows."""
    weights = [None, None, rng.random(n), rng.integers(0, 3, n), 1e-6 * rng.random(n)]
    return {
        "n_estimators": int(rng.choice([1, 2, 4, 5])),
        "hidden_layer_sizes": 4,
        "max_iter": int(rng.choice([1, 5, 20])),
        "random_state": int(rng.integers(1000)),
    }, weights[rng.integers(len(weights))]


def check(seed):
    """Fit one ensemble to one table; return what came of it, and raise what must not be."""
    rng = np.random.default_rng(seed)
    kind, (X, X_new) = contained(rng, tables(rng))
    n = len(X)
    given, weight = arguments(rng, n)
    is_classifier = rng.random() < 0.5
    if is_classifier:
        given["class_weight"] = [None, None, "balanced"][rng.integers(3)]
        given["scoring"] = [None, None, "loss", "accuracy"][rng.integers(4)]
        model, y = TabularMLPClassifier(**given), labels(rng, n)
    else:
        loss = str(rng.choice(["squared_error", "absolute_error", "quantile"]))
        model, y = TabularMLPRegressor(loss, **given), amounts(rng, n)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for category in (ConvergenceWarning, UserWarning):
            warnings.simplefilter("ignore", category)
        try:
            model.fit(X, y, weight)
        except ValueError as error:
            if not str(error).startswith("`"):
                raise
            return f"{kind}: refused, {str(error)[:60]}"
        try:
            model.predict(X_new)
        except ValueError as error:
            if not is_of_another_type(error):
                raise
            return f"{kind}: learnt, and other types refused"
        (check_classifier if is_classifier else check_regressor)(model, X_new, y)
        check_rows(model, X_new)
    assert np.isfinite(model.validation_score_), "validation score"
    return f"{kind}: {'classified' if is_classifier else 'predicted'}"


def is_of_another_type(error):
    """Return whether an error is about values of another type than those of the fit."""
    return re.search("the table of the fit (has|have) it", str(error)) is not None


def check_classifier(model, X_new, y):
    """Check that probabilities are some."""
    probability = model.predict_proba(X_new)
    assert np.isfinite(probability).all(), "probabilities that are not finite"
    assert ((probability >= 0) & (probability <= 1)).all(), "probabilities beyond 0 and 1"
    if probability.shape[1] > 1 and model._exclusive:
        assert np.allclose(probability.sum(axis=1), 1, atol=1e-5), "probabilities that miss 1"
    assert np.isin(np.ravel(model.predict(X_new)), [*model.classes_, 0, 1]).all(), "labels"
    assert (np.isfinite(-np.log(probability[probability > 0]))).all(), "log loss"


def check_regressor(model, X_new, y):
    """Check that predictions, their spread and their quantiles are numbers in the range."""
    prediction, std = model.predict(X_new, return_std=True)
    quantiles = model.predict_quantiles(X_new, [0.01, 0.5, 0.99])
    for values in (prediction, std, quantiles):
        assert np.isfinite(values).all(), "predictions that are not finite"
    y = y.astype(float)
    margin = 1e-6 * np.abs(y).max(axis=0)
    assert (prediction >= y.min(axis=0) - margin).all(), "below the targets"
    assert (prediction <= y.max(axis=0) + margin).all(), "above the targets"
    assert (std >= 0).all(), "negative spread"
    assert (np.diff(quantiles, axis=-1) >= -1e-9 * np.abs(quantiles[..., :1])).all(), "order"


def check_rows(model, X_new):
    """Check that a pickle, and a row alone, are predicted as all rows at once.

    Alone it may be refused, if it has categories of another type than the fit.
    """
    method = "predict_proba" if hasattr(model, "predict_proba") else "predict"
    whole = getattr(model, method)(X_new)
    again = getattr(pickle.loads(pickle.dumps(model)), method)(X_new)
    assert np.array_equal(whole, again), "a pickle"
    try:
        first = getattr(model, method)(X_new[:1])
    except ValueError as error:
        if not is_of_another_type(error):
            raise
        return
    scale = np.abs(whole).max() or 1
    assert np.allclose(first / scale, whole[:1] / scale, atol=1e-4), "one row"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0)
    args = parser.parse_args()
    outcomes, n_faults = Counter(), 0
    for seed in range(args.first, args.first + args.tables):
        try:
            outcomes[check(seed)] += 1
        except Exception as error:
            n_faults += 1
            print(f"table {seed}: {type(error).__name__}: {str(error)[:300]}", flush=True)
    for outcome, n in outcomes.most_common():
        print(f"{n:6d}  {outcome}")
    print(f"{args.tables} tables, {n_faults} faults")


if __name__ == "__main__":
    main()
