"""What `show_versions` prints."""

import numpy as np
import pytest
import scipy
import sklearn

import skmlp
from skmlp import _kernels


@pytest.fixture
def sections(capsys):
    """The lines below each title."""
    skmlp.show_versions()
    parts = capsys.readouterr().out.strip().split("\n\n")
    return {title.strip(): lines for title, _, lines in (part.partition(":\n") for part in parts)}


def test_versions_and_the_machine_are_named(sections):
    assert "python: 3." in sections["System"]
    assert f"version: {skmlp.__version__}" in sections["skmlp"]
    for package in (np, scipy, sklearn):
        assert f" {package.__name__}: {package.__version__}" in sections["Python dependencies"]


def test_the_blas_and_its_kernels_are_named(capsys):
    skmlp.show_versions()
    libraries = capsys.readouterr().out.partition("threadpoolctl info:")[2].split("\n\n")
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
