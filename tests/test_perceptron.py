"""What PerceptronClassifier promises a user."""

import pickle
import re

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.datasets import load_iris, make_multilabel_classification
from sklearn.exceptions import ConvergenceWarning

from skmlp import PerceptronClassifier
from skmlp.estimators.common._printer import Printer

XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])


def test_iris_setosa_is_told_by_its_petals():
    iris = load_iris()
    model = PerceptronClassifier(random_state=42).fit(iris.data[:, 2:], iris.target == 0)
    assert_array_equal(model.predict([[2, 0.5], [3, 1]]), [True, False])


@pytest.mark.parametrize("step", ["sign", "heaviside"])
@pytest.mark.parametrize("gate", [[0, 0, 0, 1], [0, 1, 1, 1]], ids=["and", "or"])
def test_gates_are_learnt_without_mistake(step, gate):
    model = PerceptronClassifier(step=step, tol=None).fit(XOR[0], gate)
    assert_array_equal(model.predict(XOR[0]), gate)
    assert model.stop_reason_ == "an epoch made no mistake"
    assert model.mistake_curve_[-1] == 0
    assert model.n_iter_ == len(model.mistake_curve_) == len(model.loss_curve_)


def test_xor_is_not_learnt_and_a_warning_says_so():
    model = PerceptronClassifier(max_iter=50, tol=None)
    with pytest.warns(ConvergenceWarning, match="`max_iter=50`.*no hyperplane"):
        model.fit(*XOR)
    assert model.score(*XOR) < 1
    assert model.mistake_curve_[-1] > 0


def test_xor_stops_by_tol_and_the_reason_says_so():
    assert "`tol`" in PerceptronClassifier().fit(*XOR).stop_reason_


def test_the_step_functions_differ_at_zero_only():
    X, y = np.array([[0.0]]), [1]
    sign, heaviside = (
        PerceptronClassifier(step=step, fit_intercept=False).partial_fit(X, y, classes=[0, 1])
        for step in ("sign", "heaviside")
    )
    assert sign.mistake_curve_ == [1]
    assert heaviside.mistake_curve_ == [0]
    assert sign.predict(X) == 0
    assert heaviside.predict(X) == 1


def test_a_matrix_of_labels_trains_one_perceptron_per_column():
    X, Y = make_multilabel_classification(n_samples=120, random_state=0)
    options = {"shuffle": False, "class_weight": "balanced"}
    together = PerceptronClassifier(**options).fit(X, Y)
    assert together.predict(X).shape == together.decision_function(X).shape == Y.shape
    for k, column in enumerate(Y.T):
        alone = PerceptronClassifier(**options).fit(X, column)
        assert_allclose(together.coef_[k], alone.coef_[0], rtol=1e-10, atol=1e-10)
        assert_array_equal(together.predict(X)[:, k], alone.predict(X))


def test_a_matrix_of_labels_can_be_given_in_parts_and_held_out():
    X, Y = make_multilabel_classification(n_samples=120, random_state=0)
    model = PerceptronClassifier().partial_fit(X[:60], Y[:60]).partial_fit(X[60:], Y[60:])
    assert model.t_ == 121
    stopped = PerceptronClassifier(early_stopping=True).fit(X, Y)
    # As in scikit-learn, samples that are held out count.
    assert stopped.t_ == 1 + stopped.n_iter_ * len(X)
    assert len(stopped.validation_scores_) == stopped.n_iter_


def test_integer_inputs_and_views_give_what_floats_give():
    rng = np.random.RandomState(0)
    X, y = rng.randint(0, 255, (300, 12)).astype(np.uint8), rng.randint(0, 3, 300)
    expected = PerceptronClassifier(max_iter=5, tol=None).fit(X.astype(float), y).coef_
    for same in (X, np.asfortranarray(X), np.repeat(X, 2, axis=0)[::2]):
        model = PerceptronClassifier(max_iter=5, tol=None).fit(same, y)
        assert_allclose(model.coef_, expected)


def test_float32_stays_float32():
    X, y = load_iris(return_X_y=True)
    model = PerceptronClassifier(penalty="elasticnet").fit(X.astype(np.float32), y)
    assert model.coef_.dtype == model.intercept_.dtype == np.float32
    assert model.decision_function(X).dtype == np.float32


@pytest.mark.parametrize("penalty", [None, "elasticnet"])
def test_sparse_matrices_and_arrays_of_any_layout_are_the_same(penalty):
    X, y = load_iris(return_X_y=True)
    X[X < 2] = 0
    fits = [
        PerceptronClassifier(penalty=penalty).fit(layout(X), y).coef_
        for layout in (sparse.csr_matrix, sparse.csr_array, sparse.csc_array)
    ]
    assert_allclose(fits[1], fits[0])
    assert_allclose(fits[2], fits[0])


def test_intercepts_of_sparse_inputs_learn_slower_where_some_are_held_out_too():
    X, y = load_iris(return_X_y=True)
    model = PerceptronClassifier(early_stopping=True).fit(sparse.csr_array(X), y)
    assert_allclose(np.round(100 * model.intercept_), 100 * model.intercept_)
    assert (model.intercept_ % 1 != 0).any()


def test_sparse_weights_predict_and_train_on():
    X, y = load_iris(return_X_y=True)
    model = PerceptronClassifier().fit(X, y)
    expected = model.predict(X)
    assert sparse.issparse(model.sparsify().coef_)
    assert_array_equal(model.predict(X), expected)
    assert_array_equal(model.densify().predict(X), expected)
    assert model.sparsify().partial_fit(X, y).coef_.shape == (3, 4)


