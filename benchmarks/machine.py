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
    found = facts()
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    return f"{found['processor']}, {found['n_cores']} cores, {_blas_in_words()}; {versions}"


def facts():
    """Return the processor, its cores and the versions of all that takes part."""
    versions = {package: _version(package) for package in PACKAGES}
    return {
        "processor": _processor(),
        "n_cores": n_cores(),
        "versions": {"Python": platform.python_version(), **versions},
    }


def kernels():
    """Return which kernels the BLAS of NumPy has chosen for the processor."""
    return (_blas() or {}).get("architecture", "unknown")


def _processor():
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _blas():
    """Return what is known of the BLAS that NumPy brings along, None if it brings none."""
    folder = Path(np.__file__).parent.parent / "numpy.libs"
    for library in threadpool_info():
        if library["user_api"] == "blas" and folder in Path(library["filepath"]).parents:
            return library
    return None


def _blas_in_words():
    """The kernels that the BLAS of NumPy has chosen for the processor decide over everything."""
    library = _blas()
    if library is None:
        return "a BLAS that NumPy does not bring along"
    return (
        f"{library['internal_api']} with {kernels()} kernels and {library['num_threads']} threads"
    )


def n_cores():
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
