"""What memory a call takes at its peak (Linux)."""

import threading
from pathlib import Path

MEGABYTE = 2**20


class Watch:
    """The growth of the memory that `measure` tells, in MB, looked at now and then.

    Parameters
    ----------
    measure : callable
        Returns megabytes.
    interval : float
        Seconds between two looks.
    """

    def __init__(self, measure, interval):
        self._measure = measure
        self._interval = interval

    def __enter__(self):
        self._start = self._largest = self._measure()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._done.set()
        self._thread.join()

    def _look(self):
        while not self._done.wait(self._interval):
            self._largest = max(self._largest, self._measure())

    @property
    def growth(self):
        return self._largest - self._start


def anonymous():
    """Return the megabytes of this process that no file stands for."""
    return _told(Path("/proc/self"), "Anonymous:")


def with_children():
    """Return the same of this process and of those that it has started, shared memory once."""
    own = threading.main_thread().native_id
    family = [Path(f"/proc/{process}") for process in (own, *_descendants(own))]
    return sum(_told(process, "Pss_Anon:", "Pss_Shmem:") for process in family)


def _descendants(process):
    tasks = Path(f"/proc/{process}/task")
    try:
        children = " ".join(path.read_text() for path in tasks.glob("*/children")).split()
    except OSError:
        return
    for child in children:
        yield int(child)
        yield from _descendants(child)


def _told(process, *fields):
    try:
        lines = (process / "smaps_rollup").read_text().splitlines()
    except OSError:
        # It has ended in the meantime.
        return 0.0
    kilobytes = [int(line.split()[1]) for line in lines if line.startswith(fields)]
    return sum(kilobytes) / 1024
