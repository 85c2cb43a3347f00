"""Targets: probabilities, smoothing, class weights, and the range of an output."""

import re
import warnings

import numpy as np
import pytest
from sklearn import config_context
from sklearn.compose import TransformedTargetRegressor
from sklearn.metrics import recall_score
from sklearn.utils.multiclass import unique_labels

from skmlp import MLPClassifier, MLPRegressor, PerceptronClassifier, TabularMLPClassifier

# The batch size here stands for all rows, whatever their number.
pytestmark = pytest.mark.filterwarnings("ignore:`batch_size` should be at most")

RNG = np.random.RandomState(0)
X = RNG.normal(size=(30, 3))
SOFT = RNG.dirichlet(np.ones(3), 30)
LABELS = np.arange(30) % 3
WEIGHT = RNG.uniform(0.5, 2, 30)
LABELLERS = [
    MLPClassifier((2,), max_iter=1),
    PerceptronClassifier(),
    TabularMLPClassifier(2, hidden_layer_sizes=2, max_iter=1),
]


def full_batch(**arguments):
    defaults = {
        "hidden_layer_sizes": (5,),
        "activation": "tanh",
        "max_iter": 20,
        "learning_rate_init": 0.01,
        "shuffle": False,
        "random_state": 0,
    }
    return MLPClassifier(**{**defaults, "batch_size": 1000, **arguments})


def assert_same_fit(one, other):
    np.testing.assert_allclose(one.loss_curve_, other.loss_curve_, rtol=1e-7)
    for a, b in zip(one.coefs_ + one.intercepts_, other.coefs_ + other.intercepts_, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-9)


# Labels


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint64, np.float32, "U2", object], ids=str)
def test_the_classes_are_the_labels_that_scikit_learn_finds(dtype):
    y = (LABELS % 2 if dtype is bool else LABELS).astype("U1" if dtype is object else dtype)
    y = y.astype(dtype)
    classes = MLPClassifier((2,), max_iter=1).fit(X, y).classes_
    found = unique_labels(y)
    assert classes.dtype == found.dtype
    assert classes.tolist() == found.tolist()


@pytest.mark.parametrize("labels", [np.arange(30), np.arange(30.0), np.arange(30).astype(str)])
@pytest.mark.parametrize("model", LABELLERS, ids=lambda model: type(model).__name__)
def test_labels_nearly_as_many_as_samples_are_told_once(model, labels):
    with warnings.catch_warnings(record=True, action="always") as told:
        model.fit(X, labels)
    many = [warning for warning in told if "classes is greater than 50%" in str(warning.message)]
    assert [warning.filename for warning in many] == [__file__]
    assert "got 30 labels in 30 samples" in str(many[0].message)


def test_no_labels_are_told_where_scikit_learn_would_tell(monkeypatch):
    monkeypatch.setattr("sklearn.utils.multiclass.type_of_target", None)
    model = MLPClassifier((2,), max_iter=1, warm_start=True).partial_fit(X, LABELS, classes=LABELS)
    for kind in (model, PerceptronClassifier(max_iter=1, warm_start=True)):
        assert kind.fit(X, LABELS).fit(X, LABELS).classes_.tolist() == [0, 1, 2]


@pytest.mark.filterwarnings("error:.*(divide|cast|remainder):RuntimeWarning")
@pytest.mark.parametrize("model", LABELLERS, ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("y", [1e25 * X[:, 0], np.resize([0, np.inf], 30)], ids=["huge", "inf"])
def test_floats_beyond_the_integers_are_no_labels(model, y):
    with config_context(assume_finite=True), pytest.raises(ValueError) as caught:
        model.fit(X, y)
    assert re.search("Unknown label type: continuous|got infinity", str(caught.value))


@pytest.mark.filterwarnings("error:.*classes is greater than 50%")
def test_labels_of_few_samples_may_be_many():
    model = MLPClassifier((2,), max_iter=1).fit(X[:20], np.arange(20))
    assert len(model.classes_) == 20
    # The first batch of a stream need not have all labels, nor any of them twice.
    MLPClassifier((2,)).partial_fit(X, np.arange(30), classes=np.arange(100))


@pytest.mark.parametrize(
    ("classes", "y", "told"),
    [
        ([0, 1, 2], [2, 7, 0], "[7]. Name all"),
        ([0, 1, 2], [-1, 0, 1], "[-1]. Name all"),
        ([0.0, 1.0], [0.0, 0.5, 1.0], "[0.5]. Name all"),
        (["a", "b"], ["a", "much longer", "b"], "['much longer']. Name all"),
        (["a", "b"], [1, 1, 2], "[1 2]. Convert it"),
        ([0, 1], np.array(["a", "b", "a"], object), "['a' 'b']. Convert it"),
    ],
)
def test_labels_out_of_the_classes_are_refused_by_name(classes, y, told):
    model = MLPClassifier((2,)).partial_fit(X[:2], classes[:2], classes=classes)
    with pytest.raises(ValueError, match="`y` must hold only the classes of the first") as caught:
        model.partial_fit(X[:3], y)
    assert f"not in `classes_`: {told}" in str(caught.value)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.int64])
