"""The machine, in words."""

import importlib.metadata
import os
import platform
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info

PACKAGES = ("skmlp", "scikit-learn", "torch", "numpy", "scipy")


def describe():
    """Return the processor, its cores, NumPy's BLAS and the versions of all that takes part."""
    versions = ", ".join(f"{package} {_version(package)}" for package in PACKAGES)
    machine = f"{_processor()}, {_n_cores()} cores, {_blas()}"
    return f"{machine}; Python {platform.python_version()}; {versions}"


def _processor():
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _blas():
    """The kernels that the BLAS of NumPy has chosen for the processor decide over everything."""
    folder = Path(np.__file__).parent.parent
    for library in threadpool_info():
        if (
            library["user_api"] == "blas"
            and (folder / "numpy.libs") in Path(library["filepath"]).parents
        ):
            name, kernels = library["internal_api"], library.get("architecture", "unknown")
            return f"{name} with {kernels} kernels and {library['num_threads']} threads"
    return "a BLAS that NumPy does not bring along"


def _n_cores():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
