"""The documentation names everything public, and what it says runs."""

import doctest
import importlib
import inspect
import pkgutil
import re
import runpy
import textwrap
from importlib.metadata import metadata, requires
from pathlib import Path

import pytest
import sklearn.neural_network

import skmlp
from benchmarks import report
from skmlp.estimators.mlp import _options

DOCS = Path(__file__).parents[1] / "docs"
README = DOCS.parent / "README.md"
PAGES = sorted(
    page
    for page in DOCS.rglob("*.rst")
    # `make integrations` runs the page of tools that are not here.
    if page.name not in ("api.rst", "works_with.rst")
    and not {"_build", "generated", "gallery"} & set(page.parts)
)
SPEEDS = runpy.run_path(str(DOCS / "_ext" / "speeds.py"))
PUBLIC_API = runpy.run_path(str(DOCS / "_ext" / "public_api.py"))
NAMES, public = PUBLIC_API["NAMES"], PUBLIC_API["public"]
CLASSES = [name for name in NAMES if inspect.isclass(public(name))]


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
        pytest.param(getattr(public(name), method), id=f"{name}.{method}")
        for name in CLASSES
        for method in PUBLIC_API["methods_of"](public(name), own=True)
        if method != "set_callbacks"  # scikit-learn's, or its stand-in before 1.9
    ]


def test_every_public_name_is_in_the_reference():
    page = PUBLIC_API["page"]()
    assert [name for name in NAMES if f"\n   {name}\n" not in page] == []


def test_the_reference_has_every_name_that_is_exported():
    callbacks = [f"callbacks.{name}" for name in skmlp.callbacks.__all__]
    assert set(NAMES) == {*skmlp.__all__, *callbacks}


def test_every_public_name_is_on_a_page_written_for_reading():
    written = [page.read_text(encoding="utf-8") for page in PAGES]
    assert [name for name in NAMES if not any(name in text for text in written)] == []


@pytest.mark.parametrize("name", NAMES)
def test_docstring_has_the_numpydoc_sections(name):
    documented = public(name)
    found = sections(documented)
    assert found["Summary"].strip()
    returns_nothing = name in CLASSES or inspect.signature(documented).return_annotation is None
    assert ("Returns" in found) != returns_nothing
    assert "Examples" in found or "has an example" in found["See Also"]
    assert described(found.get("Parameters", "")) == arguments(documented)


@pytest.mark.parametrize("method", public_methods())
def test_method_docstring_has_the_numpydoc_sections(method):
    found = sections(method)
    assert found["Summary"].strip()
    assert described(found.get("Parameters", "")) == arguments(method)
    assert {"Returns", "Raises"} & set(found)


