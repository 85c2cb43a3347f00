"""Inputs of every kind: the same predictions, the right dtypes, nothing copied, nothing written."""

import tracemalloc
from functools import cache

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_iris

from skmlp import MLPClassifier, MLPRegressor
from skmlp.estimators.mlp._options import FLOAT32_THRESHOLD

BOTH = [MLPClassifier, MLPRegressor]
both_estimators = pytest.mark.parametrize("estimator", BOTH)
SOLVERS = ["sgd", "adam", "lbfgs"]
every_solver = pytest.mark.parametrize("solver", SOLVERS)

_, Y = load_iris(return_X_y=True)
# Whole numbers, so that every container can hold them exactly.
X = np.round(load_iris().data * 10)


def memmap(array, tmp_path):
    mapped = np.memmap(tmp_path / "X", dtype=array.dtype, mode="w+", shape=array.shape)
    mapped[:] = array
    mapped.flush()
    return np.memmap(tmp_path / "X", dtype=array.dtype, mode="r", shape=array.shape)


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


def data_frame(array):
    return pytest.importorskip("pandas").DataFrame(array, columns=list("abcd"))


CONTAINERS = {
    "list": np.ndarray.tolist,
    "fortran order": np.asfortranarray,
    "read-only": read_only,
    "some columns": lambda a: np.hstack([a, a])[:, : a.shape[1]],
    "not contiguous": lambda a: np.repeat(a, 2, axis=1)[:, ::2],
    "int64": lambda a: a.astype(np.int64),
    "int16": lambda a: a.astype(np.int16),
    "uint8": lambda a: a.astype(np.uint8),
    "float16": lambda a: a.astype(np.float16),
    "big-endian": lambda a: a.astype(">f8"),
    "csr matrix": sparse.csr_matrix,
    "csc matrix": sparse.csc_matrix,
    "coo matrix": sparse.coo_matrix,
    "csr array": sparse.csr_array,
    "csc array": sparse.csc_array,
    "integer csr": lambda a: sparse.csr_matrix(a.astype(np.int32)),
    "data frame": data_frame,
}


def model_of(estimator, **arguments):
    arguments = {"hidden_layer_sizes": (8,), "max_iter": 6, "random_state": 0, **arguments}
    return estimator(**arguments)


@cache
def predicted_with_an_array(estimator, solver):
    return model_of(estimator, solver=solver).fit(X, Y).predict(X)


@both_estimators
@pytest.mark.parametrize("container", CONTAINERS)
def test_every_container_gives_the_same_predictions(estimator, container):
    held = CONTAINERS[container](X)
    for solver in SOLVERS:
        expected = predicted_with_an_array(estimator, solver)
        model = model_of(estimator, solver=solver).fit(held, Y)
        np.testing.assert_allclose(model.predict(held), expected, rtol=1e-6, err_msg=solver)
        np.testing.assert_allclose(
            model.predict(X) if container != "data frame" else expected, expected
        )
        assert all(array.dtype == np.float64 for array in model.coefs_)


@cache
def scores_and_loss(estimator, container):
    held = X if container is None else CONTAINERS[container](X)
    scores = model_of(estimator, early_stopping=True).fit(held, Y).validation_scores_
    classes = {"classes": [0, 1, 2]} if estimator is MLPClassifier else {}
    return scores, model_of(estimator).partial_fit(held, Y, **classes).loss_


@both_estimators
@pytest.mark.parametrize("container", CONTAINERS)
def test_every_container_works_with_early_stopping_and_partial_fit(estimator, container):
    expected_scores, expected_loss = scores_and_loss(estimator, None)
    scores, loss = scores_and_loss(estimator, container)
    np.testing.assert_allclose(scores, expected_scores, rtol=1e-6)
    assert loss == pytest.approx(expected_loss)


@both_estimators
@every_solver
def test_a_memory_map_gives_the_same_predictions(estimator, solver, tmp_path):
    expected = predicted_with_an_array(estimator, solver)
    mapped = memmap(X, tmp_path)
    predicted = model_of(estimator, solver=solver).fit(mapped, Y).predict(mapped)
    np.testing.assert_array_equal(predicted, expected)


