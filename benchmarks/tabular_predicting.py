"""Milliseconds to predict 10,000 rows and one row, beside gradient boosting, in turns.

    python -m benchmarks.tabular_predicting [--tables NAME ...]

Both have their defaults but for the epochs of the networks: what they have learnt takes no time.
"""

import argparse
import time
from functools import partial
from statistics import median

from benchmarks import clock, machine, tabular

N_ROWS, N_ROUNDS = 10_000, 5
KINDS = {"skmlp": partial(tabular._skmlp, max_iter=1), "boosting": tabular._boosting}


def fitted(name):
    """Return both estimators, fitted to 8,000 rows at most, and rows to predict."""
    table, y = tabular.load(name)
    X, _, y, _ = tabular.split(table, [y], 0, 8_000)
    models = [make(0, name in tabular.LABELS) for make in KINDS.values()]
    for model in models:
        tabular.fit(model, X, y)
    return models, table.sample(N_ROWS, replace=True, random_state=0).reset_index(drop=True)


def compare(models, X, n_calls):
    """Return the milliseconds of both, and their ratio."""
    timers = [partial(_milliseconds, model, X, n_calls) for model in models]
    ours, theirs = clock.alternate(timers, N_ROUNDS)
    return f"{median(ours):.1f} / {median(theirs):.1f} ({clock.ratio(ours, theirs):.2f})"


def _milliseconds(model, X, n_calls):
    # The threads of the one before go on spinning for a while.
    time.sleep(0.1)
    model.predict(X)
    return 1e3 / n_calls * clock.seconds(lambda: [model.predict(X) for _ in range(n_calls)])


def main():
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tabular_predicting", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--tables", nargs="*", default=[*tabular.LABELS, *tabular.NUMBERS])
    options = parser.parse_args()
    print(machine.describe(), flush=True)
    print("| table | 10,000 rows: skmlp / boosting (ratio) | one row |\n| --- | --- | --- |")
    for name in options.tables:
        models, X = fitted(name)
        print(f"| {name} | {compare(models, X, 3)} | {compare(models, X[:1], 50)} |", flush=True)


if __name__ == "__main__":
    main()
