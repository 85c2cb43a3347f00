"""Every compiled operation does what its definition in NumPy says."""

import importlib
import pickle
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.datasets import load_digits

import skmlp
import skmlp._arrays
import skmlp.activations
import skmlp.estimators.tabular._numbers
import skmlp.losses
import skmlp.network
import skmlp.optimizers
import skmlp.penalties
import skmlp.perceptron.blocks
import skmlp.training.data
from skmlp import _kernels

try:
    from skmlp._kernels import compiled
except ImportError:
    compiled = None

needs_extension = pytest.mark.skipif(
    compiled is None, reason="the extension skmlp._kernels.compiled is not built"
)

# No two modules have an operation of one name, yet.
DEFINITIONS = {name: definition for (_, name), definition in _kernels.DEFINITIONS.items()}

DTYPES = [np.float32, np.float64]
# Odd lengths, one column, fewer columns than a vector register has lanes, more than a block of
# `add_l2`, and nothing at all.
SHAPES = [(0, 3), (1, 1), (7, 1), (5, 10), (3, 33), (13, 401)]

FORWARDS = [name for name in skmlp.activations.ACTIVATIONS if name in DEFINITIONS]
BACKWARDS = [f"{name}_slope" for name in FORWARDS if name != "identity"]


class Draw:
    """Arrays for the arguments of one call, heads of larger buffers as in a short last batch."""

    def __init__(self, shape, dtype, seed=0):
        self.shape = shape
        self.dtype = dtype
        self.rng = np.random.default_rng(seed)

    def head(self, values):
        buffer = np.full((len(values) + 2, *values.shape[1:]), 7, self.dtype)
        buffer[: len(values)] = values
        return buffer[: len(values)]

    def matrix(self, scale=2.0):
        return self.head(self.rng.normal(0, scale, self.shape))

    def row(self):
        return self.rng.normal(size=self.shape[1]).astype(self.dtype)

    def vector(self):
        return self.head(self.rng.normal(size=self.shape[0] * self.shape[1]))

    def positive_vector(self):
        return np.square(self.vector())

    def weight(self):
        return self.head(self.rng.uniform(0, 1, self.shape[0]))

    def labels(self):
        y = np.zeros(self.shape, self.dtype)
        y[np.arange(self.shape[0]), self.rng.integers(0, self.shape[1], self.shape[0])] = 1
        return y


def forward(draw):
    z = draw.matrix()
    return (z, draw.row(), np.empty_like(z)), (0, 2)


def backward(draw, activation):
    z, bias = draw.matrix(), np.zeros(draw.shape[1], draw.dtype)
    a = np.empty_like(z)
    DEFINITIONS[activation](z, bias, a)
    return (draw.matrix(), a, z), (0,)


def loss(draw, y):
    raw = draw.matrix()
    return (raw, y, draw.weight(), np.empty_like(raw)), (3,)


def walk_block(draw, zero_is_positive=False):
    n_samples = draw.shape[0]
    gram = np.tril(draw.rng.normal(size=(n_samples, n_samples)), -1).astype(draw.dtype)
    signs = np.sign(draw.matrix())
    steps = signs * np.abs(draw.matrix())
    arguments = (draw.matrix(), gram, signs, steps, draw.row(), 0.5, zero_is_positive)
    return (*arguments, np.zeros_like(signs)), (0, 4, 7)


def sparse_product(draw, make=sparse.csr_array):
    n_rows, n_columns = draw.shape
    left = draw.rng.normal(size=(n_rows, 40)) * (draw.rng.uniform(size=(n_rows, 40)) < 0.3)
    right = draw.rng.normal(size=(40, n_columns)).astype(draw.dtype)
    return (make(left.astype(draw.dtype)), right, draw.matrix()), (2,)


def levels_among(draw):
    # Some numbers are quantiles, and some of those are equal; others are beyond all.
    quantiles = np.sort(np.round(draw.rng.normal(size=40), 1))
    numbers = np.concatenate([np.round(draw.rng.normal(0, 2, draw.shape[0]), 1), draw.vector()])
    return (*(np.float64(x) for x in (numbers, quantiles, np.linspace(0, 1, 40), numbers)),), (3,)


