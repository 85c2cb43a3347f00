"""One BLAS thread per test process, or as many as ``OPENBLAS_NUM_THREADS`` says.

Products here are tiny, and idle threads spin on busy cores.
"""

import os

import pytest
from threadpoolctl import threadpool_limits

# A program of its own, with needs of its own, `make mutants`; a script for type checkers to read.
collect_ignore = ["mutants", "typed"]

# In the environment, so that the processes that tests start have as many.
N_BLAS_THREADS = int(os.environ.setdefault("OPENBLAS_NUM_THREADS", "1"))


@pytest.fixture(autouse=True, scope="session")
def blas_threads():
    with threadpool_limits(limits=N_BLAS_THREADS, user_api="blas"):
        yield
