"""What `show_versions` prints."""

import numpy as np
import pytest
import scipy

import skmlp
from skmlp import _kernels
from skmlp.inspection import _versions


@pytest.fixture
def sections(capsys):
    """The lines below each title."""
    skmlp.show_versions()
    parts = capsys.readouterr().out.rstrip().split("\n\n")
    return {title: lines for title, _, lines in (part.partition(":\n") for part in parts)}


def test_versions_and_the_machine_are_named(sections):
    assert "python: 3." in sections["System"]
    assert f"version: {skmlp.__version__}" in sections["skmlp"]
    for package in (np, scipy):
        assert f" {package.__name__}: {package.__version__}" in sections["Dependencies"]


def test_a_package_that_is_not_there_has_no_version(monkeypatch):
    monkeypatch.setattr(_versions, "DEPENDENCIES", ("numpy", "no-such-package"))
    assert _versions._sections()[4][1] == {"numpy": np.__version__, "no-such-package": None}


def test_the_blas_and_its_kernels_are_named(sections):
    libraries = [lines for title, lines in sections.items() if title.startswith("Threads and BLAS")]
    assert any("user_api: blas" in lines and "architecture: " in lines for lines in libraries)


def test_every_operation_stands_where_it_is_served(sections):
    assert f"SKMLP_KERNELS: {_kernels.MODE}" in sections["skmlp"]
    served = {True: "Compiled operations", False: "Operations in NumPy"}
    for (module, name), operation in _kernels.OPERATIONS.items():
        is_compiled = operation is not _kernels.DEFINITIONS[module, name]
        for compiled, title in served.items():
            names = [
                name
                for line in sections[title].splitlines()
                if line.strip().startswith(f"{module}:")
                for name in line.partition(": ")[2].split(", ")
            ]
            assert (name in names) == (compiled == is_compiled)
