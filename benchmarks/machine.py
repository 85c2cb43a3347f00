"""The machine, in words."""

import importlib.metadata
import os
import platform
from pathlib import Path

PACKAGES = ("skmlp", "scikit-learn", "torch", "numpy", "scipy")


def describe():
    """Return the processor, its cores and the versions of all that takes part."""
    return f"{_processor()}, {_n_cores()} cores; Python {platform.python_version()}; " + ", ".join(
        f"{package} {_version(package)}" for package in PACKAGES
    )


def _processor():
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _n_cores():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
