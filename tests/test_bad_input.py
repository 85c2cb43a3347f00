"""Bad arguments and bad data: the error comes before training, and says what to do."""

import re
import warnings
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import pytest
from scipy import sparse
from sklearn import config_context

from skmlp import MLPClassifier, MLPRegressor, PerceptronClassifier
from skmlp.estimators.mlp._argument_rules import REGRESSOR_RULES

BOTH = [MLPClassifier, MLPRegressor]
both_estimators = pytest.mark.parametrize("estimator", BOTH)
both_methods = pytest.mark.parametrize("method", ["fit", "partial_fit"])

rng = np.random.RandomState(0)
X = rng.normal(size=(40, 3))
Y = np.arange(40) % 2


def is_trained(model):
    return hasattr(model, "coefs_")


def assert_refused(model, error, *texts, method="fit", data=(X, Y), **given):
    """Assert that training raises, with all texts in the message, and never begins."""
    if method == "partial_fit" and isinstance(model, MLPClassifier):
        given.setdefault("classes", [0, 1])
    with pytest.raises(error) as caught:
        getattr(model, method)(*data, **given)
    message = str(caught.value)
    for text in texts:
        assert text in message
    assert not is_trained(model)


# Constructor arguments

REALS = {
    "alpha": ([-1, -0.1, np.nan], "a number in [0, inf)"),
    "learning_rate_init": ([0, -1.0, np.nan], "a number in (0, inf)"),
    "power_t": ([-0.5], "a number in [0, inf)"),
    "tol": ([-1e-9], "a number in [0, inf)"),
    "momentum": ([-0.1, 1.1], "a number in [0, 1]"),
    "validation_fraction": ([-0.1, 1, 2.0], "a number in [0, 1)"),
    "beta_1": ([-0.1, 1], "a number in [0, 1)"),
    "beta_2": ([-0.1, 1.0], "a number in [0, 1)"),
    "epsilon": ([0, -1e-8], "a number in (0, inf)"),
    "max_grad_norm": ([0, -1.0], "None or a number in (0, inf)"),
    "averaging": ([-0.1, 1], "a number in [0, 1)"),
    "dropout": ([-0.1, 1, 1.5], "a number in [0, 1)"),
}
INTEGERS = {
    "hidden_layer_sizes": ([0, -3], "an integer of at least 1"),
    "max_iter": ([0, -1], "an integer of at least 1"),
    "n_iter_no_change": ([0], "an integer of at least 1 or inf"),
    "max_fun": ([0], "an integer of at least 1"),
    "batch_size": ([0, -5], "one of 'auto' or an integer of at least 1"),
    "n_hidden_layers": ([-1], "None or an integer of at least 0"),
    "warmup_iter": ([-1], "an integer of at least 0"),
    "frozen_layers": ([-1], "an integer of at least 0"),
    "random_state": ([-1], "None or an integer of at least 0 or a numpy.random.RandomState"),
}
NAMES = {
    "activation": "rellu",
    "solver": "adamm",
    "learning_rate": "constnat",
    "weight_init": "he_norml",
    "dtype": "float16",
}
OTHERS = ["verbose", "scoring"]
BOOLEANS = ["shuffle", "warm_start", "nesterovs_momentum", "early_stopping"]
CLASSIFIER_ONLY = {
    "label_smoothing": [-0.1, 1.0],
    "class_weight": ["balance"],
}
REGRESSOR_ONLY = {
    "loss": ["squared"],
    "huber_delta": [0, -1.0],
    "quantile": [0, 1, -0.5],
    "out_activation": ["sigmoid"],
}


def rows(table):
    return [(name, value, text) for name, (values, text) in table.items() for value in values]


@pytest.mark.parametrize("name, value, text", rows({**REALS, **INTEGERS}))
def test_a_number_out_of_range_is_a_value_error(name, value, text):
    for estimator in BOTH:
        model = estimator(**{name: value})
        assert_refused(model, ValueError, f"`{name}` must be {text}", f"got {value!r}")


@both_estimators
@pytest.mark.parametrize("value", [{"a": 1}, 1j, b"relu"], ids=repr)
def test_a_value_of_a_wrong_type_is_a_type_error(estimator, value):
    for name in [*REALS, *INTEGERS, *NAMES, *BOOLEANS, *OTHERS]:
        model = estimator(**{name: value})
        assert_refused(model, TypeError, f"`{name}` must be ", f"got {value!r}")


@both_estimators
def test_a_string_or_a_truth_value_is_no_number(estimator):
    for name in [*REALS, *INTEGERS]:
        assert_refused(estimator(**{name: True}), TypeError, f"`{name}` must be ", "got True")
        error = ValueError if name == "batch_size" else TypeError
        assert_refused(estimator(**{name: "1"}), error, f"`{name}` must be ", "got '1'")


@both_estimators
def test_a_fraction_is_no_integer(estimator):
    for name in INTEGERS:
        assert_refused(estimator(**{name: 2.5}), TypeError, f"`{name}` must be ", "got 2.5")


