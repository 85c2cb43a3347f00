"""Clusters of processes on this machine, a search to run on them, and a way to lose a worker."""

import multiprocessing
import os
import signal
import threading
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.datasets import load_digits
from sklearn.model_selection import RandomizedSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp import MLPClassifier

# The workers import `Deadly` from here.
FOLDER = str(Path(__file__).parent)
EXAMPLES = Path(__file__).parents[1] / "examples"
X, y = load_digits(return_X_y=True)
X, y = X[:500], y[:500]
SPLITS = list(StratifiedKFold(3).split(X, y))


# What the workers of a cluster need, imported once for all of them.
LIBRARIES = ["distributed", "pandas", "skmlp", "sklearn.datasets", "sklearn.model_selection"]


@contextmanager
def forked_workers():
    """Let Dask fork its workers from a process that has the libraries, where that can be."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        yield
        return
    from dask import config
    from distributed.utils import get_mp_context

    with config.set({"distributed.worker.multiprocessing-method": "forkserver"}):
        get_mp_context().set_forkserver_preload(LIBRARIES)
        yield


@contextmanager
def dask():
    """Start a scheduler and two workers; give joblib's arguments for them."""
    import distributed

    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    # By itself joblib gives every array to one worker, with which it would be lost.
    shared = [X, y, *(rows for split in SPLITS for rows in split)]
    with cluster, distributed.Client(cluster) as client:
        # By itself Dask takes all copies but one back, two seconds later.
        client.amm.stop()
        yield {"backend": "dask", "scatter": shared}


@contextmanager
def ray():
    """Start a scheduler and two workers; give joblib's arguments for them."""
    import ray
    from ray.util.joblib import register_ray

    register_ray()
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    # By itself a worker that dies takes the search with it.
    persistence = {"max_restarts": 10, "max_task_retries": 10}
    yield {"backend": "ray", "n_jobs": 2, "ray_remote_args": persistence}
    ray.shutdown()


class Deadly(TransformerMixin, BaseEstimator):
    """A step of a pipeline that kills the first process that fits it, a while later.

    Parameters
    ----------
    witness : Path
        A file that does not exist before, and does from then on.
    delay : float
        Seconds until the process is killed.
    """

    def __init__(self, witness, delay):
        self.witness = witness
        self.delay = delay

    def fit(self, X, y=None):
        try:
            self.witness.touch(exist_ok=False)
        except FileExistsError:
            return self
        threading.Timer(self.delay, os.kill, (os.getpid(), signal.SIGKILL)).start()
        return self

    def transform(self, X):
        return X

    def __sklearn_is_fitted__(self):
        return True


def make_search(*steps):
    network = MLPClassifier((30,), max_iter=20, random_state=0)
    return RandomizedSearchCV(
        make_pipeline(*steps, StandardScaler(), network),
        {
            "mlpclassifier__alpha": [1e-5, 1e-3, 1e-1, 1.0],
            "mlpclassifier__solver": ["adam", "sgd", "adamw"],
        },
        n_iter=6,
        cv=SPLITS,
        random_state=0,
    )


def assert_same_search(search, local):
    assert search.best_params_ == local.best_params_
    for key in ("mean_test_score", "std_test_score"):
        np.testing.assert_array_equal(search.cv_results_[key], local.cv_results_[key])
    best, local_best = search.best_estimator_[-1], local.best_estimator_[-1]
    np.testing.assert_array_equal(best.coefs_[0], local_best.coefs_[0])
