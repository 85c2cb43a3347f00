"""The documentation names everything public, and what it says runs."""

import doctest
import inspect
import re
import runpy
from pathlib import Path

import pytest

import skmlp

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted(
    page
    for page in DOCS.rglob("*.rst")
    if page.name != "api.rst" and not {"_build", "generated", "gallery"} & set(page.parts)
)
API_PAGE = runpy.run_path(str(DOCS / "_ext" / "public_api.py"))["page"]()
CLASSES = [name for name in skmlp.__all__ if inspect.isclass(getattr(skmlp, name))]


def sections(documented):
    """Return the text of every numpydoc section of a docstring by its title."""
    text = inspect.getdoc(documented) or ""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}$", text, flags=re.MULTILINE)
    return {"Summary": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def described(section):
    """Return the names that a section of parameters describes."""
    heads = re.findall(r"^(\*{0,2}\w[^:\n]*?)(?: : .*)?$", section, flags=re.MULTILINE)
    return [name.strip(" *") for head in heads for name in head.split(",")]


def arguments(function):
    """Return the names of the arguments, without the instance or the class."""
    return [name for name in inspect.signature(function).parameters if name != "self"]


def public_methods():
    """Return the methods of the public classes that are written in skmlp."""
    return [
        pytest.param(method, id=f"{name}.{method_name}")
        for name in CLASSES
        for method_name, method in inspect.getmembers(getattr(skmlp, name), callable)
        if (getattr(method, "__module__", None) or "").startswith("skmlp")
        and not method_name.startswith("_")
    ]


@pytest.mark.parametrize("name", skmlp.__all__)
def test_public_name_is_in_the_reference(name):
    assert re.search(rf"^   {name}$", API_PAGE, flags=re.MULTILINE)


@pytest.mark.parametrize("name", skmlp.__all__)
def test_public_name_is_on_a_page_written_for_reading(name):
    assert any(name in page.read_text(encoding="utf-8") for page in PAGES)


@pytest.mark.parametrize("name", skmlp.__all__)
def test_docstring_has_the_numpydoc_sections(name):
    documented = getattr(skmlp, name)
    found = sections(documented)
    expected = {"Parameters", "Examples"}
    expected |= {"Attributes"} if name in CLASSES else {"Returns"}
    assert found["Summary"].strip()
    assert expected <= set(found)
    assert described(found["Parameters"]) == arguments(documented)


@pytest.mark.parametrize("method", public_methods())
def test_method_docstring_has_the_numpydoc_sections(method):
    found = sections(method)
    assert found["Summary"].strip()
    assert described(found.get("Parameters", "")) == arguments(method)
    assert {"Returns", "Raises"} & set(found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_what_a_page_shows_runs(page):
    failed, _ = doctest.testfile(
        str(page),
        module_relative=False,
        optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE,
        encoding="utf-8",
    )
    assert failed == 0


def test_the_gallery_speaks_of_every_activation_and_schedule():
    from skmlp.estimators._recipes import ACTIVATIONS, SCHEDULES

    guide = (DOCS / "user_guide" / "arguments.rst").read_text(encoding="utf-8")
    assert all(f'"{name}"' in guide for name in [*ACTIVATIONS, *SCHEDULES])
