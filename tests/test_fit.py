"""What fit takes and what it leaves behind."""

import pickle
import re
from inspect import Parameter, signature

import numpy as np
import pytest
from sklearn import neural_network
from sklearn.datasets import load_iris
from sklearn.metrics import accuracy_score, get_scorer, log_loss, r2_score

import skmlp
from skmlp import MLPClassifier, MLPRegressor
from skmlp.estimators.common._printer import Printer
from skmlp.training.result import EpochRecord

BOTH = [MLPClassifier, MLPRegressor]
both_estimators = pytest.mark.parametrize("estimator", BOTH)
SOLVERS = ["sgd", "adam", "adamw", "muon", "nadam", "rmsprop", "adagrad", "lbfgs"]
every_solver = pytest.mark.parametrize("solver", SOLVERS)

X, Y = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)


def fitted(estimator, *data, given=None, **arguments):
    arguments = {"hidden_layer_sizes": (8,), "max_iter": 10, "random_state": 0, **arguments}
    return estimator(**arguments).fit(*(data or (X, Y)), **(given or {}))


# The same arguments and attributes as scikit-learn's


def parameters_of(function):
    return list(signature(function).parameters.values())[1:]


@both_estimators
def test_the_constructor_begins_with_the_arguments_of_scikit_learn(estimator):
    theirs = parameters_of(getattr(neural_network, estimator.__name__).__init__)
    ours = parameters_of(estimator.__init__)
    # scikit-learn 1.6 has no `loss`, with which the regressor's arguments begin since 1.7.
    if "loss" not in {p.name for p in theirs}:
        ours = [p for p in ours if p.name != "loss"]
    shared = ours[: len(theirs)]
    assert [p.name for p in shared] == [p.name for p in theirs]
    assert [p.default for p in shared] == [p.default for p in theirs]
    assert [p.kind for p in shared] == [p.kind for p in theirs]
    assert all(p.kind is Parameter.KEYWORD_ONLY for p in ours[len(theirs) :])


@both_estimators
@pytest.mark.parametrize("method", ["fit", "partial_fit", "predict", "score"])
def test_methods_begin_with_the_arguments_of_scikit_learn(estimator, method):
    theirs = parameters_of(getattr(getattr(neural_network, estimator.__name__), method))
    ours = parameters_of(getattr(estimator, method))
    # Before 1.7 there are no sample weights.
    names = {p.name for p in theirs}
    ours = [p for p in ours if p.name != "sample_weight" or p.name in names]
    assert [(p.name, p.default) for p in ours[: len(theirs)]] == [
        (p.name, p.default) for p in theirs
    ]


@both_estimators
def test_every_argument_is_kept_as_it_came(estimator):
    marks = {name: object() for name in estimator().get_params()}
    model = estimator(**marks)
    assert model.get_params() == marks


@both_estimators
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_every_fitted_attribute_of_scikit_learn_exists(estimator, solver, early_stopping):
    arguments = {"solver": solver, "early_stopping": early_stopping}
    ours = fitted(estimator, **arguments)
    theirs = fitted(getattr(neural_network, estimator.__name__), **arguments)
    names = {name for name in vars(theirs) if name.endswith("_") and name[0] != "_"}
    assert {"coefs_", "n_iter_", "loss_"} <= names <= set(vars(ours))
    for name in names - {"coefs_", "intercepts_", "classes_"}:
        theirs_is_none = getattr(theirs, name) is None
        assert (getattr(ours, name) is None) == theirs_is_none or solver == "lbfgs", name
    assert (ours.n_layers_, ours.n_outputs_) == (theirs.n_layers_, theirs.n_outputs_)
    assert ours.out_activation_ == theirs.out_activation_


@both_estimators
def test_both_names_are_exported(estimator):
    assert getattr(skmlp, estimator.__name__) is estimator


# Curves and the reason to stop