def test_labels_are_known_by_value_whatever_their_dtype(dtype):
    one, other = (MLPClassifier((2,), random_state=0) for _ in range(2))
    one.partial_fit(X, LABELS, classes=[0, 1, 2])
    other.partial_fit(X, LABELS, classes=[0, 1, 2]).partial_fit(X, LABELS.astype(dtype))
    assert_same_fit(one.partial_fit(X, LABELS), other)


# Soft targets


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["equal", "weighted"])
def test_a_soft_target_is_each_label_with_its_probability_as_weight(weight):
    """Cross-entropy is linear in the target."""
    own = np.ones(30) if weight is None else weight
    soft = full_batch(alpha=0.0).fit(X, SOFT, weight)
    hard = full_batch(alpha=0.0).fit(
        X.repeat(3, axis=0), np.tile([0, 1, 2], 30), (own[:, None] * SOFT).ravel()
    )
    assert_same_fit(soft, hard)


def test_what_a_classifier_of_soft_targets_gives():
    fitted = full_batch(hidden_layer_sizes=(20,), max_iter=500).fit(X, SOFT)
    np.testing.assert_array_equal(fitted.classes_, [0, 1, 2])
    assert fitted.out_activation_ == "softmax"
    probability = fitted.predict_proba(X)
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    np.testing.assert_array_equal(fitted.predict(X), probability.argmax(axis=1))
    # It learned probabilities, not labels.
    assert np.abs(probability - SOFT).mean() < 0.1


def test_two_columns_of_probabilities_are_two_classes():
    p = 1 / (1 + np.exp(-2 * X[:, 0]))
    fitted = full_batch(max_iter=500).fit(X, np.c_[1 - p, p])
    assert fitted.predict_proba(X).shape == (30, 2)
    np.testing.assert_allclose(fitted.predict_proba(X)[:, 1], p, atol=0.1)


def test_a_network_learns_from_the_probabilities_of_another():
    arguments = {"solver": "lbfgs", "hidden_layer_sizes": (20,), "max_iter": 300}
    teacher = full_batch(**arguments, alpha=1.0).fit(X, LABELS)
    pupil = full_batch(**arguments, alpha=0.01).fit(X, teacher.predict_proba(X))
    assert np.mean(pupil.predict(X) == teacher.predict(X)) > 0.9


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_soft_targets_go_through_partial_fit_and_early_stopping(dtype):
    fitted = full_batch().partial_fit(X, SOFT.astype(dtype))
    # A batch of certain labels is a batch of probabilities as well.
    fitted.partial_fit(X[:3], np.eye(3))
    full_batch(early_stopping=True).fit(X, SOFT.astype(dtype), WEIGHT)


@pytest.mark.parametrize(
    "y",
    [SOFT * 1.1, SOFT - 0.5, np.c_[SOFT, SOFT]],
    ids=["sum", "negative", "doubled"],
)
def test_rows_that_are_no_probabilities_are_refused(y):
    with pytest.raises(ValueError, match=r"class probabilities.*sum 1"):
        full_batch().fit(X, y)


def test_the_number_of_classes_stays():
    fitted = full_batch().partial_fit(X, SOFT)
    with pytest.raises(ValueError, match="`y` must have 3 columns"):
        fitted.partial_fit(X, SOFT[:, :2] / SOFT[:, :2].sum(axis=1, keepdims=True))


# Label smoothing


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["equal", "weighted"])
@pytest.mark.parametrize("amount", [0.1, 0.5])
def test_smoothing_of_several_classes_is_a_soft_target(amount, weight):
    smoothed = full_batch(label_smoothing=amount).fit(X, LABELS, weight)
    soft = full_batch().fit(X, (1 - amount) * np.eye(3)[LABELS] + amount / 3, weight)
    assert_same_fit(smoothed, soft)


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["equal", "weighted"])
@pytest.mark.parametrize("y", [LABELS % 2, RNG.randint(2, size=(30, 3))], ids=["binary", "labels"])
def test_smoothing_of_yes_and_no_is_half_the_amount_of_the_opposite(y, weight):
    own = np.ones(30) if weight is None else weight
    amount = 0.2
    smoothed = full_batch(label_smoothing=amount, alpha=0.0).fit(X, y, weight)
    both = full_batch(alpha=0.0).fit(
        np.r_[X, X], np.r_[y, 1 - y], np.r_[own * (1 - amount / 2), own * amount / 2]
    )
    assert_same_fit(smoothed, both)


