"""What the guide's page on other tools shows runs, in the versions that its table names.

`make integrations` installs the tools and runs this.
"""

import doctest
import re
from importlib.metadata import version
from pathlib import Path

import pytest

pytest.importorskip("skrub", reason="`make integrations` installs the tools and runs this")

# What the tools warn of, about themselves and each other, is not skmlp's.
pytestmark = pytest.mark.filterwarnings("ignore")

PAGE = Path(__file__).parents[2] / "docs" / "user_guide" / "works_with.rst"
TEXT = PAGE.read_text(encoding="utf-8")
OPENING, *PARTS = re.split(r"^(\w.*)\n-+\n", TEXT, flags=re.MULTILINE)
SECTIONS = dict(zip(PARTS[::2], PARTS[1::2], strict=True))
ROWS = re.findall(r"^`([\w-]+)`_ +(\S+) +(.*?)  +", OPENING, re.MULTILINE)


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_runs(section, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    text = OPENING + SECTIONS[section]
    examples = doctest.DocTestParser().get_doctest(text, {}, section, str(PAGE), 0)
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.DocTestRunner(optionflags=options).run(examples).failed == 0


@pytest.mark.parametrize("tool, tried, outcome", ROWS, ids=[tool for tool, *_ in ROWS])
def test_the_table_says_what_was_tried_and_whether_a_way_round_is_needed(tool, tried, outcome):
    assert tried == version(tool)
    shown = next(text for title, text in SECTIONS.items() if tool in title.lower())
    assert ("way round" in outcome or "ways round" in outcome) == ("**The way" in shown)


def test_every_section_has_its_tools_in_the_table():
    titles = [tool for title in SECTIONS for tool in title.lower().split(", ")]
    assert titles == [tool for tool, *_ in ROWS]
