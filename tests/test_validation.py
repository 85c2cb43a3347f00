"""What early stopping watches, and on which samples."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy import sparse
from sklearn.base import clone
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    log_loss,
    make_scorer,
    mean_absolute_error,
    r2_score,
)
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp import MLPClassifier, MLPRegressor
from skmlp.estimators.mlp._scoring import accuracy, r2

RNG = np.random.RandomState(0)
X = RNG.normal(size=(120, 4))
LABELS = np.array(["no", "perhaps", "yes"])[(X[:, 0] > 0).astype(int) + (X[:, 1] > 0.5)]
NUMBERS = np.tanh(X[:, 0]) + 0.1 * RNG.normal(size=120)
WEIGHT = RNG.uniform(0.1, 3, 120)
TRAIN, VAL = slice(0, 80), slice(80, None)


def make(estimator, **arguments):
    defaults = {
        "hidden_layer_sizes": (8,),
        "max_iter": 15,
        "learning_rate_init": 0.01,
        "random_state": 0,
        "n_iter_no_change": float("inf"),
    }
    return estimator(**{**defaults, **arguments})


def targets(estimator):
    return LABELS if estimator is MLPClassifier else NUMBERS


def fit_validated(estimator, *, weighted=False, **arguments):
    y = targets(estimator)
    weights = {"sample_weight_val": WEIGHT[VAL]} if weighted else {}
    return make(estimator, early_stopping=True, **arguments).fit(
        X[TRAIN], y[TRAIN], X_val=X[VAL], y_val=y[VAL], **weights
    )


def best(fitted):
    """Return the validation score that the best epoch, whose weights are kept, had."""
    return fitted.validation_scores_[fitted.best_iteration_ - 1]


# What is watched


def named_scorer(estimator, X, y, sample_weight=None):
    return estimator.score(X, y, sample_weight)


CLASSIFIER_SCORES = {
    "own": (None, lambda m, w: accuracy_score(LABELS[VAL], m.predict(X[VAL]), sample_weight=w)),
    "loss": (
        "loss",
        lambda m, w: -log_loss(LABELS[VAL], m.predict_proba(X[VAL]), sample_weight=w),
    ),
    "name": (
        "balanced_accuracy",
        lambda m, w: balanced_accuracy_score(LABELS[VAL], m.predict(X[VAL]), sample_weight=w),
    ),
    "name_of_probability": (
        "neg_log_loss",
        lambda m, w: -log_loss(LABELS[VAL], m.predict_proba(X[VAL]), sample_weight=w),
    ),
    "made": (
        make_scorer(balanced_accuracy_score),
        lambda m, w: balanced_accuracy_score(LABELS[VAL], m.predict(X[VAL]), sample_weight=w),
    ),
    "callable": (named_scorer, lambda m, w: m.score(X[VAL], LABELS[VAL], w)),
}
REGRESSOR_SCORES = {
    "own": (None, lambda m, w: r2_score(NUMBERS[VAL], m.predict(X[VAL]), sample_weight=w)),
    "loss": (
        "loss",
        lambda m, w: -0.5 * np.average((m.predict(X[VAL]) - NUMBERS[VAL]) ** 2, weights=w),
    ),
    "name": (
        "neg_mean_absolute_error",
        lambda m, w: -mean_absolute_error(NUMBERS[VAL], m.predict(X[VAL]), sample_weight=w),
    ),
    "callable": (named_scorer, lambda m, w: m.score(X[VAL], NUMBERS[VAL], w)),
}
SCORES = [
    *[pytest.param(MLPClassifier, *case, id=f"c-{n}") for n, case in CLASSIFIER_SCORES.items()],
    *[pytest.param(MLPRegressor, *case, id=f"r-{n}") for n, case in REGRESSOR_SCORES.items()],
]


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("estimator, scoring, score", SCORES)
def test_early_stopping_watches_the_scoring_and_keeps_its_best_epoch(
    estimator, scoring, score, weighted, solver
):
    fitted = fit_validated(estimator, scoring=scoring, weighted=weighted, solver=solver)
    expected = score(fitted, WEIGHT[VAL] if weighted else None)
    assert best(fitted) == pytest.approx(expected, rel=1e-6)
    assert fitted.best_validation_score_ == max(fitted.validation_scores_)
    # Of scores alike within `tol`, the lowest loss decides.
    assert best(fitted) >= fitted.best_validation_score_ - fitted.tol


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["unweighted", "weighted"])
def test_the_own_scores_are_those_of_scikit_learn(weight):
    several = np.c_[NUMBERS, X[:, 2] > 0, np.ones(120), np.ones(120)]
    predicted = several + np.c_[0.1 * X[:, :2], 0.1 * X[:, 0], np.zeros(120)].astype(np.float32)
    expected = r2_score(several, predicted, sample_weight=weight)
    assert r2(several, predicted, weight) == pytest.approx(expected, rel=1e-12)
    for labels in (LABELS, X[:, :2] > 0):
        other = np.roll(labels, 1, axis=0)
        expected = accuracy_score(labels, other, sample_weight=weight)
        assert accuracy(labels, other, weight) == expected


@pytest.mark.parametrize(
    "labels", [X[:, 0] > 0, (X[:, 0] > 0).astype(np.uint8)], ids=["truth", "bytes"]
)
def test_the_score_of_a_classifier_is_its_accuracy(labels):
    model = make(MLPClassifier, max_iter=3).fit(X, labels)
    right = (model.predict(X) == labels).mean()
    assert model.score(X, labels) == model.score(X, labels.tolist()) == right
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model.score(X, labels[1:])


def test_another_scoring_may_keep_another_epoch():
    by_accuracy = fit_validated(MLPClassifier, max_iter=60, learning_rate_init=0.05)
    by_loss = fit_validated(MLPClassifier, max_iter=60, learning_rate_init=0.05, scoring="loss")
    np.testing.assert_allclose(by_accuracy.loss_curve_, by_loss.loss_curve_)
    assert by_loss.best_iteration_ == np.argmin(by_loss.validation_loss_curve_) + 1
    assert by_loss.validation_scores_ == [-loss for loss in by_loss.validation_loss_curve_]


def test_a_plateau_of_the_scoring_ends_the_training():
    fitted = fit_validated(MLPClassifier, scoring="loss", n_iter_no_change=3, max_iter=2000)
    assert len(fitted.loss_curve_) < 2000
    assert "validation score" in fitted.stop_reason_


def test_the_loss_that_is_watched_is_the_smoothed_one_without_penalty():
    fitted = fit_validated(MLPClassifier, scoring="loss", label_smoothing=0.2, alpha=10.0)
    log_p = fitted.predict_log_proba(X[VAL])
    onehot = LABELS[VAL][:, None] == fitted.classes_
    expected = -np.mean(((0.8 * onehot + 0.2 / 3) * log_p).sum(axis=1))
    assert -best(fitted) == pytest.approx(expected, rel=1e-6)


def test_a_scorer_sees_no_column_names_and_does_not_warn():
    frame = pd.DataFrame(X, columns=list("abcd"))
    fitted = make(MLPClassifier, early_stopping=True, scoring="neg_log_loss").fit(frame, LABELS)
    assert fitted.feature_names_in_.tolist() == list("abcd")


def test_a_scorer_sees_labels_where_targets_are_probabilities():
    soft = np.random.RandomState(0).dirichlet(np.ones(3), len(X))
    for scoring in (None, "loss", "accuracy", "neg_log_loss"):
        fitted = make(MLPClassifier, early_stopping=True, scoring=scoring).fit(X, soft)
        assert np.isfinite(fitted.validation_scores_).all()


def test_scoring_works_for_multilabel_and_multi_output():
    labels = np.c_[X[:, 0] > 0, X[:, 1] > 0].astype(int)
    make(MLPClassifier, early_stopping=True, scoring="f1_macro").fit(X, labels)
    make(MLPRegressor, early_stopping=True, scoring="r2").fit(X, np.c_[NUMBERS, -NUMBERS])


@pytest.mark.parametrize(
    "estimator, y, scoring",
    [
        (MLPRegressor, NUMBERS, "accuracy"),
        (MLPRegressor, NUMBERS, "neg_log_loss"),
        (MLPClassifier, LABELS, "roc_auc"),
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
def test_a_scorer_of_another_kind_of_target_is_refused_by_name(estimator, y, scoring):
    with pytest.raises(ValueError, match=f"`scoring` must be a scorer that fits .*'{scoring}'"):
        make(estimator, early_stopping=True, scoring=scoring).fit(X, y)


def test_a_validation_set_that_the_scorer_cannot_score_is_named_as_a_way_out():
    model, one_class = make(MLPClassifier, scoring="neg_log_loss"), LABELS == "no"
    with pytest.raises(ValueError, match=r"fails on .* only one label.* or a validation set that"):
        model.fit(X, LABELS == "no", X_val=X[one_class], y_val=one_class[one_class])


@pytest.mark.parametrize(
    "scoring, message",
    [("accurac", "Did you mean 'accuracy'"), ("max_error", "Did you mean 'neg_max_error'")],
)
def test_an_unknown_scorer_is_refused_before_training(scoring, message):
    with pytest.raises(ValueError, match=f"`scoring` must be .*{message}"):
        make(MLPClassifier, early_stopping=True, scoring=scoring).fit(X, LABELS)
    with pytest.raises(TypeError, match="`scoring` must be"):
        make(MLPClassifier, early_stopping=True, scoring=3).fit(X, LABELS)


@pytest.mark.parametrize(
    "scoring", ["neg_max_error", lambda estimator, X, y: 0.0], ids=["named", "callable"]
)
def test_a_scorer_without_weights_is_refused_where_there_are_weights(scoring):
    regressor = make(MLPRegressor, early_stopping=True, scoring=scoring)
    regressor.fit(X, NUMBERS)
    with pytest.raises(ValueError, match="`scoring` must take `sample_weight`"):
        regressor.fit(X, NUMBERS, WEIGHT)
    with pytest.raises(ValueError, match="`scoring` must take `sample_weight`"):
        fit_validated(MLPRegressor, scoring=scoring, weighted=True)


# On which samples


@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_the_split_takes_weights_along(estimator):
    """A fit that splits equals one that is given the two parts of the same split."""
    y = targets(estimator)
    split = make(estimator, early_stopping=True, shuffle=False).fit(X, y, WEIGHT)
    rng = np.random.RandomState(0)
    # The weights are drawn before the split.
    bound = [np.sqrt(6 / (i + o)) for i, o in [(4, 8), (8, split.n_outputs_)]]
    coefs, intercepts = [], []
    for limit, shape in zip(bound, [(4, 8), (8, split.n_outputs_)], strict=True):
        coefs.append(rng.uniform(-limit, limit, shape))
        intercepts.append(rng.uniform(-limit, limit, shape[1]))
    stratify = y if estimator is MLPClassifier else None
    train, val = train_test_split(
        np.arange(len(X)), test_size=12, random_state=rng, stratify=stratify
    )
    given = make(estimator, early_stopping=True, shuffle=False).fit(
        X[train],
        y[train],
        WEIGHT[train],
        X_val=X[val],
        y_val=y[val],
        sample_weight_val=WEIGHT[val],
        coefs_init=coefs,
        intercepts_init=intercepts,
    )
    for name in ("loss_curve_", "validation_loss_curve_", "validation_scores_"):
        np.testing.assert_allclose(getattr(split, name), getattr(given, name), rtol=1e-9)
    assert split.best_iteration_ == given.best_iteration_
    np.testing.assert_allclose(split.coefs_[0], given.coefs_[0])


def test_rows_without_weight_do_not_count_in_validation():
    kept = WEIGHT[VAL] > 1
    weight = np.where(kept, WEIGHT[VAL], 0)
    for estimator in (MLPClassifier, MLPRegressor):
        y = targets(estimator)
        one = make(estimator, early_stopping=True).fit(
            X[TRAIN], y[TRAIN], X_val=X[VAL], y_val=y[VAL], sample_weight_val=weight
        )
        other = make(estimator, early_stopping=True).fit(
            X[TRAIN],
            y[TRAIN],
            X_val=X[VAL][kept],
            y_val=y[VAL][kept],
            sample_weight_val=weight[kept],
        )
        np.testing.assert_allclose(one.validation_loss_curve_, other.validation_loss_curve_)
        np.testing.assert_allclose(one.validation_scores_, other.validation_scores_)


@pytest.mark.parametrize("class_weight", ["balanced", {"yes": 5.0}])
def test_class_weights_weigh_the_validation_set_too(class_weight):
    weighted = make(MLPClassifier, class_weight=class_weight).fit(
        X[TRAIN], LABELS[TRAIN], X_val=X[VAL], y_val=LABELS[VAL]
    )
    if class_weight == "balanced":
        counts = {label: np.sum(LABELS[TRAIN] == label) for label in weighted.classes_}
        class_weight = {label: 80 / (3 * count) for label, count in counts.items()}
    weights = np.array([class_weight.get(label, 1.0) for label in LABELS])
    by_hand = make(MLPClassifier).fit(
        X[TRAIN],
        LABELS[TRAIN],
        weights[TRAIN],
        X_val=X[VAL],
        y_val=LABELS[VAL],
        sample_weight_val=weights[VAL],
    )
    for name in ("loss_curve_", "validation_loss_curve_", "validation_scores_"):
        np.testing.assert_allclose(getattr(weighted, name), getattr(by_hand, name))


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_without_early_stopping_validation_only_records(estimator, solver):
    y = targets(estimator)
    plain = make(estimator, solver=solver).fit(X[TRAIN], y[TRAIN])
    watched = make(estimator, solver=solver).fit(X[TRAIN], y[TRAIN], X_val=X[VAL], y_val=y[VAL])
    assert plain.validation_loss_curve_ is None
    assert plain.validation_scores_ is None
    assert len(watched.validation_loss_curve_) == len(watched.loss_curve_)
    assert len(watched.validation_scores_) == len(watched.loss_curve_)
    assert watched.best_validation_score_ is None
    assert watched.best_loss_ == min(watched.loss_curve_)
    assert watched.validation_scores_[-1] == pytest.approx(watched.score(X[VAL], y[VAL]))
    for one, other in zip(plain.coefs_, watched.coefs_, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize("container", [sparse.csr_array, sparse.csc_matrix, pd.DataFrame, list])
def test_the_validation_set_may_be_of_any_kind(estimator, container):
    y = targets(estimator)
    arrays = fit_validated(estimator)
    X_train, X_val = (container(part) for part in (X[TRAIN], X[VAL]))
    other = make(estimator, early_stopping=True).fit(X_train, y[TRAIN], X_val=X_val, y_val=y[VAL])
    np.testing.assert_allclose(other.validation_scores_, arrays.validation_scores_)


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_a_pipeline_transforms_the_validation_inputs(estimator, early_stopping):
    y = targets(estimator)
    shifted = 10 + 5 * X
    scaler = StandardScaler().fit(shifted[TRAIN])
    by_hand = make(estimator, early_stopping=early_stopping).fit(
        scaler.transform(shifted[TRAIN]),
        y[TRAIN],
        WEIGHT[TRAIN],
        X_val=scaler.transform(shifted[VAL]),
        y_val=y[VAL],
        sample_weight_val=WEIGHT[VAL],
    )
    with sklearn.config_context(enable_metadata_routing=True):
        mlp = make(estimator, early_stopping=early_stopping).set_fit_request(
            sample_weight=True, X_val=True, y_val=True, sample_weight_val=True
        )
        pipeline = Pipeline(
            [("scale", StandardScaler().set_fit_request(sample_weight=False)), ("mlp", mlp)],
            transform_input=["X_val"],
        )
        pipeline.fit(
            shifted[TRAIN],
            y[TRAIN],
            sample_weight=WEIGHT[TRAIN],
            X_val=shifted[VAL],
            y_val=y[VAL],
            sample_weight_val=WEIGHT[VAL],
        )
    piped = pipeline[-1]
    np.testing.assert_allclose(piped.validation_loss_curve_, by_hand.validation_loss_curve_)
    np.testing.assert_allclose(piped.validation_scores_, by_hand.validation_scores_)
    np.testing.assert_allclose(piped.coefs_[0], by_hand.coefs_[0])


def test_make_pipeline_routes_it_too():
    with sklearn.config_context(enable_metadata_routing=True):
        mlp = make(MLPRegressor, early_stopping=True).set_fit_request(X_val=True, y_val=True)
        pipeline = make_pipeline(StandardScaler(), mlp, transform_input=["X_val"])
        pipeline.fit(X[TRAIN], NUMBERS[TRAIN], X_val=X[VAL], y_val=NUMBERS[VAL])
    assert len(pipeline[-1].validation_scores_) == 15


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"X_val": X[VAL]}, "`X_val` and `y_val` must be given together; got `X_val` without"),
        ({"y_val": LABELS[VAL]}, "`X_val` and `y_val` must be given together; got `y_val` without"),
        ({"sample_weight_val": WEIGHT[VAL]}, "`sample_weight_val` must come with"),
        ({"X_val": X[VAL, :2], "y_val": LABELS[VAL]}, "2 features.*expecting 4"),
        ({"X_val": X[VAL], "y_val": LABELS[TRAIN]}, "inconsistent numbers of samples"),
        ({"X_val": X[80:81], "y_val": LABELS[80:81]}, "minimum of 2"),
        ({"X_val": X[VAL], "y_val": ["other"] * 40}, "only.*'other'.*Leave those samples out"),
        ({"X_val": X[VAL], "y_val": [1, 2] * 20}, r"got .*\[1 2\]. Convert it to the type of `y`"),
        (
            {"X_val": X[VAL], "y_val": LABELS[VAL], "sample_weight_val": WEIGHT[TRAIN]},
            "`sample_weight_val` must have one entry per sample",
        ),
        (
            {"X_val": X[VAL], "y_val": LABELS[VAL], "sample_weight_val": -WEIGHT[VAL]},
            "`sample_weight_val` must not be negative",
        ),
    ],
)
def test_an_unfit_validation_set_is_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        make(MLPClassifier).fit(X[TRAIN], LABELS[TRAIN], **arguments)


@pytest.mark.parametrize("scoring", [None, "r2", "neg_mean_absolute_error", "loss"])
def test_a_validation_row_for_which_exp_overflows_ends_no_fit(scoring):
    counts = RNG.poisson(2.0, 120)
    far = np.vstack([X[VAL], 1e6 * X[:1], -1e6 * X[:1]]), np.append(counts[VAL], [1, 1])
    model = make(MLPRegressor, loss="poisson", scoring=scoring, activation="identity")
    plain = clone(model).set_params(scoring=None).fit(X, counts)
    model.fit(X, counts, X_val=far[0], y_val=far[1])
    np.testing.assert_array_equal(model.coefs_[0], plain.coefs_[0])
    assert not np.isfinite(model.validation_scores_).any()
    assert not np.isfinite(model.validation_loss_curve_).any()


def test_a_score_that_is_not_finite_is_no_improvement():
    scores = iter([np.nan, np.inf, -1.0, -np.inf, np.inf, np.nan, np.inf])
    model = make(MLPRegressor, early_stopping=True, scoring=lambda *_: next(scores))
    model.set_params(n_iter_no_change=3).fit(X, NUMBERS)
    assert model.best_iteration_ == 3
    assert model.best_validation_score_ == -1.0
    assert model.n_iter_ == 7


def test_validation_targets_must_be_in_range():
    with pytest.raises(ValueError, match=r"`y_val` must lie in \[0, inf\) with"):
        make(MLPRegressor, loss="poisson").fit(
            X[TRAIN], np.abs(NUMBERS[TRAIN]), X_val=X[VAL], y_val=NUMBERS[VAL]
        )


@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize("scoring", ["loss", "neg_mean_squared_error", "accuracy"])
def test_a_scoring_without_anything_to_score_is_told(estimator, scoring):
    model = make(estimator, scoring=scoring)
    with pytest.warns(UserWarning, match=f"`scoring` should have a .* got '{scoring}' without"):
        model.fit(X, targets(estimator))


@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_a_scoring_records_what_it_finds_without_early_stopping(estimator):
    y = targets(estimator)
    model = make(estimator, scoring="loss").fit(X[TRAIN], y[TRAIN], X_val=X[VAL], y_val=y[VAL])
    assert model.validation_scores_ == [-loss for loss in model.validation_loss_curve_]
