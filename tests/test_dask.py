"""A search on a cluster of processes finds what the local one finds, also after losing a worker."""

import os
import signal
import threading
import time

import joblib
import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import RandomizedSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp import MLPClassifier

distributed = pytest.importorskip("distributed")

# What Dask and its dependencies warn of, about themselves or a worker that is gone, is not skmlp's.
pytestmark = pytest.mark.filterwarnings("ignore")

X, y = load_digits(return_X_y=True)
X, y = X[:500], y[:500]
SPLITS = list(StratifiedKFold(3).split(X, y))
# By itself joblib gives every array to one worker, with which it would be lost.
SHARED = [X, y, *(rows for split in SPLITS for rows in split)]


@pytest.fixture
def client():
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:
        yield client


def make_search():
    network = MLPClassifier((30,), max_iter=20, random_state=0)
    return RandomizedSearchCV(
        make_pipeline(StandardScaler(), network),
        {
            "mlpclassifier__alpha": [1e-5, 1e-3, 1e-1, 1.0],
            "mlpclassifier__solver": ["adam", "sgd", "adamw"],
        },
        n_iter=6,
        cv=SPLITS,
        random_state=0,
    )


@pytest.fixture(scope="module")
def local():
    return make_search().fit(X, y)


def assert_same_search(search, local):
    assert search.best_params_ == local.best_params_
    for key in ("mean_test_score", "std_test_score"):
        np.testing.assert_array_equal(search.cv_results_[key], local.cv_results_[key])
    best, local_best = search.best_estimator_[-1], local.best_estimator_[-1]
    np.testing.assert_array_equal(best.coefs_[0], local_best.coefs_[0])


def test_a_search_on_a_cluster(client, local):
    with joblib.parallel_config(backend="dask", scatter=SHARED):
        search = make_search().fit(X, y)
    assert_same_search(search, local)


def kill_the_first_that_works(client, pids, killed):
    """Kill a worker while it has something to do."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        busy = [address for address, tasks in client.processing().items() if tasks]
        if busy:
            os.kill(pids[busy[0]], signal.SIGKILL)
            killed.append(busy[0])
            return
        time.sleep(0.01)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX")
def test_a_worker_that_is_killed_costs_no_result(client, local):
    killed = []
    pids = client.run(os.getpid)
    killer = threading.Thread(target=kill_the_first_that_works, args=(client, pids, killed))
    killer.start()
    with joblib.parallel_config(backend="dask", scatter=SHARED):
        search = make_search().fit(X, y)
    killer.join()
    assert killed
    assert_same_search(search, local)
