"""A weight is a count: an integer weight repeats a row, a zero leaves it out."""

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from skmlp import MLPClassifier, MLPRegressor

N_SAMPLES = 24

REGRESSOR_CASES = {
    "squared_error": {},
    "absolute_error": {"loss": "absolute_error"},
    "huber": {"loss": "huber", "huber_delta": 0.3},
    "quantile": {"loss": "quantile", "quantile": 0.8},
    "normalized": {"loss": "huber", "huber_delta": 0.3, "normalize_y": True},
    "poisson": {"loss": "poisson"},
    "poisson_softplus": {"loss": "poisson", "out_activation": "softplus"},
    "squared_error_logistic": {"out_activation": "logistic"},
}
CLASSIFIER_CASES = {
    "plain": {},
    "smoothed": {"label_smoothing": 0.1},
    "balanced": {"class_weight": "balanced"},
    "dict": {"class_weight": {0: 3.0, 1: 0.5}},
    "balanced_smoothed": {"class_weight": "balanced", "label_smoothing": 0.1},
}
SOLVERS = ["adam", "adamw", "muon", "nadam", "sgd", "rmsprop", "adagrad", "lbfgs"]


def inputs(rng):
    return rng.normal(size=(N_SAMPLES, 3))


def class_targets(kind, rng):
    if kind == "binary":
        return (np.arange(N_SAMPLES) % 3 == 0).astype(int)
    if kind == "multiclass":
        return np.arange(N_SAMPLES) % 3
    if kind == "multilabel":
        return rng.randint(2, size=(N_SAMPLES, 3))
    return rng.dirichlet(np.ones(3), N_SAMPLES)


def cases():
    for name, arguments in REGRESSOR_CASES.items():
        for n_outputs in (1, 2):
            yield pytest.param(
                MLPRegressor(**arguments), ("numbers", n_outputs), id=f"{name}-{n_outputs}"
            )
    for name, arguments in CLASSIFIER_CASES.items():
        for kind in ("binary", "multiclass", "multilabel", "soft"):
            if (name, kind) != ("dict", "multilabel"):
                yield pytest.param(MLPClassifier(**arguments), (kind, None), id=f"{name}-{kind}")


CASES = list(cases())


def make_targets(kind, n_outputs, rng):
    if kind == "numbers":
        return rng.uniform(0.1, 0.9, size=(N_SAMPLES, n_outputs))[:, : n_outputs or 1]
    return class_targets(kind, rng)


def fit(estimator, X, y, sample_weight=None, solver="adam", **arguments):
    """Return an estimator after a few full batches."""
    estimator = type(estimator)(**estimator.get_params()).set_params(
        hidden_layer_sizes=(5,),
        solver=solver,
        batch_size=len(X),
        max_iter=15,
        learning_rate_init=0.01,
        random_state=0,
        **arguments,
    )
    y = y.ravel() if y.ndim == 2 and y.shape[1] == 1 else y
    return estimator.fit(X, y, sample_weight)


def assert_same_fit(one, other, rtol=1e-7, atol=1e-9):
    np.testing.assert_allclose(one.loss_curve_, other.loss_curve_, rtol=rtol)
    for a, b in zip(one.coefs_ + one.intercepts_, other.coefs_ + other.intercepts_, strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)


@pytest.mark.parametrize("estimator, targets", CASES)
def test_integer_weights_are_repeated_rows(estimator, targets):
    rng = np.random.RandomState(0)
    X, y = inputs(rng), make_targets(*targets, rng)
    counts = rng.randint(1, 4, N_SAMPLES)
    assert_same_fit(
        fit(estimator, X, y, counts), fit(estimator, X.repeat(counts, 0), y.repeat(counts, 0))
    )


