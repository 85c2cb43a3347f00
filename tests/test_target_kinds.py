"""The kinds of classification targets, and what weights them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_iris, make_multilabel_classification
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_sample_weight

from skmlp import MLPClassifier, MLPRegressor

X, Y = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)
COUNTS, LABELS = make_multilabel_classification(120, 6, n_classes=4, random_state=0)
SOFT = 0.8 * np.eye(3)[Y] + 0.2 / 3

# kind: (X, y, number of classes, output activation)
KINDS = {
    "binary": (X[:100], Y[:100], 2, "logistic"),
    "multiclass": (X, Y, 3, "softmax"),
    "multilabel": (StandardScaler().fit_transform(COUNTS), LABELS, 4, "logistic"),
    "soft": (X, SOFT, 3, "softmax"),
}
every_kind = pytest.mark.parametrize("kind", KINDS)
every_solver = pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])


def fitted(kind, *weight, **arguments):
    inputs, y, _, _ = KINDS[kind]
    arguments = {"max_iter": 40, "learning_rate_init": 0.02, "random_state": 0, **arguments}
    return MLPClassifier((8,), **arguments).fit(inputs, y, *weight)


@every_kind
@every_solver
def test_every_kind_of_target_is_learnt(kind, solver):
    inputs, y, n_classes, out_activation = KINDS[kind]
    model = fitted(kind, solver=solver)
    assert model.out_activation_ == out_activation
    assert len(model.classes_) == n_classes
    prediction = model.predict(inputs)
    labels = Y if kind == "soft" else y
    assert prediction.shape == labels.shape
    assert (prediction == labels).mean() > 0.7


@every_kind
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1, 1e3])
def test_probabilities_are_between_zero_and_one_and_agree_with_everything_else(kind, dtype, scale):
    inputs, _, n_classes, _ = KINDS[kind]
    model = fitted(kind)
    far = (inputs * scale).astype(dtype)
    proba, log_proba = model.predict_proba(far), model.predict_log_proba(far)
    assert proba.shape == log_proba.shape == (len(far), n_classes)
    assert proba.min() > 0
    assert proba.max() < 1
    if kind != "multilabel":
        np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=1e-5)
        np.testing.assert_array_equal(model.classes_[log_proba.argmax(axis=1)], model.predict(far))
        np.testing.assert_array_equal(proba.argmax(axis=1), log_proba.argmax(axis=1))
    else:
        np.testing.assert_array_equal(proba > 0.5, model.predict(far) == 1)
    np.testing.assert_allclose(proba, np.exp(log_proba), rtol=1e-5, atol=1e-30)


@every_kind
def test_logits_and_probabilities_say_the_same(kind):
    inputs = KINDS[kind][0]
    model = fitted(kind)
    logits, proba = model.decision_function(inputs), model.predict_proba(inputs)
    if kind == "binary":
        np.testing.assert_allclose(logits, np.log(proba[:, 1] / proba[:, 0]), rtol=1e-6)
    elif kind == "multilabel":
        np.testing.assert_allclose(logits, np.log(proba / (1 - proba)), rtol=1e-6, atol=1e-8)
    else:
        # Softmax knows no constant per row; without one, a column means the same in every row.
        np.testing.assert_allclose(logits, np.log(proba), rtol=1e-6, atol=1e-8)


@every_kind
@pytest.mark.parametrize("early_stopping", [False, True])
def test_every_kind_works_with_early_stopping_and_sample_weights(kind, early_stopping):
    inputs = KINDS[kind][0]
    weight = np.random.RandomState(0).uniform(0.5, 2, len(inputs))
    model = fitted(kind, weight, early_stopping=early_stopping)
    assert np.isfinite(model.loss_curve_).all()


@every_solver
def test_certain_soft_targets_train_as_labels(solver):
    certain = MLPClassifier((8,), solver=solver, max_iter=5, random_state=0, dtype="float64")
    probabilities = np.eye(3)[Y] * (1 - 1e-12) + 1e-12 / 3
    soft = certain.fit(X, probabilities).coefs_[0]
    hard = MLPClassifier((8,), solver=solver, max_iter=5, random_state=0).fit(X, Y).coefs_[0]
    np.testing.assert_allclose(soft, hard, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("y", [SOFT * 2, SOFT - 0.5, np.abs(SOFT) + 1e-3])
def test_rows_that_are_no_probabilities_are_refused(y):
    with pytest.raises(ValueError, match="must have class probabilities in its rows"):
        MLPClassifier().fit(X, y)


@pytest.mark.parametrize("values", [(-1, 1), (1, 2), (0.0, 5.0), (7, 7)], ids=str)
@pytest.mark.parametrize("name", ["y", "y_val"])
def test_a_matrix_of_two_other_values_is_no_set_of_labels(name, values):
    """scikit-learn's `type_of_target` says "multilabel-indicator" of any two numbers."""
    inputs, labels, _, _ = KINDS["multilabel"]
    y = {"y": labels, "y_val": labels, name: np.where(labels, *values[::-1])}
    message = rf"`{name}` of labels must hold only 0 and 1; got .*Pass `{name} == {values[1]}`"
    with pytest.raises(ValueError, match=message):
        MLPClassifier().fit(inputs, y["y"], X_val=inputs, y_val=y["y_val"])


def test_the_score_of_soft_targets_is_that_of_their_most_probable_labels():
    model = fitted("soft")
    labels, weight = SOFT.argmax(axis=1), np.arange(len(Y))
    assert model.score(X, SOFT) == model.score(X, labels)
    assert model.score(X, SOFT, weight) == model.score(X, labels, weight)
    one_column = np.delete(SOFT, 0, axis=1)
    with pytest.raises(ValueError, match="`y` must have 3 columns"):
        model.score(X, one_column)
    two = MLPClassifier((), max_iter=5).fit(X, np.c_[1 - SOFT[:, 0], SOFT[:, 0]])
    assert two.score(X, np.c_[1 - SOFT[:, 0], SOFT[:, 0]]) == two.score(X, labels == 0)