def test_there_are_no_probabilities():
    assert not hasattr(PerceptronClassifier(), "predict_proba")


def test_the_last_weights_survive_an_interruption(monkeypatch):
    X, y = load_iris(return_X_y=True)

    def interrupt(printer, record):
        if record.epoch == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(Printer, "end_epoch", interrupt)
    with pytest.warns(UserWarning, match="interrupted by user after 2 epochs"):
        model = PerceptronClassifier(verbose=1).fit(X, y)
    expected = PerceptronClassifier(max_iter=2, tol=None).fit(X, y)
    assert_allclose(model.coef_, expected.coef_)
    assert model.stop_reason_ == "the user interrupted the training"


def test_verbose_prints_every_epoch(capsys):
    model = PerceptronClassifier(verbose=1, early_stopping=True).fit(*load_iris(return_X_y=True))
    *epochs, last = capsys.readouterr().out.splitlines()
    assert len(epochs) == model.n_iter_
    for record in zip(epochs, model.mistake_curve_, model.validation_scores_, strict=True):
        assert re.search(r"mistakes +{1}  validation score {2:.6f}$".format(*record), record[0])
    assert last == f"ended after {model.n_iter_} epochs: {model.stop_reason_}"


def test_a_fit_that_fails_leaves_the_perceptron_as_it_was():
    X, y = load_iris(return_X_y=True)
    model = PerceptronClassifier().fit(X, y)
    expected = model.predict(X)
    with pytest.raises(ValueError, match="diverged"):
        model.set_params(eta0=1e308).fit(X * 1e10, y == 0)
    assert_array_equal(model.predict(X), expected)


def test_partial_fit_shuffles_anew_in_every_call():
    X, y = load_iris(return_X_y=True)
    a = PerceptronClassifier(random_state=0).partial_fit(X, y, classes=[0, 1, 2])
    b = pickle.loads(pickle.dumps(a)).partial_fit(X, y)
    again = PerceptronClassifier(random_state=0).fit(X, y, coef_init=a.coef_)
    assert b.mistake_curve_[1] != 0
    assert_allclose(a.partial_fit(X, y).coef_, b.coef_)
    assert again.mistake_curve_[0] != b.mistake_curve_[1]


@pytest.mark.parametrize("average", [True, 30])
def test_the_average_goes_on_over_calls_of_partial_fit(average):
    X, y = load_iris(return_X_y=True)
    options = {"average": average, "shuffle": False}
    parts = PerceptronClassifier(**options)
    for part in (slice(0, 60), slice(60, None)):
        parts.partial_fit(X[part], y[part], classes=[0, 1, 2])
    whole = PerceptronClassifier(**options).partial_fit(X, y, classes=[0, 1, 2])
    assert_allclose(parts.coef_, whole.coef_, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("options", [{"early_stopping": True}, {"class_weight": "balanced"}])
def test_partial_fit_does_not_exist_where_it_has_no_meaning(options):
    assert not hasattr(PerceptronClassifier(**options), "partial_fit")


@pytest.mark.parametrize(
    "options, error, text",
    [
        ({"penalty": "l3"}, ValueError, "`penalty` must be None or one of 'l2'.*got 'l3'"),
        ({"step": "heavyside"}, ValueError, "Did you mean 'heaviside'"),
        ({"eta0": 0}, ValueError, r"`eta0` must be a number in \(0, inf\); got 0"),
        ({"alpha": "much"}, TypeError, "`alpha` must be a number.*got 'much'"),
        ({"average": 0}, ValueError, "`average` must be True or False or an integer"),
        ({"validation_fraction": 1.0}, ValueError, "`validation_fraction` must be"),
    ],
)
def test_an_argument_that_breaks_its_rule_is_named(options, error, text):
    with pytest.raises(error, match=text):
        PerceptronClassifier(**options).fit(*XOR)


@pytest.mark.parametrize(
    "given, text",
    [
        ({"coef_init": np.ones((2, 2))}, r"`coef_init` must be finite and have shape \(1, 2\)"),
        ({"intercept_init": [np.nan]}, "`intercept_init` must be finite"),
        ({"sample_weight": [1, 1, 1, -1]}, "`sample_weight` must not be negative"),
    ],
)
def test_data_that_break_a_rule_are_named(given, text):
    with pytest.raises(ValueError, match=text):
        PerceptronClassifier().fit(*XOR, **given)


def test_class_probabilities_are_refused():
    with pytest.raises(ValueError, match=r"`y` must be labels or a 0/1 matrix.*MLPClassifier"):
        PerceptronClassifier().fit(XOR[0], np.full((4, 2), 0.5))


def test_the_classes_must_be_named_first_and_stay():
    model = PerceptronClassifier()
    with pytest.raises(ValueError, match="`classes` must be passed on the first call"):
        model.partial_fit(*XOR)
    model.partial_fit(*XOR, classes=[0, 1])
    with pytest.raises(ValueError, match="`classes` must be the same as on last call"):
        model.partial_fit(*XOR, classes=[0, 1, 2])


def test_a_training_that_diverges_says_what_to_do():
    X = np.array([[1e308, 1e308], [1e308, -1e308], [-1e308, 1e308]])
    with pytest.raises(ValueError, match=r"in epoch 1 at learning rate 1e\+10.*StandardScaler"):
        PerceptronClassifier(eta0=1e10).fit(X, [0, 1, 0])
