"""Every gradient against central differences in float64."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import coefs, make_network
from scipy import sparse

from skmlp import MLPRegressor
from skmlp.activations import ACTIVATIONS
from skmlp.dropout import AlphaDropout, InvertedDropout
from skmlp.estimators.mlp._options import REGRESSION_LOSSES
from skmlp.losses import (
    BinaryCrossEntropy,
    ExpPoisson,
    IdentitySquaredError,
    LabelSmoothing,
    Loss,
    OutputLoss,
    SoftmaxCrossEntropy,
)
from skmlp.network import Network, Workspace, forward, perceptron_layers
from skmlp.output_activations import OUTPUT_ACTIVATIONS
from skmlp.training.data import Batch, Samples
from skmlp.training.objective import MEAN_ROWS, Objective, clip_norm, mean_loss

N_SAMPLES, N_FEATURES = 6, 3
STEP = 1e-5
# Differences are taken only where no kink is nearer than this, a hundred steps.
KINK_DISTANCE = 1e-3
HUBER_WIDTH = 0.7

POINTWISE = {
    name: make(MLPRegressor(huber_delta=HUBER_WIDTH, quantile=0.3))
    for name, make in REGRESSION_LOSSES.items()
}


def one_hot(rng, n_outputs):
    return np.eye(n_outputs)[rng.randint(n_outputs, size=N_SAMPLES)]


def bits(rng, n_outputs):
    return rng.randint(2, size=(N_SAMPLES, n_outputs)).astype(float)


def probabilities(rng, n_outputs):
    return rng.dirichlet(np.ones(n_outputs), N_SAMPLES)


def numbers(rng, n_outputs):
    return rng.normal(size=(N_SAMPLES, n_outputs))


def counts(rng, n_outputs):
    return rng.poisson(1.5, size=(N_SAMPLES, n_outputs)).astype(float)


CASES = {
    "softmax": (SoftmaxCrossEntropy(), one_hot, 3),
    "softmax, soft targets": (SoftmaxCrossEntropy(), probabilities, 3),
    "binary": (BinaryCrossEntropy(), bits, 1),
    "multilabel": (BinaryCrossEntropy(), bits, 3),
    "smoothed softmax": (LabelSmoothing(SoftmaxCrossEntropy(), 0.2, 3), one_hot, 3),
    "smoothed binary": (LabelSmoothing(BinaryCrossEntropy(), 0.2, 2), bits, 1),
    "one-pass squared error": (IdentitySquaredError(), numbers, 1),
    "one-pass squared error, outputs": (IdentitySquaredError(), numbers, 3),
    "one-pass poisson": (ExpPoisson(), counts, 1),
    "one-pass poisson, outputs": (ExpPoisson(), counts, 2),
}
for loss_name, pointwise in POINTWISE.items():
    for output_name, output in OUTPUT_ACTIVATIONS.items():
        if pointwise.needs_positive and not output.positive:
            continue
        draw = counts if pointwise.low == 0 else numbers
        for n_outputs in (1, 2):
            CASES[f"{loss_name} of {output_name}, {n_outputs} outputs"] = (
                OutputLoss(pointwise, output),
                draw,
                n_outputs,
            )


@dataclass
class Problem:
    """An objective, the batch it is evaluated on, and the noise to evaluate it with."""

    network: Network
    loss: Loss
    objective: Objective
    batch: Batch
    rng: np.random.Generator | None

    def __post_init__(self):
        self._noise = None if self.rng is None else self.rng.bit_generator.state

    def value(self):
        if self.rng is not None:
            self.rng.bit_generator.state = self._noise
        return self.objective.value_and_gradient(self.batch)

    def gradient(self):
        self.value()
        return self.objective.gradient.trainable.copy()

    def differences(self):
        vector = self.objective.parameters.trainable
        slopes = np.empty_like(vector)
        for i, entry in enumerate(vector.copy()):
            vector[i] = entry + STEP
            above = self.value()
            vector[i] = entry - STEP
            below = self.value()
            vector[i] = entry
            slopes[i] = (above - below) / (2 * STEP)
        return slopes

    def kink_distance(self):
        """Return how far the nearest kink of an activation or a loss is."""
        parameters, batch = self.objective.parameters, self.batch
        workspace = Workspace(self.network, N_SAMPLES, parameters.dtype)
        if self.rng is not None:
            self.rng.bit_generator.state = self._noise
        raw = forward(self.network, parameters.layers, batch.X, workspace, self.rng).copy()
        layers = zip(workspace.inputs, parameters.layers, strict=True)
        distances = [np.abs(h @ coef + intercept).min() for h, (coef, intercept) in layers]
        if isinstance(self.loss, OutputLoss):
            residual = np.abs(self.loss.predict(raw) - batch.y)
            distances += [residual.min(), np.abs(residual - HUBER_WIDTH).min()]
        return min(distances)


def make_problem(
    seed,
    hidden=(4,),
    activations="tanh",
    case="softmax",
    alpha=0.3,
    weighted=True,
    dropouts=None,
    n_frozen=0,
):
    rng = np.random.RandomState(seed)
    loss, draw_targets, n_outputs = CASES[case]
    network = make_network([N_FEATURES, *hidden, n_outputs], activations, dropouts, n_frozen)
    parameters = network.parameters(np.dtype(float))
    parameters.vector[:] = rng.normal(size=parameters.vector.size) * 0.7
    weight = rng.uniform(0.2, 2, N_SAMPLES) if weighted else np.ones(N_SAMPLES)
    X, y = rng.normal(size=(N_SAMPLES, N_FEATURES)), draw_targets(rng, n_outputs)
    batch = Batch(X, y, weight / weight.sum(), weight.sum())
    noise = np.random.default_rng(seed) if dropouts else None
    objective = Objective(network, loss, alpha, parameters, N_SAMPLES, noise)
    return Problem(network, loss, objective, batch, noise)


def away_from_kinks(**kwargs):
    for seed in range(50):
        problem = make_problem(seed, **kwargs)
        if problem.kink_distance() > KINK_DISTANCE:
            return problem
    raise AssertionError(f"no problem away from kinks in 50 draws: {kwargs}")


def assert_gradient_is_right(problem):
    gradient = problem.gradient()
    assert np.abs(gradient).max() > 1e-3, "a vanishing gradient tests nothing"
    np.testing.assert_allclose(gradient, problem.differences(), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_of_every_activation_at_every_depth(activation):
    for hidden in [(4,), (4, 3), (4, 3, 5)]:
        assert_gradient_is_right(away_from_kinks(activations=activation, hidden=hidden))


@pytest.mark.parametrize("case", CASES)
def test_gradient_of_every_loss_and_output(case):
    # A relu output without a positive raw prediction has no gradient at all.
    assert_gradient_is_right(away_from_kinks(case=case, hidden=()))
    assert_gradient_is_right(away_from_kinks(case=case, hidden=(4,)))


@pytest.mark.parametrize("hidden", [(), (4,), (4, 3), (4, 3, 5)], ids=len)
@pytest.mark.parametrize("alpha", [0.0, 2.0], ids=["no penalty", "penalty"])
@pytest.mark.parametrize("weighted", [False, True], ids=["all alike", "weighted"])
@pytest.mark.parametrize("case", ["softmax", "one-pass squared error, outputs"])
def test_gradient_with_and_without_penalty_and_weights(case, weighted, alpha, hidden):
    assert_gradient_is_right(
        away_from_kinks(case=case, weighted=weighted, alpha=alpha, hidden=hidden)
    )


def test_gradient_of_mixed_activations():
    names = ["relu", "gelu", "tanh"]
    assert_gradient_is_right(away_from_kinks(activations=names, hidden=(4, 3, 5)))


@pytest.mark.parametrize(
    "activation, dropout",
    [
        ("tanh", InvertedDropout(0.4)),
        ("gelu", InvertedDropout(0.4)),
        ("relu", InvertedDropout(0.2)),
        ("selu", AlphaDropout(0.3)),
    ],
)
def test_gradient_through_frozen_dropout(activation, dropout):
    assert_gradient_is_right(
        away_from_kinks(activations=activation, hidden=(5, 4), dropouts=[dropout, dropout])
    )


def test_gradient_with_dropout_in_one_layer_only():
    dropouts = [None, InvertedDropout(0.4), None]
    assert_gradient_is_right(
        away_from_kinks(activations="silu", hidden=(4, 5, 3), dropouts=dropouts)
    )


@pytest.mark.parametrize("n_frozen", [1, 2])
def test_gradient_above_frozen_layers(n_frozen):
    problem = away_from_kinks(hidden=(4, 3), n_frozen=n_frozen)
    assert_gradient_is_right(problem)
    assert all(not coef.any() for coef in coefs(problem.objective.gradient)[:n_frozen])


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    hidden=st.lists(st.integers(1, 5), max_size=3),
    activation=st.sampled_from(["tanh", "logistic", "gelu", "silu", "mish", "softplus"]),
    case=st.sampled_from(["softmax", "multilabel", "smoothed softmax", "one-pass squared error"]),
    alpha=st.floats(0, 10),
)
def test_gradient_of_any_smooth_network(seed, hidden, activation, case, alpha):
    problem = make_problem(seed, hidden=hidden, activations=activation, case=case, alpha=alpha)
    np.testing.assert_allclose(problem.gradient(), problem.differences(), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("make_sparse", [sparse.csr_matrix, sparse.csr_array])
def test_gradient_of_sparse_inputs_is_that_of_dense_ones(make_sparse):
    problem = make_problem(0, hidden=(4, 3))
    dense = problem.gradient()
    problem.batch.X = make_sparse(problem.batch.X)
    np.testing.assert_allclose(problem.gradient(), dense, rtol=1e-13)


def test_a_weight_of_two_is_a_sample_seen_twice():
    problem = make_problem(0, alpha=0.3)
    weight = np.array([2.0, 1, 1, 2, 1, 1])
    problem.batch.weight, problem.batch.total = weight / 8, 8.0
    value, gradient = problem.value(), problem.gradient()
    rows = np.repeat(np.arange(N_SAMPLES), weight.astype(int))
    repeated = Batch(problem.batch.X[rows], problem.batch.y[rows], np.full(8, 1 / 8), 8.0)
    parameters = problem.objective.parameters
    other = Objective(problem.network, problem.loss, 0.3, parameters, batch_size=8)
    np.testing.assert_allclose(other.value_and_gradient(repeated), value, rtol=1e-13)
    np.testing.assert_allclose(other.gradient.trainable, gradient, rtol=1e-12, atol=1e-15)


def test_the_penalty_is_half_the_squared_weights_over_the_total_weight_without_biases():
    with_penalty, without = make_problem(0, alpha=0.3), make_problem(0, alpha=0.0)
    squares = sum((coef**2).sum() for coef in coefs(with_penalty.objective.parameters))
    penalty = with_penalty.value() - without.value()
    np.testing.assert_allclose(penalty, 0.3 / 2 * squares / with_penalty.batch.total)


def test_frozen_layers_have_no_part_in_the_penalty():
    with_penalty = make_problem(0, hidden=(4, 3), alpha=0.3, n_frozen=2)
    without = make_problem(0, hidden=(4, 3), alpha=0.0, n_frozen=2)
    squares = (coefs(with_penalty.objective.parameters)[-1] ** 2).sum()
    penalty = with_penalty.value() - without.value()
    np.testing.assert_allclose(penalty, 0.3 / 2 * squares / with_penalty.batch.total)


def test_a_short_last_batch_has_the_gradient_of_a_batch_of_its_own():
    problem = make_problem(0, alpha=0.3)
    batch = problem.batch
    short = Batch(batch.X[:2], batch.y[:2], np.array([0.25, 0.75]), 4.0)
    problem.objective.value_and_gradient(batch)
    value = problem.objective.value_and_gradient(short)
    gradient = problem.objective.gradient.trainable.copy()
    parameters = problem.objective.parameters
    alone = Objective(problem.network, problem.loss, 0.3, parameters, batch_size=2)
    assert alone.value_and_gradient(short) == value
    np.testing.assert_array_equal(alone.gradient.trainable, gradient)


def test_the_mean_loss_is_that_of_all_samples_at_once_whatever_their_number():
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(MEAN_ROWS + 10, 2)), rng.normal(size=(MEAN_ROWS + 10, 1))
    weight = rng.uniform(size=len(X))
    network = Network(perceptron_layers([2, 1], []))
    parameters = network.parameters(np.dtype(float))
    parameters.vector[:] = [1.0, -2.0, 0.5]
    halves = (X @ [1.0, -2.0] + 0.5 - y[:, 0]) ** 2 / 2
    for each, expected in ((None, halves.mean()), (weight, np.average(halves, weights=weight))):
        samples = Samples(X, y, each)
        found = mean_loss(network, IdentitySquaredError(), parameters, samples)
        assert found == pytest.approx(expected)


@pytest.mark.parametrize("max_norm", [1e-200, 1.0, 4.5, 5.0, 6.0, 1e200])
def test_clipping_keeps_the_direction_and_bounds_the_norm(max_norm):
    gradient = np.array([3.0, -4.0])
    clip_norm(gradient, max_norm)
    np.testing.assert_allclose(gradient, min(max_norm, 5.0) * np.array([0.6, -0.8]))


def test_without_noise_the_gradient_is_that_of_the_network_without_dropout():
    hidden = (4, 4, 5)
    plain = make_problem(0, hidden, "gelu")
    dropouts = [None, InvertedDropout(0.5), AlphaDropout(0.3)]
    silent = make_problem(0, hidden, "gelu", dropouts=dropouts)
    passes = silent.objective._first
    passes._rng = silent.rng = None
    for workspace in passes._workspaces.values():
        for buffer in [memory for layer in workspace.layers for memory in vars(layer).values()]:
            if isinstance(buffer, np.ndarray):
                buffer.fill(np.nan)
    np.testing.assert_array_equal(silent.gradient(), plain.gradient())


@pytest.mark.parametrize("n_rows", [N_SAMPLES, 4, 1])
def test_a_batch_in_parts_has_the_gradient_of_the_whole(n_rows):
    problem = make_problem(0, hidden=(4, 3), alpha=0.3, n_frozen=1)
    X, y = problem.batch.X[:n_rows], problem.batch.y[:n_rows]
    batch = Batch(X, y, np.full(n_rows, 1 / n_rows), float(n_rows))
    whole = problem.objective
    value = whole.value_and_gradient(batch)
    in_parts = Objective(problem.network, problem.loss, 0.3, whole.parameters, N_SAMPLES, n_parts=4)
    for _ in range(2):
        assert in_parts.value_and_gradient(batch) == pytest.approx(value, rel=1e-13)
        gradient = in_parts.gradient.trainable
        np.testing.assert_allclose(gradient, whole.gradient.trainable, rtol=1e-12, atol=1e-15)
