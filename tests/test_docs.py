"""The documentation names everything public, and what it says runs."""

import doctest
import inspect
import re
import runpy
from pathlib import Path

import pytest

import skmlp
from skmlp.estimators import _recipes

DOCS = Path(__file__).parents[1] / "docs"
README = DOCS.parent / "README.md"
PAGES = sorted(
    page
    for page in DOCS.rglob("*.rst")
    if page.name != "api.rst" and not {"_build", "generated", "gallery"} & set(page.parts)
)
PUBLIC_API = runpy.run_path(str(DOCS / "_ext" / "public_api.py"))
NAMES = [name for name in skmlp.__all__ if name != "__version__"]
CLASSES = [name for name in NAMES if inspect.isclass(getattr(skmlp, name))]


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
        pytest.param(getattr(getattr(skmlp, name), method), id=f"{name}.{method}")
        for name in CLASSES
        for method in PUBLIC_API["methods_of"](getattr(skmlp, name), own=True)
        if method != "set_callbacks"  # scikit-learn's, or its stand-in before 1.9
    ]


@pytest.mark.parametrize("name", NAMES)
def test_public_name_is_in_the_reference(name):
    assert f"\n   {name}\n" in PUBLIC_API["page"]()


@pytest.mark.parametrize("name", skmlp.__all__)
def test_public_name_is_on_a_page_written_for_reading(name):
    assert any(name in page.read_text(encoding="utf-8") for page in PAGES)


@pytest.mark.parametrize("name", NAMES)
def test_docstring_has_the_numpydoc_sections(name):
    documented = getattr(skmlp, name)
    found = sections(documented)
    assert found["Summary"].strip()
    assert "Parameters" in found
    assert "Returns" in found or name in CLASSES
    assert "Examples" in found or "has an example" in found["See Also"]
    assert described(found["Parameters"]) == arguments(documented)


@pytest.mark.parametrize("method", public_methods())
def test_method_docstring_has_the_numpydoc_sections(method):
    found = sections(method)
    assert found["Summary"].strip()
    assert described(found.get("Parameters", "")) == arguments(method)
    assert {"Returns", "Raises"} & set(found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_what_a_page_shows_runs(page):
    if page.stem in ("interrupted", "watching"):
        pytest.importorskip("sklearn.callback", reason="callbacks need scikit-learn 1.9")
    failed, _ = doctest.testfile(
        str(page),
        module_relative=False,
        optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE,
        encoding="utf-8",
    )
    assert failed == 0


def test_what_a_user_copies_from_the_readme_tunes_draws_and_suggests(tmp_path, monkeypatch, capsys):
    matplotlib = pytest.importorskip("matplotlib", reason="the blocks draw with matplotlib")
    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    copied = {}
    for block in blocks:
        exec(block, copied)
    matplotlib.pyplot.close("all")
    assert copied["search"].score(copied["X_test"], copied["y_test"]) > 0.95
    assert 1e-3 < copied["test"].suggestion < 0.01
    assert {path.name for path in tmp_path.iterdir()} == {"curves.png", "learning_rates.png"}
    assert "`tol`" in capsys.readouterr().out


@pytest.mark.parametrize("table", ["ACTIVATIONS", "OPTIMIZERS", "SCHEDULES", "REGRESSION_LOSSES"])
def test_the_guide_speaks_of_every_option(table):
    guide = (DOCS / "user_guide" / "arguments.rst").read_text(encoding="utf-8")
    assert [name for name in getattr(_recipes, table) if f'"{name}"' not in guide] == []


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_the_guide_speaks_of_every_argument(name):
    guide = (DOCS / "user_guide" / "arguments.rst").read_text(encoding="utf-8")
    assert [name for name in arguments(getattr(skmlp, name)) if f"`{name}`" not in guide] == []


def test_the_core_page_has_every_module_of_the_core():
    package = Path(skmlp.__file__).parent
    files = [file for folder in (package, package / "training") for file in folder.glob("*.py")]
    modules = [
        ".".join(("skmlp", *file.relative_to(package).with_suffix("").parts))
        for file in files
        if not file.name.startswith("_")
    ]
    page = (DOCS / "core.rst").read_text(encoding="utf-8")
    assert [module for module in modules if f"   {module}\n" not in page] == []
