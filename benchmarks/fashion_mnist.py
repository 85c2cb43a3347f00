"""Fashion-MNIST, 300-100, early stopping: accuracy, and what label smoothing does to confidence.

python -m benchmarks.fashion_mnist
"""

import argparse
import time

import numpy as np

from benchmarks import data
from skmlp import MLPClassifier

SEEDS = (0, 1, 2)
N_BINS = 15


def expected_calibration_error(confidence, correct):
    """Return the mean gap between confidence and accuracy, over bins of equal width.

    References
    ----------
    Guo et al. (2017), "On calibration of modern neural networks".
    """
    bins = np.minimum((confidence * N_BINS).astype(int), N_BINS - 1)
    gaps = [abs(confidence[bins == b].sum() - correct[bins == b].sum()) for b in range(N_BINS)]
    return sum(gaps) / len(confidence)


def evaluate(label_smoothing, seed, X_train, y_train, X_test, y_test):
    """Return accuracy, share of images more than 0.999 sure, calibration error and seconds."""
    start = time.perf_counter()
    model = MLPClassifier(
        [300, 100], early_stopping=True, label_smoothing=label_smoothing, random_state=seed
    ).fit(X_train, y_train)
    seconds = time.perf_counter() - start
    probability = model.predict_proba(X_test)
    confidence = probability.max(axis=1)
    correct = model.classes_[probability.argmax(axis=1)] == y_test
    error = expected_calibration_error(confidence, correct)
    print(
        f"  seed {seed}: test accuracy {correct.mean():.4f}, the weights of epoch "
        f"{model.best_iteration_} of {model.n_iter_}, validation accuracy "
        f"{model.validation_scores_[model.best_iteration_ - 1]:.4f}",
        flush=True,
    )
    return correct.mean(), np.mean(confidence > 0.999), error, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--label-smoothing", type=float, nargs="*", default=(0.0, 0.1))
    options = parser.parse_args()
    X_train, y_train, X_test, y_test = data.fashion_mnist()
    sets = data.unit_scale(X_train), y_train, data.unit_scale(X_test), y_test
    for label_smoothing in options.label_smoothing:
        rows = np.array([evaluate(label_smoothing, seed, *sets) for seed in SEEDS])
        accuracy, sure, error, seconds = rows.mean(axis=0)
        print(
            f"label_smoothing={label_smoothing}: test accuracy {accuracy:.4f} "
            f"({rows[:, 0].min():.4f} to {rows[:, 0].max():.4f}), more than 0.999 sure of "
            f"{sure:.1%}, expected calibration error {error:.4f}, {seconds:.0f} s a fit"
        )


if __name__ == "__main__":
    main()