@both_estimators
@pytest.mark.parametrize("name, value", NAMES.items())
def test_a_misspelt_name_is_answered_with_the_options_and_the_nearest_one(estimator, name, value):
    model = estimator(**{name: value})
    assert_refused(
        model, ValueError, f"`{name}` must be one of '", f"got {value!r}", "Did you mean '"
    )


NAMES_ELSEWHERE = {
    "activation": {"swish": "'silu'", "Sigmoid": "'logistic'", "linear": "'identity'"},
    "solver": {"l-bfgs-b": "'lbfgs'", "momentum": "'sgd'"},
    "learning_rate": {"reduce_on_plateau": "'adaptive'"},
    "weight_init": {"he": "'he_uniform' or 'he_normal'", "kaiming_normal": "'he_normal'"},
    "dtype": {"double": "'float64'"},
    "loss": {
        "mse": "'squared_error'",
        "l2": "'squared_error'",
        "MAE": "'absolute_error'",
        "l1": "'absolute_error'",
        "pinball": "'quantile'",
    },
    "out_activation": {"sigmoid": "'logistic'"},
    "scoring": {"mse": "'neg_mean_squared_error'", "auc": "'roc_auc'"},
}


@pytest.mark.parametrize(
    "name, value, meant",
    [(name, *pair) for name, table in NAMES_ELSEWHERE.items() for pair in table.items()],
)
def test_what_other_libraries_call_an_option_is_answered_with_its_name_here(name, value, meant):
    assert_refused(MLPRegressor(**{name: value}), ValueError, f"Did you mean {meant}?")


@both_estimators
def test_names_elsewhere_are_understood_per_layer(estimator):
    model = estimator(hidden_layer_sizes=(3, 3), activation=["relu", "swish"])
    assert_refused(model, ValueError, "Did you mean 'silu'?")


def test_every_name_elsewhere_stands_for_options_that_there_are():
    for rule in REGRESSOR_RULES.values():
        for word, meant in rule.synonyms.items():
            assert word not in rule.options
            assert set(meant) <= set(rule.options)


@both_estimators
@pytest.mark.parametrize("rate", [0.01, np.float32(0.5), 1])
def test_a_number_as_learning_rate_is_answered_with_the_argument_for_it(estimator, rate):
    texts = [
        "`learning_rate` must be one of 'constant'",
        f"Did you mean `learning_rate_init={rate}`?",
    ]
    assert_refused(estimator(learning_rate=rate), TypeError, *texts)


@both_estimators
@pytest.mark.parametrize("name", BOOLEANS)
def test_a_number_is_no_truth_value(estimator, name):
    assert_refused(estimator(**{name: 1}), TypeError, f"`{name}` must be True or False; got 1")


@pytest.mark.parametrize(
    "estimator, name, value",
    [(MLPClassifier, name, v) for name, values in CLASSIFIER_ONLY.items() for v in values]
    + [(MLPRegressor, name, v) for name, values in REGRESSOR_ONLY.items() for v in values],
)
def test_arguments_of_one_estimator_are_checked_too(estimator, name, value):
    model = estimator(**{name: value})
    assert_refused(model, ValueError, f"`{name}` must be ", f"got {value!r}")
    assert_refused(estimator(**{name: 1j}), TypeError, f"`{name}` must be ", "got 1j")


@both_estimators
@pytest.mark.parametrize(
    "arguments, text",
    [
        ({"hidden_layer_sizes": [5, 0]}, "a sequence of such, one per hidden layer; got [5, 0]"),
        ({"hidden_layer_sizes": (5, 2.5)}, "`hidden_layer_sizes` must be"),
        ({"hidden_layer_sizes": np.ones((2, 2), int)}, "`hidden_layer_sizes` must be"),
        ({"hidden_layer_sizes": [5, 5], "n_hidden_layers": 2}, "`n_hidden_layers` must be None"),
        ({"hidden_layer_sizes": (), "n_hidden_layers": 2}, "`n_hidden_layers` must be None"),
        ({"activation": ["relu", "tanh"]}, "`activation` must have one entry per hidden layer, 1"),
        ({"activation": ["rellu"]}, "Did you mean 'relu'?"),
        ({"dropout": [0.1, 0.2]}, "`dropout` must have one entry per hidden layer, 1"),
        ({"dropout": [1.0]}, "`dropout` must be"),
        ({"frozen_layers": 2}, "`frozen_layers` must leave at least one layer to train"),
    ],
    ids=str,
)
def test_arguments_that_do_not_fit_together_are_refused(estimator, arguments, text):
    assert_refused(estimator(**arguments), ValueError, text)


@both_estimators
@pytest.mark.parametrize(
    "name, value",
    [("dropout", 0.5), ("dropout", [0.5]), ("max_grad_norm", 1.0), ("warmup_iter", 3)]
    + [("averaging", 0.5)]
    + [("learning_rate", name) for name in ("cosine", "exponential", "one_cycle")],
)
def test_what_lbfgs_would_ignore_is_refused(estimator, name, value):
    model = estimator(solver="lbfgs", **{name: value})
    assert_refused(
        model,
        ValueError,
        f"`{name}` has no effect with `solver='lbfgs'`; got {value!r}",
        "choose a stochastic solver",
    )


