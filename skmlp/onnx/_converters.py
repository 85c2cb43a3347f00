"""The estimators as skl2onnx has to know them. It is imported by `register`, not before."""

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmlp.estimators.mlp._classifier import MLPClassifier
from skmlp.estimators.mlp._regressor import MLPRegressor
from skmlp.estimators.perceptron._classifier import PerceptronClassifier
from skmlp.estimators.tabular._base import BaseTabularMLP
from skmlp.estimators.tabular._classifier import TabularMLPClassifier
from skmlp.estimators.tabular._regressor import TabularMLPRegressor
from skmlp.onnx._ensembles import check_encoded, convert_classifiers, convert_regressors
from skmlp.onnx._graph import Graph
from skmlp.onnx._networks import class_labels, dense, raw_predictions, two_columns
from skmlp.onnx._operations import OPERATIONS

# As skl2onnx has them for scikit-learn's classifiers; of an ensemble there are no scores.
_ENSEMBLE_OPTIONS = {
    "zipmap": [True, False, "columns"],
    "nocl": [True, False],
    "output_class_labels": [False, True],
}
_CLASSIFIER_OPTIONS = {**_ENSEMBLE_OPTIONS, "raw_scores": [True, False]}


def register() -> None:
    """Teach skl2onnx to convert fitted networks and perceptrons, alone and in a pipeline.

    Call it once in a process; again does no harm. After it ``skl2onnx.to_onnx`` and
    ``convert_sklearn`` take fitted `MLPClassifier`, `MLPRegressor` and `PerceptronClassifier`,
    whatever their arguments, and of `TabularMLPClassifier` and `TabularMLPRegressor` what comes
    behind their `encoder_`: a table is encoded in Python. The inputs are float32, float64, int64
    or bool; the graph computes in float64 if they are float64, else in float32.

    Raises
    ------
    ImportError
        If skl2onnx is not installed.

    Notes
    -----
    A classifier has two outputs, as with scikit-learn's converters: the labels (int64 or strings; a
    0/1 matrix for multilabel targets) and the probabilities, or the scores of a perceptron. The
    options ``zipmap``, ``nocl`` and ``output_class_labels`` mean what they mean there, and
    ``raw_scores=True`` gives the logits of `decision_function` in place of probabilities. A
    regressor has one output of shape (n_samples, n_outputs), a column where `predict` gives a
    vector.

    Examples
    --------
    >>> import numpy as np
    >>> import skmlp
    >>> from skl2onnx import to_onnx
    >>> skmlp.onnx.register()
    >>> X = np.eye(3, dtype=np.float32)
    >>> classifier = skmlp.MLPClassifier(solver="lbfgs").fit(X, ["a", "b", "c"])
    >>> model = to_onnx(classifier, X[:1], options={"zipmap": False})
    >>> [output.name for output in model.graph.output]
    ['label', 'probabilities']
    """
    try:
        from skl2onnx import update_registered_converter
    except ImportError as error:
        raise ImportError(
            f"`skmlp.onnx.register` needs skl2onnx; got {error}. Install it with "
            "`pip install skl2onnx onnxruntime`."
        ) from error
    for estimator, set_types, convert, options in (
        (MLPClassifier, _set_classifier_types, _convert_classifier, _CLASSIFIER_OPTIONS),
        (PerceptronClassifier, _set_classifier_types, _convert_perceptron, _CLASSIFIER_OPTIONS),
        (TabularMLPClassifier, _set_classifier_types, convert_classifiers, _ENSEMBLE_OPTIONS),
        (MLPRegressor, _set_regressor_type, _convert_regressor, None),
        (TabularMLPRegressor, _set_regressor_type, convert_regressors, None),
    ):
        name = f"Skmlp{estimator.__name__}"
        update_registered_converter(estimator, name, set_types, convert, options=options)


# Estimators


def _convert_classifier(scope: Any, operator: Any, container: Any) -> None:
    classifier, graph = operator.raw_operator, Graph(scope, operator, container)
    raw = raw_predictions(graph, classifier, graph.X)
    labels = _labels(graph, scope, classifier, raw, graph("Greater", raw, 0.0))
    columns, out_activation = two_columns(graph, classifier, raw), classifier.out_activation_
    if container.get_options(classifier, {"raw_scores": False})["raw_scores"]:
        out_activation = "log_softmax" if out_activation == "softmax" else "identity"
    graph.publish(labels, OPERATIONS[out_activation](graph, columns))


def _convert_perceptron(scope: Any, operator: Any, container: Any) -> None:
    perceptron, graph = operator.raw_operator, Graph(scope, operator, container)
    scores = dense(graph, graph.X, perceptron._dense_coef().T, perceptron.intercept_)
    fires = graph("Greater", scores, 0.0)
    if perceptron._step == "heaviside":
        fires = graph("Not", graph("Less", scores, 0.0))
    labels = _labels(graph, scope, perceptron, scores, fires)
    graph.publish(labels, two_columns(graph, perceptron, scores))


def _convert_regressor(scope: Any, operator: Any, container: Any) -> None:
    regressor, graph = operator.raw_operator, Graph(scope, operator, container)
    raw = raw_predictions(graph, regressor, graph.X)
    graph.publish(OPERATIONS[regressor.out_activation_](graph, raw))


def _labels(graph: Graph, scope: Any, classifier: Any, raw: str, positive: str) -> str:
    """Return what `predict` gives; `positive` says which raw predictions are a yes."""
    targets = classifier._targets
    if targets.kind == "multilabel":
        return graph.as_indices(positive)
    if targets.one_logit:
        index = graph("Reshape", graph.as_indices(positive), np.array([-1]))
    else:
        index = graph("ArgMax", raw, axis=1, keepdims=0)
    return graph("Gather", class_labels(scope, classifier), index)


# Types of the outputs


def _set_classifier_types(operator: Any) -> None:
    from skl2onnx.common.data_types import Int64TensorType
    from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes

    classifier = operator.raw_operator
    check_is_fitted(classifier)
    if isinstance(classifier, BaseTabularMLP):
        check_encoded(operator)
    calculate_linear_classifier_output_shapes(operator)
    if classifier._targets.kind == "multilabel":
        shape = [operator.inputs[0].get_first_dimension(), len(classifier.classes_)]
        operator.outputs[0].set_type(Int64TensorType(shape))


def _set_regressor_type(operator: Any) -> None:
    from skl2onnx.common.shape_calculator import calculate_linear_regressor_output_shapes

    regressor = operator.raw_operator
    check_is_fitted(regressor)
    if isinstance(regressor, BaseTabularMLP):
        check_encoded(operator)
        regressor = regressor.estimators_[0]
    calculate_linear_regressor_output_shapes(operator)
    n_samples = operator.inputs[0].get_first_dimension()
    operator.outputs[0].type.shape = [n_samples, regressor.n_outputs_]
