"""Predictions are finite or refused, take many rows at a time and copy no weights."""

import tracemalloc

import numpy as np
import pytest
from scipy import sparse

from skmlp import MLPClassifier, MLPRegressor, PerceptronClassifier, network

CLASSIFIER_METHODS = ["predict", "predict_proba", "predict_log_proba", "decision_function"]


def classifier(hidden=(5,), n_features=3, dtype=np.float64):
    rng = np.random.RandomState(0)
    X = rng.normal(size=(30, n_features)).astype(dtype)
    model = MLPClassifier(hidden, max_iter=1, random_state=0)
    return model.fit(X, np.arange(30) % 3)


# Finite, or refused


@pytest.mark.parametrize("method", CLASSIFIER_METHODS)
def test_rows_beyond_the_range_of_float32_are_named(method):
    model = classifier(dtype=np.float32)
    X = np.zeros((9, 3), np.float32)
    X[[2, 7]] = np.finfo(np.float32).max
    with pytest.raises(ValueError) as refusal:
        getattr(model, method)(X)
    assert str(refusal.value) == (
        "The rows of `X` must have predictions in the range of float32; got 2 of 9 beyond it, "
        "rows 2, 7. Scale `X` as for `fit`, leave these rows out, or fit with float64 inputs."
    )


@pytest.mark.parametrize("method", ["predict", "decision_function"])
def test_rows_beyond_the_range_of_a_perceptron_are_named(method):
    X = np.full((3, 2), 1e30, np.float32)
    X[1] = 0
    model = PerceptronClassifier().fit(X[:2], [1, 0])
    with pytest.raises(ValueError, match=r"range of float32; got 2 of 3 beyond it, rows 0, 2\. Sc"):
        getattr(model, method)(1e8 * X)


def test_rows_whose_expected_count_overflows_are_named():
    X = np.linspace(0, 1, 40)[:, None]
    model = MLPRegressor("poisson", hidden_layer_sizes=(), random_state=0, max_iter=100)
    model.fit(X, np.arange(40))
    assert np.isfinite(model.predict(X)).all()
    with pytest.raises(ValueError, match=r"got 6 of 8 beyond it, rows 2, 3, 4, 5, 6, [.]{3}"):
        model.predict(np.array([0, 1, *[1e6] * 6])[:, None])


# Fast


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix], ids=["dense", "sparse"])
def test_wide_inputs_are_predicted_many_rows_at_a_time(container, monkeypatch):
    model = classifier(n_features=20_000)
    shapes, forward = [], network.forward

    def counted(network, parameters, X, workspace):
        shapes.append(X.shape)
        return forward(network, parameters, X, workspace)

    monkeypatch.setattr(network, "forward", counted)
    model.predict(container(np.zeros((300, 20_000))))
    assert shapes == [(300, 20_000)]


def test_a_prediction_copies_no_weights():
    model = classifier((300, 300))
    row = np.zeros((1, 3))
    model.predict_proba(row)
    tracemalloc.start()
    try:
        model.predict_proba(row)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < model.coefs_[1].nbytes / 4


@pytest.mark.parametrize("change", [np.asfortranarray, lambda coef: coef.astype(np.float32)])
def test_weights_that_a_user_put_there_predict_however_they_lie(change):
    model = classifier()
    X = np.random.RandomState(1).normal(size=(20, 3))
    expected = model.decision_function(X)
    model.coefs_[1] = change(model.coefs_[1])
    np.testing.assert_allclose(model.decision_function(X), expected, rtol=1e-5)