@both_estimators
def test_what_scikit_learn_lets_lbfgs_ignore_is_ignored(estimator):
    model = estimator(
        hidden_layer_sizes=3, solver="lbfgs", learning_rate="adaptive", momentum=0.5, max_iter=2
    )
    assert is_trained(model.fit(X, Y))


@both_estimators
@both_methods
def test_arguments_are_checked_in_both_methods(estimator, method):
    assert_refused(estimator(alpha=-1), ValueError, "`alpha` must be", method=method)


@both_estimators
@both_methods
def test_an_unknown_scorer_is_refused_before_training(estimator, method):
    model = estimator(scoring="accurracy")
    texts = ["`scoring` must be None or", "got 'accurracy'. Did you mean 'accuracy'?"]
    assert_refused(model, ValueError, *texts, method=method)


@both_estimators
def test_a_constructor_never_raises(estimator):
    assert estimator(alpha="nonsense", solver=3).alpha == "nonsense"


# Inputs and targets


def spoilt(array, value):
    array = np.array(array, dtype=float)
    array.ravel()[7] = value
    return array


@both_estimators
@both_methods
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_in_X_are_refused(estimator, method, value):
    word = "NaN" if np.isnan(value) else "infinity"
    for container in (np.asarray, sparse.csr_matrix):
        data = container(spoilt(X, value)), Y
        texts = [
            f"finite numbers; got {word} in column 1. Input X contains {word}",
            "SimpleImputer",
        ]
        assert_refused(estimator(), ValueError, *texts, method=method, data=data)


@both_methods
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_and_infinity_in_y_are_refused(method, value):
    data = X, spoilt(Y, value)
    assert_refused(MLPRegressor(), ValueError, "Input y contains", method=method, data=data)
    assert_refused(MLPClassifier(), ValueError, "Input y contains", method=method, data=data)


@both_estimators
@both_methods
@pytest.mark.parametrize(
    "weight, texts",
    [
        (spoilt(np.ones(40), np.nan), ["`sample_weight` contains NaN"]),
        (spoilt(np.ones(40), np.inf), ["`sample_weight` contains infinity"]),
        (spoilt(np.ones(40), -2), ["`sample_weight` must not be negative; got -2", "Use zero"]),
        (np.zeros(40), ["`sample_weight` must have an entry above zero", "Leave it None"]),
        (np.ones(39), ["`sample_weight` must have one entry per sample, shape (40,)", "(39,)"]),
        (np.ones((40, 2)), ["`sample_weight` must have one entry per sample", "(40, 2)"]),
    ],
    ids=["nan", "inf", "negative", "all zero", "too few", "matrix"],
)
def test_bad_sample_weights_are_refused(estimator, method, weight, texts):
    assert_refused(estimator(), ValueError, *texts, method=method, sample_weight=weight)


@both_estimators
@both_methods
@pytest.mark.parametrize(
    "data, text",
    [
        ((X[0], Y[:3]), "Expected 2D array"),
        (
            (X[:, :, None], Y),
            "got shape (40, 3, 1). Found array with dim 3. Make each sample",
        ),
        ((X[:, :, None].tolist(), Y), "`X.reshape(len(X), -1)`"),
        ((X, Y[:-1]), "inconsistent numbers of samples"),
        ((X[:0], Y[:0]), "0 sample"),
        ((X[:, :0], Y), "0 feature"),
        ((np.full((40, 3), "word"), Y), "numbers; got 'word' in column 0. Encode words, with"),
        ((np.full((40, 3), "1"), Y), "not compatible with arrays of bytes/strings"),
        ((X + 1j, Y), "Complex data not supported"),
        ((X, None), "requires y to be passed"),
    ],
    ids=[
        *["1-D X", "3-D X", "3-D list", "short y", "no rows", "no columns", "words"],
        *["numbers as words", "complex", "no y"],
    ],
)
def test_wrong_shapes_and_types_of_data_are_refused(estimator, method, data, text):
    assert_refused(estimator(), ValueError, text, method=method, data=data)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("estimator", [*BOTH, PerceptronClassifier])
@pytest.mark.parametrize("make_sparse", [sparse.csr_matrix, sparse.csc_array])
@pytest.mark.parametrize(
    "places, position, value",
    [("indices", 1, 40), ("indices", 1, -1), ("indptr", 1, 999), ("indptr", -1, 999)],
)
def test_sparse_inputs_with_entries_outside_are_refused(
    estimator, make_sparse, places, position, value
):
    damaged = make_sparse(X)
    getattr(damaged, places)[position] = value
    text = "`X` must have all entries within its shape (40, 3); got a"
    assert_refused(estimator(), ValueError, text, "Make it anew", data=(damaged, Y))
    if estimator is not PerceptronClassifier:
        validation = {"X_val": damaged, "y_val": Y}
        assert_refused(estimator(), ValueError, "`X_val` must have all", **validation)
    with pytest.raises(ValueError, match=re.escape(text)):
        estimator().fit(X, Y).predict(damaged)