def test_smoothing_of_soft_targets_mixes_them_too():
    smoothed = full_batch(label_smoothing=0.3).fit(X, SOFT)
    assert_same_fit(smoothed, full_batch().fit(X, 0.7 * SOFT + 0.1))


@pytest.mark.parametrize("y", [LABELS, LABELS % 2, np.eye(3, dtype=int)[LABELS]], ids=str)
def test_a_smoothed_network_is_never_too_sure(y):
    arguments = {"hidden_layer_sizes": (50,), "solver": "lbfgs", "alpha": 0.0, "max_iter": 500}
    sure = full_batch(**arguments).fit(X, y).predict_proba(X).max()
    smoothed = full_batch(label_smoothing=0.2, **arguments).fit(X, y).predict_proba(X)
    assert sure > 0.99
    expected = 0.8 + 0.2 / 3 if y is LABELS else 0.9
    assert smoothed.max() == pytest.approx(expected, abs=0.01)


# Class weights


def test_balanced_weights_find_more_of_a_rare_class():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(600, 2))
    y = (X[:, 0] + rng.normal(size=600) > 2).astype(int)
    arguments = {"hidden_layer_sizes": (5,), "solver": "lbfgs", "alpha": 1.0, "random_state": 0}
    plain, balanced = (
        recall_score(y, MLPClassifier(class_weight=weight, **arguments).fit(X, y).predict(X))
        for weight in (None, "balanced")
    )
    assert balanced > plain + 0.2


def test_a_soft_target_weighs_as_its_classes_in_proportion():
    weights = {0: 4.0, 2: 0.5}
    assert_same_fit(
        full_batch(class_weight=weights).fit(X, SOFT, WEIGHT),
        full_batch().fit(X, SOFT, WEIGHT * (SOFT @ [4.0, 1.0, 0.5])),
    )
    mass = WEIGHT @ SOFT
    assert_same_fit(
        full_batch(class_weight="balanced").fit(X, SOFT, WEIGHT),
        full_batch().fit(X, SOFT, WEIGHT * (SOFT @ (WEIGHT.sum() / (3 * mass)))),
    )


def test_partial_fit_knows_the_weights_of_classes_that_a_batch_lacks():
    weighted = full_batch(class_weight={0: 2.0, 2: 3.0}).partial_fit(
        X[LABELS > 0], LABELS[LABELS > 0], classes=[0, 1, 2]
    )
    by_hand = full_batch().partial_fit(
        X[LABELS > 0],
        LABELS[LABELS > 0],
        np.array([2.0, 1.0, 3.0])[LABELS[LABELS > 0]],
        classes=[0, 1, 2],
    )
    assert_same_fit(weighted, by_hand)


def test_a_class_of_weight_zero_is_left_out():
    assert_same_fit(
        full_batch(class_weight={0: 0.0}).fit(X, LABELS),
        full_batch().fit(X, LABELS, (LABELS > 0).astype(float)),
    )


@pytest.mark.parametrize(
    "class_weight, y, message",
    [
        ({"a": 1.0}, LABELS, r"`class_weight` must have classes as keys, out of \[0, 1, 2\]"),
        ({0: -1.0}, LABELS, "finite numbers of at least 0 as values"),
        ({0: np.nan}, LABELS, "finite numbers of at least 0 as values"),
        ({0: 0.0, 1: 0, 2: 0.0}, LABELS, "`class_weight` must leave weight"),
        ({0: 2.0}, np.eye(3)[LABELS], "`class_weight` must be 'balanced' or None for multilabel"),
        ("balancd", LABELS, "`class_weight` must be .* Did you mean 'balanced'"),
    ],
)
def test_unfit_class_weights_are_refused_by_name(class_weight, y, message):
    with pytest.raises(ValueError, match=message):
        full_batch(class_weight=class_weight).fit(X, y)


# The range of an output

RANGES = {
    "relu": (0, np.inf),
    "softplus": (0, np.inf),
    "exp": (0, np.inf),
    "logistic": (0, 1),
    "tanh": (-1, 1),
    "identity": (-np.inf, np.inf),
}
PAIRS = [
    (loss, out_activation)
    for loss in ("squared_error", "absolute_error", "huber", "quantile", "poisson")
    for out_activation in RANGES
    if loss != "poisson" or out_activation in ("softplus", "exp", "logistic")
]