@both_estimators
@every_solver
def test_curves_have_one_entry_per_epoch(estimator, solver):
    model = fitted(estimator, solver=solver, given={"X_val": X[::5], "y_val": Y[::5]})
    assert model.n_iter_ == 10
    for name in (
        "loss_curve_",
        "validation_loss_curve_",
        "validation_scores_",
        "learning_rate_curve_",
    ):
        curve = getattr(model, name)
        assert len(curve) == 10, name
        assert all(type(entry) is float for entry in curve), name
    assert model.loss_ == model.loss_curve_[-1]
    assert model.stop_reason_ == "`max_iter` epochs are done"
    if solver == "lbfgs":
        assert np.isnan(model.learning_rate_curve_).all()


@both_estimators
def test_without_a_validation_set_there_are_no_validation_curves(estimator):
    model = fitted(estimator)
    assert model.validation_scores_ is None
    assert model.validation_loss_curve_ is None
    assert model.best_validation_score_ is None


@pytest.mark.parametrize(
    "arguments, rates",
    [
        ({"learning_rate": "constant"}, [0.1] * 4),
        ({"learning_rate": "invscaling"}, [0.1, *(0.1 / np.sqrt([151, 301, 451]))]),
        ({"learning_rate": "constant", "warmup_iter": 2}, [0.025, 0.075, 0.1, 0.1]),
        ({"learning_rate": "exponential"}, [0.1 * 0.01 ** (e / 4) for e in (0.5, 1.5, 2.5, 3.5)]),
    ],
    ids=str,
)
def test_the_learning_rate_curve_is_the_schedule(arguments, rates):
    model = fitted(MLPRegressor, learning_rate_init=0.1, max_iter=4, batch_size=150, **arguments)
    np.testing.assert_allclose(model.learning_rate_curve_, rates)


def test_adaptive_divides_the_rate_by_five_until_it_is_tiny():
    model = fitted(
        MLPRegressor,
        learning_rate="adaptive",
        learning_rate_init=1e-3,
        tol=1e9,
        n_iter_no_change=1,
        max_iter=100,
        solver="adam",
    )
    rates = list(dict.fromkeys(model.learning_rate_curve_))
    np.testing.assert_allclose(rates, 1e-3 / 5.0 ** np.arange(len(rates)))
    assert rates[-1] <= 1e-6 < rates[-2]
    assert "training loss improved by less than `tol`" in model.stop_reason_


# Validation and early stopping


@both_estimators
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("scoring", [None, "loss"])
def test_early_stopping_restores_the_best_epoch(estimator, solver, scoring):
    noise = np.random.RandomState(0).permutation(Y)
    validation = {"X_val": X[::2], "y_val": noise[::2]}
    model = fitted(
        estimator,
        X[1::2],
        noise[1::2],
        given=validation,
        solver=solver,
        early_stopping=True,
        learning_rate_init=0.05,
        scoring=scoring,
        tol=0.0,
        n_iter_no_change=15,
        max_iter=300,
    )
    best = model.best_iteration_ - 1
    assert "validation score" in model.stop_reason_
    assert model.validation_scores_[best] == max(model.validation_scores_)
    assert model.best_validation_score_ == max(model.validation_scores_)
    assert model.n_iter_ > model.best_iteration_
    if scoring is None:
        score = model.score(validation["X_val"], validation["y_val"])
    else:
        score = -validation_loss(model, validation["X_val"], validation["y_val"])
    assert score == pytest.approx(max(model.validation_scores_))


def validation_loss(model, X_val, y_val):
    if isinstance(model, MLPClassifier):
        return log_loss(y_val, model.predict_proba(X_val))
    return ((model.predict(X_val) - y_val) ** 2).mean() / 2


@both_estimators
def test_a_validation_set_without_early_stopping_changes_nothing(estimator):
    X_val, y_val = X[::3], Y[::3]
    weight = np.linspace(0.5, 2, len(y_val))
    validation = {"X_val": X_val, "y_val": y_val, "sample_weight_val": weight}
    watched, alone = fitted(estimator, given=validation), fitted(estimator)
    np.testing.assert_array_equal(watched.coefs_[0], alone.coefs_[0])
    score = watched.score(X_val, y_val, sample_weight=weight)
    assert watched.validation_scores_[-1] == pytest.approx(score)