def test_starts_of_sparse_rows_that_fall_by_more_than_an_int32_holds_are_refused():
    damaged = sparse.csr_matrix(np.eye(4, 3))
    damaged.indptr = np.array([0, 2**31 - 1, -(2**31) + 1, -1, 3], np.int32)
    assert_refused(MLPClassifier(), ValueError, "must have all entries", data=(damaged, Y[:4]))


@both_estimators
def test_a_sparse_vector_is_refused_as_a_dense_one_is(estimator):
    vector = sparse.csr_array(X[0])
    if vector.ndim == 2:
        pytest.skip("SciPy has no sparse vectors here")
    assert_refused(estimator(), ValueError, "Expected 2D", "Reshape your data", data=(vector, Y))


@both_estimators
def test_prediction_refuses_other_features(estimator):
    model = estimator(hidden_layer_sizes=3, max_iter=2).fit(X, Y)
    with pytest.raises(ValueError, match=r"X has 2 features, but .* is expecting 3 features"):
        model.predict(X[:, :2])
    with pytest.raises(ValueError, match="contains NaN"):
        model.predict(spoilt(X, np.nan))


COLUMNS = {
    "a word": (["red", "green"] * 20, "numbers; got 'red' in column 'new'. Encode words"),
    "a word below numbers": (["1"] * 39 + ["?"], "numbers; got '?' in column 'new'"),
    "a date": (np.arange(40).astype("datetime64[s]"), "got dtype datetime64[s] in column 'new'"),
    "dates of Python": ([date(2000, 1, 1)] * 40, "got datetime.date(2000, 1, 1) in column 'new'"),
    "times of Python": ([time(1)] * 40, "got datetime.time(1, 0) in column 'new'"),
    "a gap": ([1.0, np.nan] * 20, "finite numbers; got NaN in column 'new'. Input X contains NaN"),
    "a gap among objects": ([1, None] * 20, "finite numbers; got NaN in column 'new'"),
    "infinity": ([1.0, -np.inf] * 20, "finite numbers; got infinity in column 'new'"),
}


@pytest.mark.parametrize("estimator", [*BOTH, PerceptronClassifier])
@pytest.mark.parametrize("kind", COLUMNS)
def test_a_column_of_a_data_frame_that_holds_no_numbers_is_named(estimator, kind):
    pd = pytest.importorskip("pandas")
    values, text = COLUMNS[kind]
    frame = pd.DataFrame(X, columns=["a", "b", "c"]).assign(new=1.0)
    model = estimator(max_iter=1, tol=0).fit(frame, Y)
    spoilt_frame = frame.assign(new=pd.Series(values, dtype=getattr(values, "dtype", object)))
    for method in (lambda: model.predict(spoilt_frame), lambda: estimator().fit(spoilt_frame, Y)):
        with pytest.raises(ValueError, match=re.escape(text)):
            method()


@pytest.mark.parametrize("kind", ["words", "a gap among objects", "a gap"])
@pytest.mark.parametrize("library", ["polars", "pyarrow"])
def test_a_column_of_another_library_that_holds_no_numbers_is_named(kind, library):
    module = pytest.importorskip(library)
    table = module.DataFrame if library == "polars" else module.table
    values = {"words": [*"ab"], "a gap among objects": [Decimal(1), None], "a gap": [1.0, None]}
    text = "numbers; got 'a' in" if kind == "words" else "finite numbers; got NaN in"
    data = table({"new": values[kind] * 20, "b": Y})
    assert_refused(MLPClassifier(), ValueError, f"{text} column 'new'", data=(data, Y))


@pytest.mark.parametrize("estimator", [*BOTH, PerceptronClassifier])
@pytest.mark.parametrize("value", [date(2000, 1, 1), datetime(2000, 1, 1), time(1), timedelta(1)])
def test_times_of_polars_beside_floats_are_no_numbers(estimator, value):
    polars = pytest.importorskip("polars")
    table = polars.DataFrame({"a": X[:, 0], "new": [1.0] * 40})
    model = estimator(max_iter=1, tol=0).fit(table, Y)
    spoilt_table = table.with_columns(new=polars.Series([value] * 40))
    for method in (lambda: model.predict(spoilt_table), lambda: estimator().fit(spoilt_table, Y)):
        with pytest.raises(ValueError, match=r"`X` must hold numbers; got .* in column 'new'"):
            method()


class BareFrame:
    """A DataFrame whose columns are lists, and that NumPy takes as it is."""

    def __init__(self, **columns):
        self._columns = columns
        self.columns = list(columns)
        self.shape = len(columns["a"]), len(columns)

    def __getitem__(self, name):
        return self._columns[name]

    def __array__(self, dtype=None, copy=None):
        return np.array([*self._columns.values()], dtype or float).T