def regressor(**arguments):
    return MLPRegressor(hidden_layer_sizes=(5,), max_iter=20, random_state=0, **arguments)


@pytest.mark.parametrize("loss, out_activation", PAIRS)
def test_targets_at_both_ends_of_the_range_are_learned_from(loss, out_activation):
    low, high = RANGES[out_activation]
    low = max(low, 0) if loss == "poisson" else low
    ends = [low if np.isfinite(low) else -1e3, high if np.isfinite(high) else 1e3]
    fitted = regressor(loss=loss, out_activation=out_activation).fit(X[:20], ends * 10)
    prediction = fitted.predict(X)
    assert fitted.out_activation_ == out_activation
    assert np.isfinite(prediction).all()
    assert prediction.min() >= RANGES[out_activation][0]
    assert prediction.max() <= RANGES[out_activation][1]


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize("n_outputs", [1, 2])
def test_a_relu_output_starts_at_the_mean_of_its_targets_where_it_is_alive(n_outputs, method):
    """Where the raw predictions of all samples start below zero nothing is ever learned."""
    y = np.exp(X[:, :n_outputs])
    mean = np.average(y, axis=0, weights=WEIGHT)
    for seed in range(20):
        model = MLPRegressor(out_activation="relu", max_iter=1, random_state=seed)
        getattr(model.set_params(learning_rate_init=1e-12), method)(X, y, WEIGHT)
        np.testing.assert_allclose(model.intercepts_[-1], mean, rtol=1e-6)
        assert model.predict(X).any(axis=0).all()


def test_given_intercepts_come_before_the_mean_of_the_targets():
    model = MLPRegressor(hidden_layer_sizes=(), out_activation="relu", learning_rate_init=1e-12)
    model.set_params(max_iter=1).fit(X, np.ones(30), intercepts_init=[[3.0]])
    assert model.intercepts_[0] == pytest.approx(3.0)


@pytest.mark.parametrize("loss, out_activation", PAIRS)
def test_targets_out_of_range_are_refused_with_the_way_out(loss, out_activation):
    low, high = RANGES[out_activation]
    low = max(low, 0) if loss == "poisson" else low
    for end, beyond in ((low, low - 0.01), (high, high + 0.01)):
        y = np.full((30, 2), 0.5)
        y[3, 1] = beyond
        if np.isfinite(end):
            model = regressor(loss=loss, out_activation=out_activation)
            with pytest.raises(ValueError, match=r"`y` must lie in .*`out_activation=") as error:
                model.fit(X, y)
            assert "TransformedTargetRegressor" in str(error.value)
            assert not hasattr(model, "coefs_")


@pytest.mark.parametrize(
    "loss, out_activation, way_out",
    [
        ("poisson", "softplus", "`loss`"),
        ("huber", "softplus", "`out_activation`"),
        ("poisson", "logistic", "`loss`"),
    ],
)
def test_what_to_choose_instead_is_what_limits_the_targets(loss, out_activation, way_out):
    with pytest.raises(ValueError, match=f"choose another {way_out}"):
        regressor(loss=loss, out_activation=out_activation).fit(X, np.full(30, -1.0))


def test_the_way_out_is_one():
    y = 10 + 5 * np.tanh(X[:, 0])
    model = TransformedTargetRegressor(
        regressor(out_activation="logistic", solver="lbfgs", alpha=0.0),
        func=lambda y: (y - 5) / 10,
        inverse_func=lambda y: 5 + 10 * y,
        check_inverse=False,
    ).fit(X, y)
    assert model.score(X, y) > 0.9
    assert np.all((model.predict(1e3 * X) >= 5) & (model.predict(1e3 * X) <= 15))


@pytest.mark.parametrize("out_activation", ["identity", "relu", "tanh"])
def test_poisson_needs_predictions_above_zero(out_activation):
    with pytest.raises(ValueError, match=r"`loss='poisson'` needs predictions above zero.*'exp'"):
        regressor(loss="poisson", out_activation=out_activation).fit(X, np.full(30, 0.5))


def test_auto_is_exp_for_poisson_and_else_identity():
    assert regressor(loss="poisson").fit(X, LABELS).out_activation_ == "exp"
    for loss in ("squared_error", "absolute_error", "huber", "quantile"):
        assert regressor(loss=loss).fit(X, LABELS).out_activation_ == "identity"
