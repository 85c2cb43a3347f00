"""California housing with 5 % gross outliers in the training targets: huber and squared error.

    python -m benchmarks.huber_outliers

The test targets are clean. The outliers are of three kinds: off by 50 units (43 standard deviations
of the target) in either direction, 50 units too high, and a slip of the decimal point.
"""

import numpy as np
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks import data
from skmlp import MLPRegressor

SEEDS = (0, 1, 2)
SHARE_OF_OUTLIERS = 0.05
OUTLIERS = {
    "off by 50": lambda y, rng: y + 50 * rng.choice([-1, 1], len(y)),
    "50 too high": lambda y, rng: y + 50,
    "ten times": lambda y, rng: y * 10,
    "none": lambda y, rng: y,
}
LOSSES = ("squared_error", "huber", "absolute_error")


def corrupt(y, spoil, seed):
    """Return targets of which some are far off."""
    rng = np.random.RandomState(seed)
    y = y.copy()
    rows = rng.permutation(len(y))[: int(SHARE_OF_OUTLIERS * len(y))]
    y[rows] = spoil(y[rows], rng)
    return y


def test_error(loss, spoil, seed, X_train, X_test, y_train, y_test):
    """Return the mean absolute error on clean targets after training on corrupted ones."""
    regressor = MLPRegressor(
        loss=loss,
        hidden_layer_sizes=[50, 50, 50],
        early_stopping=True,
        scoring="loss",
        random_state=seed,
    )
    model = make_pipeline(StandardScaler(), regressor).fit(X_train, corrupt(y_train, spoil, seed))
    return mean_absolute_error(y_test, model.predict(X_test))


def main():
    split = train_test_split(*data.california_housing(), random_state=42)
    for name, spoil in OUTLIERS.items():
        errors = {
            loss: np.mean([test_error(loss, spoil, seed, *split) for seed in SEEDS])
            for loss in LOSSES
        }
        for loss, error in errors.items():
            ratio = error / errors["squared_error"]
            print(
                f"{name:>12}, {loss:>14}: mean test MAE {error:.4f}, {ratio:.2f} of squared error's"
            )


if __name__ == "__main__":
    main()