def test_columns_without_a_dtype_are_named_as_others():
    gap = BareFrame(a=[1.0] * 40, new=[np.nan] * 40)
    assert_refused(MLPRegressor(), ValueError, "got NaN in column 'new'", data=(gap, Y))
    large = BareFrame(a=[1.0] * 40, new=[2**60 + i % 5 for i in range(40)])
    text = f"float64 can tell apart; got {2**60} to {2**60 + 4} in column"
    assert_refused(MLPRegressor(), ValueError, text, data=(large, Y))


def test_a_column_of_integers_that_numpy_has_not_is_named():
    polars = pytest.importorskip("polars")
    data = polars.DataFrame({"wide": polars.Series(range(40), dtype=polars.Int128)})
    text = "`X` must hold numbers that NumPy has; got dtype Int128 in column 'wide'. Cast it"
    assert_refused(MLPRegressor(), ValueError, text, data=(data, Y))


def test_a_gap_of_pandas_names_its_column():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": pd.array([1, None] * 20, dtype="Int64"), "b": 1})
    assert_refused(MLPRegressor(), ValueError, "got NaN in column 'a'", data=(frame, Y))


@both_estimators
def test_columns_that_share_a_name_are_refused(estimator):
    pytest.importorskip("sklearn", "1.9", reason="scikit-learn took them before")
    table = pytest.importorskip("pandas").DataFrame(X, columns=[*"aba"])
    text = "`X` must have columns of different names; got 'a' 2 times. Rename or drop"
    assert_refused(estimator(), ValueError, text, data=(table, Y))


def test_a_fault_far_down_is_found():
    long = np.zeros((10_000, 2))
    long[9_999, 1] = np.nan
    assert_refused(MLPRegressor(), ValueError, "NaN in column 1", data=(long, np.ones(10_000)))


@both_estimators
@pytest.mark.parametrize("dtype", ["datetime64[s]", "timedelta64[D]"])
def test_dates_are_no_inputs(estimator, dtype):
    dates = np.arange(120).reshape(40, 3).astype(dtype)
    text = f"`X` must hold numbers; got dtype {dtype} in column 0. Pass a number in its place"
    assert_refused(estimator(), ValueError, text, data=(dates, Y))
    with pytest.raises(ValueError, match=re.escape(text)):
        estimator(solver="lbfgs").fit(X, Y).predict(dates)


@pytest.mark.parametrize("dtype", [complex, "datetime64[s]", str])
def test_what_is_no_number_is_none_where_all_are_said_to_be_finite(dtype):
    data, model = np.ones((40, 3), int).astype(dtype), MLPClassifier(max_iter=1).fit(X, Y)
    with config_context(assume_finite=True):
        assert_refused(MLPClassifier(), ValueError, data=(data, Y))
        with pytest.raises(ValueError):
            model.predict(data)


@both_methods
def test_a_perceptron_needs_two_classes(method):
    one = {"classes": ["only"]} if method == "partial_fit" else {}
    with pytest.raises(
        ValueError, match=r"`y` must have at least 2 classes; got 1 class, 'only'.*Dum"
    ):
        getattr(PerceptronClassifier(), method)(X, np.full(40, "only"), **one)


@pytest.mark.parametrize("weights", ["coefs_", "coef_"], ids=["MLP", "Perceptron"])
@pytest.mark.parametrize("labels", [[0, 1, 2], [0, 2], [0, 0], ["a", "b"]], ids=str)
def test_a_warm_start_wants_the_classes_of_the_fit_before(labels, weights):
    kind = MLPClassifier if weights == "coefs_" else PerceptronClassifier
    model = kind(warm_start=True, max_iter=2).fit(X, np.arange(40) % 2)
    before = getattr(model, weights)
    with pytest.raises(ValueError) as caught:
        model.fit(X, np.resize(labels, 40))
    assert str(caught.value).startswith(
        "warm_start can only be used where `y` has the same classes as in the previous call to "
        f"fit. Previously got [0 1], `y` has {np.unique(labels)}. Fit"
    )
    assert getattr(model, weights) is before


def test_a_warm_start_of_a_perceptron_wants_the_kind_of_targets_of_the_fit_before():
    model = PerceptronClassifier(warm_start=True, max_iter=2).fit(X, np.arange(40) % 3)
    with pytest.raises(ValueError, match="`y` must be a vector of labels, as in the first fit"):
        model.fit(X, np.eye(3, dtype=int)[np.arange(40) % 3])


def test_unseen_classes_in_partial_fit_are_named():
    model = MLPClassifier((3,)).partial_fit(X, Y, classes=[0, 1, 5])
    weights = model.coefs_[0].copy()
    with pytest.raises(ValueError, match=r"classes that are not in `classes_`: \[2\].*`classes`"):
        model.partial_fit(X, np.arange(40) % 3)
    np.testing.assert_array_equal(model.coefs_[0], weights)
    with pytest.raises(ValueError, match=re.escape("not in `classes_`: [1]")):
        MLPClassifier().partial_fit(X, Y, classes=[0, 4])


