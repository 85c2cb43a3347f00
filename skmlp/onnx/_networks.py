"""What the graphs of all networks have: layers, probabilities, labels."""

from typing import Any

import numpy as np

from skmlp._typing import Array
from skmlp.onnx._graph import Graph
from skmlp.onnx._operations import OPERATIONS


def raw_predictions(graph: Graph, mlp: Any, h: str) -> str:
    """Return the raw predictions of a network for the rows `h`."""
    activations = [*mlp._activation_names, "identity"]
    for coef, intercept, name in zip(mlp.coefs_, mlp.intercepts_, activations, strict=True):
        h = OPERATIONS[name](graph, dense(graph, h, coef, intercept))
    return h


def probabilities(graph: Graph, classifier: Any, h: str) -> str:
    """Return what `predict_proba` of a network gives for the rows `h`."""
    raw = two_columns(graph, classifier, raw_predictions(graph, classifier, h))
    return OPERATIONS[classifier.out_activation_](graph, raw)


def dense(graph: Graph, h: str, coef: Array, intercept: Array) -> str:
    """Return a linear function of the rows `h`."""
    return graph("Add", graph("MatMul", h, coef), intercept)


def class_labels(scope: Any, classifier: Any) -> Array:
    """Return the labels as ONNX has them: int64 or strings."""
    from skl2onnx.common.utils_classifier import get_label_classes

    classes = get_label_classes(scope, classifier)
    return classes if classes.dtype.kind in "OU" else classes.astype(np.int64)


def two_columns(graph: Graph, classifier: Any, raw: str) -> str:
    """Return a column for "no" and one for "yes" where one logit tells between two classes."""
    if not classifier._targets.one_logit:
        return raw
    return graph("Concat", graph("Neg", raw), raw, axis=1)
