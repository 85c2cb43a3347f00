"""Every option of the vocabulary: clone, pickle and random search."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import RandomizedSearchCV

from skmlp import MLPClassifier, MLPRegressor
from skmlp.estimators.mlp._options import (
    ACTIVATIONS,
    OPTIMIZERS,
    OUTPUT_ACTIVATIONS,
    REGRESSION_LOSSES,
    SCHEDULES,
)

SKLEARNS = {
    *("identity", "logistic", "tanh", "relu"),
    *("adam", "sgd"),
    *("constant", "invscaling", "adaptive"),
    *("squared_error", "poisson"),
}

# An option is a row: arguments beyond those of scikit-learn.
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
    {"averaging": 0.5},
    {"weight_init": "he_normal"},
    {"frozen_layers": 1, "hidden_layer_sizes": [20]},
    {"early_stopping": True, "scoring": "loss"},
    {"dtype": "float32"},
]
ROWS = {
    MLPClassifier: [
        *BOTH,
        {"class_weight": "balanced"},
        {"class_weight": {1: 2.0}},
        {"label_smoothing": 0.1},
    ],
    MLPRegressor: [
        *BOTH,
        *(
            {"loss": name, "huber_delta": 0.5, "quantile": 0.7}
            for name in REGRESSION_LOSSES
            if name != "squared_error"
        ),
        {"loss": "huber", "out_activation": "softplus"},
        *({"out_activation": name} for name in OUTPUT_ACTIVATIONS),
        {"normalize_y": True},
        {"loss": "huber", "huber_delta": 0.5, "normalize_y": True},
    ],
}
ALL = [estimator(**arguments) for estimator, rows in ROWS.items() for arguments in rows]


def data(estimator):
    rng = np.random.RandomState(0)
    X = rng.normal(size=(60, 3))
    if isinstance(estimator, MLPClassifier):
        return X, (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
    # Inside the range of every output activation.
    return X, 0.5 + 0.4 * np.tanh(X[:, 0])


@pytest.mark.parametrize("estimator", ALL, ids=str)
def test_a_clone_trains_to_equal_weights_and_a_pickle_predicts_the_same(estimator):
    X, y = data(estimator)
    first = clone(estimator).set_params(max_iter=3, random_state=0).fit(X, y)
    copy = clone(first)
    assert not hasattr(copy, "coefs_")
    assert copy.get_params() == first.get_params()
    for one, other in zip(first.coefs_, copy.fit(X, y).coefs_, strict=True):
        np.testing.assert_array_equal(one, other)
    loaded = pickle.loads(pickle.dumps(first))
    np.testing.assert_array_equal(loaded.predict(X), first.predict(X))


@pytest.mark.parametrize("estimator", ROWS)
def test_every_option_can_be_searched(estimator):
    """One search over all rows of the table, each a candidate of its own."""
    rows = ROWS[estimator]
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
