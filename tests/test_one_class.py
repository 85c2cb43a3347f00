"""A classifier that knows one class: small folds, constant columns and single rows have it."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import LeaveOneOut, cross_val_score, learning_curve
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier

from skmlp import Checkpoint, MLPClassifier, MLPRegressor, resume

X, y = load_iris(return_X_y=True)
ONE = np.full(150, "only")
TOLD = pytest.mark.filterwarnings("ignore:`y` holds one class")


def small(**arguments):
    return MLPClassifier((4,), max_iter=3, random_state=0, **arguments)


def assert_knows_only(model, label, X=X):
    np.testing.assert_array_equal(model.classes_, [label])
    np.testing.assert_array_equal(model.predict(X), np.full(len(X), label))
    np.testing.assert_array_equal(model.predict_proba(X), np.ones((len(X), 1)))
    np.testing.assert_array_equal(model.predict_log_proba(X), np.zeros((len(X), 1)))
    assert model.decision_function(X).shape == (len(X), 1)


def test_one_class_is_fitted_and_a_warning_says_so():
    with pytest.warns(UserWarning, match=r"`y` holds one class, 'only'.* every") as caught:
        model = small().fit(X, ONE)
    assert caught[0].filename == __file__
    assert_knows_only(model, "only")
    assert model.score(X, ONE) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"early_stopping": True},
        {"early_stopping": True, "scoring": "loss", "class_weight": "balanced"},
        {"class_weight": {"only": 3}, "label_smoothing": 0.2, "dropout": 0.3},
        {"solver": "lbfgs"},
        {"warm_start": True, "solver": "adamw", "learning_rate": "one_cycle"},
    ],
    ids=str,
)
@TOLD
def test_every_option_goes_with_one_class(options):
    model = small(**options).fit(X, ONE, sample_weight=np.arange(150.0))
    assert_knows_only(model.fit(X, ONE), "only")
    assert model.loss_ == pytest.approx(0, abs=1e-2)


@TOLD
def test_partial_fit_may_be_told_of_one_class_only():
    model = small().partial_fit(X, ONE, classes=["only"]).partial_fit(X, ONE)
    assert_knows_only(model, "only")
    with pytest.raises(ValueError, match="not in `classes_`"):
        model.partial_fit(X, y)


@TOLD
def test_a_validation_set_may_hold_no_other_class():
    model = small().fit(X, ONE, X_val=X, y_val=ONE)
    assert set(model.validation_scores_) == {1.0}
    with pytest.raises(ValueError, match="`y_val` must hold only the classes"):
        small().fit(X, ONE, X_val=X, y_val=np.arange(150).astype(str))


@TOLD
def test_a_checkpoint_knows_one_class(tmp_path):
    pytest.importorskip("sklearn.callback", reason="callbacks came with scikit-learn 1.9")
    path = tmp_path / "one.npz"
    model = small(warm_start=True).fit(X, ONE).set_callbacks(Checkpoint(path)).fit(X, ONE)
    resumed = resume(path, X, ONE)
    assert_knows_only(resumed, "only")
    np.testing.assert_array_equal(resumed.coefs_[0], model.coefs_[0])


@TOLD
def test_one_row_is_fitted():
    assert_knows_only(small().fit(X[:1], ["a"]), "a", X)
    regressor = MLPRegressor(hidden_layer_sizes=4, max_iter=3, random_state=0).fit(X[:1], [5.0])
    assert np.isfinite(regressor.predict(X)).all()
    several = small().fit(X[:1], [[0, 1, 1]])
    assert several.predict_proba(X).shape == (150, 3)


@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
@TOLD
def test_early_stopping_has_nothing_to_hold_out_of_one_row(estimator):
    with pytest.raises(ValueError, match="`validation_fraction` must hold out at least 2 samples"):
        estimator(early_stopping=True).fit(X[:1], [1])


@pytest.mark.parametrize("wrapper", [MultiOutputClassifier, ClassifierChain])
@TOLD
def test_a_constant_column_is_one_of_several(wrapper):
    columns = np.column_stack([y == 1, np.ones(150, bool)]).astype(int)
    fitted = wrapper(small()).fit(X, columns)
    assert (fitted.predict(X)[:, 1] == 1).all()
    if wrapper is MultiOutputClassifier:
        np.testing.assert_array_equal(fitted.predict_proba(X)[1], np.ones((150, 1)))


@TOLD
def test_small_learning_curves_and_folds_without_a_class_are_scored():
    network = small(warm_start=False)
    _, _, scores = learning_curve(network, X, y, train_sizes=[20, 100], error_score="raise")
    assert np.isfinite(scores).all()
    few = [0, 50, 51]
    scores = cross_val_score(clone(network), X[few], y[few], cv=LeaveOneOut(), error_score="raise")
    assert len(scores) == 3