@both_estimators
def test_validation_curves_hold_the_own_score_and_the_own_loss(estimator):
    model = fitted(estimator, given={"X_val": X[::3], "y_val": Y[::3]})
    metric = accuracy_score if estimator is MLPClassifier else r2_score
    prediction = model.predict(X[::3])
    assert model.validation_scores_[-1] == pytest.approx(metric(Y[::3], prediction))
    assert model.validation_loss_curve_[-1] == pytest.approx(validation_loss(model, X[::3], Y[::3]))


@pytest.mark.parametrize("scoring", ["f1_macro", "neg_log_loss"])
def test_a_named_scorer_is_what_early_stopping_watches(scoring):
    model = fitted(MLPClassifier, scoring=scoring, given={"X_val": X, "y_val": Y})
    assert model.validation_scores_[-1] == pytest.approx(get_scorer(scoring)(model, X, Y))


def test_a_scorer_sees_a_finished_model_with_the_weights_of_the_epoch():
    seen = []

    def scorer(model, X_val, y_val):
        seen.append(model.predict_proba(X_val))
        return 0.0

    model = fitted(MLPClassifier, scoring=scorer, given={"X_val": X, "y_val": Y})
    assert len(seen) == 10
    assert not np.allclose(seen[0], seen[-1])
    np.testing.assert_allclose(seen[-1], model.predict_proba(X))


def test_early_stopping_of_a_classifier_holds_out_every_class_in_proportion():
    y = np.r_[np.zeros(90, int), np.ones(10, int)]
    inputs = np.random.RandomState(0).normal(size=(100, 2))
    held_out = []

    def scorer(model, X_val, y_val):
        held_out.append(y_val)
        return 0.0

    fitted(MLPClassifier, inputs, y, early_stopping=True, scoring=scorer, validation_fraction=0.2)
    assert sorted(held_out[0]) == [0] * 18 + [1] * 2


@both_estimators
def test_lbfgs_does_not_depend_on_how_its_samples_are_cut(estimator, monkeypatch):
    weight = np.random.RandomState(0).uniform(0.1, 1, 150)
    whole = fitted(estimator, X, Y, weight, solver="lbfgs")
    monkeypatch.setattr("skmlp.training.train.FULL_BATCH_ROWS", 7)
    cut = fitted(estimator, X, Y, weight, solver="lbfgs")
    np.testing.assert_allclose(cut.loss_curve_, whole.loss_curve_, rtol=1e-9)
    np.testing.assert_allclose(cut.coefs_[0], whole.coefs_[0], rtol=1e-4, atol=1e-6)


# Warm start and partial_fit


@both_estimators
@every_solver
def test_a_warm_start_goes_on_from_the_weights_and_extends_the_curves(estimator, solver):
    model = fitted(estimator, solver=solver, warm_start=True, max_iter=5)
    first = list(model.loss_curve_)
    model.fit(X, Y)
    assert model.loss_curve_[:5] == first
    assert len(model.loss_curve_) == len(model.learning_rate_curve_) == 10
    assert model.n_iter_ == 5
    assert model.loss_curve_[-1] < first[0]
    assert 5 < model.best_iteration_ <= 10


@both_estimators
def test_without_a_warm_start_a_second_fit_begins_anew(estimator):
    model = fitted(estimator)
    first = model.coefs_[0].copy()
    model.fit(X[:, :2], Y).fit(X, Y)
    np.testing.assert_array_equal(model.coefs_[0], first)
    assert len(model.loss_curve_) == 10


@both_estimators
def test_a_warm_start_refuses_another_architecture(estimator):
    model = fitted(estimator, warm_start=True).set_params(hidden_layer_sizes=(9,))
    with pytest.raises(ValueError, match="`hidden_layer_sizes` must stay as in the first fit"):
        model.fit(X, Y)


