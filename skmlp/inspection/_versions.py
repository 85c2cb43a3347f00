"""What a report of a defect should name."""

import warnings

import sklearn

from skmlp._kernels import COMPILED, MODE, names
from skmlp._version import __version__


def show_versions() -> None:
    """Print the versions of skmlp and its dependencies, the machine and what is compiled.

    A report of a defect should quote it. What is not skmlp's own is told by
    :func:`sklearn.show_versions`.

    Notes
    -----
    NumPy and SciPy each bring a BLAS of their own. The kernels that it takes for the processor are
    its `architecture`: with others a training may end in other last bits.

    Examples
    --------
    >>> import skmlp
    >>> skmlp.show_versions()  # doctest: +ELLIPSIS
    skmlp:
        version: 0...
    """
    own = {
        "version": __version__,
        "SKMLP_KERNELS": MODE,
        "extension": getattr(COMPILED, "__file__", None),
    }
    _print_section("skmlp", own)
    _print_section("Compiled operations", _operations(compiled=True))
    _print_section("Operations in NumPy", _operations(compiled=False))
    sklearn.show_versions()


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


def _print_section(title: str, facts: dict[str, str | None]) -> None:
    width = max(map(len, facts), default=0) + 4
    lines = [f"{name:>{width}}: {fact}" for name, fact in facts.items()]
    print(f"{title}:", *(lines or ["    none"]), "", sep="\n")


def _operations(*, compiled: bool) -> dict[str, str | None]:
    by_module = names(compiled=compiled)
    return {module: ", ".join(operations) for module, operations in by_module.items()}
