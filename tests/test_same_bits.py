"""One seed gives the same weights wherever and from whatever container a fit is run."""

from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV

from skmlp import MLPClassifier, MLPRegressor, PerceptronClassifier

X, y = load_digits(return_X_y=True)
X, y = X[:400] / 16, y[:400]

MODELS = {
    "adam": MLPClassifier((20,), max_iter=8, random_state=0, dropout=0.1),
    "lbfgs": MLPClassifier((20,), max_iter=8, random_state=0, solver="lbfgs"),
    "float32": MLPClassifier((200, 50), max_iter=4, random_state=0, early_stopping=True),
    "regressor": MLPRegressor(hidden_layer_sizes=(20,), max_iter=8, random_state=0),
    "linear": MLPRegressor(hidden_layer_sizes=(), max_iter=8, random_state=0, solver="lbfgs"),
}
each_model = pytest.mark.parametrize("name", MODELS)


def fit(name, inputs=X):
    return clone(MODELS[name]).fit(inputs, y)


def bits(model):
    return b"".join(array.tobytes() for array in [*model.coefs_, *model.intercepts_])


def fitted_bits(name):
    return bits(fit(name))


@each_model
def test_a_second_fit(name):
    assert fitted_bits(name) == fitted_bits(name)


@each_model
def test_threads(name):
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(fitted_bits, [name] * 4)) == {fitted_bits(name)}


@each_model
def test_a_search_with_any_number_of_jobs(name):
    def search(n_jobs):
        candidates = {"alpha": [1e-4, 1e-2]}
        return GridSearchCV(clone(MODELS[name]), candidates, cv=2, n_jobs=n_jobs).fit(X, y)

    alone, together = search(1), search(2)
    assert bits(alone.best_estimator_) == bits(together.best_estimator_)
    for key in ("mean_test_score", "std_test_score"):
        np.testing.assert_array_equal(alone.cv_results_[key], together.cv_results_[key])


@each_model
@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_joblib(name, backend):
    jobs = (joblib.delayed(fitted_bits)(name) for _ in range(2))
    assert set(joblib.Parallel(2, backend=backend)(jobs)) == {fitted_bits(name)}


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


def memory_map(array, folder):
    np.save(folder / "X.npy", array)
    return np.load(folder / "X.npy", mmap_mode="r")


def data_frame(array):
    pandas = pytest.importorskip("pandas")
    return pandas.DataFrame(array, columns=[f"pixel {i}" for i in range(array.shape[1])])


CONTAINERS = {
    "list": lambda folder: X.tolist(),
    "read-only": lambda folder: read_only(X),
    "memory map": lambda folder: memory_map(X, folder),
    "columns first": lambda folder: np.asfortranarray(X),
    "every second": lambda folder: np.repeat(X, 2, axis=0)[::2],
    "data frame": lambda folder: data_frame(X),
}


@each_model
@pytest.mark.parametrize("container", CONTAINERS)
def test_containers(name, container, tmp_path):
    assert bits(fit(name, CONTAINERS[container](tmp_path))) == fitted_bits(name)


def validated(name, inputs):
    """Return validation losses and raw predictions of a fit that sees nothing but `inputs`."""
    model = clone(MODELS[name]).fit(inputs, y, X_val=inputs, y_val=y)
    raw = getattr(model, "decision_function", model.predict)
    return np.array(model.validation_loss_curve_), raw(inputs)


@each_model
@pytest.mark.parametrize("container", CONTAINERS)
def test_containers_to_validate_on_and_to_predict(name, container, tmp_path):
    held = CONTAINERS[container](tmp_path)
    for ours, expected in zip(validated(name, held), validated(name, X), strict=True):
        np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize("container", CONTAINERS)
def test_containers_of_a_perceptron(container, tmp_path):
    held = CONTAINERS[container](tmp_path)
    # With a step of 1 all sums of the digits' sixteenths would be exact in any order.
    settings = {"eta0": 0.3, "shuffle": False, "max_iter": 5}
    labels = y < 5
    model = PerceptronClassifier(**settings).fit(X, labels)
    other = PerceptronClassifier(**settings).fit(held, labels)
    np.testing.assert_array_equal(other.coef_, model.coef_)
    np.testing.assert_array_equal(other.decision_function(held), model.decision_function(X))


@each_model
def test_sparse_formats_agree_with_each_other(name):
    from_rows = bits(fit(name, sparse.csr_matrix(X)))
    assert bits(fit(name, sparse.csr_array(X))) == from_rows
    assert bits(fit(name, sparse.csc_matrix(X))) == from_rows