def test_partial_fit_wants_to_know_all_classes_at_once():
    with pytest.raises(ValueError, match="`classes` must be passed on the first call"):
        MLPClassifier().partial_fit(X, Y)
    model = MLPClassifier((3,)).partial_fit(X, Y, classes=[1, 0])
    model.partial_fit(X, Y, classes=[0, 1])
    with pytest.raises(ValueError, match="`classes` must be the same as on last call"):
        model.partial_fit(X, Y, classes=[0, 1, 2])


@pytest.mark.parametrize(
    "y, text",
    [
        (rng.uniform(size=40), "Unknown label type"),
        (rng.normal(size=(40, 2)), "class probabilities"),
        (np.column_stack([Y, Y + 1, Y + 2]), "Unknown label type"),
        ([[1, 2], [3]] * 20, "inhomogeneous"),
        (["a", None] * 20, "Unknown label type: objects; got NoneType, str. Convert"),
        ([None, "a"] * 20, "Unknown label type: objects; got NoneType, str. Convert"),
        (np.array([1, "a"] * 20, object), "objects; got int, str. Convert"),
    ],
    ids=["continuous", "matrix", "multiclass matrix", "ragged", "gaps", "gap first", "mixed"],
)
def test_targets_that_are_no_labels_are_refused(y, text):
    assert_refused(MLPClassifier(), ValueError, text, data=(X, y))


@pytest.mark.parametrize(
    "arguments, y, interval",
    [
        ({"out_activation": "logistic"}, [-0.1, 0.5], "[0, 1]"),
        ({"out_activation": "logistic"}, [0.5, 1.5], "[0, 1]"),
        ({"out_activation": "tanh"}, [0, -1.5], "[-1, 1]"),
        ({"out_activation": "relu"}, [-1, 2], "[0, inf)"),
        ({"out_activation": "softplus"}, [-1, 2], "[0, inf)"),
        ({"out_activation": "exp"}, [-1, 2], "[0, inf)"),
        ({"loss": "poisson"}, [-1, 2], "[0, inf)"),
    ],
    ids=str,
)
@both_methods
def test_targets_out_of_reach_are_refused_with_a_way_out(arguments, y, interval, method):
    assert_refused(
        MLPRegressor(**arguments),
        ValueError,
        f"`y` must lie in {interval}",
        "TransformedTargetRegressor",
        method=method,
        data=(X, np.resize(y, 40)),
    )


@both_methods
def test_words_are_no_targets_of_a_regressor(method):
    data = X, np.full(40, "word")
    texts = ["`y` must hold numbers; got dtype <U4", "`MLPClassifier`"]
    assert_refused(MLPRegressor(), ValueError, *texts, method=method, data=data)


@both_estimators
@both_methods
def test_sample_weights_whose_sum_is_no_number_are_refused(estimator, method):
    weight = np.full(40, 1e308)
    texts = ["`sample_weight` must have a finite sum", "Divide"]
    assert_refused(estimator(), ValueError, *texts, method=method, sample_weight=weight)


@both_methods
def test_a_missing_number_among_objects_is_refused(method):
    data = X, np.array([None, *Y[1:]], dtype=object)
    assert_refused(
        MLPRegressor(),
        ValueError,
        "`y` must hold finite numbers; got NaN",
        method=method,
        data=data,
    )


def test_an_output_that_a_poisson_loss_cannot_use_is_refused():
    for name in ("identity", "relu", "tanh"):
        model = MLPRegressor(loss="poisson", out_activation=name)
        assert_refused(model, ValueError, "`loss='poisson'` needs predictions above zero", name)


# Validation sets and first weights


@both_estimators
@pytest.mark.parametrize("fraction, n_rows", [(0.0, 40), (0.5, 2), (0.999, 40)])
def test_an_empty_validation_split_is_refused(estimator, fraction, n_rows):
    model = estimator(early_stopping=True, validation_fraction=fraction)
    texts = ["`validation_fraction` must hold out at least 2 samples", f"{fraction!r} of {n_rows}"]
    assert_refused(model, ValueError, *texts, "`X_val`", data=(X[:n_rows], Y[:n_rows]))


