"""scikit-learn's own tests of its networks and its perceptron, with the imports swapped.

What fails must stand in the table of the migration page, and what stands there must fail.
"""

import ast
import re
from importlib.util import find_spec
from pathlib import Path

import pytest
import sklearn

if sklearn.__version__.split(".")[:2] != ["1", "9"]:
    pytest.skip("the table is about the tests of scikit-learn 1.9", allow_module_level=True)

PAGE = Path(__file__).parents[1] / "docs" / "migration.rst"
SWAPS = {
    "sklearn.neural_network.tests.test_mlp": (
        "from sklearn.neural_network import MLPClassifier, MLPRegressor",
        "from skmlp import MLPClassifier, MLPRegressor",
    ),
    "sklearn.linear_model.tests.test_perceptron": (
        "from sklearn.linear_model import Perceptron",
        "from skmlp import PerceptronClassifier as Perceptron",
    ),
}


def touches_private_names(function):
    """Return whether a test reads or writes an attribute that begins with one underscore."""
    return any(
        isinstance(node, ast.Attribute) and re.match("_[^_]", node.attr)
        for node in ast.walk(function)
    )


def public_tests(module):
    """Return the tests of a module of scikit-learn that touch public names only, swapped."""
    path = find_spec(module).origin
    source = Path(path).read_text(encoding="utf-8")
    theirs, ours = SWAPS[module]
    assert source.count(theirs) == 1
    tree = ast.parse(source.replace(theirs, ours))
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.FunctionDef) and touches_private_names(node))
    ]
    namespace = {"__name__": __name__}
    exec(compile(tree, path, "exec"), namespace)
    return {name: test for name, test in namespace.items() if name.startswith("test_")}


def table():
    """Return the reasons on the migration page by the test that fails."""
    text = PAGE.read_text(encoding="utf-8").partition("scikit-learn's own tests\n")[2]
    rows = re.findall(r"^   \* - ``(test_\S+)``\n     - (.+(?:\n       .+)*)", text, re.MULTILINE)
    return {name: " ".join(reason.split()) for name, reason in rows}


TESTS = {name: test for module in SWAPS for name, test in public_tests(module).items()}
REASONS = table()
globals().update(TESTS)


@pytest.fixture
def global_random_seed():
    return 0


@pytest.fixture(autouse=True)
def expect_what_the_table_says(request):
    # A row names a test or one of its cases.
    for name in {request.node.name, request.node.originalname} & set(REASONS):
        request.applymarker(pytest.mark.xfail(reason=REASONS[name], strict=True))


def test_every_row_of_the_table_names_a_test():
    assert {name.partition("[")[0] for name in REASONS} <= set(TESTS)
