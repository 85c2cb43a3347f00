"""Whatever comes in: a finite model comes out, or an error that says what to do."""

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from skmlp import MLPClassifier, MLPRegressor
from skmlp.estimators.mlp._options import OPTIMIZERS


def bounded(max_examples):
    """Reproducible, and bounded by a number rather than by the clock of a busy machine."""
    return settings(
        max_examples=max_examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


# What scikit-learn's own checks say, which name no argument in backticks.
SCIKIT_LEARN_TEXTS = (
    "Found array with",
    "contains NaN",
    "contains infinity",
    "Expected 2D array",
    "inconsistent numbers of samples",
    "Unknown label type",
    "y should be a 1d array",
    "dtype='numeric' is not compatible",
    "Complex data not supported",
    "could not convert string to float",
)

DTYPES = ["float64", "float32", "float16", "int64", "int8", "uint8", "bool", "object", ">f8"]
SCALES = [0.0, 1e-300, 1e-8, 1.0, 1e4, 1e30, 1e300]
CONTAINERS = ["array", "fortran", "read-only", "list", "csr", "csc", "coo", "frame", "strided"]


def contain(array, container):
    """Return an array in one of the containers that scikit-learn users pass."""
    if container == "fortran":
        return np.asfortranarray(array)
    if container == "read-only":
        array.flags.writeable = False
    if container == "list":
        return array.tolist()
    # SciPy has sparse arrays of these dtypes only.
    if container in ("csr", "csc", "coo") and array.dtype.isnative and array.dtype.char in "dflbB?":
        return getattr(sparse, f"{container}_array")(array)
    if container == "frame":
        pandas = pytest.importorskip("pandas")
        return pandas.DataFrame(array, columns=[f"column {i}" for i in range(array.shape[1])])
    if container == "strided":
        return np.repeat(array, 2, axis=1)[:, ::2]
    return array


@st.composite
def inputs(draw, n_samples):
    n_features = draw(st.integers(1, 5))
    rng = np.random.RandomState(draw(st.integers(0, 10**6)))
    scale = draw(st.sampled_from(SCALES))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        X = (scale * rng.standard_normal((n_samples, n_features))).astype(
            draw(st.sampled_from(DTYPES))
        )
    if draw(st.integers(0, 9)) == 0 and X.dtype.kind == "f":
        X.flat[0] = draw(st.sampled_from([np.nan, np.inf, -np.inf]))
    return contain(X, draw(st.sampled_from(CONTAINERS)))


@st.composite
def weights(draw, n_samples):
    kind = draw(st.sampled_from(["none", "none", "ones", "mixed", "huge", "zeros", "negative"]))
    rng = np.random.RandomState(draw(st.integers(0, 10**6)))
    return {
        "none": None,
        "ones": np.ones(n_samples, int),
        "mixed": rng.randint(0, 3, n_samples).tolist(),
        "huge": rng.uniform(0, 1e12, n_samples),
        "zeros": np.zeros(n_samples),
        "negative": -np.ones(n_samples),
    }[kind]


@st.composite
def labels(draw, n_samples):
    rng = np.random.RandomState(draw(st.integers(0, 10**6)))
    codes = rng.randint(0, draw(st.integers(1, 4)), n_samples)
    kind = draw(st.sampled_from(["int", "str", "bool", "multilabel", "soft", "float", "column"]))
    return {
        "int": codes,
        "str": np.array(["a", "b", "c", "d"])[codes],
        "bool": codes > 0,
        "multilabel": rng.randint(0, 2, (n_samples, 3)),
        "soft": rng.dirichlet(np.ones(3), n_samples),
        "float": codes + 0.5,
        "column": codes[:, None],
    }[kind]


@st.composite
def targets(draw, n_samples):
    rng = np.random.RandomState(draw(st.integers(0, 10**6)))
    n_outputs = draw(st.integers(0, 3))
    y = rng.standard_normal((n_samples, n_outputs) if n_outputs else n_samples)
    scale = draw(st.sampled_from([0, 1, 100, 1e30, 1e200]))
    dtype = np.float64 if scale > 1e30 else draw(st.sampled_from([np.float64, np.float32]))
    y = (scale * y).astype(dtype)
    return draw(st.sampled_from([y, np.abs(y)]))


ARGUMENTS = {
    "hidden_layer_sizes": st.sampled_from([(), 3, (4,), (3, 2), [2, 2, 2], np.array([3]), (0,)]),
    "n_hidden_layers": st.sampled_from([None, 0, 2]),
    "activation": st.sampled_from(
        ["relu", "identity", "tanh", "logistic", "selu", "gelu", "mish", ["elu"], "sine", None]
    ),
    "solver": st.sampled_from(
        ["adam", "adamw", "muon", "nadam", "sgd", "rmsprop", "adagrad", "lbfgs", "newton"]
    ),
    "alpha": st.sampled_from([0, 1e-4, 10.0, 1e300, np.float32(0.1), -1, None]),
    "batch_size": st.sampled_from(["auto", 1, 3, 1000, 0]),
    "learning_rate": st.sampled_from(
        ["constant", "invscaling", "adaptive", "exponential", "cosine", "one_cycle"]
    ),
    "learning_rate_init": st.sampled_from([1e-3, 0.5, 1e3, 1e-300, "fast"]),
    "max_iter": st.sampled_from([1, 2, 4, np.int64(3), 0, 2.5]),
    "shuffle": st.booleans(),
    "tol": st.sampled_from([0, 1e-4, 1.0]),
    "early_stopping": st.booleans(),
    "validation_fraction": st.sampled_from([0.1, 0.5, 0.9, 0]),
    "warmup_iter": st.sampled_from([0, 2]),
    "dropout": st.sampled_from([0.0, 0.5, [0.2], 1.0]),
    "max_grad_norm": st.sampled_from([None, 1.0, 1e-300, 0]),
    "weight_init": st.sampled_from(["auto", "he_normal", "lecun_uniform"]),
    "frozen_layers": st.sampled_from([0, 1, 5]),
    "scoring": st.sampled_from([None, "loss", "accuracy", "r2", "neg_log_loss"]),
    "dtype": st.sampled_from(["auto", "float32", "float64", "float16"]),
}


def some_of(arguments, at_most=5):
    """Return a strategy of a few arguments away from their defaults."""
    names = st.lists(st.sampled_from(list(arguments)), max_size=at_most, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({n: arguments[n] for n in chosen}))


def freeze(value):
    """Return a copy to compare with."""
    if sparse.issparse(value):
        return value.toarray()
    return np.array(value, copy=True)


def arrays_of(model):
    return [*model.coefs_, *model.intercepts_]


def try_to_fit(model, X, y, sample_weight):
    """Return the fitted model, or None after an error that says what to do."""
    before = [freeze(value) for value in (X, y, sample_weight)]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            warnings.simplefilter("ignore", ConvergenceWarning)
            # scikit-learn's search for infinities, in arrays that hold some.
            warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"(sklearn|numpy)\.")
            model.fit(X, y, sample_weight)
    except (ValueError, TypeError) as error:
        text = str(error)
        assert "`" in text or any(known in text for known in SCIKIT_LEARN_TEXTS), text
        model = None
    for value, copy in zip((X, y, sample_weight), before, strict=True):
        np.testing.assert_array_equal(freeze(value), copy)
    return model


