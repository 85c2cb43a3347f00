"""Libraries whose threads can be counted, in the place of a BLAS, and threads that do not start."""

from concurrent.futures import ThreadPoolExecutor
from threading import local


class Library:
    def __init__(self, n_threads):
        self.n_threads = n_threads

    def get_num_threads(self):
        return self.n_threads

    def set_num_threads(self, n_threads):
        self.n_threads = n_threads


class BlasOfOpenMP(local, Library):
    """Has a number of threads for each thread that calls."""

    threading_layer = "openmp"


class Ended(ThreadPoolExecutor):
    """As all are once the main thread has ended, while others or its exit handlers still run."""

    def submit(self, *arguments):
        raise RuntimeError("cannot schedule new futures after interpreter shutdown")
