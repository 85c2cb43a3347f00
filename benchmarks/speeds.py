"""``python -m benchmarks.speeds``: measures the speeds that README.md and the user guide show.

Minutes, on a machine that does nothing else. Writes ``benchmarks/speeds.json`` and then what
`benchmarks.report` makes of it.
"""

import argparse
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from statistics import median

from benchmarks import calls, clock, machine, race, report, startup
from benchmarks.cases import CASES

# Kernels of OpenBLAS, and what a processor must have for them.
KERNELS = {
    "Haswell": {"avx2", "fma"},
    "SkylakeX": {"avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd"},
}


def epochs(n_rounds):
    """Return the kernels of NumPy's BLAS, and milliseconds and ratios of every case with them."""
    return {"kernels": machine.kernels(), "rows": [row(case, n_rounds) for case in CASES]}


def row(case, n_rounds):
    """Return the milliseconds per epoch of all competitors on one case."""
    outcomes = race.run(case, n_rounds)
    for outcome in outcomes:
        if outcome.error:
            raise SystemExit(f"{outcome.name} did not finish {case.name}: {outcome.error}")
        if outcome.seconds <= 0:
            raise SystemExit(f"Something else held {case.name} up. Measure on an idle machine.")
    ours = outcomes[0]
    print(case.name, *(f"{o.name} {o.seconds * 1e3:.1f}" for o in outcomes), file=sys.stderr)
    return {
        "data": case.data,
        "n_samples": len(case.X),
        "network": "-".join(map(str, case.hidden)),
        "batch": case.batch_size,
        "ms": {outcome.name: round(outcome.seconds * 1e3, 2) for outcome in outcomes},
        "ratio": {o.name: round(clock.ratio(o.laps, ours.laps), 2) for o in outcomes[1:]},
    }


def whole_calls(n_rounds):
    """Return the milliseconds of every whole call, by skmlp and by scikit-learn."""
    rows = []
    for call in calls.CALLS:
        ours, theirs = clock.alternate(call.timers(), 3 * n_rounds)
        ms = {"skmlp": median(ours) * 1e3, "scikit-learn": median(theirs) * 1e3}
        rows.append(
            {
                "call": call.name,
                "ms": {who: round(value, 3) for who, value in ms.items()},
                "ratio": {"scikit-learn": round(clock.ratio(theirs, ours), 2)},
            }
        )
    return rows


def in_a_process(n_rounds, **environment):
    """Return `epochs` with what only the environment of a process can choose."""
    command = [sys.executable, "-m", "benchmarks.speeds", "--epochs", "--rounds", str(n_rounds)]
    printed = subprocess.run(
        command, env=os.environ | environment, stdout=subprocess.PIPE, check=True, text=True
    )
    return json.loads(printed.stdout)


def with_all_kernels(n_rounds):
    """Return `epochs` with the kernels that the BLAS chooses, and with those it could have."""
    chosen = in_a_process(n_rounds)
    instructions = report.instructions(chosen["kernels"])
    others = [
        kernels
        for kernels, needed in KERNELS.items()
        if report.instructions(kernels) != instructions and flags() >= needed
    ]
    return [chosen, *(in_a_process(n_rounds, OPENBLAS_CORETYPE=kernels) for kernels in others)]


def flags():
    """Return what the processor says it can do, nothing where it does not say so in a file."""
    info = Path("/proc/cpuinfo")
    return set(info.read_text().split()) if info.exists() else set()


def measure(n_rounds):
    """Return all that is shown."""
    return {
        "date": date.today().isoformat(),
        **machine.facts(),
        "n_rounds": n_rounds,
        "epochs": with_all_kernels(n_rounds),
        "calls": whole_calls(n_rounds),
        "import_ms": round(startup.import_seconds(n_rounds) * 1e3, 1),
    }


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speeds", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="runs per number, in turns")
    parser.add_argument("--epochs", action="store_true", help="only print those, as JSON")
    arguments = parser.parse_args()
    if arguments.epochs:
        print(json.dumps(epochs(arguments.rounds)))
        return
    if "OPENBLAS_CORETYPE" in os.environ:
        raise SystemExit("What is shown is the BLAS's own choice: unset OPENBLAS_CORETYPE.")
    speeds = json.dumps(measure(arguments.rounds), indent=1)
    report.DATA.write_text(speeds + "\n", encoding="utf-8")
    report.write()


if __name__ == "__main__":
    main()
