"""Defaults against defaults, without tuning: a linear model, gradient boosting and skmlp.

    python -m benchmarks.boosting

Five-fold cross-validation, on one thread: mean and spread of accuracy or R², and the mean seconds
of a fit. All data come with scikit-learn or are drawn here; `steps` has a target that jumps.
"""

import warnings

import numpy as np
from sklearn.base import is_classifier
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, make_friedman1
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import KFold, StratifiedKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from skmlp import MLPClassifier, MLPRegressor, TabularMLPClassifier, TabularMLPRegressor


def steps():
    """Return a target of jumps, products of jumps and noise, 2000 samples of ten features."""
    rng = np.random.RandomState(0)
    X = rng.uniform(-1, 1, (2000, 10))
    jumps = np.floor(3 * X[:, 0]) * (X[:, 1] > 0.2) + 2 * (X[:, 2] > 0) * (X[:, 3] < 0.3)
    return X, jumps + rng.normal(0, 0.3, 2000)


CLASSIFICATIONS = {
    "breast cancer": lambda: load_breast_cancer(return_X_y=True),
    "digits": lambda: load_digits(return_X_y=True),
}
REGRESSIONS = {
    "diabetes": lambda: load_diabetes(return_X_y=True),
    "friedman1": lambda: make_friedman1(2000, noise=1.0, random_state=0),
    "steps": steps,
}
CLASSIFIERS = {
    "linear": LogisticRegression(max_iter=5000),
    "boosting": HistGradientBoostingClassifier(random_state=0),
    "MLP": MLPClassifier(random_state=0),
    "TabularMLP": TabularMLPClassifier(random_state=0),
}
REGRESSORS = {
    "linear": RidgeCV(np.logspace(-3, 3, 7)),
    "boosting": HistGradientBoostingRegressor(random_state=0),
    "MLP": MLPRegressor(normalize_y=True, random_state=0),
    "TabularMLP": TabularMLPRegressor(random_state=0),
}


def report(data, models):
    """Print a line per data set and model."""
    for name, load in data.items():
        X, y = load()
        for model_name, model in models.items():
            folds = (StratifiedKFold if is_classifier(model) else KFold)(
                5, shuffle=True, random_state=0
            )
            found = cross_validate(make_pipeline(StandardScaler(), model), X, y, cv=folds)
            scores, seconds = found["test_score"], found["fit_time"].mean()
            print(
                f"{name:<15}{model_name:<12}{scores.mean():.3f} ± {scores.std():.3f}"
                f"{seconds:8.2f} s",
                flush=True,
            )


def main():
    warnings.simplefilter("ignore", ConvergenceWarning)
    with threadpool_limits(1):
        report(CLASSIFICATIONS, CLASSIFIERS)
        report(REGRESSIONS, REGRESSORS)


if __name__ == "__main__":
    main()
