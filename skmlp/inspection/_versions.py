"""What a report of a defect should name."""

import platform
import sys
import warnings
from importlib import metadata

from threadpoolctl import threadpool_info

from skmlp._kernels import COMPILED, MODE, names
from skmlp._version import __version__

DEPENDENCIES = (
    "scikit-learn",
    "numpy",
    "scipy",
    "joblib",
    "threadpoolctl",
    "pandas",
    "matplotlib",
    "Cython",
    "pip",
    "setuptools",
)


def show_versions() -> None:
    """Print the versions of skmlp and its dependencies, the machine and what is compiled.

    A report of a defect should quote it.

    Notes
    -----
    NumPy and SciPy each bring a BLAS of their own. The kernels that it takes for the processor are
    its `architecture`: with others a training may end in other last bits.

    Examples
    --------
    >>> import skmlp
    >>> skmlp.show_versions()  # doctest: +ELLIPSIS
    System:
        python: 3...
    """
    print("\n\n".join(_section(title, facts) for title, facts in _sections()))


def warn_if_stale() -> None:
    """Warn that the extension was built from other sources, so that definitions serve."""
    by_module = names(compiled=False)
    missing = ", ".join(f"{module}.{name}" for module in by_module for name in by_module[module])
    if COMPILED is not None and missing:
        warnings.warn(
            "The compiled extension should have every operation of this version of skmlp; got "
            f"one that was built from other sources and lacks {missing}. NumPy serves "
            "instead, which is slower. Install skmlp anew.",
            stacklevel=3,
        )


def _sections() -> list[tuple[str, dict[str, object]]]:
    libraries = [(f"Threads and BLAS, {i}", facts) for i, facts in enumerate(threadpool_info(), 1)]
    return [
        ("System", _system()),
        ("skmlp", _skmlp()),
        ("Compiled operations", _operations(compiled=True)),
        ("Operations in NumPy", _operations(compiled=False)),
        ("Dependencies", {name: _version(name) for name in DEPENDENCIES}),
        *libraries,
    ]


def _section(title: str, facts: dict[str, object]) -> str:
    width = max(map(len, facts), default=0) + 4
    lines = [f"{name:>{width}}: {fact}" for name, fact in facts.items()]
    return "\n".join([f"{title}:", *(lines or ["    none"])])


def _system() -> dict[str, object]:
    return {
        "python": sys.version.replace("\n", " "),
        "executable": sys.executable,
        "machine": platform.platform(),
        "processor": platform.machine(),
    }


def _skmlp() -> dict[str, object]:
    return {
        "version": __version__,
        "SKMLP_KERNELS": MODE,
        "extension": getattr(COMPILED, "__file__", None),
    }


def _operations(*, compiled: bool) -> dict[str, object]:
    by_module = names(compiled=compiled)
    return {module: ", ".join(operations) for module, operations in by_module.items()}


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
