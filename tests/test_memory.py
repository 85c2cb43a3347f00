"""Where the vectors of a training begin in memory."""

import numpy as np
import pytest
from networks import make_parameters

from skmlp._arrays import CACHE_LINE, aligned_zeros
from skmlp.activations import ACTIVATIONS
from skmlp.dropout import InvertedDropout
from skmlp.layers.dense import Dense
from skmlp.optimizers import Adam

DTYPES = [np.dtype(np.float32), np.dtype(np.float64)]


def begins_a_cache_line(array):
    return array.__array_interface__["data"][0] % CACHE_LINE == 0


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("size", [1, 7, 1001, 300_000])
def test_aligned_zeros_are_zeros_that_begin_a_cache_line(size, dtype):
    vector = aligned_zeros(size, dtype)
    assert begins_a_cache_line(vector)
    assert vector.flags.c_contiguous
    assert vector.flags.writeable
    np.testing.assert_array_equal(vector, np.zeros(size, dtype), strict=True)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_no_zeros_are_a_vector_too(dtype):
    assert aligned_zeros(0, dtype).shape == (0,)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_what_an_optimizer_goes_through_begins_a_cache_line(dtype):
    parameters = make_parameters([41, 43, 47], dtype=dtype)
    moments = Adam().start(parameters.vector).moments
    vectors = [parameters.vector, parameters.like().vector, *moments]
    assert all(begins_a_cache_line(vector) for vector in vectors)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_one_buffer_serves_for_input_and_value_unless_the_slope_needs_the_input(name):
    buffers = Dense(3, 5, ACTIVATIONS[name]).buffers(7, np.dtype(np.float32), trains=True)
    assert (buffers.a is None) is (name not in ("gelu", "silu", "mish"))


@pytest.mark.parametrize("trains", [False, True])
@pytest.mark.parametrize("dropout", [None, InvertedDropout(0.5)], ids=["without", "with"])
def test_only_a_training_with_dropout_has_memory_for_what_it_keeps(dropout, trains):
    layer = Dense(3, 5, ACTIVATIONS["relu"], dropout=dropout)
    buffers = layer.buffers(7, np.dtype(np.float32), trains=trains)
    assert hasattr(buffers, "kept") is hasattr(buffers, "output") is (trains and layer.is_random)
