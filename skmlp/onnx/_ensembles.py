"""The ensembles for tables: their networks, averages and calibration in one graph."""

from typing import Any

import numpy as np

from skmlp._typing import Array
from skmlp.estimators.tabular._calibration import FLOOR
from skmlp.estimators.tabular._recipe import LABEL_SMOOTHING
from skmlp.onnx._graph import Graph
from skmlp.onnx._networks import class_labels, probabilities, raw_predictions
from skmlp.onnx._operations import OPERATIONS


def check_encoded(operator: Any) -> None:
    """Raise a ValueError unless the input is what the encoder of an ensemble gives."""
    ensemble = operator.raw_operator
    n_columns = len(ensemble.encoder_.get_feature_names_out())
    shapes = [variable.type.shape for variable in operator.inputs]
    if [shape[1:] for shape in shapes] != [[n_columns]]:
        raise ValueError(
            f"The input must be what the encoder of the {type(ensemble).__name__} gives, of shape "
            f"(n_samples, {n_columns}); got {', '.join(map(str, shapes))}. ONNX has no ranks and "
            "no words that nobody has seen: convert for `encoder_.transform(table)`, and encode "
            "tables in Python."
        )


def convert_classifiers(scope: Any, operator: Any, container: Any) -> None:
    """Write the graph of a TabularMLPClassifier."""
    ensemble, graph = operator.raw_operator, Graph(scope, operator, container)
    members = [
        _aligned(graph, probabilities(graph, network, _columns(graph, columns)), ensemble, network)
        for network, columns in _members(ensemble)
    ]
    sharp = _calibrated(graph, _mean(graph, members), ensemble)
    if ensemble._exclusive:
        index = graph("ArgMax", sharp, axis=1, keepdims=0)
        labels = graph("Gather", class_labels(scope, ensemble), index)
    else:
        labels = graph.as_indices(graph("Greater", sharp, 0.5))
    graph.publish(labels, sharp)


def convert_regressors(scope: Any, operator: Any, container: Any) -> None:
    """Write the graph of a TabularMLPRegressor."""
    ensemble, graph = operator.raw_operator, Graph(scope, operator, container)
    low, high = (np.atleast_1d(bound).astype(float) for bound in ensemble._range)
    members = []
    for network, columns in _members(ensemble):
        raw = raw_predictions(graph, network, _columns(graph, columns))
        prediction = OPERATIONS[network.out_activation_](graph, raw)
        members.append(graph("Min", graph("Max", prediction, low), high))
    graph.publish(_mean(graph, members))


def _members(ensemble: Any) -> Any:
    return zip(ensemble.estimators_, ensemble.estimators_features_, strict=True)


def _columns(graph: Graph, columns: Array) -> str:
    return graph("Gather", graph.X, columns.astype(np.int64), axis=1)


def _aligned(graph: Graph, probability: str, ensemble: Any, network: Any) -> str:
    """Return a column per class of the ensemble: a network may have seen fewer."""
    if len(network.classes_) == len(ensemble.classes_):
        return probability
    place = np.searchsorted(ensemble.classes_, network.classes_)
    return graph("MatMul", probability, np.eye(len(ensemble.classes_))[place])


def _mean(graph: Graph, members: list[str]) -> str:
    return graph("Div", graph("Sum", *members), float(len(members)))


def _calibrated(graph: Graph, said: str, ensemble: Any) -> str:
    """As `unsmooth` and `sharpen` do it."""
    if ensemble._exclusive:
        n_classes = len(ensemble.classes_)
        logs = graph("Log", _positive(graph, said, ensemble, n_classes))
        # What the shares sum to is one number for all classes, which their softmax does not see.
        sharp = graph("Softmax", graph("Div", logs, ensemble.temperature_), axis=1)
        return graph("Add", graph("Mul", sharp, 1 - FLOOR * n_classes), FLOOR)
    one, other = (
        graph("Log", _positive(graph, shares, ensemble, 2))
        for shares in (said, graph("Sub", 1.0, said))
    )
    logits = graph("Div", graph("Sub", one, other), ensemble.temperature_)
    return graph("Add", graph("Mul", graph("Sigmoid", logits), 1 - 2 * FLOOR), FLOOR)


def _positive(graph: Graph, shares: str, ensemble: Any, n_classes: int) -> str:
    excess = graph("Sub", shares, LABEL_SMOOTHING / n_classes)
    excess = graph("Div", excess, 1 - LABEL_SMOOTHING)
    squares = graph("Add", graph("Mul", excess, excess), (2 * ensemble._least_share) ** 2)
    return graph("Add", excess, graph("Sqrt", squares))
