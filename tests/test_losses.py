"""The contract that every loss keeps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import huber, logsumexp, softmax
from sklearn.metrics import (
    log_loss,
    mean_absolute_error,
    mean_pinball_loss,
    mean_poisson_deviance,
    mean_squared_error,
)

from skmlp import MLPRegressor
from skmlp.estimators.mlp._options import REGRESSION_LOSSES
from skmlp.losses import (
    BinaryCrossEntropy,
    ExpPoisson,
    IdentitySquaredError,
    LabelSmoothing,
    OutputLoss,
    Poisson,
    SoftmaxCrossEntropy,
    weighted_quantile,
)
from skmlp.output_activations import OUTPUT_ACTIVATIONS

N_SAMPLES = 7
IDENTITY, EXP = OUTPUT_ACTIVATIONS["identity"], OUTPUT_ACTIVATIONS["exp"]

# name: (loss, kind of targets, number of outputs)
LOSSES = {
    "softmax": (SoftmaxCrossEntropy(), "one-hot", 3),
    "softmax of probabilities": (SoftmaxCrossEntropy(), "probabilities", 3),
    "binary": (BinaryCrossEntropy(), "bits", 1),
    "multilabel": (BinaryCrossEntropy(), "bits", 3),
    "smoothed softmax": (LabelSmoothing(SoftmaxCrossEntropy(), 0.1, 3), "one-hot", 3),
    "smoothed binary": (LabelSmoothing(BinaryCrossEntropy(), 0.1, 2), "bits", 1),
    "squared error in one pass": (IdentitySquaredError(), "numbers", 2),
    "poisson in one pass": (ExpPoisson(), "counts", 2),
}
for _name, _make in REGRESSION_LOSSES.items():
    _loss = _make(MLPRegressor(huber_delta=0.8, quantile=0.3))
    LOSSES[_name] = (
        OutputLoss(_loss, EXP if _loss.needs_positive else IDENTITY),
        "counts" if _loss.low == 0 else "numbers",
        2,
    )
CLASSIFICATION = {"one-hot", "probabilities", "bits"}

every_loss = pytest.mark.parametrize("name", LOSSES)


def draw(kind, n_outputs, seed=0, dtype=np.float64):
    """Return raw predictions, targets and weights that sum to one."""
    rng = np.random.RandomState(seed)
    shape = (N_SAMPLES, n_outputs)
    y = {
        "one-hot": lambda: np.eye(n_outputs)[rng.randint(n_outputs, size=N_SAMPLES)],
        "probabilities": lambda: rng.dirichlet(np.ones(n_outputs), N_SAMPLES),
        "bits": lambda: rng.randint(2, size=shape),
        "numbers": lambda: rng.normal(size=shape),
        "counts": lambda: rng.poisson(1.5, size=shape),
    }[kind]()
    weight = rng.uniform(0.1, 1, N_SAMPLES)
    arrays = rng.normal(size=shape) * 2, y, weight / weight.sum()
    return tuple(array.astype(dtype) for array in arrays)


def evaluate(loss, raw, y, weight):
    delta = np.full_like(raw, np.nan)
    return loss.value_and_delta(raw.copy(), y, weight, delta), delta


@every_loss
def test_delta_is_the_difference_quotient_of_the_value(name):
    loss, kind, n_outputs = LOSSES[name]
    raw, y, weight = draw(kind, n_outputs)
    _, delta = evaluate(loss, raw, y, weight)
    for index in np.ndindex(raw.shape):
        shift = np.zeros_like(raw)
        shift[index] = 1e-6
        above, below = (evaluate(loss, raw + s, y, weight)[0] for s in (shift, -shift))
        assert delta[index] == pytest.approx((above - below) / 2e-6, rel=1e-6, abs=1e-9)


@every_loss
def test_value_and_delta_are_sums_over_samples_times_their_weight(name):
    loss, kind, n_outputs = LOSSES[name]
    raw, y, weight = draw(kind, n_outputs)
    value, delta = evaluate(loss, raw, y, weight)
    one = np.ones(1)
    alone = [evaluate(loss, raw[i : i + 1], y[i : i + 1], one) for i in range(N_SAMPLES)]
    assert isinstance(value, float)
    assert value == pytest.approx(sum(w * v for w, (v, _) in zip(weight, alone, strict=True)))
    np.testing.assert_allclose(delta, weight[:, None] * np.vstack([d for _, d in alone]))


@every_loss
def test_targets_and_weights_are_only_read(name):
    loss, kind, n_outputs = LOSSES[name]
    raw, y, weight = draw(kind, n_outputs)
    y.flags.writeable = weight.flags.writeable = False
    evaluate(loss, raw, y, weight)


@every_loss
def test_float32_gives_the_value_of_float64(name):
    loss, kind, n_outputs = LOSSES[name]
    value, delta = evaluate(loss, *draw(kind, n_outputs))
    single_value, single_delta = evaluate(loss, *draw(kind, n_outputs, dtype=np.float32))
    assert single_delta.dtype == np.float32
    assert single_value == pytest.approx(value, rel=1e-5)
    np.testing.assert_allclose(single_delta, delta, rtol=1e-4, atol=1e-6)


@every_loss
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_raw_predictions_give_a_finite_value_and_delta(name, dtype):
    loss, kind, n_outputs = LOSSES[name]
    raw, y, weight = draw(kind, n_outputs, dtype=dtype)
    size = 80.0 if kind == "counts" else 1e6
    signs = np.where(np.indices(raw.shape).sum(axis=0) % 2, 1, -1)
    for large in (np.full_like(raw, size), np.full_like(raw, -size), (size * signs).astype(dtype)):
        value, delta = evaluate(loss, large, y, weight)
        assert np.isfinite(value)
        assert np.isfinite(delta).all()


@every_loss
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_loss_is_never_negative(name, seed):
    loss, kind, n_outputs = LOSSES[name]
    assert evaluate(loss, *draw(kind, n_outputs, seed))[0] >= -1e-12


@every_loss
@pytest.mark.parametrize("weighted", [False, True])
def test_no_constant_is_better_than_the_best_constant(name, weighted):
    loss, kind, n_outputs = LOSSES[name]
    _, y, weight = draw(kind, n_outputs)
    weight = weight if weighted else None

    def of(raw):
        return loss.mean(np.tile(raw, (N_SAMPLES, 1)), y, weight)

    best = minimize(of, np.zeros(n_outputs), method="Powell", options={"xtol": 1e-9, "ftol": 1e-12})
    assert loss.of_constant(y, weight) == pytest.approx(best.fun, rel=1e-3, abs=1e-6)


@every_loss
@pytest.mark.parametrize("dtype", [bool, np.uint8])
def test_the_best_constant_is_that_of_the_numbers_whatever_their_dtype(name, dtype):
    loss, kind, n_outputs = LOSSES[name]
    y = draw(kind, n_outputs)[1]
    truth_values = kind in CLASSIFICATION or dtype is bool
    y = (y > 0 if truth_values else np.clip(100 + 60 * y, 0, 255)).astype(dtype)
    assert loss.of_constant(y) == pytest.approx(loss.of_constant(y.astype(float)))


@every_loss
def test_the_mean_weighs_samples_and_leaves_raw_predictions_alone(name):
    loss, kind, n_outputs = LOSSES[name]
    raw, y, weight = draw(kind, n_outputs)
    before = raw.copy()
    assert loss.mean(raw, y, 10 * weight) == pytest.approx(evaluate(loss, raw, y, weight)[0])
    alike = np.full(N_SAMPLES, 1 / N_SAMPLES)
    assert loss.mean(raw, y) == pytest.approx(evaluate(loss, raw, y, alike)[0])
    np.testing.assert_array_equal(raw, before)


@pytest.mark.parametrize("name", [n for n in LOSSES if LOSSES[n][1] not in CLASSIFICATION])
def test_a_perfect_regression_has_no_loss_and_no_delta(name):
    loss, kind, n_outputs = LOSSES[name]
    _, y, weight = draw(kind, n_outputs)
    y += 1.0 if kind == "counts" else 0.0
    raw = np.log(y) if kind == "counts" else y
    np.testing.assert_allclose(loss.predict(raw), y)
    value, delta = evaluate(loss, raw, y, weight)
    assert value == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(delta, 0, atol=1e-12)


@pytest.mark.parametrize("name", REGRESSION_LOSSES)
def test_a_loss_says_whether_the_mean_of_the_targets_minimises_it(name):
    """Early stopping goes by it: R² is no measure of the others."""
    loss = REGRESSION_LOSSES[name](MLPRegressor(huber_delta=0.8, quantile=0.3))
    slope = loss.derivative(np.full(3, 2.0), np.array([0.0, 1.0, 5.0])).sum()
    assert loss.aims_at_mean == (abs(slope) < 1e-12)


METRICS = {
    "squared_error": lambda y, p, w: mean_squared_error(y, p, sample_weight=w) / 2,
    "absolute_error": lambda y, p, w: mean_absolute_error(y, p, sample_weight=w),
    "huber": lambda y, p, w: np.average(huber(0.8, p - y), weights=w, axis=0).mean(),
    "quantile": lambda y, p, w: mean_pinball_loss(y, p, sample_weight=w, alpha=0.3),
}


@pytest.mark.parametrize("name", METRICS)
def test_a_regression_loss_is_the_metric_of_that_name(name):
    loss, kind, n_outputs = LOSSES[name]
    raw, y, weight = draw(kind, n_outputs)
    metric = METRICS[name](y, loss.predict(raw), weight)
    assert evaluate(loss, raw, y, weight)[0] == pytest.approx(metric)


def test_the_poisson_loss_is_half_the_poisson_deviance_summed_over_outputs():
    loss, kind, n_outputs = LOSSES["poisson"]
    raw, y, weight = draw(kind, n_outputs)
    deviance = sum(
        mean_poisson_deviance(y[:, k], np.exp(raw[:, k]), sample_weight=weight)
        for k in range(n_outputs)
    )
    assert evaluate(loss, raw, y, weight)[0] == pytest.approx(deviance / 2)


def test_softmax_cross_entropy_is_the_log_loss():
    raw, y, weight = draw("one-hot", 3)
    metric = log_loss(y.argmax(axis=1), softmax(raw, axis=1), sample_weight=weight)
    assert evaluate(SoftmaxCrossEntropy(), raw, y, weight)[0] == pytest.approx(metric)


def test_binary_cross_entropy_is_the_softmax_cross_entropy_of_logits_0_and_raw():
    raw, y, weight = draw("bits", 1)
    two = evaluate(SoftmaxCrossEntropy(), np.hstack([0 * raw, raw]), np.hstack([1 - y, y]), weight)
    value, delta = evaluate(BinaryCrossEntropy(), raw, y, weight)
    assert value == pytest.approx(two[0])
    np.testing.assert_allclose(delta[:, 0], two[1][:, 1])


@pytest.mark.parametrize(
    "one_pass, general",
    [("squared error in one pass", "squared_error"), ("poisson in one pass", "poisson")],
)
def test_a_loss_in_one_pass_equals_the_general_one(one_pass, general):
    loss, kind, n_outputs = LOSSES[one_pass]
    arrays = draw(kind, n_outputs)
    value, delta = evaluate(loss, *arrays)
    general_value, general_delta = evaluate(LOSSES[general][0], *arrays)
    assert value == pytest.approx(general_value, rel=1e-13)
    np.testing.assert_allclose(delta, general_delta, rtol=1e-11, atol=1e-15)
    np.testing.assert_array_equal(loss.predict(arrays[0]), LOSSES[general][0].predict(arrays[0]))


def test_smoothing_mixes_the_targets_with_a_uniform_distribution():
    raw, y, weight = draw("one-hot", 3)
    smoothed = 0.9 * y + 0.1 / 3
    value, delta = evaluate(LabelSmoothing(SoftmaxCrossEntropy(), 0.1, 3), raw, y, weight)
    expected_value, expected_delta = evaluate(SoftmaxCrossEntropy(), raw, smoothed, weight)
    assert value == pytest.approx(expected_value)
    np.testing.assert_allclose(delta, expected_delta)


@pytest.mark.parametrize("smoothing", [False, True])
@pytest.mark.parametrize("size", [1.0, 700.0, 1e30])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_log_probabilities_are_finite_and_sum_to_one(size, dtype, smoothing):
    loss = SoftmaxCrossEntropy()
    loss = LabelSmoothing(loss, 0.1, 3) if smoothing else loss
    raw = (draw("one-hot", 3)[0] * size).astype(dtype)
    log_probability = loss.log_probability(raw)
    assert log_probability.dtype == dtype
    assert np.isfinite(log_probability).all()
    np.testing.assert_allclose(logsumexp(log_probability, axis=1), 0, atol=1e-6)


@pytest.mark.parametrize("smoothing", [False, True])
def test_logits_are_what_the_probabilities_depend_on(smoothing):
    losses = [SoftmaxCrossEntropy(), BinaryCrossEntropy()]
    softmax, binary = [LabelSmoothing(loss, 0.1, 3) if smoothing else loss for loss in losses]
    raw = draw("one-hot", 3)[0]
    np.testing.assert_allclose(softmax.logits(raw + 5), softmax.log_probability(raw))
    np.testing.assert_array_equal(binary.logits(raw), raw)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_binary_log_probabilities_are_finite(dtype):
    raw = np.array([[-1e30], [-800], [0], [800], [1e30]], dtype)
    log_probability = BinaryCrossEntropy().log_probability(raw)
    assert np.isfinite(log_probability).all()
    np.testing.assert_allclose(log_probability[:, 0], [-1e30, -800, np.log(0.5), 0, 0], rtol=1e-6)


def test_a_poisson_prediction_that_underflowed_has_a_finite_loss():
    raw, y, weight = draw("counts", 1)
    with np.errstate(under="ignore"):
        value, delta = evaluate(OutputLoss(Poisson(), EXP), np.full_like(raw, -800.0), y, weight)
    assert np.isfinite(value)
    assert np.isfinite(delta).all()


@pytest.mark.parametrize("level", [0.1, 0.25, 0.5, 0.75, 1.0])
def test_a_weighted_quantile_is_that_of_repeated_targets(level):
    y = np.array([[3.0, 8.0], [1.0, 5.0], [2.0, 5.0], [7.0, 0.0]])
    counts = np.array([1, 3, 2, 2])
    repeated = weighted_quantile(np.repeat(y, counts, axis=0), level, None)
    np.testing.assert_array_equal(weighted_quantile(y, level, counts.astype(float)), repeated)
