"""The samples of a training and the batches they come in."""

import numpy as np
import pytest
from scipy import sparse

from skmlp.training.data import BatchLoader, Samples, Selection

X = np.arange(14.0).reshape(7, 2)
Y = np.arange(7.0)[:, None]
WEIGHT = np.array([1.0, 2.0, 4.0, 8.0, 0.0, 0.0, 16.0])
ROWS = np.array([6, 0, 3])
FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)


def some(samples, rows):
    return samples if rows is None else samples.of(rows)


@pytest.mark.parametrize(
    "weight, rows, n_samples, total",
    [(None, None, 7, 7), (None, ROWS, 3, 3), (WEIGHT, None, 7, 31), (WEIGHT, ROWS, 3, 25)],
    ids=["all", "some", "weighted", "some weighted"],
)
def test_samples_are_counted_and_weighed(weight, rows, n_samples, total):
    samples = some(Samples(X, Y, weight), rows)
    assert samples.n_samples == n_samples
    assert samples.total_weight == total


def test_the_total_weight_of_many_small_weights_is_exact():
    weight = np.full(2**20, 0.1, np.float32)
    samples = Samples(np.zeros((len(weight), 1)), np.zeros((len(weight), 1)), weight)
    assert samples.total_weight == pytest.approx(len(weight) * float(np.float32(0.1)), rel=1e-12)


def batches(order=None, *, weight=None, rows=None, batch_size=3, dtype=FLOAT64, inputs=X):
    """Return copies of all batches of an epoch: a batch is valid until the next one only."""
    loader = BatchLoader(some(Samples(inputs, Y, weight), rows), batch_size, dtype)
    found = []
    for batch in loader.epoch(order):
        arrays = [batch.X.toarray() if sparse.issparse(batch.X) else batch.X, batch.y, batch.weight]
        found.append((*(array.copy() for array in arrays), batch.total))
    assert len(found) == loader.n_batches
    return found


@pytest.mark.parametrize("order", [None, np.array([4, 6, 1, 0, 5, 2, 3])], ids=["as is", "mixed"])
@pytest.mark.parametrize("dtype", [FLOAT32, FLOAT64], ids=str)
@pytest.mark.parametrize("container", [np.array, np.asfortranarray, sparse.csr_array, np.int8])
def test_an_epoch_is_every_sample_once_in_the_order_asked_for(container, dtype, order):
    inputs = X.astype(np.int8) if container is np.int8 else container(X)
    found = batches(order, dtype=dtype, inputs=inputs)
    expected = np.arange(7) if order is None else order
    assert [len(y) for _, y, _, _ in found] == [3, 3, 1]
    np.testing.assert_array_equal(np.vstack([inputs for inputs, *_ in found]), X[expected])
    np.testing.assert_array_equal(np.vstack([y for _, y, *_ in found]), Y[expected])
    assert {array.dtype for batch in found for array in batch[:3]} == {dtype}


@pytest.mark.parametrize("order", [None, np.array([2, 0, 1])], ids=["as they stand", "mixed"])
@pytest.mark.parametrize("container", [np.array, sparse.csr_array])
def test_an_order_permutes_the_samples_that_belong_to_the_set(container, order):
    (found,) = batches(order, weight=WEIGHT, rows=ROWS, inputs=container(X))
    rows = ROWS if order is None else ROWS[order]
    np.testing.assert_array_equal(found[0], X[rows])
    np.testing.assert_array_equal(found[1], Y[rows])
    np.testing.assert_array_equal(found[2], WEIGHT[rows] / 25)


def test_selected_rows_are_an_array_only_as_a_copy():
    selection = Selection(np.eye(3), np.array([2, 0]))
    np.testing.assert_array_equal(np.array(selection), np.eye(3)[[2, 0]])
    assert selection.__array__(np.float32, copy=True).dtype == np.float32
    with pytest.raises(ValueError, match="`copy` must be True or None"):
        selection.__array__(copy=False)


def test_some_samples_of_some_are_rows_of_the_same_matrix():
    samples = Samples(X, Y, WEIGHT).of(ROWS).of(np.array([2, 0]))
    assert samples.matrix is X
    np.testing.assert_array_equal(np.asarray(samples.X), X[[3, 6]])
    np.testing.assert_array_equal(samples.y, Y[[3, 6]])
    np.testing.assert_array_equal(samples.weight, WEIGHT[[3, 6]])


def test_the_weights_of_a_batch_sum_to_one_beside_their_total():
    assert [total for *_, total in batches()] == [3, 3, 1]
    first, second, third = batches(weight=WEIGHT)
    assert [first[3], second[3], third[3]] == [7, 8, 16]
    np.testing.assert_allclose(first[2], [1 / 7, 2 / 7, 4 / 7])
    np.testing.assert_array_equal(third[2], [1])


def test_a_batch_without_weight_has_zeros_for_weights():
    *_, last = batches(weight=np.r_[np.ones(6), 0.0])
    np.testing.assert_array_equal(last[2], [0])
    assert last[3] == 0


def test_rows_as_they_stand_in_the_dtype_of_training_are_views():
    loader = BatchLoader(Samples(X, Y), 3, FLOAT64)
    assert all(np.shares_memory(batch.X, X) for batch in loader.epoch(None))
