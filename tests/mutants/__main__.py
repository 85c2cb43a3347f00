"""Changes the code in small ways and asks each module's own tests whether they notice.

A mutant is one change of one line: a sign, a number, a comparison, a statement left out. It is
*killed* if a test fails, and *survives* if none does. Of all places where something can be changed
a random sample is drawn, and at each place one of the changes; the same seed draws the same sample
from the same code. ``equivalent.toml`` says of survivors why no test can tell them from the code.

A mutant lives in a folder of links to the code, and is tried in a process forked from one that has
the libraries loaded: no file of the code is changed.
"""

import argparse
import compileall
import gc
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path

import pytest
import sklearn.model_selection
import sklearn.neural_network
import sklearn.utils.estimator_checks  # noqa: F401

from tests.mutants.operators import Mutant, places
from tests.mutants.own_tests import OWN_TESTS, mode

# A mutant that never ends is killed. What computes is told by the processor's time, which no other
# load touches, and what waits for a lock by the clock.
CPU_SECONDS, WALL_SECONDS = 40, 600
OPTIONS = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:unraisableexception"]
EQUIVALENT = tomllib.loads((Path(__file__).parent / "equivalent.toml").read_text())


def main() -> None:
    """Draw the sample, try every mutant and say which survive."""
    arguments = _arguments()
    candidates = [place for path in arguments.files for place in places(path)]
    # For the children: what no mutant changes is compiled once, and what they inherit no garbage.
    compileall.compile_dir("skmlp", quiet=1)
    gc.freeze()
    print(f"{arguments.n} of {len(candidates)} places, seed {arguments.seed}", flush=True)
    n_tried = n_killed = n_unknown = 0
    for mutant in _sample(candidates, arguments.n, arguments.seed):
        killed = _try(mutant)
        n_tried += 1
        n_killed += killed
        n_unknown += not killed and _reason(mutant) is None
    print(f"{n_killed} of {n_tried} killed; survivors without a reason: {n_unknown}")
    sys.exit(n_unknown > 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.mutants", description=__doc__)
    parser.add_argument("-n", type=int, default=400, help="how many mutants")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("files", nargs="*", default=list(OWN_TESTS), help="default: all modules")
    return parser.parse_args()


def _sample(candidates: list[list[Mutant]], n: int, seed: int) -> Iterator[Mutant]:
    """Yield `n` mutants that Python compiles, each of another place, in random order."""
    rng = random.Random(seed)
    rng.shuffle(candidates)
    drawn = (rng.choice(place) for place in candidates)
    valid = (mutant for mutant in drawn if mutant.source() is not None)
    return islice(valid, n)


def _try(mutant: Mutant) -> bool:
    """Return whether a mutant is killed, and tell of it."""
    _check(mutant.path)
    start = time.monotonic()
    killed = _fails(mutant.path, mutant.source())
    old, new = mutant.lines()
    print(
        f"{'killed  ' if killed else 'SURVIVED'} {time.monotonic() - start:5.1f} s "
        f"{mutant.path}:{mutant.line} {mutant.operator}/{mutant.occurrence}"
    )
    if not killed:
        print(f"    - {old}\n    + {new}\n    {_reason(mutant) or 'no reason known'}")
    sys.stdout.flush()
    return killed


@cache
def _check(path: str) -> None:
    """Raise if the tests of a module fail without any mutant."""
    if _fails(path, None):
        sys.exit(f"The tests of {path} fail without any mutant; look at them first.")


def _reason(mutant: Mutant) -> str | None:
    """Return why a survivor is equivalent, if that is known; lines may move, not change."""
    old, new = mutant.lines()
    for known in EQUIVALENT.get(mutant.path, ()):
        if (known["old"], known["new"]) == (old, new):
            return known["why"]
    return None


def _fails(path: str, source: str | None) -> bool:
    """Whether the tests of a module fail, or take too long, with another source."""
    with tempfile.TemporaryDirectory() as folder:
        process = os.fork()
        if process == 0:
            try:
                os._exit(_test(path, source, folder))
            finally:
                os._exit(1)
        _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status) != 0


def _test(path: str, source: str | None, folder: str) -> int:
    """Be the child: run the tests of a module and return their exit code."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    signal.alarm(WALL_SECONDS)
    output = os.open(os.devnull, os.O_WRONLY)
    os.dup2(output, 1)
    os.dup2(output, 2)
    shutil.copytree("skmlp", f"{folder}/skmlp", copy_function=_link)
    if source is not None:
        Path(folder, path).unlink()
        Path(folder, path).write_text(source)
    os.environ |= {
        "SKMLP_KERNELS": mode(path),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        # For the processes that tests start: before the folder that they start in.
        "PYTHONPATH": folder,
        "PYTHONSAFEPATH": "1",
    }
    sys.path.insert(0, folder)
    # Before pytest puts the folder of its settings, the code's own, first.
    import skmlp  # noqa: F401

    return int(pytest.main([*OPTIONS, *OWN_TESTS[path]]))


def _link(source: str, target: str) -> None:
    os.symlink(os.path.abspath(source), target)


if __name__ == "__main__":
    main()
