"""What an option costs: Fashion-MNIST, 300-100, batch 200, with and without it."""

from dataclasses import replace

import skmlp
from benchmarks import clock
from benchmarks.cases import CASES

N_EPOCHS = 3
CASE = next(case for case in CASES if case.name == "Fashion-MNIST, 300-100, 200")
OPTIONS = {
    "plain": {},
    "dropout": {"dropout": 0.2},
    "label_smoothing": {"label_smoothing": 0.1},
    "gelu": {"activation": "gelu"},
    "adamw": {"solver": "adamw"},
    "squared_error": {"loss": "squared_error"},
    "huber": {"loss": "huber"},
}


def costs(n_rounds, only):
    """Yield the name of each option, its seconds per epoch and those of the plain epoch."""
    laps = clock.alternate([_timer(o) for o in OPTIONS.values()], n_rounds)
    laps = dict(zip(OPTIONS, laps, strict=True))
    for name in OPTIONS:
        if only in name:
            yield name, laps[name], laps["squared_error" if name == "huber" else "plain"]


def _timer(options):
    if "loss" in options:
        kind, case = skmlp.MLPRegressor, replace(CASE, data="Fashion-MNIST as numbers")
    else:
        kind, case = skmlp.MLPClassifier, CASE

    def train(n_epochs):
        case.fit(kind, n_epochs, **options)

    train(1)
    return lambda: clock.epoch_seconds(train, N_EPOCHS)