@both_estimators
@pytest.mark.parametrize(
    "given, text",
    [
        ({"X_val": X}, "`X_val` and `y_val` must be given together; got `X_val` without `y_val`"),
        ({"y_val": Y}, "`X_val` and `y_val` must be given together; got `y_val` without `X_val`"),
        ({"sample_weight_val": Y}, "`sample_weight_val` must come with `X_val` and `y_val`"),
        ({"X_val": X[:, :2], "y_val": Y}, "X has 2 features"),
        ({"X_val": X, "y_val": Y[:5]}, "inconsistent numbers of samples"),
        ({"X_val": spoilt(X, np.nan), "y_val": Y}, "`X_val` must hold finite numbers; got NaN in"),
        (
            {"X_val": X, "y_val": spoilt(Y, np.inf)},
            "`y_val` must hold finite numbers; got inf",
        ),
        ({"X_val": X, "y_val": Y, "sample_weight_val": -Y}, "`sample_weight_val` must not be neg"),
        ({"coefs_init": [None]}, "`coefs_init` must be a list with one entry per layer, 2"),
        ({"coefs_init": [np.ones((3, 4)), None]}, "`coefs_init[0]` must have shape"),
        ({"coefs_init": [np.full((3, 100), np.inf), None]}, "`coefs_init[0]` contains infinity"),
        ({"intercepts_init": [None, np.ones(2)]}, "`intercepts_init[1]` must have shape (1,)"),
    ],
)
def test_bad_validation_sets_and_first_weights_are_refused(estimator, given, text):
    assert_refused(estimator(), ValueError, text, **given)


@both_estimators
@pytest.mark.parametrize(
    "given",
    [
        {"X_val": X[:, :2], "y_val": Y},
        {"X_val": X[:1], "y_val": Y[:1]},
        {"X_val": X, "y_val": Y[1:]},
    ],
    ids=["features", "one sample", "lengths"],
)
def test_an_error_of_the_validation_set_says_so(estimator, given):
    with pytest.raises(ValueError, match=r"^Of the validation set, `X_val` and `y_val`: "):
        estimator().fit(X, Y, **given)


def test_widths_in_the_place_of_the_loss_are_told_their_name():
    message = r"`loss` must be .* got \(100, 50\)\. Did you mean `hidden_layer_sizes=\(100, 50\)`\?"
    with pytest.raises(TypeError, match=message):
        MLPRegressor((100, 50)).fit(X, Y)


@both_estimators
@pytest.mark.parametrize("result", [None, "good", {"r2": 1.0}], ids=repr)
def test_a_scorer_that_gives_no_number_is_refused(estimator, result):
    model = estimator(early_stopping=True, scoring=lambda estimator, X, y: result)
    assert_refused(model, TypeError, f"`scoring` must give a number; got {result!r}")


def test_an_unknown_class_in_the_validation_set_is_refused():
    texts = ["`y_val` must hold only the classes of `y`, [0 1]", "`classes_`: [8]. Leave"]
    assert_refused(MLPClassifier(), ValueError, *texts, X_val=X, y_val=Y + 7 * Y)


@pytest.mark.parametrize(
    "data, text",
    [
        ((spoilt(X, np.nan), Y), "NaN"),
        ((spoilt(X, -np.inf), Y), "infinity"),
        ((X, spoilt(Y, np.nan)), "NaN"),
        ((X[:, :2], Y), "features"),
        ((X[:-1], Y), "inconsistent numbers of samples"),
        ((X[:0], Y[:0]), "0 sample"),
        ((X[:, 0], Y), "2D array"),
    ],
    ids=["NaN", "infinity", "NaN in y", "columns", "rows", "no rows", "a vector"],
)
@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor, PerceptronClassifier])
def test_a_later_partial_fit_refuses_what_the_first_would(estimator, data, text):
    classes = {} if estimator is MLPRegressor else {"classes": [0, 1]}
    model = estimator(random_state=0).partial_fit(X, Y, **classes)
    with pytest.raises(ValueError, match=text):
        model.partial_fit(*data)


LARGE = 2**60 + np.arange(120).reshape(40, 3) % 7