@both_estimators
@pytest.mark.parametrize("make", [np.ndarray.tolist, "Series", np.int8, np.float32], ids=str)
def test_targets_come_in_any_container(estimator, make):
    pd = pytest.importorskip("pandas")
    y = pd.Series(Y) if make == "Series" else make(Y)
    expected = model_of(estimator).fit(X, Y).predict(X)
    np.testing.assert_allclose(model_of(estimator).fit(X, y).predict(X), expected, rtol=1e-5)


# Labels


@pytest.mark.parametrize(
    "labels",
    [
        np.array(["setosa", "versicolor", "virginica"]),
        np.array(["c", "a", "b"], dtype=object),
        np.array([7, -3, 2]),
        np.array([2.0, 1.0, 0.0]),
    ],
    ids=str,
)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_labels_of_any_kind_and_order_are_learnt(labels, n_classes):
    rows = Y < n_classes  # noqa: SIM300
    inputs = ((X - X.mean(axis=0)) / X.std(axis=0))[rows]
    y = labels[Y[rows]]
    model = model_of(MLPClassifier, max_iter=200, learning_rate_init=0.02).fit(inputs, y)
    np.testing.assert_array_equal(model.classes_, np.unique(y))
    assert model.predict(inputs).dtype == model.classes_.dtype
    assert model.score(inputs, y) > 0.9
    proba = model.predict_proba(inputs)
    assert (model.classes_[proba.argmax(axis=1)] == model.predict(inputs)).all()


def test_true_and_false_are_labels():
    model = model_of(MLPClassifier, max_iter=100).fit(X, Y == 0)
    assert model.predict(X).dtype == bool
    assert model.score(X, Y == 0) > 0.9


def test_classes_of_partial_fit_come_in_any_order():
    models = [model_of(MLPClassifier, shuffle=False) for _ in range(2)]
    for model, classes in zip(models, ([0, 1, 2, 3], [3, 1, 0, 2]), strict=True):
        model.partial_fit(X, Y, classes=classes).partial_fit(X, Y)
        np.testing.assert_array_equal(model.classes_, [0, 1, 2, 3])
    np.testing.assert_array_equal(models[0].coefs_[0], models[1].coefs_[0])


def test_a_permutation_of_the_labels_permutes_the_probabilities():
    start = [np.random.RandomState(0).normal(size=(4, 3)) * 0.1]
    renamed = np.array([2, 0, 1])
    shape = {"hidden_layer_sizes": (), "shuffle": False, "max_iter": 20}
    zeros = [np.zeros(3)]
    model = model_of(MLPClassifier, **shape).fit(X, Y, coefs_init=start, intercepts_init=zeros)
    moved = [start[0][:, np.argsort(renamed)]]
    other = model_of(MLPClassifier, **shape)
    other.fit(X, renamed[Y], coefs_init=moved, intercepts_init=zeros)
    np.testing.assert_allclose(
        other.predict_proba(X)[:, renamed], model.predict_proba(X), rtol=1e-9
    )


def test_a_column_of_targets_is_a_vector():
    with pytest.warns(UserWarning, match="column-vector"):
        model = model_of(MLPClassifier).fit(X, Y[:, None])
    assert model.predict(X).shape == (150,)
    assert model_of(MLPRegressor).fit(X, Y[:, None]).predict(X).shape == (150,)


# Dtypes


@both_estimators
@pytest.mark.parametrize("dtype", ["auto", "float32", "float64"])
@pytest.mark.parametrize("input_dtype", [np.float32, np.float64])
def test_public_arrays_have_the_dtype_of_the_input(estimator, dtype, input_dtype):
    for solver in ("sgd", "adam", "lbfgs"):
        model = model_of(estimator, solver=solver, dtype=dtype, max_iter=2)
        assert_dtype_of_public_arrays(model, X.astype(input_dtype))


def assert_dtype_of_public_arrays(model, inputs):
    input_dtype = inputs.dtype
    model.fit(inputs, Y)
    assert all(array.dtype == input_dtype for array in model.coefs_ + model.intercepts_)
    if isinstance(model, MLPClassifier):
        assert model.predict_proba(inputs).dtype == input_dtype
        assert model.predict_log_proba(inputs).dtype == input_dtype
        assert model.decision_function(inputs).dtype == input_dtype
    else:
        assert model.predict(inputs).dtype == input_dtype


