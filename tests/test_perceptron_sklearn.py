"""PerceptronClassifier is scikit-learn's Perceptron."""

import inspect

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.datasets import load_digits, load_iris
from sklearn.linear_model import Perceptron, SGDClassifier

from skmlp import PerceptronClassifier

PENALTIES = [None, "l1", "l2", "elasticnet"]
IS_1_9 = tuple(int(part) for part in sklearn.__version__.split(".")[:2]) >= (1, 9)


def skip_unless_same(penalty):
    """Skip where an older scikit-learn shrinks the weights by another rule than 1.9's."""
    if penalty in ("l2", "elasticnet") and not IS_1_9:
        pytest.skip("the oracle of this penalty is scikit-learn 1.9's")


def text_like():
    """Rows with a few of many features, of unit length, as from a TfidfVectorizer."""
    rng = np.random.RandomState(0)
    X = sparse.random(300, 1500, density=0.02, format="csr", random_state=rng)
    lengths = np.sqrt(np.asarray(X.multiply(X).sum(axis=1)).ravel())
    return sparse.csr_array(sparse.diags(1 / lengths) @ X), rng.randint(0, 4, 300)


DATA = {
    "iris": lambda: load_iris(return_X_y=True),
    "two classes of iris": lambda: tuple(part[:100] for part in load_iris(return_X_y=True)),
    "digits": lambda: tuple(part[:300] for part in load_digits(return_X_y=True)),
    "text": text_like,
}


def assert_same_weights(own, other):
    assert_allclose(own.coef_, other.coef_, rtol=0, atol=1e-10)
    assert_allclose(own.intercept_, other.intercept_, rtol=0, atol=1e-10)
    assert own.coef_.shape == other.coef_.shape
    assert own.coef_.dtype == other.coef_.dtype


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("penalty", PENALTIES)
def test_the_weights_are_those_of_perceptron(name, penalty):
    skip_unless_same(penalty)
    X, y = DATA[name]()
    options = {"penalty": penalty, "shuffle": False}
    own, other = PerceptronClassifier(**options).fit(X, y), Perceptron(**options).fit(X, y)
    assert_same_weights(own, other)
    assert_array_equal(own.predict(X), other.predict(X))
    assert_allclose(own.decision_function(X), other.decision_function(X), atol=1e-8)


@pytest.mark.parametrize("name", DATA)
def test_the_weights_are_those_of_sgd_classifier(name):
    X, y = DATA[name]()
    sgd = SGDClassifier(
        loss="perceptron", learning_rate="constant", eta0=1, penalty=None, shuffle=False
    )
    assert_same_weights(PerceptronClassifier(shuffle=False).fit(X, y), sgd.fit(X, y))


@pytest.mark.parametrize(
    "options",
    [
        {"tol": None, "max_iter": 3},
        {"tol": 0.0, "n_iter_no_change": 2},
        {"fit_intercept": False},
        {"class_weight": "balanced"},
        {"class_weight": {0: 2.0, 1: 0.5, 2: 4.0}},
        {"early_stopping": True, "random_state": 3},
        {"eta0": 0.5, "penalty": "elasticnet", "l1_ratio": 0.7, "alpha": 0.01},
    ],
    ids=str,
)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_options_mean_what_they_mean_there(options, n_classes):
    skip_unless_same(options.get("penalty"))
    X, y = load_iris(return_X_y=True)
    keep = y < n_classes
    X, y = X[keep][::3], y[keep][::3]
    options = {"shuffle": False, **options}
    if "class_weight" in options and n_classes == 2 and options["class_weight"] != "balanced":
        options["class_weight"] = {0: 2.0, 1: 0.5}
    own = PerceptronClassifier(**options).fit(X, y)
    assert_same_weights(own, Perceptron(**options).fit(X, y))


@pytest.mark.parametrize("average", [True, 50])
def test_the_average_is_that_of_sgd_classifier(average):
    X, y = load_iris(return_X_y=True)
    options = {"shuffle": False, "tol": None, "max_iter": 4, "average": average}
    sgd = SGDClassifier(
        loss="perceptron", learning_rate="constant", eta0=1, penalty=None, **options
    )
    assert_same_weights(PerceptronClassifier(**options).fit(X, y), sgd.fit(X, y))


def test_partial_fit_goes_on_as_there():
    X, y = load_iris(return_X_y=True)
    own, other = PerceptronClassifier(shuffle=False), Perceptron(shuffle=False)
    for part in (slice(0, 100), slice(100, None), slice(20, 120)):
        own.partial_fit(X[part], y[part], classes=[0, 1, 2])
        other.partial_fit(X[part], y[part], classes=[0, 1, 2])
        assert_same_weights(own, other)
    assert own.t_ == other.t_
    assert own.n_iter_ == other.n_iter_ == 1


def test_initial_and_sample_weights_mean_what_they_mean_there():
    X, y = load_iris(return_X_y=True)
    rng = np.random.RandomState(0)
    given = {
        "coef_init": rng.normal(size=(3, 4)),
        "intercept_init": rng.normal(size=3),
        "sample_weight": rng.uniform(size=150),
    }
    before = {name: array.copy() for name, array in given.items()}
    options = {"shuffle": False, "tol": None, "max_iter": 3}
    own = PerceptronClassifier(**options).fit(X, y, **given)
    for name, array in before.items():
        assert_array_equal(given[name], array)
    assert_same_weights(own, Perceptron(**options).fit(X, y, **given))


def test_warm_start_goes_on_as_there():
    X, y = load_iris(return_X_y=True)
    options = {"shuffle": False, "warm_start": True, "tol": None, "max_iter": 2}
    own, other = PerceptronClassifier(**options), Perceptron(**options)
    for _ in range(3):
        assert_same_weights(own.fit(X, y), other.fit(X, y))


def test_arguments_defaults_and_their_order_are_those_of_perceptron():
    for name in ("__init__", "fit", "partial_fit"):
        own = inspect.signature(getattr(PerceptronClassifier, name)).parameters
        other = inspect.signature(getattr(Perceptron, name)).parameters
        for parameter in other.values():
            assert own[parameter.name].default == parameter.default
            assert own[parameter.name].kind == parameter.kind
        assert list(own)[: len(other)] == list(other)


@pytest.mark.skipif(not IS_1_9, reason="the attributes are those of scikit-learn 1.9")
def test_fitted_attributes_and_methods_are_those_of_perceptron():
    X, y = load_iris(return_X_y=True, as_frame=True)
    own, other = PerceptronClassifier().fit(X, y), Perceptron().fit(X, y)
    public = {name for name in vars(other) if name.endswith("_") and not name.startswith("_")}
    assert public <= set(vars(own))
    methods = {name for name in dir(other) if not name.startswith("_") and name != "loss_functions"}
    arguments_of_sgd = {"loss", "learning_rate", "power_t", "epsilon"}
    assert methods - arguments_of_sgd <= set(dir(own))
