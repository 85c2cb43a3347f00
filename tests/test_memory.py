"""Where the arrays of a training begin in memory."""

import numpy as np
import pytest

from skmlp._memory import CACHE_LINE, SMALL, aligned_zeros
from skmlp.activations import ACTIVATIONS
from skmlp.network import Network, Workspace
from skmlp.optimizers import Adam
from skmlp.parameters import Parameters

DTYPES = [np.dtype(np.float32), np.dtype(np.float64)]


def begins_a_cache_line(array):
    return array.__array_interface__["data"][0] % CACHE_LINE == 0


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("shape", [(0,), (1,), (3, 7), (5, 0), (1025,), (41, 53), (300_000,)])
def test_aligned_zeros_are_zeros_that_begin_a_cache_line_unless_few(shape, dtype):
    array = aligned_zeros(shape, dtype)
    assert array.nbytes < SMALL or begins_a_cache_line(array)
    assert array.flags.c_contiguous
    assert array.flags.writeable
    np.testing.assert_array_equal(array, np.zeros(shape, dtype), strict=True)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_what_every_step_goes_through_begins_a_cache_line(dtype):
    network = Network([41, 43, 47], [ACTIVATIONS["relu"]], [None])
    parameters = Parameters(network.units, dtype)
    moments = Adam(0.9, 0.999, 1e-8).start(parameters.vector).moments
    workspace = Workspace(network, 53, dtype)
    arrays = [parameters.vector, *moments, *workspace.z, *workspace.deltas]
    assert all(begins_a_cache_line(array) for array in arrays)
