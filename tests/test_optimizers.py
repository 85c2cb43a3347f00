"""The contract that every optimizer keeps."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skmlp import MLPRegressor
from skmlp.estimators.mlp import _options
from skmlp.muon import _POLYNOMIAL, Muon, orthogonalised
from skmlp.optimizers import (
    SGD,
    Adagrad,
    Adam,
    DecoupledDecay,
    NAdam,
    RateFactors,
    RMSprop,
)

# Rates at which they descend a quadratic steadily; the others do so at 0.05.
RATES = {"rmsprop": 0.01, "adagrad": 0.5}
N_PARAMETERS = 5
# name: (optimizer, rate)
OPTIMIZERS = {
    "sgd without momentum": (SGD(0.0, False), 0.1),
    "sgd without Nesterov": (SGD(0.9, False), 0.05),
    **{
        name: (make(MLPRegressor(alpha=0.0)), rate)
        for name, make in _options.OPTIMIZERS.items()
        for rate in [RATES.get(name, 0.05)]
    },
}
CURVATURE = np.array([0.5, 1.0, 2.0, 3.0, 4.0])
MINIMUM = np.array([1.0, -2.0, 0.5, 3.0, 0.0])

every_optimizer = pytest.mark.parametrize("name", OPTIMIZERS)


def height(parameters):
    return 0.5 * (CURVATURE * (parameters - MINIMUM) ** 2).sum()


def gradient_at(parameters):
    return (CURVATURE * (parameters - MINIMUM)).astype(parameters.dtype)


def walk(optimizer, parameters, rate, n_steps, state=None):
    state = optimizer.start(parameters) if state is None else state
    for _ in range(n_steps):
        optimizer.step(parameters, gradient_at(parameters), state, rate)
    return state


@every_optimizer
def test_the_first_state_is_a_zero_per_parameter_and_moment(name):
    optimizer, _ = OPTIMIZERS[name]
    state = optimizer.start(np.ones(N_PARAMETERS, np.float32))
    assert state.n_steps == 0
    assert len(state.moments) == len(optimizer.moment_names)
    for moment in state.moments:
        assert moment.shape == (N_PARAMETERS,)
        assert moment.dtype == np.float32
        assert not moment.any()
    assert len({id(moment) for moment in state.moments}) == len(state.moments)


@every_optimizer
@pytest.mark.parametrize("in_memory", [False, True])
def test_a_copy_of_a_state_has_moments_of_its_own_or_those_it_is_given(name, in_memory):
    optimizer, rate = OPTIMIZERS[name]
    parameters = np.ones(N_PARAMETERS)
    state = walk(optimizer, parameters, rate, 2)
    memory = [np.full(N_PARAMETERS, 7.0) for _ in state.moments] if in_memory else []
    copied = state.copy(memory)
    for moment, old in zip(copied.moments, state.moments, strict=True):
        np.testing.assert_array_equal(moment, old)
        assert not np.shares_memory(moment, old)
    assert [id(moment) for moment in memory] == [id(m) for m in copied.moments if in_memory]
    rest = {"n_steps": 2, "momentum_product": state.momentum_product, "rule": state.rule}
    assert {name: getattr(copied, name) for name in rest} == rest


@every_optimizer
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_one_small_step_goes_down(name, seed):
    optimizer, _ = OPTIMIZERS[name]
    parameters = MINIMUM + np.random.RandomState(seed).normal(size=N_PARAMETERS)
    before = height(parameters)
    walk(optimizer, parameters, 1e-4, 1)
    assert height(parameters) < before


@every_optimizer
def test_many_steps_reach_the_minimum_of_a_quadratic(name):
    optimizer, rate = OPTIMIZERS[name]
    parameters = np.zeros(N_PARAMETERS)
    walk(optimizer, parameters, rate, 2000)
    np.testing.assert_allclose(parameters, MINIMUM, atol=0.02)


@every_optimizer
def test_steps_are_counted_and_taken_in_place(name):
    optimizer, rate = OPTIMIZERS[name]
    parameters = np.zeros(N_PARAMETERS)
    view = parameters[:]
    state = optimizer.start(parameters)
    moments = list(state.moments)
    walk(optimizer, parameters, rate, 3, state)
    assert state.n_steps == 3
    assert view.any()
    assert all(now is then for now, then in zip(state.moments, moments, strict=True))


@every_optimizer
def test_float32_stays_float32_and_follows_float64(name):
    optimizer, rate = OPTIMIZERS[name]
    single, double = np.zeros(N_PARAMETERS, np.float32), np.zeros(N_PARAMETERS)
    state = walk(optimizer, single, rate, 20)
    walk(optimizer, double, rate, 20)
    assert all(moment.dtype == np.float32 for moment in state.moments)
    np.testing.assert_allclose(single, double, rtol=1e-4, atol=1e-5)


@every_optimizer
def test_without_a_gradient_nothing_moves_from_rest(name):
    optimizer, rate = OPTIMIZERS[name]
    parameters = np.ones(N_PARAMETERS)
    optimizer.step(parameters, np.zeros(N_PARAMETERS), optimizer.start(parameters), rate)
    np.testing.assert_array_equal(parameters, 1)


@every_optimizer
def test_the_optimizer_itself_remembers_nothing(name):
    optimizer, rate = OPTIMIZERS[name]
    alone, first, second = (np.zeros(N_PARAMETERS) for _ in range(3))
    walk(optimizer, alone, rate, 6)
    first_state, second_state = optimizer.start(first), optimizer.start(second)
    for _ in range(6):
        walk(optimizer, first, rate, 1, first_state)
        walk(optimizer, second, rate, 1, second_state)
    np.testing.assert_array_equal(first, alone)
    np.testing.assert_array_equal(second, alone)


@every_optimizer
@pytest.mark.parametrize("save", [copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
def test_a_saved_state_goes_on_as_if_nothing_happened(name, save):
    optimizer, rate = OPTIMIZERS[name]
    straight, broken = np.zeros(N_PARAMETERS), np.zeros(N_PARAMETERS)
    walk(optimizer, straight, rate, 7)
    state = walk(optimizer, broken, rate, 3)
    walk(optimizer, broken, rate, 4, save(state))
    np.testing.assert_array_equal(broken, straight)


@every_optimizer
def test_entries_do_not_mix(name):
    optimizer, rate = OPTIMIZERS[name]
    optimizer = Adam(0.9, 0.999, 1e-8) if name == "adamw" else optimizer
    whole, part = np.zeros(N_PARAMETERS), np.zeros(2)
    walk(optimizer, whole, rate, 4)
    state = optimizer.start(part)
    for _ in range(4):
        optimizer.step(part, CURVATURE[:2] * (part - MINIMUM[:2]), state, rate)
    np.testing.assert_allclose(part, whole[:2], rtol=1e-14)


# The rules as their papers write them, for one number and the gradients 1, -2, 3.

GRADIENTS = [1.0, -2.0, 3.0, 0.5, -1.0, 2.0, -0.5, 1.5, -3.0]
RATE = 0.1


@every_optimizer
def test_a_penalised_step_is_a_step_down_loss_and_penalty_together(name):
    optimizer, rate = OPTIMIZERS[name]
    plain = MINIMUM + 1
    penalised = plain.copy()
    plain_state, penalised_state = optimizer.start(plain), optimizer.start(penalised)
    for _ in range(3):
        coefs = plain[:2].copy()
        gradient = gradient_at(plain)
        gradient[:2] += 0.3 * coefs
        optimizer.step(plain, gradient, plain_state, rate)
        penalty = optimizer.step(penalised, gradient_at(penalised), penalised_state, rate, 0.3, 2)
        assert penalty == pytest.approx(0.15 * (coefs**2).sum())
    np.testing.assert_allclose(penalised, plain, rtol=1e-12)


EPSILON = 0.01


@every_optimizer
def test_a_part_with_a_rate_factor_moves_by_that_many_times_the_rate(name):
    optimizer, rate = OPTIMIZERS[name]
    part, factor = slice(2, 4), 6.0
    parameters, plain, faster = np.ones((3, N_PARAMETERS))
    in_parts = RateFactors(optimizer, [(part, factor)])
    states = [each.start(plain) for each in (in_parts, optimizer, optimizer)]
    for scale in (0.5, -2.0, 1.0):
        gradient = scale * np.arange(1.0, N_PARAMETERS + 1)
        for each, vector, state, its_rate in (
            (in_parts, parameters, states[0], rate),
            (optimizer, plain, states[1], rate),
            (optimizer, faster, states[2], factor * rate),
        ):
            each.step(vector, gradient.copy(), state, its_rate)
    expected = plain.copy()
    expected[part] = faster[part]
    np.testing.assert_allclose(parameters, expected, rtol=1e-12)
    assert states[0].n_steps == 3


def by_paper(rule):
    parameter, memory = 0.5, {}
    for step, gradient in enumerate(GRADIENTS, start=1):
        parameter = rule(parameter, gradient, step, memory)
    return parameter


def momentum_rule(parameter, gradient, step, memory):
    memory["v"] = 0.9 * memory.get("v", 0) - RATE * gradient
    return parameter + memory["v"]


def nesterov_rule(parameter, gradient, step, memory):
    memory["v"] = 0.9 * memory.get("v", 0) - RATE * gradient
    return parameter + 0.9 * memory["v"] - RATE * gradient


def averages(gradient, memory, beta_1=0.4, beta_2=0.3):
    memory["m"] = beta_1 * memory.get("m", 0) + (1 - beta_1) * gradient
    memory["s"] = beta_2 * memory.get("s", 0) + (1 - beta_2) * gradient**2
    return memory["m"], memory["s"]


def adam_rule(parameter, gradient, step, memory):
    mean, square = averages(gradient, memory)
    # As in scikit-learn, `epsilon` is added before the correction, of both averages at once.
    rate = RATE * (1 - 0.3**step) ** 0.5 / (1 - 0.4**step)
    return parameter - rate * mean / (square**0.5 + EPSILON)


def adamw_rule(parameter, gradient, step, memory):
    return adam_rule(parameter - RATE * 0.3 * parameter, gradient, step, memory)


def nadam_rule(parameter, gradient, step, memory):
    mean, square = averages(gradient, memory)
    now, after = (0.4 * (1 - 0.5 * 0.96 ** (t * 0.004)) for t in (step, step + 1))
    memory["p"] = memory.get("p", 1) * now
    ahead = after * mean / (1 - memory["p"] * after) + (1 - now) * gradient / (1 - memory["p"])
    return parameter - RATE * ahead / ((square / (1 - 0.3**step)) ** 0.5 + EPSILON)


def rmsprop_rule(parameter, gradient, step, memory):
    _, square = averages(gradient, memory)
    return parameter - RATE * gradient / (square**0.5 + EPSILON)


def adagrad_rule(parameter, gradient, step, memory):
    memory["s"] = memory.get("s", 0) + gradient**2
    return parameter - RATE * gradient / (memory["s"] ** 0.5 + EPSILON)


@pytest.mark.parametrize(
    "optimizer, rule",
    [
        (SGD(0.9, False), momentum_rule),
        (SGD(0.9, True), nesterov_rule),
        (Adam(0.4, 0.3, EPSILON), adam_rule),
        (DecoupledDecay(Adam(0.4, 0.3, EPSILON), 0.3), adamw_rule),
        (NAdam(0.4, 0.3, EPSILON), nadam_rule),
        (RMSprop(0.3, EPSILON), rmsprop_rule),
        (Adagrad(EPSILON), adagrad_rule),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_steps_are_those_of_the_paper(optimizer, rule):
    parameters = np.array([0.5])
    state = optimizer.start(parameters)
    for gradient in GRADIENTS:
        optimizer.step(parameters, np.array([gradient]), state, RATE, 0.0, 1)
    assert parameters[0] == pytest.approx(by_paper(rule), rel=1e-12)


def test_decoupled_decay_shrinks_only_what_is_penalised_and_leaves_the_averages_alone():
    optimizer = DecoupledDecay(Adam(), decay=0.5)
    parameters = np.ones(4)
    state = optimizer.start(parameters)
    optimizer.step(parameters, np.zeros(4), state, 0.1, 0.0, 2)
    np.testing.assert_allclose(parameters, [0.95, 0.95, 1, 1])
    assert not np.any(state.moments)


# Muon

# Something before them and something after them, as with the first and the last layer.
MATRICES = [(slice(4, 32), (4, 7)), (slice(32, 53), (7, 3))]
N_AROUND_MATRICES = 58


def turned(matrix):
    """What `orthogonalised` returns, from singular values in place of products."""
    if matrix.shape[0] > matrix.shape[1]:
        return turned(matrix.T).T
    scaled = matrix / np.sqrt(np.abs(matrix @ matrix.T).sum(axis=1, keepdims=True))
    left, values, right = np.linalg.svd(scaled, full_matrices=False)
    a, b, c = _POLYNOMIAL
    return (left * (a * values + b * values**3 + c * values**5)) @ right


@pytest.mark.parametrize("shape", [(5, 5), (3, 8), (8, 3), (6, 1)])
@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_orthogonalised_makes_the_singular_values_of_a_matrix_of_any_scale_alike(shape, scale):
    matrix = np.random.RandomState(0).normal(size=shape).astype(np.float32)
    given = np.float32(scale) * matrix
    before = given.copy()
    result = orthogonalised(given)
    np.testing.assert_allclose(result, turned(matrix), atol=1e-4)
    np.testing.assert_array_equal(given, before)
    assert result.dtype == np.float32


def test_rows_of_zeros_stay_so_and_the_others_turn_as_without_them():
    matrix = np.random.RandomState(0).normal(size=(4, 5))
    matrix[1] = 0
    result = orthogonalised(matrix)
    np.testing.assert_array_equal(result[1], 0)
    np.testing.assert_allclose(result[[0, 2, 3]], turned(matrix[[0, 2, 3]]), atol=1e-12)


def test_no_polynomial_of_its_kind_brings_singular_values_nearer_to_one():
    """The largest deviation is taken four times with alternating signs, as Chebyshev demands."""
    a, b, c = _POLYNOMIAL
    x = np.linspace(0.02, 1, 100_001)
    deviation = a * x + b * x**3 + c * x**5 - 1
    largest = np.abs(deviation).max()
    signs = np.sign(deviation[np.abs(deviation) > largest - 1e-3])
    assert np.count_nonzero(np.diff(signs)) == 3
    assert largest == pytest.approx(0.846, abs=5e-4)


def test_a_matrix_of_zeros_has_no_direction():
    np.testing.assert_array_equal(orthogonalised(np.zeros((3, 2))), np.zeros((3, 2)))


def test_muon_turns_matrices_by_their_momentum_and_moves_the_rest_as_adam_does():
    rng = np.random.RandomState(0)
    start = rng.normal(size=N_AROUND_MATRICES)
    optimizer = Muon(0.8, 0.9, 1e-8).for_matrices(MATRICES)
    parameters, expected, by_adam = start.copy(), start.copy(), start.copy()
    state, adam = optimizer.start(parameters), Adam(0.8, 0.9, 1e-8)
    adam_state, mean = adam.start(by_adam), np.zeros(N_AROUND_MATRICES)
    for _ in range(4):
        gradient = rng.normal(size=len(start))
        optimizer.step(parameters, gradient.copy(), state, RATE)
        adam.step(by_adam, gradient.copy(), adam_state, RATE)
        mean = 0.8 * mean + 0.2 * gradient
        ahead = 0.8 * mean + 0.2 * gradient
        for part, shape in MATRICES:
            step = turned(ahead[part].reshape(shape))
            step *= 0.3 / np.sqrt((step**2).mean())
            expected[part] -= RATE * step.ravel()
    np.testing.assert_allclose(parameters[4:53], expected[4:53], atol=1e-12)
    for rest in (slice(4), slice(53, None)):
        np.testing.assert_allclose(parameters[rest], by_adam[rest], rtol=1e-12)
    assert state.n_steps == 4


def test_muon_without_matrices_is_adam():
    rng = np.random.RandomState(0)
    start, gradient = rng.normal(size=(2, 5))
    muon, adam = start.copy(), start.copy()
    for parameters, optimizer in ((muon, Muon(0.8, 0.9, 1e-8)), (adam, Adam(0.8, 0.9, 1e-8))):
        optimizer.step(parameters, gradient.copy(), optimizer.start(parameters), RATE)
    np.testing.assert_array_equal(muon, adam)


def test_the_states_of_two_optimizers_are_not_confused_where_both_decay():
    parameters = np.zeros(N_PARAMETERS)
    adamw, muon = (DecoupledDecay(rule, 0.1) for rule in (Adam(), Muon(0.9, 0.9, 1e-8)))
    assert adamw.can_go_on(adamw.start(parameters), parameters)
    assert not adamw.can_go_on(muon.start(parameters), parameters)
