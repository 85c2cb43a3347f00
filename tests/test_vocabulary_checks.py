"""Every option of the vocabulary: scikit-learn's own checks, clone, pickle and random search."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import RandomizedSearchCV
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmlp import MLPClassifier, MLPRegressor
from skmlp.estimators._recipes import (
    ACTIVATIONS,
    OPTIMIZERS,
    OUTPUT_ACTIVATIONS,
    REGRESSION_LOSSES,
    SCHEDULES,
    pointwise_loss,
)

SKLEARNS = {
    *("identity", "logistic", "tanh", "relu"),
    *("adam", "sgd"),
    *("constant", "invscaling", "adaptive"),
    *("squared_error", "poisson"),
}

# An option is a row: arguments beyond those of scikit-learn, for both MLPs or for one.
BOTH = [
    *({"activation": name} for name in ACTIVATIONS if name not in SKLEARNS),
    {"activation": ["tanh", "silu"], "hidden_layer_sizes": [6, 5]},
    {"hidden_layer_sizes": ()},
    {"hidden_layer_sizes": 6, "n_hidden_layers": 2},
    *(
        {"solver": name, **({"learning_rate_init": 0.1} if name == "adagrad" else {})}
        for name in OPTIMIZERS
        if name not in SKLEARNS
    ),
    *({"learning_rate": name} for name in SCHEDULES if name not in SKLEARNS),
    {"warmup_iter": 3},
    {"dropout": 0.1},
    {"activation": "selu", "dropout": 0.1},
    {"max_grad_norm": 1.0},
    {"weight_init": "he_normal"},
    {"frozen_layers": 1, "hidden_layer_sizes": [20]},
    {"early_stopping": True, "scoring": "loss"},
    {"dtype": "float32"},
]
CLASSIFIER_ONLY = [
    {"class_weight": "balanced"},
    {"label_smoothing": 0.1},
]
# scikit-learn's checks change the labels, which are a dict's keys: held to the other tests only.
OF_KNOWN_LABELS = [{"class_weight": {1: 2.0}}]
REGRESSOR_ONLY = [
    *(
        {"loss": name, "huber_delta": 0.5, "quantile": 0.7}
        for name in REGRESSION_LOSSES
        if name not in SKLEARNS and pointwise_loss(MLPRegressor(name)).low < 0
    ),
    {"loss": "squared_error", "out_activation": "identity"},
]
# Targets of scikit-learn's checks are of either sign: these are held to the other tests only.
OF_ONE_SIGN = [
    {"loss": "poisson"},
    {"loss": "huber", "out_activation": "softplus"},
    *({"out_activation": name} for name in OUTPUT_ACTIVATIONS if name != "identity"),
]
CLASSIFIERS = [MLPClassifier(**arguments) for arguments in BOTH + CLASSIFIER_ONLY]
REGRESSORS = [MLPRegressor(**arguments) for arguments in BOTH + REGRESSOR_ONLY]
ALL = [
    *CLASSIFIERS,
    *[MLPClassifier(**arguments) for arguments in OF_KNOWN_LABELS],
    *REGRESSORS,
    *[MLPRegressor(**arguments) for arguments in OF_ONE_SIGN],
]

WEIGHT_EQUIVALENCE = (
    "check_sample_weight_equivalence_on_dense_data",
    "check_sample_weight_equivalence_on_sparse_data",
)


def small(estimator):
    """Return an estimator that the checks can fit a few thousand times."""
    arguments = {"max_iter": 70}
    if estimator.hidden_layer_sizes == (100,):
        arguments["hidden_layer_sizes"] = (10,)
    if estimator.learning_rate_init == 0.001:
        arguments["learning_rate_init"] = 0.02
    return clone(estimator).set_params(**arguments)


def expected_failures(estimator):
    """Return the checks that an option cannot pass, each with the reason."""
    reason = None
    if estimator.dropout:
        reason = "a repeated row draws its own noise, a weighted one draws it once"
    elif estimator.early_stopping:
        reason = "a random split cannot treat a repeated row as one weighted row"
    elif estimator.dtype == "float32":
        reason = "the check compares to seven digits, which float32 does not have"
    return {} if reason is None else dict.fromkeys(WEIGHT_EQUIVALENCE, reason)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(
    [small(estimator) for estimator in CLASSIFIERS + REGRESSORS],
    expected_failed_checks=expected_failures,
)
def test_scikit_learn_finds_nothing_wrong(estimator, check):
    check(estimator)


def data(estimator):
    rng = np.random.RandomState(0)
    X = rng.normal(size=(60, 3))
    if isinstance(estimator, MLPClassifier):
        return X, (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
    # Inside the range of every output activation.
    return X, 0.5 + 0.4 * np.tanh(X[:, 0])


@pytest.mark.parametrize("estimator", ALL, ids=str)
def test_a_clone_has_equal_arguments_and_trains_to_equal_weights(estimator):
    X, y = data(estimator)
    first = clone(estimator).set_params(max_iter=3, random_state=0).fit(X, y)
    copy = clone(first)
    assert not hasattr(copy, "coefs_")
    assert copy.get_params() == first.get_params()
    for one, other in zip(first.coefs_, copy.fit(X, y).coefs_, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("estimator", ALL, ids=str)
def test_a_pickle_predicts_the_same(estimator):
    X, y = data(estimator)
    fitted = clone(estimator).set_params(max_iter=3, random_state=0).fit(X, y)
    loaded = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(loaded.predict(X), fitted.predict(X))


SEARCHED = {
    MLPClassifier: [*BOTH, *CLASSIFIER_ONLY, *OF_KNOWN_LABELS],
    MLPRegressor: [*BOTH, *REGRESSOR_ONLY, *OF_ONE_SIGN],
}


@pytest.mark.parametrize("estimator", SEARCHED)
def test_every_option_can_be_searched(estimator):
    """One search over all rows of the table, each a candidate of its own."""
    rows = SEARCHED[estimator]
    base = estimator(hidden_layer_sizes=(4,), max_iter=2, random_state=0)
    X, y = data(base)
    search = RandomizedSearchCV(
        base,
        [{name: [value] for name, value in arguments.items()} for arguments in rows],
        n_iter=len(rows),
        cv=2,
        error_score="raise",
        random_state=0,
    ).fit(X, y)
    assert len(search.cv_results_["params"]) == len(rows)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_sizes_are_two_plain_integers_for_a_tuner():
    X, y = data(MLPClassifier())
    search = RandomizedSearchCV(
        MLPClassifier(max_iter=2, random_state=0),
        {"hidden_layer_sizes": range(3, 9), "n_hidden_layers": range(4)},
        n_iter=8,
        cv=2,
        random_state=0,
    ).fit(X, y)
    best = search.best_estimator_
    assert [coef.shape[1] for coef in best.coefs_[:-1]] == (
        [best.hidden_layer_sizes] * best.n_hidden_layers
    )