def is_float32(array):
    return np.array_equal(array, array.astype(np.float32))


@both_estimators
@pytest.mark.parametrize(
    "arguments, n_hidden, single",
    [
        ({}, 10, False),
        ({}, FLOAT32_THRESHOLD, True),
        ({"solver": "sgd"}, FLOAT32_THRESHOLD, True),
        ({"solver": "lbfgs"}, FLOAT32_THRESHOLD, False),
        ({"dtype": "float64"}, FLOAT32_THRESHOLD, False),
        ({"dtype": "float32"}, 10, True),
        ({"dtype": "float32", "solver": "lbfgs"}, 10, True),
    ],
    ids=str,
)
def test_training_is_in_float32_where_the_rule_says_so(estimator, arguments, n_hidden, single):
    model = model_of(estimator, hidden_layer_sizes=n_hidden, max_iter=1, **arguments)
    model.fit(X[::10], Y[::10])
    # The digits that float32 cannot hold are zero in the published float64 weights.
    assert is_float32(model.coefs_[0]) is single


@both_estimators
def test_float32_training_ends_near_float64_training(estimator):
    fits = [model_of(estimator, dtype=dtype).fit(X, Y) for dtype in ("float32", "float64")]
    np.testing.assert_allclose(fits[0].coefs_[0], fits[1].coefs_[0], rtol=1e-2, atol=1e-3)


# Nothing written, nothing copied


@both_estimators
@pytest.mark.parametrize("solver", ["sgd", "adam", "adamw", "nadam", "rmsprop", "adagrad", "lbfgs"])
@pytest.mark.parametrize("make", [np.array, sparse.csr_matrix], ids=["dense", "sparse"])
def test_nothing_is_written_into_the_arrays_of_the_caller(estimator, solver, make):
    rng = np.random.RandomState(0)
    inputs = make(X)
    y = Y.astype(float) if estimator is MLPRegressor else Y.copy()
    arrays = {
        "sample_weight": rng.uniform(size=150),
        "y_val": y.copy(),
        "sample_weight_val": rng.uniform(size=150),
    }
    n_outputs = 3 if estimator is MLPClassifier else 1
    lists = {
        "coefs_init": [rng.normal(size=(4, 8)), rng.normal(size=(8, n_outputs))],
        "intercepts_init": [rng.normal(size=8), rng.normal(size=n_outputs)],
    }
    held = [y, *arrays.values(), *lists["coefs_init"], *lists["intercepts_init"]]
    held += [inputs.data if sparse.issparse(inputs) else inputs]
    before = [array.copy() for array in held]
    for array in held:
        array.flags.writeable = False
    model = model_of(estimator, solver=solver, batch_size=40, alpha=1.0)
    model.fit(inputs, y, **arrays, **lists, X_val=inputs).predict(inputs)
    model.coefs_[0] += 1
    for array, copy in zip(held, before, strict=True):
        np.testing.assert_array_equal(array, copy)
        assert not any(np.shares_memory(array, coef) for coef in model.coefs_)


@both_estimators
def test_a_prediction_belongs_to_the_caller(estimator):
    model = model_of(estimator).fit(X, Y)
    first = model.predict(X)
    copy = first.copy()
    model.predict(X[::-1])
    np.testing.assert_array_equal(first, copy)


@both_estimators
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
@pytest.mark.parametrize(
    "arguments",
    [{}, {"solver": "lbfgs"}, {"dtype": "float32"}, {"early_stopping": True}],
    ids=str,
)
def test_X_is_never_copied_whole(estimator, dtype, arguments):
    inputs = np.random.RandomState(0).randint(5, size=(20_000, 80)).astype(dtype)
    y = np.arange(20_000) % 3
    model = model_of(estimator, max_iter=1, **arguments)
    tracemalloc.start()
    try:
        model.fit(inputs, y)
        model.predict(inputs)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The targets are encoded; a tenth of X is held out for early stopping.
    targets = 12 * 20_000 * 8
    held_out = 0.2 * inputs.nbytes if "early_stopping" in arguments else 0
    copy = inputs.size * np.dtype(np.float32).itemsize
    assert peak < targets + held_out + 2.5e6
    assert targets + held_out + 2.5e6 < max(inputs.nbytes, copy), "a copy would go unnoticed"