@pytest.mark.parametrize("estimator, targets", CASES)
def test_a_zero_weight_is_a_row_left_out(estimator, targets):
    rng = np.random.RandomState(0)
    X, y = inputs(rng), make_targets(*targets, rng)
    weight = rng.uniform(0.5, 2, N_SAMPLES)
    # Whatever class they are of, they say nothing.
    weight[1:9:2] = 0
    kept = weight > 0
    assert_same_fit(fit(estimator, X, y, weight), fit(estimator, X[kept], y[kept], weight[kept]))


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("estimator", [MLPClassifier(), MLPRegressor()], ids=str)
def test_integer_weights_are_repeated_rows_for_every_solver(estimator, solver):
    rng = np.random.RandomState(0)
    X, y = inputs(rng), np.arange(N_SAMPLES) % 3
    counts = rng.randint(0, 4, N_SAMPLES)
    assert_same_fit(
        fit(estimator, X, y, counts, solver),
        fit(estimator, X.repeat(counts, 0), y.repeat(counts, 0), solver=solver),
        rtol=1e-5,
        atol=1e-6,
    )


def test_only_the_proportions_of_weights_count_beside_the_penalty():
    rng = np.random.RandomState(0)
    X, y = inputs(rng), rng.normal(size=(N_SAMPLES, 1))
    weight = rng.uniform(0.5, 2, N_SAMPLES)
    assert_same_fit(
        fit(MLPRegressor(), X, y, weight, alpha=0.0),
        fit(MLPRegressor(), X, y, 1000 * weight, alpha=0.0),
    )


@pytest.mark.parametrize("batch_size", [1, 6])
def test_only_the_proportions_within_a_batch_count_beside_the_penalty(batch_size):
    rng = np.random.RandomState(0)
    X, y = inputs(rng), rng.normal(size=N_SAMPLES)
    weight = rng.uniform(0.5, 20, N_SAMPLES // batch_size).repeat(batch_size)
    one, other = (
        MLPRegressor(
            hidden_layer_sizes=(5,), alpha=0.0, batch_size=batch_size, shuffle=False, max_iter=3,
            random_state=0,
        ).fit(X, y, sample_weight)
        for sample_weight in (weight, None)
    )  # fmt: skip
    np.testing.assert_allclose(one.coefs_[0], other.coefs_[0], rtol=1e-9)


def test_a_class_weight_is_a_weight_of_each_of_its_samples():
    rng = np.random.RandomState(0)
    X, y = inputs(rng), class_targets("multiclass", rng)
    own = rng.uniform(0.5, 2, N_SAMPLES)
    factor = np.array([3.0, 1.0, 0.5])
    labels = np.array(["a", "b", "c"])[y]
    assert_same_fit(
        fit(MLPClassifier(class_weight={"a": 3.0, "c": 0.5}), X, labels, own),
        fit(MLPClassifier(), X, labels, own * factor[y]),
    )


def test_balanced_classes_have_equal_total_weight():
    rng = np.random.RandomState(0)
    X, y = inputs(rng), class_targets("binary", rng)
    own = rng.uniform(0.5, 2, N_SAMPLES)
    mass = np.bincount(y, own)
    assert_same_fit(
        fit(MLPClassifier(class_weight="balanced"), X, y, own),
        fit(MLPClassifier(), X, y, own * (own.sum() / (2 * mass))[y]),
    )


def test_without_weights_balanced_is_scikit_learns():
    rng = np.random.RandomState(0)
    X, y = inputs(rng), class_targets("binary", rng)
    for targets in (y, class_targets("multilabel", rng)):
        assert_same_fit(
            fit(MLPClassifier(class_weight="balanced"), X, targets),
            fit(MLPClassifier(), X, targets, compute_sample_weight("balanced", targets)),
        )


@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_batches_share_the_weight_of_the_epoch(estimator):
    """A batch steps along its own weighted mean; the curve records the mean over all samples."""
    rng = np.random.RandomState(0)
    X, y = inputs(rng), np.arange(N_SAMPLES) % 2
    weight = rng.uniform(0, 3, N_SAMPLES)
    fitted = estimator(
        hidden_layer_sizes=(4,),
        activation="tanh",
        solver="sgd",
        learning_rate_init=1e-12,
        alpha=0.0,
        batch_size=5,
        max_iter=1,
        random_state=0,
    )
    fitted.fit(X, y, weight)
    if estimator is MLPClassifier:
        losses = -fitted.predict_log_proba(X)[np.arange(N_SAMPLES), y]
    else:
        losses = 0.5 * (fitted.predict(X) - y) ** 2
    assert fitted.loss_curve_[0] == pytest.approx(np.average(losses, weights=weight), rel=1e-6)
