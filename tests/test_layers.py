"""Every kind of layer: derivatives by differences, buffers, what trains and how fast."""

import numpy as np
import pytest
from scipy import sparse

from skmlp.activations import ACTIVATIONS
from skmlp.dropout import InvertedDropout
from skmlp.layers.dense import Dense
from skmlp.layers.scale import Scale
from skmlp.losses import IdentitySquaredError
from skmlp.network import Network, Workspace, forward, perceptron_layers
from skmlp.optimizers import SGD, Adam, DecoupledDecay, NAdam, RateFactors, for_parameters
from skmlp.training.data import Batch
from skmlp.training.objective import Objective

N_SAMPLES, N_INPUTS = 5, 4
FLOAT = np.dtype(float)

LAYERS = {
    "dense": lambda trainable: Dense(N_INPUTS, 3, ACTIVATIONS["tanh"], trainable=trainable),
    "dense, slope of its input": lambda trainable: Dense(
        N_INPUTS, 3, ACTIVATIONS["gelu"], trainable=trainable
    ),
    "scale": lambda trainable: Scale(N_INPUTS, rate_factor=6.0, trainable=trainable),
}
each_layer = pytest.mark.parametrize("kind", LAYERS)


def test_a_layer_trains_unless_it_is_told_not_to():
    assert Dense(N_INPUTS, 3, ACTIVATIONS["tanh"]).trainable
    assert Scale(N_INPUTS).trainable


class Pass:
    """One layer with random parameters, a batch, and a loss ``sum(weight * output)``."""

    def __init__(self, kind, trainable=True, seed=0):
        self.rng = np.random.default_rng(seed)
        self.layer = LAYERS[kind](trainable)
        self.network = Network([self.layer])
        self.parameters = self.network.parameters(FLOAT)
        self.parameters.vector[:] = self.rng.normal(size=self.parameters.vector.size)
        self.x = self.rng.normal(size=(N_SAMPLES, N_INPUTS))
        self.weight = self.rng.normal(size=(N_SAMPLES, self.layer.n_outputs))

    def buffers(self):
        return self.layer.buffers(N_SAMPLES, FLOAT, trains=True)

    def output(self):
        views = self.parameters.layers[0]
        return self.layer.forward(self.x, views, self.buffers(), None).copy()

    def loss(self):
        return float((self.weight * self.output()).sum())

    def differences(self, array, step=1e-6):
        gradient = np.empty(array.shape)
        for index in np.ndindex(array.shape):
            middle = array[index]
            array[index] = middle + step
            above = self.loss()
            array[index] = middle - step
            gradient[index] = (above - self.loss()) / (2 * step)
            array[index] = middle
        return gradient

    def derivatives(self, x):
        """Return the gradient and the derivative by the input."""
        gradient, below = self.parameters.like(), np.full((N_SAMPLES, N_INPUTS), np.nan)
        views, buffers = self.parameters.layers[0], self.buffers()
        self.layer.forward(x, views, buffers, None)
        delta = self.weight.copy()
        self.layer.backward(x, delta, views, buffers, gradient.layers[0], below)
        return gradient, below


