"""The rows and columns that a network of an ensemble reads, of samples that all share."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import joblib
import numpy as np

from skmlp._typing import Array
from skmlp.training.data import Samples


@dataclass(frozen=True)
class Excerpt:
    """Some rows and columns, to be cut out of all where they are wanted, in another process say.

    Parameters
    ----------
    samples : Samples
    rows : ndarray of int
        Which of them.
    columns : slice
        Those that a network reads.
    """

    samples: Samples
    rows: Array
    columns: slice

    def cut(self) -> Samples:
        """Return the rows, in the columns; inputs are not copied."""
        X = np.asarray(self.samples.X)[:, self.columns]
        return replace(self.samples, X=X).of(self.rows)


@contextmanager
def in_reach(samples: Samples, of_processes: bool) -> Iterator[Samples]:
    """Give the samples, with inputs in a file, if other processes are to read them, too.

    They map it into their memory, and so does this one: nobody has a copy.
    """
    if not of_processes:
        yield samples
        return
    place = _joblibs_folder()
    # A file that is still mapped is not removed on Windows.
    with TemporaryDirectory(prefix="skmlp-", dir=place, ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "encoding"
        joblib.dump(samples.X, path)
        samples = replace(samples, X=np.asarray(joblib.load(path, mmap_mode="r")))
        yield samples


def _joblibs_folder() -> Path | None:
    """Return the folder that joblib is told to keep its files in, made as joblib would."""
    named = os.environ.get("JOBLIB_TEMP_FOLDER")
    if not named:
        return None
    folder = Path(named).expanduser().absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def counting(samples: Samples) -> Array:
    """Return the rows whose weight is above zero."""
    weight = samples.weight
    return np.arange(samples.n_samples) if weight is None else np.flatnonzero(weight > 0)