@both_estimators
def test_partial_fit_calls_are_the_epochs_of_a_fit(estimator):
    arguments = {"shuffle": False, "max_iter": 6, "tol": 0.0, "n_iter_no_change": np.inf}
    whole = fitted(estimator, **arguments)
    model = estimator(hidden_layer_sizes=(8,), random_state=0, **arguments)
    for _ in range(6):
        model.partial_fit(X, Y, **({"classes": [0, 1, 2]} if estimator is MLPClassifier else {}))
    np.testing.assert_allclose(model.coefs_[0], whole.coefs_[0], rtol=1e-12)
    np.testing.assert_allclose(model.loss_curve_, whole.loss_curve_, rtol=1e-12)
    assert model.t_ == whole.t_ == 900


@both_estimators
@pytest.mark.parametrize("solver", SOLVERS[:-1])
def test_single_rows_can_be_learnt_one_after_the_other(estimator, solver):
    model = estimator(hidden_layer_sizes=(8,), solver=solver, random_state=0)
    classes = {"classes": [0, 1, 2]} if estimator is MLPClassifier else {}
    for row in np.random.RandomState(0).permutation(150):
        model.partial_fit(X[row : row + 1], Y[row : row + 1], **classes)
    assert model.t_ == 150
    assert len(model.loss_curve_) == 150
    assert np.isfinite(model.predict(X)).all()


class OfWindows(np.random.RandomState):
    """Permutes as on Windows, where NumPy's long has 32 bits."""

    def permutation(self, x):
        return super().permutation(x).astype(np.int32)


@both_estimators
def test_a_shuffle_of_32_bits_gives_the_same_bits(estimator):
    here, there = (
        fitted(estimator, random_state=random(0)) for random in (np.random.RandomState, OfWindows)
    )
    np.testing.assert_array_equal(here.coefs_[0], there.coefs_[0])


@both_estimators
def test_a_model_after_partial_fit_is_no_bigger_than_its_optimizer_needs(estimator):
    rng = np.random.RandomState(0)
    inputs, y = rng.normal(size=(30, 100)), np.arange(30) % 3
    model = estimator(hidden_layer_sizes=(200,)).partial_fit(
        inputs, y, **({"classes": [0, 1, 2]} if estimator is MLPClassifier else {})
    )
    weights = sum(array.nbytes for array in model.coefs_ + model.intercepts_)
    assert len(pickle.dumps(model)) <= 3.1 * weights
    assert len(pickle.dumps(model.fit(inputs, y))) <= 1.3 * weights


# Verbose


@both_estimators
@every_solver
def test_verbose_prints_a_line_per_epoch(estimator, solver, capsys):
    model = fitted(estimator, solver=solver, verbose=True, max_iter=3)
    *epochs, last = capsys.readouterr().out.splitlines()
    assert len(epochs) == model.n_iter_ == 3
    for epoch, line in enumerate(epochs, start=1):
        assert re.match(f"epoch {epoch}/3  loss +{model.loss_curve_[epoch - 1]:.6f}", line)
        assert ("learning rate" in line) == (solver != "lbfgs")
    assert last == "ended after 3 epochs: `max_iter` epochs are done"


@both_estimators
def test_verbose_prints_validation_loss_and_score(estimator, capsys):
    model = fitted(estimator, verbose=1, early_stopping=True, max_iter=2)
    *_, epoch, last = capsys.readouterr().out.splitlines()
    assert re.search(f"validation loss +{model.validation_loss_curve_[-1]:.6f}", epoch)
    assert re.search(f"validation score +{model.validation_scores_[-1]:.6f}", epoch)
    assert last.endswith(f"; the weights are those of epoch {model.best_iteration_}")


def test_the_numbers_of_falling_losses_stand_in_columns(capsys):
    printer = Printer(max_epochs=2)
    for epoch, loss in enumerate((1234.5, 9.5), start=1):
        printer.end_epoch(EpochRecord(epoch, loss, 0.01))
    assert capsys.readouterr().out.splitlines() == [
        "epoch 1/2  loss 1234.500000  learning rate 0.01",
        "epoch 2/2  loss    9.500000  learning rate 0.01",
    ]


@both_estimators
def test_silence_is_the_default(estimator, capsys):
    fitted(estimator)
    assert capsys.readouterr().out == ""
