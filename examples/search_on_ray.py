"""Search on a cluster with Ray: the same scores as on one machine, also after losing a worker.

    python examples/search_on_ray.py

Two processes of this machine stand in for a cluster. For a real one, pass its address to
`ray.init`.
"""

import joblib
import numpy as np
import ray
from ray.util.joblib import register_ray
from scipy.stats import loguniform
from sklearn.datasets import load_digits
from sklearn.model_selection import RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp import MLPClassifier

# By itself a worker that dies takes the search with it.
TRY_AGAIN = {"max_restarts": 10, "max_task_retries": 10}


def make_search():
    network = MLPClassifier(n_hidden_layers=2, early_stopping=True, random_state=0)
    candidates = {
        "mlpclassifier__hidden_layer_sizes": [16, 32, 64],
        "mlpclassifier__learning_rate_init": loguniform(1e-3, 1e-1),
    }
    pipeline = make_pipeline(StandardScaler(), network)
    return RandomizedSearchCV(pipeline, candidates, n_iter=6, cv=3, random_state=0)


def main():
    X, y = load_digits(return_X_y=True)
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    register_ray()
    with joblib.parallel_config(backend="ray", n_jobs=2, ray_remote_args=TRY_AGAIN):
        search = make_search().fit(X, y)
    ray.shutdown()
    local = make_search().fit(X, y)
    scores = "mean_test_score"
    same = np.array_equal(search.cv_results_[scores], local.cv_results_[scores])
    print(f"best score     {search.best_score_:.3f}")
    print(f"same as local  {same}")


if __name__ == "__main__":
    main()