def test_every_method_has_a_docstring_its_own_or_that_of_its_base():
    names = [module.name for module in pkgutil.walk_packages(skmlp.__path__, "skmlp.")]
    values = [value for name in names for value in vars(importlib.import_module(name)).values()]
    classes = {value for value in values if inspect.isclass(value) and "skmlp" in value.__module__}
    methods = [
        getattr(found, name)
        for found in classes
        for name, value in vars(found).items()
        if inspect.isfunction(value) or isinstance(value, classmethod | property)
        if not (name.startswith("_") or found.__name__.startswith("_"))
        # The default of a field may be a function, too.
        if getattr(value, "__name__", name) == name
    ]
    assert len(methods) > 200
    assert [method for method in methods if not inspect.getdoc(method)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_what_a_page_shows_runs(page):
    if page.stem in ("interrupted", "tables", "watching"):
        pytest.importorskip("sklearn.callback", reason="callbacks need scikit-learn 1.9")
    if page.stem == "deploy":
        pytest.importorskip("skl2onnx", reason="the extra skmlp[onnx]")
    failed, _ = doctest.testfile(
        str(page),
        module_relative=False,
        optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE,
        encoding="utf-8",
    )
    assert failed == 0


def tensorboard_shows_the_run(folder, found):
    (run,) = (folder / "runs").iterdir()
    assert "-MLPClassifier-" in run.name


def mlflow_has_every_epoch(folder, found):
    mlflow, network = found["mlflow"], found["network"]
    (run,) = mlflow.search_runs(output_format="list")
    assert run.data.params["max_iter"] == "30"
    for name in ("loss_curve_", "validation_scores_"):
        logged = mlflow.MlflowClient().get_metric_history(run.info.run_id, name)
        assert [metric.value for metric in logged] == getattr(network, name)


def optuna_prunes_and_finds_what_the_page_says(folder, found):
    states = {trial.state.name for trial in found["study"].trials}
    assert {"COMPLETE", "PRUNED"} <= states
    assert found["best"].score(found["X_test"], found["y_test"]) == pytest.approx(0.97, abs=0.02)


# The tool that a block of a page needs, by a line of the block, and what there is to see after it.
TOOLS = {
    "from skmlp.callbacks import TensorBoard": ("tensorboardX", tensorboard_shows_the_run),
    "import mlflow": ("mlflow", mlflow_has_every_epoch),
    "import optuna": ("optuna", optuna_prunes_and_finds_what_the_page_says),
}


def blocks_with_tools():
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = re.findall(r"^\.\. code-block:: python\n\n((?:   .*\n|\n)+)", text, re.MULTILINE)
        for block in map(textwrap.dedent, blocks):
            for line, (tool, check) in TOOLS.items():
                if line in block.splitlines():
                    yield pytest.param(tool, check, block, id=f"{page.stem}-{tool}")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("tool, check, block", blocks_with_tools())
def test_what_a_page_shows_with_another_tool_runs_where_that_is(
    tool, check, block, tmp_path, monkeypatch
):
    pytest.importorskip("sklearn.callback", reason="callbacks need scikit-learn 1.9")
    pytest.importorskip(tool)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    found = {}
    exec(block, found)
    check(tmp_path, found)


def test_every_tool_has_a_block():
    assert {block.values[0] for block in blocks_with_tools()} == {
        tool for tool, _ in TOOLS.values()
    }


@pytest.mark.filterwarnings("error::sklearn.exceptions.ConvergenceWarning")
def test_what_a_user_copies_from_the_readme_prints_and_draws_what_it_says(
    tmp_path, monkeypatch, capsys
):
    matplotlib = pytest.importorskip("matplotlib", reason="the blocks draw with matplotlib")
    pytest.importorskip("pandas", reason="a block has a table")
    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    code = "".join(
        re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    )
    exec(code, {})
    matplotlib.pyplot.close("all")
    printed = capsys.readouterr().out
    numbers = [float(text) for text in re.findall(r": ([\d.-]+)$", printed, re.MULTILINE)]
    promised = re.findall(r"# about (.*)", code)
    assert len(promised) == 6
    for number, text in zip(numbers, promised, strict=True):
        last_digit = 10.0 ** -len(text.partition(".")[2])
        assert number == pytest.approx(float(text), abs=2 * last_digit)
    assert "`tol`" in printed
    assert {path.name for path in tmp_path.iterdir()} == {"curves.png", "learning_rates.png"}


def test_the_speeds_on_every_page_are_those_that_were_measured():
    speeds = report.read()
    for path, text in report.written(speeds).items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: python -m benchmarks.report"
    drawn = re.findall(r"<span>([\d.]+) ms", SPEEDS["chart"](speeds))
    assert drawn == re.findall(r">([\d.]+) ms", report.picture(speeds))
    rows = speeds["epochs"][0]["rows"]
    ours = f"{next(row['ms']['skmlp'] for row in rows if row['network'] == '300-100'):.1f}"
    assert f"     - {ours}\n" in (DOCS / "user_guide" / "performance.rst").read_text("utf-8")


def test_the_badges_are_true():
    readme = README.read_text(encoding="utf-8")
    badges = re.findall(r"!\[(.*?)\]\(https://img.shields.io/badge/(\S+)-3b75af\)", readme)
    project = metadata("skmlp")
    python = project["Requires-Python"].removeprefix(">=")
    (sklearn,) = (name for name in requires("skmlp") if name.startswith("scikit-learn>="))
    sklearn = sklearn.partition(">=")[2]
    licence = project["License-Expression"]
    assert badges == [
        (f"Python {python} or later", f"Python-{python}+"),
        (f"scikit-learn {sklearn} or later", f"scikit--learn-{sklearn}+"),
        ("Typed", "types-mypy_and_pyright"),
        (f"Licence {licence}", f"licence-{licence.replace('-', '--')}"),
    ]
    assert "Typing :: Typed" in project.get_all("Classifier")


@pytest.fixture(scope="module")
def sklearn_links():
    return runpy.run_path(str(DOCS / "_ext" / "sklearn_links.py"))


@pytest.mark.parametrize(
    "name, full",
    [
        ("StandardScaler", "sklearn.preprocessing.StandardScaler"),
        ("sklearn.neural_network.MLPClassifier", "sklearn.neural_network.MLPClassifier"),
        ("sklearn.datasets.load_digits", "sklearn.datasets.load_digits"),
    ],
)
def test_a_name_of_scikit_learn_is_linked_to_its_page(name, full, sklearn_links):
    page = f"https://scikit-learn.org/stable/modules/generated/{full}.html"
    assert sklearn_links["address"](name) == page


@pytest.mark.parametrize("name", ["MLPClassifier", "shuffle", "sklearn.nowhere.Nothing", "alpha"])
def test_what_is_not_scikit_learns_is_not_linked_there(name, sklearn_links):
    assert sklearn_links["address"](name) is None


@pytest.mark.parametrize(
    "argument, spelt",
    [
        ("loss", {"absolute_error": "absolute"}),
        (
            "solver",
            {
                **{"adamw": "AdamW", "muon": "Muon", "nadam": "NAdam"},
                **{"rmsprop": "RMSprop", "adagrad": "Adagrad"},
            },
        ),
        ("learning_rate", {"one_cycle": "one-cycle"}),
    ],
)
def test_what_the_readme_calls_missing_is_what_scikit_learn_has_not(argument, spelt):
    pytest.importorskip("sklearn.callback", reason="the README speaks of scikit-learn 1.9")
    table = {
        "loss": _options.REGRESSION_LOSSES,
        "solver": _options.SOLVERS,
        "learning_rate": _options.SCHEDULES,
    }[argument]
    rules = sklearn.neural_network.MLPRegressor._parameter_constraints[argument]
    theirs = {name for rule in rules for name in rule.options}
    missing = re.search(
        r"What was missing\.(.*?)\n- ", README.read_text(encoding="utf-8"), re.DOTALL
    )
    words = set(re.findall(r"[\w-]+", missing[1].lower()))
    named = {name for name in table if spelt.get(name, name).lower() in words}
    assert named == set(table) - theirs


def test_the_readme_says_of_tables_what_the_guide_has_measured():
    tables = (DOCS / "user_guide" / "tables.rst").read_text(encoding="utf-8")
    how_it_compares = tables.partition("How it compares\n")[2]
    rows = re.findall(r"^(\w+(?: mean)?) " + 4 * r" +([*\d.]+) ", how_it_compares, re.MULTILINE)
    errors = {name: [float(text.strip("*")) for text in texts] for name, *texts in rows[:12]}
    boosting, _, realmlp, networks = errors.pop("geometric mean")
    n_lost = sum(one < other for one, _, _, other in errors.values())
    number = {2: "two", 3: "three", 4: "four"}[n_lost]
    readme = " ".join(README.read_text(encoding="utf-8").split())
    for words in (
        f"were {networks} times",
        f"boosting {boosting} and",
        f"RealMLP-TD {realmlp} times",
        f"on {number} of the eleven",
    ):
        assert words in readme
    assert len(errors) == 11


def test_the_readme_counts_the_activations_that_scikit_learn_has_not():
    rules = sklearn.neural_network.MLPRegressor._parameter_constraints["activation"]
    theirs = {name for rule in rules for name in rule.options}
    assert len(set(_options.ACTIVATIONS) - theirs) == 7
    assert "seven more activations" in README.read_text(encoding="utf-8")


def test_nobody_is_sent_to_an_index_before_there_is_a_release():
    changes = (README.parent / "CHANGELOG.md").read_text(encoding="utf-8")
    if re.search(r"^## [\d.]+ \(\d", changes, re.MULTILINE):
        return
    written = [README, *PAGES, *Path(skmlp.__file__).parent.rglob("*.py")]
    install = re.compile(r'pip install "?skmlp')
    assert [page.name for page in written if install.search(page.read_text("utf-8"))] == []


@pytest.mark.parametrize("table", ["ACTIVATIONS", "OPTIMIZERS", "SCHEDULES", "REGRESSION_LOSSES"])
def test_the_guide_speaks_of_every_option(table):
    guide = (DOCS / "user_guide" / "arguments.rst").read_text(encoding="utf-8")
    assert [name for name in getattr(_options, table) if f'"{name}"' not in guide] == []


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
