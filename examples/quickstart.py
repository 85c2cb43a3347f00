"""Tune a classifier, fit a regressor, draw their curves: skmlp beside scikit-learn.

Both packages get the same job: a random search over an MLP in a pipeline on the handwritten digits,
and a regressor with early stopping on Friedman's function, where a linear model is the baseline.
"""

import time
import warnings
from pathlib import Path

import joblib
import matplotlib
import sklearn.neural_network
from scipy.stats import loguniform
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_digits, make_friedman1
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import RandomizedSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skmlp

matplotlib.use("Agg")
import matplotlib.pyplot as plt

# Some candidates of a search are too slow to converge; that is what the search finds out.
warnings.filterwarnings("ignore", category=ConvergenceWarning)

PACKAGES = {"skmlp": skmlp, "scikit-learn": sklearn.neural_network}
CANDIDATES = {
    "mlpclassifier__hidden_layer_sizes": [(50,), (100,), (50, 50)],
    "mlpclassifier__alpha": loguniform(1e-5, 1e-1),
    "mlpclassifier__learning_rate_init": loguniform(1e-3, 1e-2),
}


def tune_classifier(package, X, y):
    """Return a random search over a scaled MLP, fitted."""
    pipeline = make_pipeline(
        StandardScaler(), package.MLPClassifier(max_iter=60, early_stopping=True, random_state=0)
    )
    search = RandomizedSearchCV(pipeline, CANDIDATES, n_iter=8, cv=3, n_jobs=2, random_state=0)
    return search.fit(X, y)


def fit_regressor(package, X, y):
    """Return a scaled MLP with early stopping, fitted; the target is scaled as well."""
    regressor = package.MLPRegressor(
        hidden_layer_sizes=(50,),
        learning_rate_init=0.01,
        early_stopping=True,
        n_iter_no_change=20,
        random_state=0,
    )
    model = make_pipeline(StandardScaler(), regressor)
    return TransformedTargetRegressor(model, transformer=StandardScaler()).fit(X, y)


def timed(function, *arguments):
    """Return what a function returns, and its seconds."""
    start = time.perf_counter()
    result = function(*arguments)
    return result, time.perf_counter() - start


def draw(classifier, regressor, path):
    """Draw the training and validation curves of both models side by side."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for ax, model, title in [
        (axes[0], classifier, "digits: cross-entropy"),
        (axes[1], regressor, "Friedman's function: squared error, target scaled"),
    ]:
        epochs = range(1, len(model.loss_curve_) + 1)
        ax.plot(epochs, model.loss_curve_, color="C0", label="training")
        ax.plot(epochs, model.validation_loss_curve_, color="C1", ls="--", label="validation")
        ax.axvline(model.best_iteration_, color="0.5", ls=":", label="best epoch, kept")
        ax.set(title=title, xlabel="epoch", ylabel="mean loss", ylim=(0, None))
        ax.legend()
    figure.savefig(path, dpi=120)


def start_workers():
    """Start the processes of the search and their imports, so that neither package pays for it."""
    X, y = load_digits(return_X_y=True)
    joblib.Parallel(n_jobs=2)(
        joblib.delayed(package.MLPClassifier(tol=100, n_iter_no_change=1).fit)(X[:100], y[:100])
        for package in PACKAGES.values()
    )


def rounded(parameters):
    """Return parameters of a pipeline as a person would write them down."""
    short = {name.split("__")[1]: value for name, value in parameters.items()}
    return ", ".join(
        f"{name}={value:.2g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in short.items()
    )


def main():
    """Run both jobs with both packages, print a table and write the picture."""
    start_workers()
    X, y = load_digits(return_X_y=True)
    digits = train_test_split(X, y, random_state=0, stratify=y)
    X, y = make_friedman1(2000, noise=1.0, random_state=0)
    friedman = train_test_split(X, y, random_state=0)

    rows, fitted = [], {}
    for name, package in PACKAGES.items():
        print(f"{name}: searching 8 candidates on the digits, 3 folds each")
        search, seconds = timed(tune_classifier, package, digits[0], digits[2])
        print(f"    best: {rounded(search.best_params_)}")
        rows.append((name, "digits", "accuracy", search.score(digits[1], digits[3]), seconds))
        model, seconds = timed(fit_regressor, package, friedman[0], friedman[2])
        rows.append((name, "Friedman", "R²", model.score(friedman[1], friedman[3]), seconds))
        fitted[name] = search.best_estimator_[-1], model.regressor_[-1]
    linear, seconds = timed(LinearRegression().fit, friedman[0], friedman[2])
    rows.append(("linear model", "Friedman", "R²", linear.score(friedman[1], friedman[3]), seconds))

    print(f"\n{'package':<14}{'data':<10}{'test score':>18}{'seconds':>10}")
    for name, data, metric, score, seconds in rows:
        print(f"{name:<14}{data:<10}{metric + f' {score:.3f}':>18}{seconds:>10.2f}")

    path = Path("quickstart.png").resolve()
    draw(*fitted["skmlp"], path)
    print(f"\nTraining and validation curves: {path}")


if __name__ == "__main__":
    main()
