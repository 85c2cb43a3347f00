"""``python -m benchmarks [name ...] [--rounds N]``: all tables, or those whose name is given."""

import argparse

from benchmarks import machine
from benchmarks.tables import TABLES


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("table", nargs="*", help=f"out of {', '.join(TABLES)}; default: all")
    parser.add_argument("--rounds", type=int, default=5, help="runs per number, in turns")
    parser.add_argument("--only", default="", help="cases whose name contains this")
    arguments = parser.parse_args()
    print(machine.describe(), flush=True)
    for name in arguments.table or TABLES:
        print(f"\n## {name}\n", flush=True)
        for row in TABLES[name](arguments.rounds, arguments.only):
            print("| " + " | ".join(row) + " |", flush=True)


main()
