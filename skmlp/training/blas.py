"""Two pools of BLAS threads that must not spin against each other.

NumPy's and SciPy's wheels each bring a BLAS with threads of its own, which go on spinning for a
while after a call. L-BFGS-B alternates between the two: products in NumPy's, sums of vectors in
SciPy's. With SciPy's at one thread a training takes a quarter to a half of the time.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import scipy
from threadpoolctl import ThreadpoolController

# Where SciPy's wheels keep the BLAS that they bring along: on Linux and Windows, and on macOS. A
# BLAS elsewhere may be the one that NumPy uses, too.
_SCIPY = Path(scipy.__file__).parent
OWN_LIBRARIES = (_SCIPY.parent / "scipy.libs", _SCIPY / ".dylibs")


class SingleThread:
    """Holds libraries at one thread while at least one caller is inside.

    The number of threads belongs to the process. Were every caller to save and restore it, the last
    of two threads to leave could restore what the other had set.

    Parameters
    ----------
    libraries : list of threadpoolctl.LibController
    """

    def __init__(self, libraries: list[Any]):
        self._libraries = libraries
        self._lock = threading.Lock()
        self._n_inside = 0
        self._n_threads: list[int] = []

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Return a context in which the libraries use one thread."""
        with self._lock:
            self._n_inside += 1
            if self._n_inside == 1:
                self._n_threads = [library.get_num_threads() for library in self._libraries]
                for library in self._libraries:
                    library.set_num_threads(1)
        try:
            yield
        finally:
            with self._lock:
                self._n_inside -= 1
                if self._n_inside == 0:
                    for library, n_threads in zip(self._libraries, self._n_threads, strict=True):
                        library.set_num_threads(n_threads)


@cache
def blas_of_scipy_alone() -> SingleThread:
    """Return the hold on the BLAS that SciPy does not share with NumPy, if there is one."""
    return SingleThread(
        [
            library
            for library in ThreadpoolController().lib_controllers
            if library.user_api == "blas" and Path(library.filepath).parent in OWN_LIBRARIES
        ]
    )
