"""What a change of the code leaves as it was: the bits of fits, and the time of an epoch.

    python benchmarks/checkouts.py FOLDER [OTHER_FOLDER] [--rounds N]

Fits the same estimators from two checkouts, each in a process of its own, and compares weights,
curves and predictions bit for bit; then times an epoch of every case of the race, in turns. The
other folder is this checkout where none is given. Both need their extension built in place.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from statistics import median

HERE = Path(__file__).parents[1]

CLASSIFIERS = [
    {},
    {"solver": "sgd"},
    {"solver": "sgd", "nesterovs_momentum": False, "learning_rate": "adaptive", "tol": 1e-2},
    {"solver": "lbfgs"},
    {"solver": "lbfgs", "early_stopping": True},
    {"solver": "adamw", "alpha": 1e-2},
    {"solver": "nadam"},
    {"solver": "rmsprop"},
    {"solver": "adagrad", "learning_rate_init": 1e-2},
    {"dtype": "float64", "hidden_layer_sizes": (80,)},
    {"hidden_layer_sizes": (80, 60), "batch_size": 32},
    {"hidden_layer_sizes": (80, 60), "activation": "selu", "dropout": 0.1},
    {"activation": ("gelu", "mish"), "hidden_layer_sizes": (20, 10), "dropout": (0.2, 0.0)},
    {"early_stopping": True},
    {"early_stopping": True, "scoring": "loss", "dtype": "float32"},
    {"max_grad_norm": 0.5, "warmup_iter": 2, "learning_rate": "one_cycle"},
    {"learning_rate": "cosine", "weight_init": "he_normal", "activation": "leaky_relu"},
    {"learning_rate": "invscaling", "shuffle": False, "hidden_layer_sizes": ()},
    {"class_weight": "balanced", "label_smoothing": 0.1},
    {"frozen_layers": 1, "hidden_layer_sizes": (20, 10), "dtype": "float32"},
    {"warm_start": True},
]
REGRESSORS = [
    {},
    {"loss": "huber"},
    {"loss": "absolute_error", "early_stopping": True},
    {"loss": "quantile", "quantile": 0.8, "solver": "rmsprop"},
    {"loss": "poisson"},
    {"out_activation": "softplus", "solver": "lbfgs"},
    {"solver": "sgd", "learning_rate": "exponential", "dtype": "float32"},
]
PERCEPTRONS = [{}, {"average": True, "early_stopping": True}, {"penalty": "elasticnet"}]


def fits():
    """Yield a name, an estimator after `fit` and what may follow it, and inputs."""
    from sklearn.datasets import load_digits, make_regression

    import skmlp

    X, labels = load_digits(return_X_y=True)
    rows, numbers = make_regression(300, 8, noise=5, random_state=0)
    numbers = abs(numbers) / 100
    for options in CLASSIFIERS:
        model = skmlp.MLPClassifier(**{"random_state": 0, "max_iter": 8} | options)
        yield f"classifier {options}", go_on(model.fit(X / 16, labels), X / 16, labels), X / 16
    for options in REGRESSORS:
        model = skmlp.MLPRegressor(**{"random_state": 0, "max_iter": 15} | options)
        yield f"regressor {options}", go_on(model.fit(rows, numbers), rows, numbers), rows
    for options in PERCEPTRONS:
        model = skmlp.PerceptronClassifier(**{"max_iter": 8} | options)
        yield f"perceptron {options}", model.fit(X, labels), X


def go_on(model, X, y):
    if model.warm_start:
        return model.fit(X, y)
    return model.partial_fit(X, y) if hasattr(model, "partial_fit") else model


def digest(model, X):
    """Return a hash of everything that a fit gives."""
    names = ("coefs_", "intercepts_", "coef_", "intercept_", "loss_curve_", "validation_scores_")
    content = hashlib.blake2b(repr(model.stop_reason_).encode())
    for value in [*(getattr(model, name, None) for name in names), model.predict(X)]:
        for array in value if isinstance(value, list) else [value]:
            content.update(
                repr(array).encode()
                if array is None
                else memoryview(array).tobytes()
                if hasattr(array, "tobytes")
                else repr(array).encode()
            )
    return content.hexdigest()


def serve():
    """Answer what the parent asks, a line each."""
    warnings.simplefilter("ignore")
    sys.path.append(str(HERE))
    for line in sys.stdin:
        request = json.loads(line)
        if request == "bits":
            answer = {name: digest(model, X) for name, model, X in fits()}
        else:
            answer = epoch_seconds(request)
        print(json.dumps(answer), flush=True)


def epoch_seconds(index):
    from benchmarks import clock
    from benchmarks.cases import CASES
    from benchmarks.competitors import ours

    case = CASES[index]
    return clock.epoch_seconds(lambda n_epochs: ours.train(case, n_epochs), case.n_epochs)


class Checkout:
    """A process that runs the code of a folder."""

    def __init__(self, folder):
        if not (Path(folder) / "skmlp").is_dir():
            raise SystemExit(f"{folder} is no checkout of skmlp")
        environment = {**os.environ, "PYTHONPATH": str(Path(folder).resolve())}
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--serve"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, request):
        print(json.dumps(request), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    before, after = (Checkout(folder) for folder in [*arguments.folders, HERE][:2])
    compare_bits(before.ask("bits"), after.ask("bits"))
    if arguments.rounds:
        sys.path.insert(1, str(HERE))
        compare_times(before, after, arguments.rounds)


def compare_bits(before, after):
    others = [name for name in before if before[name] != after[name]]
    print(f"fits: {len(before)}, of other bits: {len(others)}", *others, sep="\n  ", flush=True)


def compare_times(before, after, n_rounds):
    from benchmarks import clock
    from benchmarks.cases import CASES

    for index, case in enumerate(CASES):
        before.ask(index), after.ask(index)
        timers = [lambda: before.ask(index), lambda: after.ask(index)]  # noqa: B023
        first, second = clock.alternate(timers, n_rounds)
        print(
            f"{case.name:<36} {median(first):.4f} s, {clock.ratio(second, first):.3f} of it",
            flush=True,
        )


if __name__ == "__main__":
    if sys.argv[1:] == ["--serve"]:
        serve()
    else:
        main()
