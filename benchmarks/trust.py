"""What was tried to lose work or to break a fit, how often, and what was lost.

    python benchmarks/trust.py [NAME ...]

The trials are those of the tests, more often and at random; Dask and Ray where they are installed.
"""

import os
import random
import signal
import sys
import tempfile
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import joblib
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

TESTS = Path(__file__).parents[1] / "tests"
sys.path.insert(0, str(TESTS))

import clusters  # noqa: E402
import interruption as fits  # noqa: E402
import test_interrupted  # noqa: E402
import test_properties  # noqa: E402

from skmlp import Checkpoint, MLPClassifier, resume  # noqa: E402
from skmlp.persistence import _file  # noqa: E402

N_THREADS = 8


def same(left, right):
    try:
        fits.assert_same_bits(left, right)
    except AssertionError:
        return False
    return True


def killed_fits(n_trials, folder, rng):
    """Kill a fit, and the one that takes it up, with every solver in turn."""
    path = folder / "fit.npz"
    whole = {
        case: fits.classifier(**arguments).fit(fits.X, fits.y, fits.WEIGHT)
        for case, arguments in fits.CASES.items()
    }
    while n_trials > 0:
        for case in whole:
            path.unlink(missing_ok=True)
            kills = [fits.kill_at_random(fits.fit_slowly, path, case, rng) for _ in range(2)]
            resumed = resume(path, fits.X, fits.y, fits.WEIGHT)
            kept = same(resumed, whole[case]) and os.listdir(folder) == ["fit.npz"]
            # What has come to its end before it was killed is no trial.
            yield from [kept] * sum(kills)
            n_trials -= sum(kills)


def killed_writings(n_trials, folder, rng):
    """Kill a process that does nothing but replace the file."""
    path = folder / "numbers.npz"
    for _ in range(n_trials):
        fits.kill_at_random(test_interrupted.write_endlessly, path, "1000000", rng)
        numbers = _file.read_file(path)["number"]
        yield len(numbers) == 1_000_000 and len(np.unique(numbers)) == 1


def damage(content, rng):
    """Return a file with bits turned over, a stretch overwritten, or its end missing."""
    damaged = bytearray(content)
    kind = rng.randrange(3)
    start = rng.randrange(len(content))
    if kind == 0:
        damaged[start] ^= 1 << rng.randrange(8)
    elif kind == 1:
        stretch = slice(start, min(start + rng.randrange(1, 512), len(content)))
        damaged[stretch] = rng.randbytes(stretch.stop - stretch.start)
    else:
        del damaged[start:]
    return bytes(damaged)


def damaged_files(n_trials, folder, rng):
    """Resume from damaged files: a ValueError, or the very same fit."""
    path = folder / "fit.npz"
    whole = fits.classifier(max_iter=4).set_callbacks(Checkpoint(path, 2)).fit(fits.X, fits.y)
    content = path.read_bytes()
    for _ in range(n_trials):
        path.write_bytes(damage(content, rng))
        try:
            yield same(resume(path, fits.X, fits.y), whole)
        except ValueError:
            yield True


def fuzzed_fits(n_trials, folder, rng):
    """Fit drawn arguments to drawn data; a failure is the error of hypothesis that shows it."""
    tests = [
        test_properties.test_a_classifier_is_finite_or_says_what_to_do,
        test_properties.test_a_regressor_is_finite_or_says_what_to_do,
    ]
    for test in tests:
        often = settings(test_properties.bounded, max_examples=n_trials // 2, derandomize=False)
        often(given(data=st.data())(test.hypothesis.inner_test))()
        yield from [True] * (n_trials // 2)


def threads(n_trials, folder, rng):
    """Ask one model from many threads that change a thousand times as often as usual."""
    model = MLPClassifier((30, 20), max_iter=5, random_state=0).fit(fits.X, fits.y)
    parts = [fits.X[: 1 + rng.randrange(300)] for _ in range(n_trials)]
    alone = [model.predict_proba(part) for part in parts]
    sys.setswitchinterval(5e-6)
    with ThreadPoolExecutor(N_THREADS) as pool:
        together = pool.map(model.predict_proba, parts)
        for ours, theirs in zip(alone, together, strict=True):
            yield np.array_equal(ours, theirs)
    sys.setswitchinterval(5e-3)


def threaded_fits(n_trials, folder, rng):
    """Fit in many threads at once."""

    def fit(number):
        case = list(fits.CASES)[number % len(fits.CASES)]
        return fits.classifier(**fits.CASES[case], max_iter=5).fit(fits.X, fits.y)

    alone = [fit(number) for number in range(len(fits.CASES))]
    sys.setswitchinterval(5e-6)
    with ThreadPoolExecutor(N_THREADS) as pool:
        for number, model in enumerate(pool.map(fit, range(n_trials))):
            yield same(model, alone[number % len(alone)])
    sys.setswitchinterval(5e-3)


def lost_workers(start):
    """Return the trial that kills a worker in the middle of each search on a cluster."""

    def searches(n_trials, folder, rng):
        os.environ["PYTHONPATH"] = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
        local = clusters.make_search().fit(clusters.X, clusters.y)
        for number in range(n_trials):
            witness = folder / f"killed {number}"
            with start() as arguments, joblib.parallel_config(**arguments):
                deadly = clusters.Deadly(witness, delay=rng.uniform(0, 0.2))
                search = clusters.make_search(deadly).fit(clusters.X, clusters.y)
            clusters.assert_same_search(search, local)
            yield witness.exists()

    return searches


TRIALS = {
    "fits": ("a fit killed", killed_fits, 300),
    "writings": ("a writing of 8 MB killed", killed_writings, 100),
    "files": ("a checkpoint damaged", damaged_files, 1000),
    "fuzz": ("a fit fuzzed", fuzzed_fits, 4000),
    "threads": ("a prediction beside seven others", threads, 20_000),
    "threaded": ("a fit beside seven others", threaded_fits, 200),
    "dask": ("a Dask worker killed in a search", lost_workers(clusters.dask), 10),
    "ray": ("a Ray worker killed in a search", lost_workers(clusters.ray), 10),
}


def main(names):
    warnings.simplefilter("ignore")
    os.environ["PYTHONWARNINGS"] = "ignore"
    rng = random.Random(0)
    print(f"{'trial':<36}{'tried':>8}{'lost':>6}{'seconds':>9}", flush=True)
    for name in names or TRIALS:
        title, trial, n_trials = TRIALS[name]
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            kept = list(trial(n_trials, Path(folder), rng))
        seconds = time.perf_counter() - start
        print(f"{title:<36}{len(kept):>8}{kept.count(False):>6}{seconds:>9.0f}", flush=True)


if __name__ == "__main__" and hasattr(signal, "SIGKILL"):
    main(sys.argv[1:])
