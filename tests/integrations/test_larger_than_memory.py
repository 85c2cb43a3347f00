"""dask-ml trains and scores on more data than the process may hold."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("dask_ml", reason="`make integrations` installs the tools and runs this")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="measures as Linux does")

EXAMPLE = Path(__file__).parents[2] / "examples" / "larger_than_memory_on_dask.py"
# A process that may take 400 MB more than it has, when all is imported; the data are 800 MB. It can
# neither hold them nor, without a `scoring`, score them.
WITH_AN_ALLOWANCE = """
import resource, runpy, sys
from functools import partial
from dask_ml.wrappers import Incremental
from skmlp import MLPClassifier
example = runpy.run_path(sys.argv[1])
example["train_and_score"](*example["make_data"](2 * example["ROWS"]))
lines = open("/proc/self/status").read().splitlines()
held = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData"))
resource.setrlimit(resource.RLIMIT_DATA, (held + 400_000_000,) * 2)
example["main"]()
X, y = example["make_data"](example["N_SAMPLES"])
first = slice(0, example["ROWS"])
unnamed = Incremental(MLPClassifier((), max_iter=1)).fit(X[first], y[first], classes=[0, 1])
for whole in (X.compute, partial(unnamed.score, X, y)):
    try:
        whole()
    except MemoryError:
        print("too large")
"""


def test_a_dask_array_larger_than_the_memory_allowance():
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WITH_AN_ALLOWANCE, str(EXAMPLE)],
        env=dict(os.environ, OPENBLAS_NUM_THREADS="1"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("too large") == 2
    size, growth = map(int, re.findall(r"(\d+) MB(?:,| at most)", ran.stdout))
    assert growth < size / 8
    assert float(ran.stdout.split("accuracy")[1].split()[0]) > 0.98
