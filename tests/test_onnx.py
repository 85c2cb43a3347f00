"""What skl2onnx makes of the estimators predicts what they predict."""

import importlib
import sys

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier
from sklearn.neural_network import MLPRegressor as SklearnMLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skmlp
from skmlp import (
    MLPClassifier,
    MLPRegressor,
    PerceptronClassifier,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from skmlp.activations import ACTIVATIONS
from skmlp.output_activations import OUTPUT_ACTIVATIONS

TOLERANCE = {"float32": 1e-5, "float64": 1e-12}
LABELS = {
    "integers": lambda codes: codes * 10**12 - 1,
    "strings": lambda codes: np.array(["α", "beta", "c d"])[codes],
    "objects": lambda codes: np.array(["α", "beta", "c d"], dtype=object)[codes],
    "whole floats": lambda codes: codes - 1.0,
}


@pytest.fixture(scope="module")
def runtime():
    pytest.importorskip("skl2onnx", reason="the extra skmlp[onnx]")
    runtime = pytest.importorskip("onnxruntime", reason="the extra skmlp[onnx]")
    skmlp.onnx.register()
    return runtime


@pytest.fixture
def X():
    return np.random.default_rng(0).normal(size=(150, 4))


@pytest.fixture
def codes(X):
    return (X @ np.random.default_rng(1).normal(size=(4, 3))).argmax(axis=1)


def session(runtime, estimator, X, **options):
    from skl2onnx import to_onnx

    target = estimator[-1] if hasattr(estimator, "steps") else estimator
    options = {"options": {id(target): options}} if options else {}
    model = to_onnx(estimator, X[:1], **options)
    quiet = runtime.SessionOptions()
    quiet.log_severity_level = 3
    return runtime.InferenceSession(
        model.SerializeToString(), quiet, providers=["CPUExecutionProvider"]
    )


def converted(runtime, estimator, X, **options):
    """Return the outputs of the converted estimator for `X`, in the dtype of `X`."""
    return session(runtime, estimator, X, **options).run(None, {"X": X})


def check_classifier(runtime, classifier, X, dtype="float32"):
    X = X.astype(dtype)
    labels, scores = converted(runtime, classifier, X, zipmap=False)
    perceptron = not hasattr(classifier, "predict_proba")
    expected = (classifier.decision_function if perceptron else classifier.predict_proba)(X)
    if expected.ndim == 1:
        expected = np.c_[-expected, expected]
    np.testing.assert_array_equal(labels, classifier.predict(X))
    assert scores.dtype == dtype
    np.testing.assert_allclose(scores, expected, TOLERANCE[dtype], TOLERANCE[dtype])


def check_regressor(runtime, regressor, X, dtype="float32"):
    X = X.astype(dtype)
    (prediction,) = converted(runtime, regressor, X)
    expected = regressor.predict(X).reshape(len(X), -1)
    assert prediction.shape == expected.shape
    assert prediction.dtype == dtype
    np.testing.assert_allclose(prediction, expected, TOLERANCE[dtype], TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_is_converted(runtime, X, activation, dtype):
    X = 4 * X
    regressor = MLPRegressor(
        hidden_layer_sizes=(9, 5), activation=activation, max_iter=3, random_state=0
    )
    check_regressor(runtime, regressor.fit(X, X[:, 0]), X, dtype)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("out_activation", OUTPUT_ACTIVATIONS)
def test_every_output_activation_is_converted(runtime, X, out_activation, dtype):
    Y = 1 / (1 + np.exp(-X[:, :3]))
    regressor = MLPRegressor(
        hidden_layer_sizes=(9, 5),
        activation=["tanh", "silu"],
        out_activation=out_activation,
        max_iter=3,
        random_state=0,
    )
    check_regressor(runtime, regressor.fit(X, Y), X, dtype)
    check_regressor(runtime, regressor.fit(X, Y[:, 0]), X, dtype)


def test_a_standardised_target_is_converted_in_its_own_units(runtime, X):
    regressor = MLPRegressor(normalize_y=True, max_iter=3, random_state=0)
    check_regressor(runtime, regressor.fit(X, 3 + 5 * X[:, :2]), X)


def test_a_standardised_target_is_predicted_in_its_own_units(runtime, X):
    regressor = MLPRegressor(normalize_y=True, max_iter=3, random_state=0)
    check_regressor(runtime, regressor.fit(X, 1000 + 50 * X[:, :2]), X, "float64")


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("labels", LABELS)
def test_labels_and_probabilities_are_those_of_the_classifier(
    runtime, X, codes, labels, n_classes, dtype
):
    y = LABELS[labels](codes % n_classes)
    check_classifier(runtime, MLPClassifier(max_iter=3, random_state=0).fit(X, y), X, dtype)
    check_classifier(runtime, PerceptronClassifier(max_iter=3).fit(X, y), X, dtype)


def test_truth_values_become_zero_and_one(runtime, X, codes):
    classifier = MLPClassifier(max_iter=3, random_state=0).fit(X, codes > 0)
    check_classifier(runtime, classifier, X)


@pytest.mark.filterwarnings("ignore:`y` holds one class")
def test_a_single_class_is_certain(runtime, X):
    classifier = MLPClassifier(max_iter=3, random_state=0).fit(X, ["only"] * len(X))
    check_classifier(runtime, classifier, X)


@pytest.mark.parametrize("n_columns", [2, 3])
def test_targets_of_several_columns_are_converted(runtime, X, codes, n_columns):
    indicator = (X[:, :n_columns] > 0).astype(int)
    soft = np.exp(X[:, :n_columns]) / np.exp(X[:, :n_columns]).sum(axis=1, keepdims=True)
    for y in (indicator, soft):
        check_classifier(runtime, MLPClassifier((), max_iter=3, random_state=0).fit(X, y), X)
    check_classifier(runtime, PerceptronClassifier(max_iter=3).fit(X, indicator), X)


@pytest.mark.parametrize("step", ["sign", "heaviside"])
def test_a_perceptron_decides_a_score_of_zero_by_its_step(runtime, X, codes, step):
    rows = np.zeros((1, 4), np.float32)
    perceptron = PerceptronClassifier(fit_intercept=False, max_iter=1, step=step)
    for y in (codes > 0, np.c_[codes > 0, codes > 1].astype(int)):
        check_classifier(runtime, perceptron.fit(X, y), rows)
    assert perceptron.sparsify().predict(rows).all() == (step == "heaviside")
    check_classifier(runtime, perceptron, rows)


def test_a_pipeline_and_a_search_are_converted(runtime, X, codes):
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(max_iter=3, random_state=0))
    check_classifier(runtime, pipeline.fit(X, codes), X)
    search = GridSearchCV(MLPClassifier(max_iter=3, random_state=0), {"alpha": [0.1, 1]}, cv=2)
    check_classifier(runtime, search.fit(X, codes), X)


@pytest.mark.parametrize("options", [{}, {"zipmap": False}, {"zipmap": "columns"}], ids=str)
@pytest.mark.parametrize("kind", ["integers", "strings", "indicator"])
def test_the_outputs_are_named_and_typed_as_scikit_learns(runtime, X, codes, kind, options):
    kinds = {
        "integers": codes,
        "strings": codes.astype(str),
        "indicator": np.eye(3, dtype=int)[codes],
    }
    y = kinds[kind]
    outputs = [
        [
            (output.name, output.type)
            for output in session(
                runtime, estimator.fit(X, y), X.astype(np.float32), **options
            ).get_outputs()
        ]
        for estimator in (MLPClassifier(max_iter=3), SklearnMLPClassifier(max_iter=3))
    ]
    assert outputs[0] == outputs[1]


def test_a_regressor_of_one_output_gives_a_column_as_scikit_learns(runtime, X):
    shapes = [
        converted(runtime, estimator.fit(X, X[:, 0]), X.astype(np.float32))[0].shape
        for estimator in (MLPRegressor(max_iter=3), SklearnMLPRegressor(max_iter=3))
    ]
    assert shapes == [(150, 1), (150, 1)]


def test_classes_can_be_left_out_and_logits_asked_for(runtime, X, codes):
    classifier = MLPClassifier(max_iter=3, random_state=0).fit(X, LABELS["strings"](codes))
    X = X.astype(np.float32)
    positions, _ = converted(runtime, classifier, X, nocl=True)
    np.testing.assert_array_equal(classifier.classes_[positions], classifier.predict(X))
    _, logits = converted(runtime, classifier, X, zipmap=False, raw_scores=True)
    np.testing.assert_allclose(logits, classifier.decision_function(X), 1e-5, 1e-5)


def test_what_was_fitted_is_converted_whatever_set_params_has_said_since(runtime, X):
    regressor = MLPRegressor(activation="gelu", max_iter=3, random_state=0).fit(X, X[:, 0])
    check_regressor(runtime, regressor.set_params(activation="relu", out_activation="exp"), X)


def test_the_error_without_the_extra_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "skl2onnx", None)
    with pytest.raises(
        ImportError, match=r"needs skl2onnx; got .*`pip install skl2onnx onnxruntime`"
    ):
        skmlp.onnx.register()


