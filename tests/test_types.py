"""The types of the constructors say what their docstrings, their rules and their tables say."""

import inspect
import re
import types
import typing
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from skmlp import (
    MLPClassifier,
    MLPRegressor,
    PerceptronClassifier,
    TabularEncoder,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from skmlp.estimators.mlp import _argument_types as arguments
from skmlp.estimators.mlp import _options as options

CLASSES = {MLPClassifier: arguments.ClassifierArguments, MLPRegressor: arguments.RegressorArguments}
ESTIMATORS = [
    *CLASSES,
    PerceptronClassifier,
    TabularEncoder,
    TabularMLPClassifier,
    TabularMLPRegressor,
]
# What a docstring calls a type.
WORDS = {
    float: r"\bfloat\b",
    int: r"\bint\b",
    bool: r"\bbool\b",
    type(None): r"\bNone\b",
    str: r"\bstr\b|\"",
    Sequence: r"\bsequence\b",
    Mapping: r"\bdict\b",
    np.random.RandomState: r"\bRandomState\b",
}


def members(annotation):
    """Return the types that an annotation allows, without their parameters."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return {kind for part in typing.get_args(annotation) for kind in members(part)}
    if typing.get_origin(annotation) is typing.Literal:
        return {type(value) for value in typing.get_args(annotation)}
    kind = typing.get_origin(annotation) or annotation
    return {Sequence if kind in (list, tuple) else kind}


def hints(estimator):
    found = typing.get_type_hints(estimator.__init__)
    return {name: hint for name, hint in found.items() if name != "return"}


def told(estimator):
    """Return the type of every argument in the words of the docstring."""
    docstring = inspect.getdoc(estimator)
    section = docstring[docstring.index("Parameters\n") : docstring.index("\nAttributes\n")]
    kinds = dict(re.findall(r"^(\w+) : (.+?), default", section, re.MULTILINE))
    return {name: re.sub(r" of .+?, or ", " or ", kind) for name, kind in kinds.items()}


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_every_argument_has_a_type(estimator):
    assert list(hints(estimator)) == list(inspect.signature(estimator).parameters)


@pytest.mark.parametrize("estimator", CLASSES)
def test_constructors_and_tables_of_arguments_have_the_same_types(estimator):
    assert hints(estimator) == typing.get_type_hints(CLASSES[estimator])


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_types_and_docstrings_name_the_same_kinds(estimator):
    words = told(estimator)
    assert words.keys() == hints(estimator).keys()
    for name, hint in hints(estimator).items():
        allowed = members(hint)
        for kind, pattern in WORDS.items():
            in_words = re.search(pattern, words[name]) is not None
            assert in_words == (kind in allowed), f"{name} : {words[name]}, but {hint}"


@pytest.mark.parametrize(
    "literal, table",
    [
        (arguments.ActivationName, options.ACTIVATIONS),
        (arguments.SolverName, options.SOLVERS),
        (arguments.ScheduleName, options.SCHEDULES),
        (arguments.InitializerName, ["auto", *options.INITIALIZERS]),
        (arguments.LossName, options.REGRESSION_LOSSES),
        (arguments.OutActivationName, ["auto", *options.OUTPUT_ACTIVATIONS]),
    ],
)
def test_the_options_of_a_type_are_those_of_its_table(literal, table):
    assert set(typing.get_args(literal)) == set(table)
