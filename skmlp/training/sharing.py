"""Threads that take a part of every large batch each, in the place of those of BLAS.

BLAS' threads share a product and wait for the next one, while a single thread does what lies
between, on numbers of which the others have left a part in their own caches. Threads that take
their rows through all layers wait for each other once a step.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import Any

import numpy as np
from scipy import sparse

from skmlp.network import Network
from skmlp.optimizers import Optimizer
from skmlp.training.blas import SingleThread, blas_of_numpy
from skmlp.training.data import Samples
from skmlp.training.options import LBFGS
from skmlp.training.supervisor import Validate
from skmlp.training.validation import Validation

# The rows, and the numbers that inputs and units hold for them, from which on a part is worth a
# gradient to add and a thread to wake. Measured with two threads and layers of 50 to 1,000 units.
FEWEST_ROWS, FEWEST_NUMBERS = 256, 250_000


def choose_n_parts(
    network: Network,
    samples: Samples,
    optimizer: Optimizer | LBFGS,
    validate: Validate | None,
    batch_size: int,
) -> int:
    """Return into how many parts to cut batches: one, or one for each thread of BLAS.

    One in any thread but the main one, from which OpenBLAS may take no limit: whether it does
    depends on what the process did before, and the bits would, too. Noise is drawn in turns, sparse
    products keep Python to themselves, and those of an optimizer are for BLAS' threads to share,
    like those of a large validation.
    """
    if batch_size < 2 * FEWEST_ROWS or current_thread() is not main_thread():
        return 1
    if isinstance(optimizer, LBFGS) or optimizer.multiplies:
        return 1
    if network.is_random or sparse.issparse(samples.matrix):
        return 1
    if isinstance(validate, Validation) and validate.samples.n_samples * 8 > samples.n_samples:
        return 1
    n_numbers = batch_size * sum(network.units)
    n_threads = blas_of_numpy().n_threads
    enough = min(batch_size // FEWEST_ROWS, n_numbers // FEWEST_NUMBERS) >= n_threads
    return n_threads if enough else 1


@contextmanager
def in_threads(n_parts: int) -> Iterator[Callable[..., Iterator[Any]]]:
    """Return a context that gives a `map` for all parts but the first, which the caller takes.

    Its calls run at the same time, while BLAS has one thread; where another holds BLAS already, or
    no thread can be started, one after the other.
    """
    blas = blas_of_numpy()
    with blas.hold() as n_threads:
        if n_threads < n_parts:
            yield map
            return
        with ThreadPoolExecutor(n_parts - 1, initializer=_begin, initargs=(blas,)) as threads:
            yield threads.map if can_start(threads) else map


def can_start(threads: ThreadPoolExecutor) -> bool:
    """Return whether there are threads: once the main one has ended, Python starts no other.

    What runs then is another one that goes on, or an exit handler. Nor are there any where one
    failed to begin, which Python logs.
    """
    try:
        threads.submit(int).result()
    except RuntimeError:
        return False
    return True


def _begin(blas: SingleThread) -> None:
    blas.limit()
    # As in the loop of the epochs: how NumPy treats errors is every thread's own.
    np.seterr(over="ignore", invalid="ignore", divide="ignore")