def test_importing_skmlp_imports_no_converter(monkeypatch, without_skmlp):
    converters = {"onnx", "skl2onnx", "onnxruntime"}
    for name in converters:
        monkeypatch.delitem(sys.modules, name, raising=False)
    importlib.import_module("skmlp.onnx")
    assert not converters & set(sys.modules)


# The ensembles for tables

TABLE = np.array([[word, 1.5 * number, None] for number, word in enumerate("abcd" * 30)], object)
SMALL = {"hidden_layer_sizes": 6, "max_iter": 3, "n_estimators": 3, "random_state": 0}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["strings", "one seldom", "multilabel"])
def test_an_ensemble_behind_its_encoder(kind, dtype, runtime):
    y = {
        "strings": np.where(np.arange(120) % 3, "yes", "no"),
        "one seldom": np.array([0] * 70 + [1] * 49 + [2]),
        "multilabel": np.c_[np.arange(120) % 2, np.arange(120) % 3 > 1].astype(int),
    }[kind]
    ensemble = TabularMLPClassifier(**SMALL).fit(TABLE, y)
    encoding = ensemble.encoder_.transform(TABLE).astype(dtype)
    labels, probability = converted(runtime, ensemble, encoding, zipmap=False)
    # The networks learn in float32.
    np.testing.assert_allclose(probability, ensemble.predict_proba(TABLE), rtol=1e-4)
    np.testing.assert_array_equal(labels, ensemble.predict(TABLE))


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_an_ensemble_of_regressors_behind_its_encoder(n_outputs, runtime):
    y = np.c_[TABLE[:, 1].astype(float) ** 2, np.arange(120) % 5][:, :n_outputs].squeeze()
    ensemble = TabularMLPRegressor(**SMALL).fit(TABLE, y)
    (prediction,) = converted(runtime, ensemble, ensemble.encoder_.transform(TABLE))
    expected = ensemble.predict(TABLE).reshape(120, n_outputs)
    np.testing.assert_allclose(prediction, expected, rtol=1e-4)


def test_a_table_itself_is_refused_by_the_way_round(runtime):
    ensemble = TabularMLPClassifier(**SMALL).fit(TABLE, np.arange(120) % 2)
    with pytest.raises(
        ValueError, match=r"of shape \(n_samples, \d+\); got .*`encoder_\.transform"
    ):
        session(runtime, ensemble, np.zeros((1, 3), np.float32))
