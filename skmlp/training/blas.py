"""Two pools of BLAS threads that must not spin against each other.

NumPy's and SciPy's wheels each bring a BLAS with threads of its own, which go on spinning for a
while after a call. L-BFGS-B alternates between the two: products in NumPy's, sums of vectors in
SciPy's. With SciPy's at one thread a training takes a quarter to a half of the time.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, wraps
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy
import scipy
from threadpoolctl import ThreadpoolController


def folders(package: ModuleType) -> tuple[Path, Path]:
    """Return where its wheels keep the BLAS they bring: on Linux and Windows, and on macOS."""
    folder = Path(package.__file__ or "").resolve().parent
    return folder.with_name(f"{folder.name}.libs"), folder / ".dylibs"


SCIPYS_FOLDERS, NUMPYS_FOLDERS = folders(scipy), folders(numpy)


class _Inside:
    """How many callers are inside, and how many threads libraries had before."""

    n_callers = 0
    n_threads: Sequence[int] = ()


class _InsideOfThread(threading.local, _Inside):
    """The same, of each thread by itself."""


class SingleThread:
    """Holds libraries at one thread while at least one caller is inside.

    The number of threads belongs to the process. Were every caller to save and restore it, the last
    of two threads to leave could restore what the other had set. OpenBLAS, once the main thread has
    set it, takes it from no other: what that thread limits, it restores itself when it leaves. With
    OpenMP each thread has a number of its own, and is counted by itself.

    Parameters
    ----------
    libraries : list of threadpoolctl.LibController
    """

    def __init__(self, libraries: list[Any]):
        self._libraries = libraries
        self._lock = threading.Lock()
        layers = {getattr(library, "threading_layer", None) for library in libraries}
        self._inside = _InsideOfThread() if layers == {"openmp"} else _Inside()

    @property
    def n_threads(self) -> int:
        """How many threads the libraries use where nobody is inside."""
        with self._lock:
            numbers = self._inside.n_threads if self._inside.n_callers else self._numbers()
        return max(numbers, default=1)

    @contextmanager
    def hold(self) -> Iterator[int]:
        """Return a context in which the libraries use one thread; gives how many else.

        One where a caller inside limits them already, or where they take no limit.
        """
        inside, n_threads = self._inside, 1
        with self._lock:
            if inside.n_callers == 0:
                inside.n_threads = self._numbers()
            inside.n_callers += 1
            # Of OpenBLAS, those inside may have asked for it in vain.
            limits = not self._is_single()
            if limits:
                self.limit()
                if self._is_single():
                    n_threads = max(inside.n_threads)
        try:
            yield n_threads
        finally:
            with self._lock:
                inside.n_callers -= 1
                is_main = threading.current_thread() is threading.main_thread()
                if inside.n_callers == 0 or (limits and is_main):
                    for library, before in zip(self._libraries, inside.n_threads, strict=True):
                        library.set_num_threads(before)

    def _is_single(self) -> bool:
        return all(number == 1 for number in self._numbers())

    def _numbers(self) -> list[int]:
        return [library.get_num_threads() for library in self._libraries]

    def limit(self) -> None:
        """Let the libraries use one thread: with OpenMP that is so in the calling thread alone."""
        for library in self._libraries:
            library.set_num_threads(1)


def once(make: Callable[[], SingleThread]) -> Callable[[], SingleThread]:
    """Return a function that makes a hold when it is first called, and gives the same ever after.

    `cache` alone would make one for each of the threads that call first at the same time, and each
    would restore what another had set.
    """
    made, lock = cache(make), threading.Lock()

    @wraps(make)
    def give() -> SingleThread:
        with lock:
            return made()

    return give


@once
def blas_of_scipy_alone() -> SingleThread:
    """Return the hold on the BLAS that SciPy does not share with NumPy, if there is one."""
    return SingleThread([blas for blas in _all_blas() if _is_in(blas, SCIPYS_FOLDERS)])


@once
def blas_of_numpy() -> SingleThread:
    """Return the hold on the BLAS that NumPy's products are taken by, if its threads are known.

    Where NumPy brings none, any but SciPy's own may be it, and all of them are held.
    """
    others = [blas for blas in _all_blas() if not _is_in(blas, SCIPYS_FOLDERS)]
    numpys = [blas for blas in others if _is_in(blas, NUMPYS_FOLDERS)]
    return SingleThread(numpys or others)


def _all_blas() -> list[Any]:
    libraries = ThreadpoolController().lib_controllers
    return [library for library in libraries if library.user_api == "blas"]


def _is_in(library: Any, folders: tuple[Path, Path]) -> bool:
    return Path(library.filepath).parent in folders