def assert_finite_and_reproducible(model, X, y, sample_weight):
    assert all(np.isfinite(array).all() for array in arrays_of(model))
    assert np.isfinite(model.loss_curve_).all()
    again = try_to_fit(clone(model), X, y, sample_weight)
    for ours, theirs in zip(arrays_of(model), arrays_of(again), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@bounded(100)
@given(data=st.data())
def test_a_classifier_is_finite_or_says_what_to_do(data):
    n_samples = data.draw(st.integers(1, 25))
    X, y = data.draw(inputs(n_samples)), data.draw(labels(n_samples))
    weight = data.draw(weights(n_samples))
    special = {
        "class_weight": st.sampled_from([None, "balanced", {0: 2}, {"a": 0.5}, "fair"]),
        "label_smoothing": st.sampled_from([0.0, 0.1, 1.0]),
    }
    arguments = {"max_iter": 3, **data.draw(some_of({**ARGUMENTS, **special}))}
    model = try_to_fit(MLPClassifier(random_state=0, **arguments), X, y, weight)
    if model is None:
        return
    assert_finite_and_reproducible(model, X, y, weight)
    probability = model.predict_proba(X)
    assert ((probability >= 0) & (probability <= 1)).all()
    if model._targets.kind != "multilabel":
        np.testing.assert_allclose(probability.sum(axis=1), 1, rtol=1e-5)
    assert np.isfinite(model.predict_log_proba(X)).all()
    assert len(model.predict(X)) == n_samples


@bounded(100)
@given(data=st.data())
def test_a_regressor_is_finite_or_says_what_to_do(data):
    n_samples = data.draw(st.integers(1, 25))
    X, y = data.draw(inputs(n_samples)), data.draw(targets(n_samples))
    weight = data.draw(weights(n_samples))
    special = {
        "loss": st.sampled_from(
            ["squared_error", "absolute_error", "huber", "quantile", "poisson", "cubic"]
        ),
        "out_activation": st.sampled_from(["auto", "relu", "softplus", "exp", "logistic", "tanh"]),
        "huber_delta": st.sampled_from([1.0, 1e-3, 0]),
        "quantile": st.sampled_from([0.5, 0.99, 1]),
        "normalize_y": st.booleans(),
    }
    arguments = {"max_iter": 3, **data.draw(some_of({**ARGUMENTS, **special}))}
    model = try_to_fit(MLPRegressor(random_state=0, **arguments), X, y, weight)
    if model is None:
        return
    assert_finite_and_reproducible(model, X, y, weight)
    assert model.predict(X).shape[:1] == (n_samples,)


@bounded(150)
@given(data=st.data())
def test_a_regressor_moves_until_its_last_epoch_or_says_that_it_diverged(data):
    """An optimizer whose memory overflowed would stand still, every number of it finite."""
    rng = np.random.RandomState(data.draw(st.integers(0, 10**6)))
    # Squares of gradients leave float32's range from 1e10 on, losses and activations much later.
    X = data.draw(st.sampled_from([1.0, 1e8, 1e12, 1e16, 1e30])) * rng.standard_normal((20, 3))
    model = MLPRegressor(
        hidden_layer_sizes=(4,),
        solver=data.draw(st.sampled_from([*OPTIMIZERS])),
        activation=data.draw(st.sampled_from(["identity", "leaky_relu"])),
        dtype=data.draw(st.sampled_from(["float32", "float64"])),
        n_iter_no_change=np.inf,
        random_state=0,
    )
    y = rng.standard_normal(20)
    shorter, longer = (
        try_to_fit(clone(model).set_params(max_iter=n_epochs), X, y, None) for n_epochs in (3, 4)
    )
    if longer is not None:
        assert (longer.coefs_[0] != shorter.coefs_[0]).all()


def problem(data, n_samples=20):
    """Draw a well-behaved problem, and a network for it that trains on all samples at once."""
    rng = np.random.RandomState(data.draw(st.integers(0, 10**6)))
    X = rng.standard_normal((n_samples, data.draw(st.integers(2, 5))))
    y = np.arange(n_samples) % data.draw(st.integers(2, 3))
    solver = data.draw(st.sampled_from(["adam", "sgd", "lbfgs", "adamw"]))
    model = MLPClassifier(
        (5,),
        activation="tanh",
        solver=solver,
        alpha=data.draw(st.sampled_from([0, 0.1])),
        batch_size=n_samples,
        shuffle=False,
        max_iter=5,
        random_state=0,
    )
    return rng, X, y, model


@bounded(50)
@given(data=st.data())
def test_permuted_columns_permute_the_first_weights(data):
    rng, X, y, model = problem(data)
    n_features = X.shape[1]
    order = rng.permutation(n_features)
    start = rng.uniform(-0.5, 0.5, (n_features, 5))
    straight = clone(model).fit(X, y, coefs_init=[start, None])
    permuted = clone(model).fit(X[:, order], y, coefs_init=[start[order], None])
    np.testing.assert_allclose(permuted.coefs_[0], straight.coefs_[0][order], atol=1e-7)
    np.testing.assert_allclose(permuted.coefs_[1], straight.coefs_[1], atol=1e-7)


@bounded(50)
@given(data=st.data())
def test_duplicates_equal_weights(data):
    rng, X, y, model = problem(data)
    weight = rng.randint(0, 4, len(X))
    weight[:3] = 1
    repeated = np.repeat(np.arange(len(X)), weight)
    weighted = clone(model).fit(X, y, sample_weight=weight)
    doubled = clone(model).set_params(batch_size=len(repeated)).fit(X[repeated], y[repeated])
    for ours, theirs in zip(arrays_of(weighted), arrays_of(doubled), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


@bounded(50)
@given(data=st.data())
def test_samples_without_weight_do_not_count(data):
    rng, X, y, model = problem(data)
    weight = np.r_[np.ones(len(X)), np.zeros(4)]
    nonsense = 1e3 * rng.standard_normal((4, X.shape[1]))
    padded = clone(model).set_params(batch_size=len(weight))
    padded.fit(np.vstack([X, nonsense]), np.r_[y, y[:4]], sample_weight=weight)
    for ours, theirs in zip(arrays_of(clone(model).fit(X, y)), arrays_of(padded), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
