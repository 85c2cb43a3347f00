"""Libraries whose threads can be counted, in the place of a BLAS."""

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
