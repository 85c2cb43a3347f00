"""What a PerceptronClassifier keeps, whatever happens to it on the way."""

import copy
import itertools

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split

from skmlp import PerceptronClassifier
from skmlp.perceptron import penalised
from skmlp.perceptron.training import OnlineTraining

X, y = load_iris(return_X_y=True)
HUGE = np.array([[1e308, 1e308], [1e308, -1e308], [-1e308, 1e308]])


def press_ctrl_c(monkeypatch):
    """Let the user interrupt every training in its first epoch."""

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(OnlineTraining, "_run_epoch", interrupted)


def test_a_fit_that_is_refused_leaves_the_fit_before():
    model = PerceptronClassifier().fit(X, y)
    before = dict(vars(model))
    with pytest.raises(ValueError, match="`coef_init` must be finite"):
        model.fit(X[:100, :2], y[:100], coef_init=np.ones((5, 5)))
    assert vars(model) == before
    assert_array_equal(model.classes_, [0, 1, 2])


def test_a_fit_that_diverges_leaves_nothing():
    model = PerceptronClassifier(eta0=1e10)
    with pytest.raises(ValueError, match="diverged"):
        model.fit(HUGE, [0, 1, 0])
    assert not hasattr(model, "classes_")
    assert not hasattr(model, "n_features_in_")


def test_a_diverging_partial_fit_keeps_the_weights_and_can_go_on():
    model = PerceptronClassifier().partial_fit(HUGE / 1e308, [0, 1, 0], classes=[0, 1])
    weights, curve = model.coef_.copy(), list(model.loss_curve_)
    with pytest.raises(ValueError, match="diverged"):
        model.set_params(eta0=1e10).partial_fit(HUGE, [1, 0, 1])
    assert_array_equal(model.coef_, weights)
    assert model.loss_curve_ == curve
    model.set_params(eta0=1.0).partial_fit(HUGE / 1e308, [0, 1, 0])
    assert len(model.loss_curve_) == 2


def test_a_diverging_partial_fit_leaves_no_trace_in_the_next():
    model = PerceptronClassifier().partial_fit(X, y, classes=[0, 1, 2])
    undisturbed = copy.deepcopy(model)
    with pytest.raises(ValueError, match="diverged"):
        model.set_params(eta0=1e308).partial_fit(X, y)
    model.set_params(eta0=1.0)
    assert_array_equal(model.partial_fit(X, y).coef_, undisturbed.partial_fit(X, y).coef_)


def test_the_reason_of_an_epoch_of_partial_fit_is_not_that_max_iter_are_done():
    model = PerceptronClassifier().partial_fit(X, y, classes=[0, 1, 2])
    assert model.stop_reason_ == "the epoch of `partial_fit` is done"


def test_an_epoch_of_partial_fit_without_mistake_says_so():
    model = PerceptronClassifier().fit(X[:100], y[:100])
    assert model.partial_fit(X[:100], y[:100]).stop_reason_ == "an epoch made no mistake"


def test_ctrl_c_in_partial_fit_is_not_swallowed_in_silence(monkeypatch):
    model = PerceptronClassifier().partial_fit(X, y, classes=[0, 1, 2])
    weights = model.coef_.copy()
    press_ctrl_c(monkeypatch)
    text = r"interrupted by user within `partial_fit`\. What .* A loop around it .* `stop_reason_`"
    with pytest.warns(UserWarning, match=text) as caught:
        model.partial_fit(X, y)
    assert caught[0].filename == __file__
    assert_array_equal(model.coef_, weights)
    assert model.stop_reason_ == "the user interrupted the training"


def test_ctrl_c_keeps_no_weights_of_an_epoch_that_had_diverged(monkeypatch):
    samples = itertools.count(1)

    def interrupted(*arguments):
        if next(samples) == 3:
            raise KeyboardInterrupt
        return mistaken(*arguments)

    mistaken = penalised.mistaken
    monkeypatch.setattr(penalised, "mistaken", interrupted)
    model = PerceptronClassifier(penalty="l2", eta0=1e10)
    with pytest.raises(ValueError, match=r"diverged in epoch 1 at learning rate 1e\+10"):
        model.fit(HUGE, [0, 1, 0])
    assert not hasattr(model, "coef_")


def test_the_step_function_of_the_fit_predicts_whatever_is_set_since():
    options = {"step": "heaviside", "fit_intercept": False}
    model = PerceptronClassifier(**options).fit([[1.0], [-1.0]], [1, 0])
    assert_array_equal(model.set_params(step="sign").predict([[0.0]]), [1])


def test_the_validation_curve_is_as_long_as_the_others_and_nan_where_nothing_was_held_out():
    model = PerceptronClassifier(early_stopping=True).fit(X, y)
    model.set_params(early_stopping=False).partial_fit(X, y)
    assert len(model.validation_scores_) == len(model.loss_curve_)
    assert np.isnan(model.validation_scores_[-1])
    assert np.isfinite(model.validation_scores_[:-1]).all()


@pytest.mark.parametrize("options", [{"average": True}, {"penalty": "l2", "alpha": 0.1}], ids=str)
def test_early_stopping_scores_the_weights_that_predict(options):
    labels = (y == 1).astype(int)
    model = PerceptronClassifier(**options, early_stopping=True, random_state=3).fit(X, labels)
    held_out = train_test_split(
        np.arange(150), test_size=15, random_state=np.random.RandomState(3), stratify=labels
    )[1]
    expected = model.score(X[held_out], labels[held_out])
    assert model.validation_scores_[-1] == pytest.approx(expected)


@pytest.mark.parametrize(
    "weights",
    [{0: -1.0}, {0: np.nan}, {0: np.inf}, {0: "a"}],
    ids=["negative", "nan", "infinite", "string"],
)
def test_class_weights_that_are_no_weights_are_refused(weights):
    with pytest.raises(ValueError, match=r"`class_weight` must be .* finite numbers of at least 0"):
        PerceptronClassifier(class_weight=weights).fit(X, y)


def test_a_number_of_jobs_is_ignored_whatever_it_is():
    assert PerceptronClassifier(n_jobs=-2).fit(X, y).coef_.shape == (3, 4)


def test_first_weights_may_be_sparse_as_a_fit_may_leave_them():
    first = PerceptronClassifier().fit(X, y)
    start = {"coef_init": first.coef_, "intercept_init": first.intercept_}
    expected = PerceptronClassifier().fit(X, y, **start).coef_
    start["coef_init"] = first.sparsify().coef_
    assert_array_equal(PerceptronClassifier().fit(X, y, **start).coef_, expected)


def test_first_weights_that_are_no_numbers_are_refused_by_name():
    with pytest.raises(ValueError, match=r"`coef_init` must hold numbers in shape \(3, 4\)"):
        PerceptronClassifier().fit(X, y, coef_init=[["a"] * 4] * 3)
