"""One version, wherever it is written."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest

import skmlp

ROOT = Path(__file__).parents[1]


def test_the_installed_version_is_that_of_the_package():
    assert version("skmlp") == skmlp.__version__


@pytest.mark.parametrize(
    ("name", "pattern"),
    [("CITATION.cff", r"^version: (\S+)$"), ("CHANGELOG.md", r"^## (\S+)")],
)
def test_a_file_for_readers_names_the_version(name, pattern):
    file = ROOT / name
    if not file.exists():
        pytest.skip("tests of a wheel, without the files around the package")
    newest = re.search(pattern, file.read_text(encoding="utf-8"), re.MULTILINE)
    assert newest[1] == skmlp.__version__
