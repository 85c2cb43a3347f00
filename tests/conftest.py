"""One BLAS thread per test process, or as many as ``OPENBLAS_NUM_THREADS`` says.

Products here are tiny, and idle threads spin on busy cores.
"""

import gc
import os
import sys
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

# A search for garbage among a thousand modules and tests takes longer than most tests.
gc.set_threshold(20_000)

# A program of its own, with needs of its own, `make mutants`; a script for type checkers to read.
collect_ignore = ["mutants", "typed"]

# In the environment, so that the processes that tests start have as many.
N_BLAS_THREADS = int(os.environ.setdefault("OPENBLAS_NUM_THREADS", "1"))


# Files whose tests start processes: on one worker of pytest-xdist they share them.
WITH_PROCESSES = {
    "test_callbacks",
    "test_callbacks_own",
    "test_callbacks_sklearn",
    "test_checkpoint",
    "test_clusters",
    "test_interrupted",
    "test_meta_estimators",
    "test_same_bits",
    "test_tabular_callbacks",
    "test_tabular_checkpoint",
    "test_tabular_mlp",
}


# Not by marks for `--dist loadgroup`: pytest 9.2 hides them from pytest-xdist 3.8.
@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give a file to one worker, which fits its fixtures once; what takes longest comes apart."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = Path(nodeid.partition("::")[0]).stem
            if file in WITH_PROCESSES:
                return "processes"
            return nodeid if file in ("test_examples", "test_docs") else file

    return Scheduling(config, log)


def pytest_collection_finish():
    """Keep the libraries and the tests themselves out of every search for garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def without_skmlp():
    """As in a process that has not imported skmlp, which takes a second to start."""
    imported = _imported()
    for name in imported:
        del sys.modules[name]
    yield
    for name in _imported():
        del sys.modules[name]
    sys.modules.update(imported)


def _imported():
    # An extension is loaded once for all.
    return {
        name: module
        for name, module in sys.modules.items()
        if name.partition(".")[0] == "skmlp" and name != "skmlp._kernels.compiled"
    }


@pytest.fixture(autouse=True, scope="session")
def blas_threads():
    with threadpool_limits(limits=N_BLAS_THREADS, user_api="blas"):
        yield
