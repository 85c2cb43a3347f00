"""Search on a cluster with Dask: the same scores as on one machine, also after losing a worker.

    python examples/search_on_dask.py

Two processes of this machine stand in for a cluster. For a real one, pass the address of its
scheduler to `Client`.
"""

import joblib
import numpy as np
from distributed import Client, LocalCluster
from scipy.stats import loguniform
from sklearn.datasets import load_digits
from sklearn.model_selection import RandomizedSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp import MLPClassifier


def make_search(splits):
    network = MLPClassifier(n_hidden_layers=2, early_stopping=True, random_state=0)
    candidates = {
        "mlpclassifier__hidden_layer_sizes": [16, 32, 64],
        "mlpclassifier__learning_rate_init": loguniform(1e-3, 1e-1),
    }
    pipeline = make_pipeline(StandardScaler(), network)
    return RandomizedSearchCV(pipeline, candidates, n_iter=6, cv=splits, random_state=0)


def main():
    X, y = load_digits(return_X_y=True)
    splits = list(StratifiedKFold(3).split(X, y))
    # A copy of every array for every worker, and all of them kept: a worker that is lost takes none
    # with it.
    arrays = [X, y, *(rows for split in splits for rows in split)]
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, Client(cluster) as client:
        client.amm.stop()
        with joblib.parallel_config(backend="dask", scatter=arrays):
            search = make_search(splits).fit(X, y)
    local = make_search(splits).fit(X, y)
    scores = "mean_test_score"
    same = np.array_equal(search.cv_results_[scores], local.cv_results_[scores])
    print(f"best score     {search.best_score_:.3f}")
    print(f"same as local  {same}")


if __name__ == "__main__":
    main()
