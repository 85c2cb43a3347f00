"""The contract that every hidden and every output activation keeps."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skmlp.activations import ACTIVATIONS, LEAKY_SLOPE, SELU_ALPHA, SELU_SCALE
from skmlp.output_activations import OUTPUT_ACTIVATIONS

# Written out once more, one number at a time, from the textbook.
FORMULAS = {
    "identity": lambda z: z,
    "logistic": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": math.tanh,
    "relu": lambda z: max(z, 0.0),
    "leaky_relu": lambda z: z if z > 0 else LEAKY_SLOPE * z,
    "elu": lambda z: z if z > 0 else math.exp(z) - 1,
    "selu": lambda z: SELU_SCALE * (z if z > 0 else SELU_ALPHA * (math.exp(z) - 1)),
    "gelu": lambda z: z * 0.5 * (1 + math.erf(z / math.sqrt(2))),
    "silu": lambda z: z / (1 + math.exp(-z)),
    "mish": lambda z: z * math.tanh(math.log(1 + math.exp(z))),
    "softplus": lambda z: math.log(1 + math.exp(z)),
    "exp": math.exp,
}
RANGES = {
    "identity": (-np.inf, np.inf),
    "logistic": (0, 1),
    "tanh": (-1, 1),
    "relu": (0, np.inf),
    "leaky_relu": (-np.inf, np.inf),
    "elu": (-1, np.inf),
    "selu": (-SELU_SCALE * SELU_ALPHA, np.inf),
    "gelu": (-0.17, np.inf),
    "silu": (-0.279, np.inf),
    "mish": (-0.309, np.inf),
    "softplus": (0, np.inf),
}
# No point is nearer to the kink at 0 than the steps of the difference quotients.
POINTS = np.array([[-6.3, -2.1, -0.9, -0.2], [0.1, 0.7, 1.9, 5.8]])
BIAS = np.array([0.05, -0.04, 0.03, 0.01])
EXTREMES = [-1e30, -1e4, -750.0, -90.0, -1e-30, 0.0, 1e-30, 90.0, 750.0, 1e4, 1e30]
DTYPES = [np.float32, np.float64]

hidden = pytest.mark.parametrize("name", ACTIVATIONS)
outputs = pytest.mark.parametrize("name", OUTPUT_ACTIVATIONS)


def value(name, z, bias=0.0):
    """Return the activations of `z` as a network computes them."""
    z = np.array(z)
    a = np.empty_like(z)
    ACTIVATIONS[name].forward(z, np.full(z.shape[1], bias, z.dtype), a)
    return a


def slope(name, z):
    """Return the slopes at `z` as a network computes them."""
    z = np.array(z)
    a = np.empty_like(z)
    ACTIVATIONS[name].forward(z, np.zeros(z.shape[1], z.dtype), a)
    delta = np.ones_like(z)
    ACTIVATIONS[name].backward(delta, a, z)
    return delta


def test_every_hidden_activation_has_a_formula_and_a_range_here():
    assert set(ACTIVATIONS) == set(RANGES) <= set(FORMULAS)


def test_selu_maps_zero_mean_and_unit_variance_to_themselves():
    z, step = np.linspace(-12, 12, 480_001, retstep=True)
    density = step * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    a = value("selu", z[:, None])[:, 0]
    assert density @ a == pytest.approx(0, abs=1e-9)
    assert density @ a**2 == pytest.approx(1, abs=1e-9)


@hidden
def test_the_value_is_the_textbook_formula_of_input_plus_bias(name):
    z, a = POINTS.copy(), np.empty_like(POINTS)
    ACTIVATIONS[name].forward(z, BIAS, a)
    expected = np.vectorize(FORMULAS[name])(POINTS + BIAS)
    np.testing.assert_allclose(a, expected, rtol=1e-12, atol=1e-15)


@hidden
def test_the_slope_is_the_difference_quotient(name):
    step = 1e-5
    quotient = (value(name, POINTS + step) - value(name, POINTS - step)) / (2 * step)
    np.testing.assert_allclose(slope(name, POINTS), quotient, rtol=1e-7, atol=1e-9)


@hidden
def test_backward_multiplies_delta_in_place(name):
    activation = ACTIVATIONS[name]
    z, a = POINTS.copy(), np.empty_like(POINTS)
    activation.forward(z, np.zeros(4), a)
    kept_a, kept_z = a.copy(), z.copy()
    delta = np.arange(1.0, 9).reshape(2, 4)
    activation.backward(delta, a, z)
    np.testing.assert_allclose(delta, np.arange(1.0, 9).reshape(2, 4) * slope(name, POINTS))
    np.testing.assert_array_equal(a, kept_a)
    np.testing.assert_array_equal(z, kept_z)


@pytest.mark.parametrize("name", [n for n, f in ACTIVATIONS.items() if not f.slope_needs_input])
def test_one_buffer_serves_for_input_and_value(name):
    activation = ACTIVATIONS[name]
    buffer, delta = POINTS.copy(), np.ones_like(POINTS)
    activation.forward(buffer, BIAS, buffer)
    activation.backward(delta, buffer, buffer)
    np.testing.assert_array_equal(buffer, value(name, POINTS + BIAS))
    np.testing.assert_array_equal(delta, slope(name, POINTS + BIAS))


@pytest.mark.parametrize("name", [n for n, f in ACTIVATIONS.items() if f.slope_needs_input])
def test_the_input_is_left_with_its_bias_where_the_slope_needs_it(name):
    z, a = POINTS.copy(), np.empty_like(POINTS)
    ACTIVATIONS[name].forward(z, BIAS, a)
    np.testing.assert_array_equal(z, POINTS + BIAS)


@hidden
def test_float32_is_as_exact_as_float32_can_be(name):
    single = POINTS.astype(np.float32)
    assert value(name, single).dtype == slope(name, single).dtype == np.float32
    np.testing.assert_allclose(value(name, single), value(name, POINTS), rtol=2e-5, atol=2e-7)
    np.testing.assert_allclose(slope(name, single), slope(name, POINTS), rtol=2e-5, atol=2e-6)


@hidden
@pytest.mark.parametrize("dtype", DTYPES)
def test_values_and_slopes_of_extreme_inputs_are_finite(name, dtype):
    z = np.array([EXTREMES], dtype)
    with np.errstate(over="ignore"):
        assert np.isfinite(value(name, z)).all()
        assert np.isfinite(slope(name, z)).all()


@hidden
@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_values_lie_in_the_range(name, dtype, data):
    z = data.draw(arrays(dtype, (3, 2), elements=st.floats(-1e3, 1e3, width=32)))
    low, high = RANGES[name]
    a = value(name, z)
    assert a.min() >= low - 1e-6
    assert a.max() <= high


@hidden
def test_rows_and_columns_do_not_mix(name):
    whole = value(name, POINTS)
    np.testing.assert_array_equal(value(name, POINTS[1:]), whole[1:])
    np.testing.assert_allclose(value(name, POINTS[:, ::-1]), whole[:, ::-1], rtol=1e-14)


# Output activations


@outputs
def test_an_output_is_the_textbook_formula_in_a_new_array(name):
    raw = POINTS.copy()
    prediction = OUTPUT_ACTIVATIONS[name].value(raw)
    np.testing.assert_allclose(prediction, np.vectorize(FORMULAS[name])(POINTS), rtol=1e-12)
    np.testing.assert_array_equal(raw, POINTS)
    assert not np.shares_memory(prediction, raw)


@outputs
def test_an_output_slope_is_the_difference_quotient(name):
    output, step = OUTPUT_ACTIVATIONS[name], 1e-5
    quotient = (output.value(POINTS + step) - output.value(POINTS - step)) / (2 * step)
    computed = output.slope(output.value(POINTS), POINTS)
    np.testing.assert_allclose(computed, quotient, rtol=1e-7, atol=1e-9)


@outputs
def test_an_output_says_whether_it_stays_positive_and_whether_it_dies(name):
    output, raw = OUTPUT_ACTIVATIONS[name], np.array([-9.0, -3.0, -0.5, 0.5, 3.0])
    prediction = output.value(raw)
    assert output.positive is bool(prediction.min() > 0)
    assert output.dies is bool((output.slope(prediction, raw)[:3] == 0).all())


@outputs
@pytest.mark.parametrize("dtype", DTYPES)
def test_outputs_stay_in_their_range_and_dtype(name, dtype):
    output = OUTPUT_ACTIVATIONS[name]
    raw = np.array([EXTREMES], dtype)
    with np.errstate(over="ignore"):
        prediction = output.value(raw)
        gradient = output.slope(prediction, raw)
    assert prediction.dtype == gradient.dtype == dtype
    assert prediction.min() >= output.low
    assert prediction.max() <= output.high
    assert not np.isnan(prediction).any()
    assert not np.isnan(gradient).any()


@outputs
def test_outputs_reach_or_approach_both_ends_of_their_range(name):
    output = OUTPUT_ACTIVATIONS[name]
    with np.errstate(over="ignore"):
        ends = output.value(np.array([[-1e4, 1e4]]))[0]
    for end, limit, direction in zip(ends, (output.low, output.high), (-1, 1), strict=True):
        if np.isfinite(limit):
            assert abs(end - limit) < 1e-8
        else:
            assert direction * end >= 1e4
