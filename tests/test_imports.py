"""The layers of the package, read off its imports and off the calls of its trainings."""

import ast
import re
import sys
from functools import cache, partial
from pathlib import Path
from types import ModuleType

import numpy as np

import skmlp
from skmlp.estimators.mlp import _options

ROOT = Path(skmlp.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))

# Lowest first. A module imports from layers below its own, and from its own where the layer is a
# folder.
LAYERS = [
    ["_typing", "_version"],
    ["_kernels"],
    ["_arrays"],
    ["activations", "penalties", "schedules", "initializers", "parameters"],
    ["optimizers", "dropout", "output_activations"],
    ["losses", "muon"],
    ["layers"],
    ["network"],
    ["training"],
    ["perceptron"],
    ["estimators", "estimators.common"],
    ["estimators.mlp", "estimators.perceptron"],
    ["estimators.tabular"],
    ["inspection", "persistence", "onnx", "callbacks"],
    [""],
]
CORE = {name for layer in LAYERS[:10] for name in layer}
CORE_DEPENDENCIES = {"numpy", "scipy", "threadpoolctl"}
LEVEL = {name: level for level, layer in enumerate(LAYERS) for name in layer}


def layer_of(module):
    """Return the part of a dotted path that the table names, "" for the package itself."""
    parts = [*module.split("."), "", ""][1:3]
    room = ".".join(parts)
    return room if room in LEVEL else parts[0]


def dotted(path):
    parts = ("skmlp", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def nodes(path):
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


@cache
def imports(path):
    """Return every module that a file imports, wherever in the file."""
    return set(_imports(path))


def _imports(path):
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            # What is imported from the package itself is a module of it.
            names = [f"skmlp.{alias.name}" for alias in node.names]
            yield from names if node.module == "skmlp" else [node.module]


def called_names(path):
    return {ast.unparse(node.func) for node in nodes(path) if isinstance(node, ast.Call)}


CORE_MODULES = [path for path in MODULES if layer_of(dotted(path)) in CORE]


def test_a_module_imports_only_from_layers_below_and_its_own_folder():
    for path in MODULES:
        own = layer_of(dotted(path))
        assert own in LEVEL, f"{dotted(path)} is not in the table of layers"
        for module in imports(path):
            if module.split(".")[0] != "skmlp":
                continue
            other = layer_of(module)
            assert other == own or LEVEL[other] < LEVEL[own], f"{dotted(path)} imports {module}"


def test_the_core_depends_on_numpy_and_scipy_only():
    assert len(CORE_MODULES) > 30
    for path in CORE_MODULES:
        foreign = {module.split(".")[0] for module in imports(path)} - {"skmlp"}
        assert foreign - CORE_DEPENDENCIES <= set(sys.stdlib_module_names), dotted(path)


def test_the_core_never_prints_and_never_warns():
    for path in CORE_MODULES:
        assert "warnings" not in imports(path), dotted(path)
        names = called_names(path)
        assert "print" not in names, dotted(path)
        silent = ("warnings.", "sys.std", "logging.")
        assert not any(name.startswith(silent) for name in names), dotted(path)


def strings_without_defaults(path):
    """Return the strings of a module, but for the defaults of its arguments."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.arguments):
            node.defaults, node.kw_defaults = [], []
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}


def test_one_module_of_the_estimators_compares_arguments_with_options():
    options = {
        *_options.SOLVERS,
        *_options.SCHEDULES,
        *_options.REGRESSION_LOSSES,
        *_options.ACTIVATIONS,
        *_options.INITIALIZERS,
        *_options.OUTPUT_ACTIVATIONS,
    }
    # An argument of the regressor, and what a fitted classifier calls its output.
    options -= {"quantile", "logistic"}
    rooms = [ROOT / "estimators" / room for room in ("common", "mlp", "perceptron")]
    # Synonyms and types name options, and compare nothing.
    exempt = [rooms[0] / "_synonyms.py", rooms[1] / "_argument_types.py", rooms[1] / "_options.py"]
    for path in [path for room in rooms for path in room.glob("*.py") if path not in exempt]:
        assert not strings_without_defaults(path) & options, path.name


def private_names(path):
    """Return what a module imports from scikit-learn, or asks any object for, that is private."""
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("sklearn"):
            dotted_names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name for name in dotted_names if "._" in name)
        name = getattr(node, "attr", getattr(node, "value", None))
        if isinstance(name, str) and re.match("_[a-z]", name):
            yield name


def test_what_is_private_in_scikit_learn_is_named_in_one_module():
    wrapper = ROOT / "estimators" / "common" / "_sklearn.py"
    theirs = {name for name in private_names(wrapper) if not name.startswith("sklearn")}
    assert "_score_func" in theirs
    for path in set(MODULES) - {wrapper}:
        names = set(private_names(path))
        assert not names & theirs, path.name
        assert not any(name.startswith("sklearn") for name in names), path.name


def test_the_package_exports_its_public_names_and_nothing_else():
    public = {
        name
        for name, value in vars(skmlp).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert public == set(skmlp.__all__)
    assert {"MLPClassifier", "MLPRegressor", "PerceptronClassifier"} <= public


def test_the_package_is_typed():
    assert (ROOT / "py.typed").exists()


def test_the_contributing_guide_has_the_layers_of_this_table():
    guide = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = [line for line in guide.splitlines() if line.startswith("| ") and "`" in line]
    files = [name.strip("/") for row in rows for name in re.findall(r"`([a-z_/]+?)(?:\.py)?`", row)]
    told = [name.replace("/", ".") for name in files if name.replace("/", ".") in LEVEL]
    assert set(told) == set(LEVEL) - {"", "_typing", "_version", "estimators"}
    assert [LEVEL[name] for name in told] == sorted(LEVEL[name] for name in told)


def calls_upwards(function):
    """Return the functions outside the core that the core calls while `function` runs."""
    found = set()

    def note(frame, event, _):
        module = frame.f_globals.get("__name__", "")
        if event != "call" or not module.startswith("skmlp") or layer_of(module) in CORE:
            return
        caller = frame.f_back
        # Whoever of ours is nearest: SciPy and NumPy may stand between.
        while caller and not str(caller.f_globals.get("__name__", "")).startswith("skmlp"):
            caller = caller.f_back
        if caller and layer_of(caller.f_globals["__name__"]) in CORE:
            found.add(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(None)
    return found


def test_the_core_calls_nothing_above_it_but_what_it_was_handed():
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(60, 3)), rng.randint(0, 2, 60)
    network = skmlp.MLPClassifier(max_iter=3, early_stopping=True, scoring="f1", verbose=True)
    assert calls_upwards(lambda: network.fit(X, y)) == {"score", "end_epoch"}
    lbfgs = skmlp.MLPRegressor(solver="lbfgs", max_iter=3, normalize_y=True)
    assert calls_upwards(lambda: lbfgs.fit(X, X[:, 0])) == set()
    streaming = skmlp.MLPClassifier().partial_fit(X, y, classes=[0, 1])
    assert calls_upwards(lambda: streaming.partial_fit(X, y)) == set()
    test = partial(skmlp.learning_rate_range_test, skmlp.MLPClassifier(), X, y, n_steps=9)
    assert calls_upwards(test) == {"rate", "end_step"}
    perceptron = skmlp.PerceptronClassifier(early_stopping=True, verbose=True)
    assert calls_upwards(lambda: perceptron.fit(X, y)) == {"end_epoch"}
