"""California housing, the textbook's regression: test RMSE beside scikit-learn's.

    python -m benchmarks.california_rmse

Both estimators get the same arguments and the same eight seeds.
"""

import time

import numpy as np
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPRegressor as ScikitLearnRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks import data
from skmlp import MLPRegressor

SEEDS = (42, 1, 2, 3, 4, 5, 6, 7)
COMPETITORS = {"skmlp": MLPRegressor, "scikit-learn": ScikitLearnRegressor}


def main():
    X_train, X_test, y_train, y_test = train_test_split(*data.california_housing(), random_state=42)
    for name, regressor in COMPETITORS.items():
        errors = []
        start = time.perf_counter()
        for seed in SEEDS:
            model = make_pipeline(
                StandardScaler(),
                regressor(hidden_layer_sizes=[50, 50, 50], early_stopping=True, random_state=seed),
            ).fit(X_train, y_train)
            errors.append(root_mean_squared_error(y_test, model.predict(X_test)))
        seconds = (time.perf_counter() - start) / len(SEEDS)
        print(
            f"{name:>12}: mean test RMSE {np.mean(errors):.4f} (standard deviation "
            f"{np.std(errors):.4f}), {seconds:.1f} s a fit; "
            + " ".join(f"{error:.4f}" for error in errors)
        )


if __name__ == "__main__":
    main()