@pytest.mark.parametrize("estimator", [*BOTH, PerceptronClassifier])
def test_inputs_that_are_one_number_in_float64_are_refused(estimator):
    text = f"to {2**60 + 6} in column 1, which it rounds to multiples of 256. Subtract one number"
    assert_refused(estimator(), ValueError, text, data=(np.where([0, 1, 0], LARGE, 1), Y))
    # Counted in nanoseconds, an hour has digits enough.
    times = np.int64(1.7e18) + rng.randint(0, 3_600_000_000_000, (40, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert is_trained(estimator(max_iter=1).fit(times, Y)) or estimator is PerceptronClassifier


def in_pandas(integers):
    return pytest.importorskip("pandas").DataFrame({"id": integers, "share": X[:, 0]})


def in_polars(integers):
    return pytest.importorskip("polars").DataFrame({"id": integers, "share": X[:, 0]})


def in_pyarrow(integers):
    return pytest.importorskip("pyarrow").table({"id": integers, "share": X[:, 0]})


def in_rows(integers):
    return [[integer, 0.5] for integer in integers]


@pytest.mark.parametrize("container", [in_pandas, in_polars, in_pyarrow, in_rows])
def test_integers_that_become_one_number_beside_floats_are_refused(container):
    column = 0 if container is in_rows else "'id'"
    text = f"got {2**60} to {2**60 + 4} in column {column}, which it rounds to multiples of 256"
    data = container([2**60 + i % 5 for i in range(40)])
    assert_refused(MLPRegressor(), ValueError, text, data=(data, Y))


@pytest.mark.parametrize("estimator", [*BOTH, PerceptronClassifier])
def test_integers_beyond_64_bits_that_become_one_number_are_refused(estimator):
    large = [[2**70 + i] for i in range(40)]
    text = f"`X` must hold integers that float64 can tell apart; got {2**70} to {2**70 + 39}"
    for given in (large, np.array(large)):
        assert_refused(estimator(), ValueError, text, data=(given, Y))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Numbers that came as floats have lost nothing here.
        assert estimator(max_iter=1).fit(np.array(large, float), Y).n_features_in_ == 1


def test_integers_among_decimals_that_become_one_number_are_refused():
    data = [[Decimal(2**60 + i % 5), Decimal("0.5")] for i in range(40)]
    text = f"float64 can tell apart; got {2**60} to {2**60 + 4} in column 0"
    assert_refused(MLPRegressor(), ValueError, text, data=(data, Y))


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_nothing_warns_of_infinities_that_are_said_to_be_none():
    with config_context(assume_finite=True), pytest.raises(ValueError):
        MLPRegressor().fit([[np.inf]] * 40, Y)


@pytest.mark.parametrize("estimator", [*BOTH, PerceptronClassifier])
def test_an_integer_beyond_float64_is_refused(estimator):
    text = "`X` must hold finite numbers; got an integer beyond 1.8e308 in column 1"
    data = [[0, 10**400 if row == 3 else 1] for row in range(40)]
    assert_refused(estimator(), ValueError, text, data=(data, Y))


@pytest.mark.parametrize("estimator", [*BOTH, PerceptronClassifier])
def test_a_gap_in_a_list_names_its_column(estimator):
    text = "`X` must hold finite numbers; got NaN in column 1"
    assert_refused(estimator(), ValueError, text, data=([[1.0, None], *[[0.0, 1.0]] * 39], Y))
    model = estimator(max_iter=1).fit(X, Y)
    with pytest.raises(ValueError, match=text):
        model.predict([[1.0, None, 2.0]])


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_targets_that_are_one_number_in_float64_are_refused(dtype):
    texts = "`y` must hold integers that float64 can tell apart", "in output 2, which"
    y = np.where([0, 0, 1], LARGE, 1).astype(dtype)
    assert_refused(MLPRegressor(), ValueError, *texts, data=(X, y))
    assert is_trained(MLPRegressor(max_iter=1, normalize_y=True).fit(X, np.full(40, 2**60)))


@pytest.mark.parametrize("container", [in_pandas, in_polars, in_pyarrow, in_rows, list])
def test_targets_that_become_one_number_beside_floats_are_refused(container):
    text = f"got {2**62} to {2**62 + 4} in output 0, which it rounds"
    y = container(np.array([2**62 + i % 5 for i in range(40)], dtype=object))
    assert_refused(MLPRegressor(), ValueError, text, data=(X, y))


@both_methods
@pytest.mark.parametrize(
    "value, text",
    [
        (10**400, "`y` must hold finite numbers; got an integer beyond 1.8e308."),
        ("Oslo", "`y` must hold numbers; got 'Oslo'. Convert it, or predict labels with a class"),
    ],
    ids=["too large", "a word"],
)
def test_a_target_among_objects_that_is_no_number_is_refused(method, value, text):
    y = np.array([value, *range(39)], dtype=object)
    assert_refused(MLPRegressor(), ValueError, text, method=method, data=(X, y))


@both_methods
@pytest.mark.parametrize("y", [np.full(40, 1.7e308), np.resize([1.7e308, -1.7e308], 40)])
@pytest.mark.filterwarnings("error")
def test_targets_whose_differences_are_out_of_range_are_refused(method, y):
    texts = "`y` must have values up to 8.98847e+307", "got some up to 1.7e+308. Divide it by"
    assert_refused(MLPRegressor(), ValueError, *texts, method=method, data=(X, y))
    assert_refused(MLPRegressor(), ValueError, "`y_val` must have", X_val=X, y_val=y)


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "huber"])
@pytest.mark.filterwarnings("error", "ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_largest_targets_are_learnt_in_units_of_their_own(loss):
    y = np.resize([8.9e307, -8.9e307], 40)
    texts = "Training diverged in epoch 1", "`y` has values up to 8.9e+307 and a standard deviation"
    assert_refused(MLPRegressor(loss=loss), ValueError, *texts, data=(X, y))
    assert is_trained(MLPRegressor(loss=loss, normalize_y=True, max_iter=1).fit(X, y))


@pytest.mark.filterwarnings("error", "ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_best_constant_of_huge_targets_is_found():
    y = np.resize([8.9e307, -8.9e307], 40)
    assert is_trained(MLPRegressor(loss="huber", solver="lbfgs", max_iter=1).fit(X, y))


def test_labels_that_are_one_number_in_float64_are_told_apart():
    labels = LARGE[:, 0]
    model = MLPClassifier(max_iter=1).fit(X, labels)
    assert model.classes_.tolist() == np.unique(labels).tolist()
    assert model.score(X, labels) < 1
