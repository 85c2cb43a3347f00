"""One flat vector and its views."""

import copy
import pickle
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import coefs, intercepts, make_parameters

from skmlp.parameters import Block, Layout, Parameters

COPIES = {
    "pickle": lambda parameters: pickle.loads(pickle.dumps(parameters)),
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
    "astype": lambda parameters: parameters.astype(parameters.dtype),
}


@st.composite
def layouts(draw):
    units = draw(st.lists(st.integers(1, 6), min_size=2, max_size=5))
    return units, draw(st.integers(0, len(units) - 1))


def counted(units, n_frozen=0, dtype=float):
    parameters = make_parameters(units, n_frozen, dtype)
    parameters.vector[:] = np.arange(len(parameters.vector))
    return parameters


def entries(arrays):
    return [entry for array in arrays for entry in array.ravel()]


@settings(max_examples=50, deadline=None)
@given(layout=layouts())
def test_views_cover_the_vector_once(layout):
    units, n_frozen = layout
    parameters = counted(units, n_frozen)
    assert [coef.shape for coef in coefs(parameters)] == list(pairwise(units))
    assert [intercept.shape for intercept in intercepts(parameters)] == [(n,) for n in units[1:]]
    seen = entries(coefs(parameters)) + entries(intercepts(parameters))
    assert sorted(seen) == list(range(len(parameters.vector)))


@settings(max_examples=50, deadline=None)
@given(layout=layouts())
def test_what_trains_is_a_suffix_with_its_weights_first(layout):
    units, n_frozen = layout
    parameters = counted(units, n_frozen)
    weights = entries(coefs(parameters)[n_frozen:])
    biases = entries(intercepts(parameters)[n_frozen:])
    np.testing.assert_array_equal(parameters.trainable, weights + biases)
    np.testing.assert_array_equal(parameters.trainable[: parameters.n_penalised], weights)
    n_frozen_entries = len(parameters.vector) - len(weights + biases)
    np.testing.assert_array_equal(parameters.trainable, parameters.vector[n_frozen_entries:])


def assert_tied(parameters):
    """Assert that every view writes into the vector."""
    for view in [*coefs(parameters), *intercepts(parameters), parameters.trainable]:
        assert np.shares_memory(view, parameters.vector)
    before = parameters.vector.sum()
    coefs(parameters)[-1][0, 0] += 1
    intercepts(parameters)[-1][0] += 1
    assert parameters.vector.sum() == before + 2


@pytest.mark.parametrize("name", COPIES)
@pytest.mark.parametrize("n_frozen", [0, 1])
def test_views_of_a_copy_stay_tied_to_its_vector(name, n_frozen):
    parameters = counted([3, 4, 2], n_frozen)
    twin = COPIES[name](parameters)
    np.testing.assert_array_equal(twin.vector, parameters.vector)
    assert len(twin.frozen) == len(parameters.frozen)
    assert_tied(twin)


@pytest.mark.parametrize("name", ["pickle", "deepcopy", "astype"])
def test_a_copy_is_independent(name):
    parameters = counted([3, 4, 2])
    twin = COPIES[name](parameters)
    twin.vector[:] = -1
    np.testing.assert_array_equal(parameters.vector, np.arange(26))


def test_a_pickle_holds_the_numbers_once():
    parameters = counted([100, 50, 10])
    assert len(pickle.dumps(parameters)) < parameters.vector.nbytes + 1000


def shapes(parameters):
    return [[view.shape for view in layer] for layer in parameters.layers]


def test_like_gives_zeros_of_the_same_layout():
    parameters = counted([3, 4, 2], n_frozen=1)
    zeros = parameters.like()
    assert shapes(zeros) == shapes(parameters)
    assert zeros.frozen.size == parameters.frozen.size == 3 * 4 + 4
    assert (zeros.n_penalised, zeros.dtype) == (parameters.n_penalised, parameters.dtype)
    assert not zeros.vector.any()
    assert parameters.like(np.dtype(np.float32)).dtype == np.float32


def test_astype_rounds_the_numbers_and_keeps_the_layout():
    single = counted([3, 4, 2], n_frozen=1).astype(np.dtype(np.float32))
    assert all(view.dtype == np.float32 for view in coefs(single) + intercepts(single))
    np.testing.assert_array_equal(single.vector, np.arange(26))


def test_assign_copies_every_layer():
    source, target = counted([3, 4, 2]), make_parameters([3, 4, 2], 1)
    target.assign(source.layers)
    for view, array in zip(coefs(target), coefs(source), strict=True):
        np.testing.assert_array_equal(view, array)
        assert not np.shares_memory(view, array)
    assert sorted(target.vector) == sorted(source.vector)


def test_frozen_layers_come_back_exact_from_another_dtype_unless_others_were_assigned():
    parameters = counted([3, 4, 2], n_frozen=1)
    parameters.vector[:] = 1 / 3
    single = parameters.astype(np.dtype(np.float32))
    np.testing.assert_array_equal(single.astype(parameters.dtype).frozen, 1 / 3)
    single.assign(single.layers)
    np.testing.assert_array_equal(single.astype(parameters.dtype).frozen, np.float32(1 / 3))


def test_assign_refuses_a_missing_layer():
    source = counted([3, 4, 2])
    with pytest.raises(ValueError, match="shorter"):
        source.assign(source.layers[:1])


def test_blocks_are_sorted_by_how_training_treats_them():
    layers = [
        [Block("factor", (2,), rate_factor=6.0), Block("shift", (2,))],
        [Block("coef", (2, 1), penalised=True), Block("intercept", (1,), trainable=False)],
    ]
    parameters = Parameters(Layout.of(layers), np.dtype(float))
    (factor, shift), (coef, intercept) = parameters.layers
    factor[:], shift[:], coef[:], intercept[:] = 6, 1, 2, 0
    np.testing.assert_array_equal(parameters.vector, [0, 2, 2, 6, 6, 1, 1])
    np.testing.assert_array_equal(parameters.frozen, [0])
    assert parameters.n_penalised == 2
    assert parameters.rate_factors == [(slice(2, 4), 6.0)]


@pytest.mark.parametrize("n_frozen", [0, 1])
def test_the_matrices_are_the_trainable_weights_between_hidden_layers(n_frozen):
    parameters = counted([3, 4, 5, 6, 2], n_frozen=n_frozen)
    assert [shape for _, shape in parameters.matrices] == [(4, 5), (5, 6)]
    for (part, _), layer in zip(parameters.matrices, parameters.layers[1:3], strict=True):
        np.testing.assert_array_equal(parameters.trainable[part], layer[0].ravel())
    assert counted([3, 2]).matrices == []