def test_soft_targets_go_through_a_search():
    model = MLPClassifier((8,), max_iter=60, learning_rate_init=0.02, random_state=0)
    search = GridSearchCV(model, {"alpha": [1e-4, 1e-2]}, cv=KFold(3, shuffle=True, random_state=0))
    assert search.fit(X, SOFT).best_score_ > 0.8


def test_early_stopping_watches_the_score_of_soft_targets():
    model = MLPClassifier((8,), max_iter=1, early_stopping=True, random_state=0)
    model.fit(X, SOFT, X_val=X[:20], y_val=SOFT[:20])
    assert model.validation_scores_ == [model.score(X[:20], SOFT[:20])]


@pytest.mark.parametrize("kind", ["multilabel", "soft"])
def test_the_columns_of_a_matrix_are_its_classes(kind):
    inputs, y, n_classes, _ = KINDS[kind]
    columns = list(range(n_classes))
    model = MLPClassifier((8,)).partial_fit(inputs, y, classes=columns)
    assert model.classes_.tolist() == columns
    with pytest.raises(ValueError, match="`classes` must be the numbers of the columns"):
        MLPClassifier((8,)).partial_fit(inputs, y, classes=["a", "b", "c", "d"][:n_classes])


@pytest.mark.parametrize("first, then", [("multiclass", "soft"), ("soft", "multiclass")])
def test_the_kind_of_target_stays_the_same_in_partial_fit(first, then):
    y = {"multiclass": Y, "soft": SOFT}
    classes = {"classes": [0, 1, 2]} if first == "multiclass" else {}
    model = MLPClassifier((8,)).partial_fit(X, y[first], **classes)
    with pytest.raises(ValueError, match="as in the first fit"):
        model.partial_fit(X, y[then])


def class_weights(class_weight, labels, own):
    """Return the weight of every sample by its class; balance counts a weighted sample as many."""
    if class_weight != "balanced" or own is None:
        return compute_sample_weight(class_weight, labels)
    mass = np.bincount(labels, own)
    return (own.sum() / (len(mass) * mass))[labels]


@pytest.mark.parametrize("class_weight", ["balanced", {0: 1.0, 1: 3.0, 2: 0.5}], ids=str)
@pytest.mark.parametrize("weighted", [False, True])
@every_solver
def test_a_class_weight_is_a_sample_weight(class_weight, weighted, solver):
    rows = np.r_[0:20, 50:100, 100:150]
    own = np.random.RandomState(0).uniform(0.5, 2, len(rows)) if weighted else None
    weight = class_weights(class_weight, Y[rows], own) * (own if weighted else 1)
    arguments = {"solver": solver, "max_iter": 5, "random_state": 0}
    by_class = MLPClassifier((8,), class_weight=class_weight, **arguments)
    by_class.fit(X[rows], Y[rows], own)
    by_sample = MLPClassifier((8,), **arguments).fit(X[rows], Y[rows], weight)
    np.testing.assert_allclose(by_class.coefs_[0], by_sample.coefs_[0], rtol=1e-10)


def test_label_smoothing_keeps_the_network_from_being_certain():
    certain = [
        fitted("multiclass", label_smoothing=amount, max_iter=300).predict_proba(X).max()
        for amount in (0.0, 0.3)
    ]
    assert certain[0] > 0.99
    assert certain[1] < 0.97


def test_soft_targets_are_reproduced():
    model = fitted("soft", max_iter=400, tol=0.0)
    assert np.abs(model.predict_proba(X) - SOFT).mean() < 0.05


# Several outputs of a regressor


@every_solver
def test_several_outputs_are_predicted_in_columns(solver):
    y = np.column_stack([X[:, 0] + X[:, 1], X[:, 2]])
    model = MLPRegressor(
        hidden_layer_sizes=(10,),
        solver=solver,
        max_iter=200,
        learning_rate_init=0.02,
        random_state=0,
    ).fit(X, y)
    assert model.n_outputs_ == 2
    assert model.predict(X).shape == (150, 2)
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "huber", "poisson"])
def test_every_loss_of_a_regressor_is_trained(loss):
    y = np.exp(X[:, 0] / 2)
    model = MLPRegressor(loss, (10,), max_iter=200, learning_rate_init=0.02, random_state=0).fit(
        X, y
    )
    assert model.score(X, y) > 0.85


def test_a_quantile_is_below_that_share_of_the_targets():
    y = np.random.RandomState(0).exponential(size=150)
    for quantile in (0.2, 0.8):
        model = MLPRegressor(
            "quantile",
            (),
            quantile=quantile,
            learning_rate_init=0.05,
            max_iter=500,
            tol=0.0,
            random_state=0,
        ).fit(X, y)
        assert (y < model.predict(X)).mean() == pytest.approx(quantile, abs=0.06)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_classes=st.integers(2, 4),
    activation=st.sampled_from(["relu", "tanh", "gelu", "selu", "elu", "leaky_relu"]),
)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_fit_lowers_the_loss_whatever_the_data(solver, seed, n_classes, activation):
    rng = np.random.RandomState(seed)
    inputs, y = rng.normal(size=(30, 3)), np.arange(30) % n_classes
    model = MLPClassifier((6,), activation, solver=solver, max_iter=15, random_state=seed)
    model.fit(inputs, y)
    assert model.loss_curve_[-1] <= model.loss_curve_[0]
    np.testing.assert_allclose(model.predict_proba(inputs).sum(axis=1), 1)
