"""Predictions of many rows: a chunk of them at a time, on as many threads as BLAS has."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from skmlp._typing import Array
from skmlp.training.blas import blas_of_numpy
from skmlp.training.sharing import can_start

# Fewer rows are not worth a thread, and more of them at a time not their memory.
_FEWEST, _MOST = 1024, 8192


def in_chunks(predict: Callable[[slice], Array], n_rows: int) -> Array:
    """Return what is predicted of all rows.

    A thread of Python for each of BLAS' own, which has one meanwhile: those take a share of the
    products alone, and what lies between takes a third of the time.

    Parameters
    ----------
    predict : callable
        Gives the predictions of some rows.
    n_rows : int
    """
    if n_rows < 2 * _FEWEST:
        return predict(slice(0, n_rows))
    blas = blas_of_numpy()
    with blas.hold() as n_threads:
        n_threads = min(n_threads, n_rows // _FEWEST)
        n_chunks = n_threads * -(-n_rows // (n_threads * _MOST))
        ends = np.linspace(0, n_rows, n_chunks + 1).astype(int).tolist()
        chunks = map(slice, ends[:-1], ends[1:])
        if n_threads == 1:
            return np.concatenate([predict(chunk) for chunk in chunks])
        with ThreadPoolExecutor(n_threads, initializer=blas.limit) as threads:
            run = threads.map if can_start(threads) else map
            return np.concatenate(list(run(predict, chunks)))