@each_layer
def test_the_gradient_of_a_layer_is_that_of_differences(kind):
    one = Pass(kind)
    gradient, below = one.derivatives(one.x)
    for view, expected in zip(gradient.layers[0], one.parameters.layers[0], strict=True):
        np.testing.assert_allclose(view, one.differences(expected), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(below, one.differences(one.x), rtol=1e-6, atol=1e-8)


@each_layer
def test_a_layer_reads_sparse_inputs_as_dense_ones(kind):
    one = Pass(kind)
    dense_output = one.output()
    dense_gradient, dense_below = one.derivatives(one.x)
    one.x[one.x < 0.5] = 0
    dense_output, (dense_gradient, dense_below) = one.output(), one.derivatives(one.x)
    rows = sparse.csr_array(one.x)
    output = one.layer.forward(rows, one.parameters.layers[0], one.buffers(), None)
    output = output.toarray() if sparse.issparse(output) else output
    np.testing.assert_allclose(output, dense_output, rtol=1e-13)
    gradient, below = one.derivatives(rows)
    np.testing.assert_allclose(gradient.vector, dense_gradient.vector, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(below, dense_below, rtol=1e-12)


@each_layer
def test_a_frozen_layer_is_no_part_of_what_trains(kind):
    one = Pass(kind, trainable=False)
    assert len(one.parameters.trainable) == 0
    assert len(one.parameters.frozen) == len(one.parameters.vector) > 0
    below = np.empty_like(one.x)
    views, buffers = one.parameters.layers[0], one.buffers()
    one.layer.forward(one.x, views, buffers, None)
    one.layer.backward(one.x, one.weight.copy(), views, buffers, None, below)
    np.testing.assert_allclose(below, one.differences(one.x), rtol=1e-6, atol=1e-8)


@each_layer
def test_the_head_of_buffers_serves_a_short_batch(kind):
    one = Pass(kind)
    whole, views = one.output(), one.parameters.layers[0]
    head = one.buffers().head(2)
    np.testing.assert_allclose(
        one.layer.forward(one.x[:2], views, head, None), whole[:2], rtol=1e-14
    )


def test_a_layer_is_random_if_it_drops():
    assert [make(True).is_random for make in LAYERS.values()] == [False] * len(LAYERS)
    assert Dense(2, 2, ACTIVATIONS["tanh"], InvertedDropout(0.5)).is_random is True


def test_a_network_is_random_if_one_of_its_layers_is():
    drops = [InvertedDropout(0.5), None]
    for dropouts, is_random in [(drops, True), (drops[::-1], True), ([None, None], False)]:
        layers = perceptron_layers([2, 3, 3, 1], [ACTIVATIONS["tanh"]] * 2, dropouts)
        assert Network(layers).is_random is is_random


def test_weights_and_biases_of_a_dense_layer_begin_as_glorots_unless_told_otherwise():
    layer = Dense(40, 60, ACTIVATIONS["tanh"])
    views = np.empty((40, 60)), np.empty(60)
    layer.draw(views, np.random.RandomState(0))
    bound = np.sqrt(6 / (40 + 60))
    for drawn in views:
        assert 0.9 * bound < np.abs(drawn).max() <= bound


def test_scale_begins_as_the_identity():
    network = Network([Scale(N_INPUTS)])
    parameters = network.parameters(FLOAT)
    network.draw(parameters, np.random.RandomState(0))
    x = np.arange(8.0).reshape(2, N_INPUTS)
    np.testing.assert_array_equal(
        forward(network, parameters.layers, x, Workspace(network, 2, FLOAT)), x
    )


def test_a_frozen_layer_between_trained_ones_lets_the_gradient_through():
    layers = [
        Scale(3),
        Dense(3, 4, ACTIVATIONS["tanh"], trainable=False),
        Dense(4, 1, ACTIVATIONS["identity"]),
    ]
    network = Network(layers)
    parameters = network.parameters(FLOAT)
    network.draw(parameters, np.random.RandomState(1))
    rng = np.random.default_rng(0)
    batch = Batch(rng.normal(size=(6, 3)), rng.normal(size=(6, 1)), np.full(6, 1 / 6), 6.0)
    objective = Objective(network, IdentitySquaredError(), 0.1, parameters, 6)
    objective.value_and_gradient(batch)
    gradient, factor = objective.gradient.layers[0][0].copy(), parameters.layers[0][0]
    for i in range(3):
        factor[i] += 1e-6
        above = objective.value_and_gradient(batch)
        factor[i] -= 2e-6
        below = objective.value_and_gradient(batch)
        factor[i] += 1e-6
        assert gradient[i] == pytest.approx((above - below) / 2e-6, rel=1e-6, abs=1e-9)
    assert not objective.gradient.frozen.any()


@pytest.mark.parametrize(
    "optimizer", [SGD(0.9, True), Adam(), NAdam(0.9, 0.999, 1e-8), DecoupledDecay(Adam(), 0.1)]
)
def test_a_rate_factor_is_a_rate_of_its_own(optimizer):
    network = Network([Scale(3, rate_factor=6.0), *perceptron_layers([3, 1], [])])
    parameters = network.parameters(FLOAT)
    network.draw(parameters, np.random.RandomState(0))
    heeding = for_parameters(optimizer, parameters)
    assert isinstance(heeding, RateFactors)
    alone = {6.0: parameters.layers[0][:1], 1.0: parameters.layers[1]}
    expected, states = {}, {}
    for factor, views in alone.items():
        expected[factor] = np.concatenate([view.ravel() for view in views])
        states[factor] = optimizer.start(expected[factor])
    state = heeding.start(parameters.trainable)
    gradients = np.random.default_rng(0).normal(size=(4, 2))
    for step, (of_scale, of_dense) in enumerate(gradients):
        gradient = parameters.like()
        gradient.layers[0][0].fill(of_scale)
        for view in gradient.layers[1]:
            view.fill(of_dense)
        heeding.step(
            parameters.trainable, gradient.trainable, state, 0.01, 0.5, parameters.n_penalised
        )
        for factor, value in ((6.0, of_scale), (1.0, of_dense)):
            vector = expected[factor]
            n_penalised = 3 if factor == 1 else 0
            optimizer.step(
                vector,
                np.full(vector.shape, value),
                states[factor],
                0.01 * factor,
                0.5,
                n_penalised,
            )
        assert state.n_steps == step + 1
    for factor, views in alone.items():
        actual = np.concatenate([view.ravel() for view in views])
        np.testing.assert_allclose(actual, expected[factor], rtol=1e-14)


def test_one_rate_for_all_leaves_the_optimizer_alone():
    network, optimizer = Network(perceptron_layers([3, 2, 1], [ACTIVATIONS["relu"]])), Adam()
    assert for_parameters(optimizer, network.parameters(FLOAT)) is optimizer