def encoded(draw, *arguments):
    wide = draw.rng.normal(size=(draw.shape[0], 40)).astype(draw.dtype)
    return (draw.rng.normal(0, 2, draw.shape[0]), *arguments, wide[:, 3 : 3 + draw.shape[1]])


def smooth_clip(draw):
    *numbers, out = encoded(draw, 0.3, 0.7, 3.0)
    return (*numbers, out[:, :1]), (4,)


def shares_of_pieces(draw):
    ends = np.sort(draw.rng.normal(size=1 + min(draw.shape[1], 37)))
    return encoded(draw, ends[:-1], np.diff(ends), 0.5), (4,)


# Operation to its arguments and the positions of those that it writes.
ARGUMENTS = {
    **dict.fromkeys(FORWARDS, forward),
    **{
        f"{name}_slope": lambda draw, name=name: backward(draw, name)
        for name in FORWARDS
        if name != "identity"
    },
    "softmax_cross_entropy": lambda draw: loss(draw, draw.labels()),
    "binary_cross_entropy": lambda draw: loss(draw, draw.labels()),
    "half_squared_error": lambda draw: loss(draw, draw.matrix()),
    "column_sum": lambda draw: ((draw.matrix(), draw.row()), (1,)),
    "add_l2": lambda draw: ((draw.vector(), draw.vector(), 0.01), (0,)),
    "sgd_step": lambda draw: (
        (draw.vector(), draw.vector(), draw.vector(), 0.1, 0.9, False),
        (0, 2),
    ),
    "adam_step": lambda draw: (
        (
            *(draw.vector() for _ in range(3)),
            draw.positive_vector(),
            *(0.1, 0.9, 0.999, 1e-8, 0.01, 2 * draw.shape[0] * draw.shape[1] // 3),
        ),
        (0, 2, 3),
    ),
    "nadam_step": lambda draw: (
        (
            *(draw.vector() for _ in range(3)),
            draw.positive_vector(),
            *(0.1, 0.2, 0.9, 0.999, 1e-8, 0.5),
        ),
        (0, 2, 3),
    ),
    "rmsprop_step": lambda draw: (
        (draw.vector(), draw.vector(), draw.positive_vector(), 0.1, 0.9, 1e-8),
        (0, 2),
    ),
    "adagrad_step": lambda draw: (
        (draw.vector(), draw.vector(), draw.positive_vector(), 0.1, 1e-8),
        (0, 2),
    ),
    "walk_block": walk_block,
    "gather": lambda draw: (
        (draw.matrix(), draw.rng.permutation(draw.shape[0]), draw.matrix()),
        (2,),
    ),
    "sparse_product": sparse_product,
    "levels_among": levels_among,
    "smooth_clip": smooth_clip,
    "shares_of_pieces": shares_of_pieces,
}


def tolerance(dtype):
    return {"rtol": 64 * np.finfo(dtype).eps, "atol": 64 * np.finfo(dtype).eps}


def copies(arguments):
    return [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]


def assert_twins_agree(name, arguments, written):
    expected, actual = copies(arguments), list(arguments)
    with np.errstate(all="ignore"):
        expected_value = DEFINITIONS[name](*expected)
    actual_value = getattr(compiled, name)(*actual)
    for position in written:
        dtype = expected[position].dtype
        assert actual[position].dtype == dtype
        assert_allclose(actual[position], expected[position], **tolerance(dtype))
    if expected_value is None:
        assert actual_value is None
    else:
        assert_allclose(actual_value, expected_value, **tolerance(dtype))


def test_the_table_is_complete():
    assert sorted(ARGUMENTS) == sorted(name for _, name in _kernels.DEFINITIONS)


@needs_extension
def test_every_operation_is_compiled():
    assert _kernels._twins(compiled).keys() == _kernels.DEFINITIONS.keys()


@needs_extension
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize("name", ARGUMENTS)
def test_compiled_equals_definition(name, dtype):
    for shape in SHAPES:
        assert_twins_agree(name, *ARGUMENTS[name](Draw(shape, dtype)))


@needs_extension
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize("name", FORWARDS)
def test_a_value_may_overwrite_its_input(name, dtype):
    z, bias, a = forward(Draw((9, 37), dtype))[0]
    same = z.copy()
    getattr(compiled, name)(z, bias, a)
    getattr(compiled, name)(same, bias, same)
    assert_array_equal(same, a)


@needs_extension
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize("name", FORWARDS)
def test_slopes_work_where_value_and_input_share_memory(name, dtype):
    if name == "identity" or skmlp.activations.ACTIVATIONS[name].slope_needs_input:
        pytest.skip("the slope needs the input, so value and input are two arrays")
    delta, a, _ = backward(Draw((9, 37), dtype), name)[0]
    assert_twins_agree(f"{name}_slope", (delta, a, a), (0,))


@needs_extension
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize("name", [*FORWARDS, *BACKWARDS])
def test_activations_are_accurate_from_end_to_end(name, dtype):
    z = np.concatenate([np.linspace(-120, 120, 4801), np.linspace(-1e-3, 1e-3, 201)])
    z = z.astype(dtype)[None]
    if name in FORWARDS:
        arguments = (z, np.zeros(z.shape[1], dtype), np.empty_like(z)), (2,)
    else:
        a = np.empty_like(z)
        with np.errstate(all="ignore"):
            DEFINITIONS[name.removesuffix("_slope")](z, np.zeros(z.shape[1], dtype), a)
        arguments = (np.ones_like(z), a, z), (0,)
    assert_twins_agree(name, *arguments)


@needs_extension
@pytest.mark.parametrize("name", ["elu", "tanh", "softplus", "gelu", "silu", "logistic"])
def test_activations_keep_their_relative_accuracy_near_their_zeros(name):
    z = -np.geomspace(1e-8, 30, 500)[None]
    expected, actual, bias = np.empty_like(z), np.empty_like(z), np.zeros(z.shape[1])
    DEFINITIONS[name](z.copy(), bias, expected)
    getattr(compiled, name)(z.copy(), bias, actual)
    # The tail of gelu carries the rounding of z**2 / 2 into the exponent.
    assert_allclose(actual, expected, rtol=2e-13 if name == "gelu" else 4e-15)


@needs_extension
@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_both_forms_of_momentum(momentum, nesterov):
    draw = Draw((5, 7), np.float64)
    arguments = (draw.vector(), draw.vector(), draw.vector(), 0.1, momentum, nesterov)
    assert_twins_agree("sgd_step", arguments, (0, 2))


@needs_extension
@settings(max_examples=50, deadline=None)
@given(
    name=st.sampled_from(sorted(ARGUMENTS)),
    dtype=st.sampled_from(DTYPES),
    shape=st.tuples(st.integers(0, 40), st.integers(1, 70)),
    seed=st.integers(0, 1000),
)
def test_compiled_equals_definition_on_any_shape(name, dtype, shape, seed):
    assert_twins_agree(name, *ARGUMENTS[name](Draw(shape, dtype, seed)))


@needs_extension
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
def test_what_is_encoded_leaves_the_columns_beside_it_alone(dtype):
    wide = np.full((3, 5), 7, dtype)
    compiled.smooth_clip(np.zeros(3), 0.0, 1.0, 3.0, wide[:, :1])
    compiled.shares_of_pieces(np.zeros(3), np.zeros(2), np.ones(2), 0.5, wide[:, 2:4])
    assert wide.tolist() == [[0, 7, -0.5, -0.5, 7]] * 3


@needs_extension
@pytest.mark.parametrize(
    "operation, arguments, message",
    [
        ("levels_among", (np.ones(3), np.ones(2), np.ones(1), np.ones(3)), "vectors of float64"),
        ("levels_among", (np.ones(3), np.ones(2), np.ones(2), np.ones(2)), "vectors of float64"),
        ("levels_among", (np.ones(3), np.ones(0), np.ones(0), np.ones(3)), "must not be empty"),
        ("smooth_clip", (np.ones(3, "f4"), 0.0, 1.0, 3.0, np.ones((3, 1))), "vectors of float64"),
        ("smooth_clip", (np.ones(3), 0.0, 1.0, 3.0, np.ones((3, 2))), r"of shape \(3, 1\); got"),
        ("smooth_clip", (np.ones(3), 0.0, 1.0, 3.0, np.ones((3, 1), int)), "got .* of int64"),
        (
            "shares_of_pieces",
            (np.ones(3), np.ones(2), np.ones(2), 0.5, np.ones((3, 4))[:, ::2]),
            "neighbouring columns",
        ),
    ],
)
def test_what_tables_are_encoded_by_must_fit(operation, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(compiled, operation)(*arguments)


SOURCES = [
    *["float16", "float32", "float64", "int8", "int16", "int32", "int64"],
    *["uint8", "uint16", "uint32", "uint64", "bool"],
]
LAYOUTS = {
    "rows": np.array,
    "wide": lambda array: np.tile(array, 300),
    "columns": np.asfortranarray,
    "strided": lambda array: array[::2, 1::3],
    "reversed": lambda array: array[:, ::-1],
    "big-endian": lambda array: array.astype(array.dtype.newbyteorder(">")),
}


@needs_extension
@pytest.mark.parametrize("target", DTYPES, ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_gather_reads_every_dtype_and_layout(layout, target):
    for source in SOURCES:
        rng = np.random.default_rng(0)
        array = LAYOUTS[layout](rng.integers(0, 100, (40, 12)).astype(source))
        array.flags.writeable = False
        rows = rng.integers(len(array), size=30)
        out = np.empty((len(rows), array.shape[1]), target)
        compiled.gather(array, rows, out)
        assert_array_equal(out, array[rows].astype(target), err_msg=source)


each_gather = pytest.mark.parametrize(
    "gather",
    [DEFINITIONS["gather"], pytest.param(getattr(compiled, "gather", None), marks=needs_extension)],
    ids=["definition", "compiled"],
)


@each_gather
@pytest.mark.parametrize("source", [np.float64, np.float32])
@pytest.mark.parametrize("row", [8, -1])
def test_gather_reads_nothing_beyond_the_array(gather, row, source):
    with pytest.raises(
        IndexError, match=rf"`rows` must be at least 0 and below 8, .* got {row}[.]"
    ):
        gather(np.zeros((8, 2), source), np.array([3, row, 99]), np.empty((3, 2)))


@each_gather
@pytest.mark.parametrize(
    "array, rows, out",
    [
        (np.zeros((8, 2)), np.zeros(3, int), np.zeros((2, 2))),
        (np.zeros((8, 2)), np.zeros(2), np.zeros((2, 2))),
        (np.zeros((8, 2)), np.zeros(2, np.int32), np.zeros((2, 2))),
        (np.zeros((8, 2)), np.zeros(2, int), np.zeros((2, 3))),
        (np.zeros((8, 1)), np.zeros(2, int), np.zeros((2, 3))),
        (np.zeros(8), np.zeros(2, int), np.zeros((2, 3))),
        (np.zeros((8, 3, 2)), np.zeros(2, int), np.zeros((2, 3))),
    ],
    ids=["length", "floats", "int32", "columns", "one column", "vector", "images"],
)
def test_gather_refuses_what_does_not_fit(gather, array, rows, out):
    with pytest.raises(ValueError, match=r"must be a .* Slice `out` to fit"):
        gather(array, rows, out)


def longer(matrix):
    """Return the same matrix with places of 64 bits and memory for more entries."""
    entries = matrix.data, matrix.indices, matrix.indptr
    longer = type(matrix)((matrix.shape), dtype=matrix.dtype)
    longer.data, longer.indices = (np.append(array, array[:3]) for array in entries[:2])
    longer.indices, longer.indptr = longer.indices.astype(np.int64), entries[2].astype(np.int64)
    return longer


@needs_extension
@pytest.mark.parametrize("shape", [(30, 5), (30, 700)], ids=["narrow", "wide"])
@pytest.mark.parametrize(
    "make",
    [
        sparse.csr_matrix,
        sparse.csc_array,
        lambda left: longer(sparse.csr_array(left)),
        lambda left: longer(sparse.csc_array(left)),
    ],
    ids=["csr", "csc", "long csr", "long csc"],
)
def test_a_sparse_product_reads_every_format(make, shape):
    assert_twins_agree("sparse_product", *sparse_product(Draw(shape, np.float64), make))


@needs_extension
@pytest.mark.parametrize("name, value", [("indices", 40), ("indices", -1), ("indptr", 99)])
def test_a_sparse_product_reads_nothing_beyond_its_arrays(name, value):
    (left, right, out), _ = sparse_product(Draw((3, 2), np.float64))
    getattr(left, name)[1] = value
    with pytest.raises(ValueError, match="`left` must be a CSR or CSC matrix whose entries all"):
        compiled.sparse_product(left, right, out)


@needs_extension
def test_a_sparse_product_refuses_what_does_not_fit():
    (left, right, out), _ = sparse_product(Draw((3, 2), np.float64))
    with pytest.raises(ValueError, match="`out` must have the rows of `left` and the columns"):
        compiled.sparse_product(left, right, out[:2])
    with pytest.raises(ValueError, match="one dtype and matching sizes"):
        compiled.sparse_product(left, right, out.astype(np.float32))


@needs_extension
@pytest.mark.parametrize(
    "z, bias, a",
    [
        (np.zeros((4, 3)), np.zeros(2), np.zeros((4, 3))),
        (np.zeros((4, 3)), np.zeros(3), np.zeros((3, 3))),
        (np.zeros((4, 3)), np.zeros(3, np.float32), np.zeros((4, 3))),
        (np.zeros((4, 3), int), np.zeros(3), np.zeros((4, 3))),
        (np.zeros((2, 4, 3)), np.zeros(3), np.zeros((2, 4, 3))),
        (np.zeros((4, 6))[:, ::2], np.zeros(3), np.zeros((4, 3))),
    ],
    ids=["bias", "size", "dtype", "integers", "dimensions", "strides"],
)
def test_arrays_that_do_not_fit_are_refused(z, bias, a):
    with pytest.raises(ValueError):
        compiled.relu(z, bias, a)


@needs_extension
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize("name", [name for name in ARGUMENTS if name.endswith("_step")])
def test_steps_leave_no_subnormal_numbers(name, dtype):
    tiny = np.finfo(dtype).tiny
    arguments, written = ARGUMENTS[name](Draw((1, 40), dtype))
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            argument[:] = tiny / 4
    getattr(compiled, name)(*arguments)
    for position in written:
        size = np.abs(arguments[position])
        assert np.all((size == 0) | (size >= tiny))


@needs_extension
@pytest.mark.parametrize("name", ARGUMENTS)
def test_the_arithmetic_of_others_keeps_its_subnormal_numbers(name):
    arguments, _ = ARGUMENTS[name](Draw((3, 40), np.float64))
    getattr(compiled, name)(*arguments)
    subnormal = np.full(100, np.finfo(np.float64).tiny / 4)
    assert np.all(subnormal * 0.5 > 0)


@needs_extension
@pytest.mark.parametrize("name", [*FORWARDS, "adam_step", "softmax_cross_entropy"])
def test_nan_is_not_hidden(name):
    arguments, written = ARGUMENTS[name](Draw((3, 40), np.float32))
    arguments[1 if name == "adam_step" else 0].flat[50] = np.nan
    getattr(compiled, name)(*arguments)
    for position in written:
        assert np.isnan(arguments[position]).any()


@pytest.mark.parametrize("name", DEFINITIONS)
def test_the_twin_of_a_definition_serves_where_there_is_one(name):
    definition = DEFINITIONS[name]
    operation = _kernels.serving(definition)
    assert (operation is definition) == (_kernels.COMPILED is None)
    assert operation.__name__ == name
    assert pickle.loads(pickle.dumps(definition)) is definition


def test_a_function_without_a_twin_serves_itself():
    assert _kernels.serving(another_tanh) is another_tanh


def another_tanh(z):
    """Has the name of an operation, and neither its module nor its twin."""


another_tanh.__name__ = "tanh"


def test_a_second_operation_of_a_name_replaces_none(monkeypatch):
    for registry in ("DEFINITIONS", "OPERATIONS"):
        monkeypatch.setattr(_kernels, registry, dict(getattr(_kernels, registry)))
    monkeypatch.setattr(_kernels, "MODE", "auto")
    assert _kernels.compiled_twin(another_tanh) is another_tanh
    assert _kernels.DEFINITIONS[__name__, "tanh"] is another_tanh
    assert _kernels.DEFINITIONS["skmlp.activations", "tanh"] is DEFINITIONS["tanh"]
    assert _kernels.OPERATIONS["skmlp.activations", "tanh"] is not another_tanh


def relu(z, bias):
    """Has the name of an operation and other arguments."""


each_stale_extension = pytest.mark.parametrize(
    "extension",
    [SimpleNamespace(), SimpleNamespace(TWINS={"skmlp.activations": [relu]})],
    ids=["without a table", "with other arguments"],
)


@pytest.fixture
def import_kernels(monkeypatch, without_skmlp):
    """Import the seam anew, in a mode and beside an extension, or None where none is built."""

    def import_anew(mode, extension):
        monkeypatch.setenv("SKMLP_KERNELS", mode)
        monkeypatch.setitem(sys.modules, "skmlp._kernels.compiled", extension)
        return importlib.import_module("skmlp._kernels")

    return import_anew


@each_stale_extension
def test_an_extension_from_other_sources_does_not_serve_and_a_warning_says_so(
    extension, import_kernels
):
    missing = r"skmlp\.activations\.identity, .*skmlp\.activations\.relu, .*Install skmlp anew"
    with pytest.warns(UserWarning, match=f"built from other sources and lacks .*{missing}"):
        kernels = import_kernels("auto", extension)
    assert kernels.COMPILED is extension
    assert kernels.names(compiled=True) == {}


@each_stale_extension
def test_the_mode_compiled_insists_on_every_operation(extension, import_kernels):
    with pytest.raises(ImportError, match=r"needs every operation .* got one without `skmlp\."):
        import_kernels("compiled", extension)


@pytest.mark.parametrize(
    "mode, built, serves",
    [
        ("auto", True, True),
        ("compiled", True, True),
        ("reference", True, False),
        ("auto", False, False),
    ],
)
def test_the_environment_chooses(mode, built, serves, import_kernels):
    if built and compiled is None:
        pytest.skip("the extension skmlp._kernels.compiled is not built")
    kernels = import_kernels(mode, compiled if built else None)
    assert kernels.COMPILED is (compiled if serves else None)


@pytest.mark.parametrize(
    "mode, message",
    [
        ("compiled", r"SKMLP_KERNELS='compiled' needs the extension .* Install skmlp where"),
        ("fast", r"must be one of auto, reference, compiled; got 'fast'.* Leave it unset"),
    ],
)
def test_what_the_environment_cannot_have_is_an_import_error(mode, message, import_kernels):
    with pytest.raises(ImportError, match=message):
        import_kernels(mode, None)


@needs_extension
def test_a_training_is_the_same_in_both_modes(import_kernels):
    X, y = load_digits(return_X_y=True)
    arguments = {"hidden_layer_sizes": (20,), "max_iter": 5, "random_state": 0}
    fitted = skmlp.MLPClassifier(**arguments).fit(X / 16, y)
    kernels = import_kernels("compiled" if _kernels.COMPILED is None else "reference", compiled)
    assert (kernels.COMPILED is None) != (_kernels.COMPILED is None)
    MLPClassifier = importlib.import_module("skmlp").MLPClassifier
    other = MLPClassifier(**arguments).fit(X / 16, y)
    assert_allclose(other.loss_curve_, fitted.loss_curve_, rtol=1e-10)
