"""Threads take parts of large batches, change no result, and none is left."""

import threading
from concurrent.futures import ThreadPoolExecutor
from threading import current_thread, main_thread

import numpy as np
import pytest
from libraries import Ended, Library
from networks import make_network
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_digits

from skmlp import MLPClassifier, MLPRegressor
from skmlp.losses import IdentitySquaredError
from skmlp.optimizers import Adam
from skmlp.training import sharing
from skmlp.training.blas import SingleThread, blas_of_numpy
from skmlp.training.data import Batch, Samples
from skmlp.training.objective import Objective, Passes

X, y = load_digits(return_X_y=True)
X, y = X[:300] / 16, y[:300]
# The last batch has two rows: fewer than there are threads.
MODEL = MLPClassifier((8,), batch_size=149, max_iter=3, tol=0, random_state=0)


class TakesNoLimit(Library):
    def set_num_threads(self, n_threads):
        pass


@pytest.fixture
def blas(monkeypatch):
    """A BLAS of three threads, and no batch too small for them."""
    return install(Library(3), monkeypatch)


def install(library, monkeypatch):
    blas = SingleThread([library])
    monkeypatch.setattr(sharing, "blas_of_numpy", lambda: blas)
    share_everything(monkeypatch)
    return library


def share_everything(monkeypatch):
    monkeypatch.setattr(sharing, "FEWEST_ROWS", 1)
    monkeypatch.setattr(sharing, "FEWEST_NUMBERS", 1)


@pytest.fixture
def watch(monkeypatch):
    """Return a function that lets another one see every part of a batch before it is taken."""
    take = Passes.loss_and_gradient

    def watch(see):
        def see_and_take(passes, batch):
            see(batch)
            return take(passes, batch)

        monkeypatch.setattr(Passes, "loss_and_gradient", see_and_take)

    return watch


def bits(model):
    return b"".join(array.tobytes() for array in [*model.coefs_, *model.intercepts_])


def fit(**arguments):
    return clone(MODEL).set_params(**arguments).fit(X, y)


@pytest.mark.parametrize(
    "arguments", [{}, {"averaging": 0.5}, {"solver": "sgd", "max_grad_norm": 1}]
)
def test_that_threads_are_free_changes_no_bit(arguments, monkeypatch, watch):
    workers = set()
    watch(lambda batch: workers.add(current_thread()))
    install(Library(3), monkeypatch)
    together = bits(fit(**arguments))
    assert len(workers) > 1
    workers.clear()
    install(TakesNoLimit(3), monkeypatch)
    assert bits(fit(**arguments)) == together
    assert workers == {main_thread()}


def test_where_no_thread_can_be_started_any_more_one_takes_all_parts(blas, monkeypatch, watch):
    together, workers = bits(fit()), set()
    monkeypatch.setattr(sharing, "ThreadPoolExecutor", Ended)
    watch(lambda batch: workers.add((current_thread(), blas.n_threads)))
    assert bits(fit()) == together
    assert workers == {(main_thread(), 1)}
    assert blas.n_threads == 3


def test_where_a_thread_fails_to_begin_one_takes_all_parts(blas, monkeypatch):
    def fail(blas):
        raise OSError

    together = bits(fit())
    monkeypatch.setattr(sharing, "_begin", fail)
    assert bits(fit()) == together


@pytest.mark.parametrize("shuffle", [True, False])
def test_parts_are_learnt_as_the_whole_is(shuffle, blas):
    shared = fit(shuffle=shuffle)
    blas.set_num_threads(1)
    for ours, expected in zip(shared.coefs_, fit(shuffle=shuffle).coefs_, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-3, atol=1e-6)


def test_blas_has_one_thread_throughout_a_fit_and_all_after_it(blas, watch):
    seen = set()
    watch(lambda batch: seen.add(blas.n_threads))

    def score(estimator, X, y):
        seen.add(blas.n_threads)
        return 0.5

    n_threads = threading.active_count()
    fit(early_stopping=True, scoring=score)
    assert seen == {1}
    assert (blas.n_threads, threading.active_count()) == (3, n_threads)


def test_batches_stay_whole_beside_a_large_validation(blas, watch):
    rows = set()
    watch(lambda batch: rows.add(len(batch.y)))
    clone(MODEL).fit(X, y, X_val=X[:38], y_val=y[:38])
    assert rows == {149, 2}
    rows.clear()
    clone(MODEL).fit(X, y, X_val=X[:37], y_val=y[:37])
    assert rows == {50, 49, 1}


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("in_main", [True, False])
def test_nothing_is_left_where_a_part_fails(error, in_main, blas, watch):
    def fail(batch):
        if (current_thread() is main_thread()) == in_main:
            raise error

    watch(fail)
    n_threads = threading.active_count()
    if error is MemoryError:
        with pytest.raises(error):
            fit()
    else:
        with pytest.warns(UserWarning, match="interrupted"):
            fit()
    assert blas.n_threads == 3
    assert threading.active_count() == n_threads


def test_numbers_out_of_range_warn_in_no_thread(blas):
    settings = {"activation": "identity", "loss": "huber", "learning_rate_init": 1e200}
    with pytest.raises(ValueError, match="diverged in epoch 1"):
        MLPRegressor(hidden_layer_sizes=(8,), batch_size=149, **settings).fit(X, y)


def test_an_objective_outlives_its_threads(blas):
    network = make_network([2, 3, 1])
    parameters = network.parameters(np.dtype(float))
    parameters.vector[:] = 0.5
    shared = Objective(network, IdentitySquaredError(), 0.0, parameters, 5, n_parts=3)
    batch = Batch(np.ones((5, 2)), np.zeros((5, 1)), np.full(5, 0.2), 5.0)
    before = shared.value_and_gradient(batch)
    with shared.sharing():
        assert shared.value_and_gradient(batch) == before
    assert shared.value_and_gradient(batch) == before


def test_the_real_blas_gets_its_threads_back(monkeypatch, watch):
    share_everything(monkeypatch)
    libraries = blas_of_numpy()._libraries
    before, seen = [library.get_num_threads() for library in libraries], set()
    watch(lambda batch: seen.update(library.get_num_threads() for library in libraries))
    try:
        for library in libraries:
            library.set_num_threads(2)
        fit()
        assert [library.get_num_threads() for library in libraries] == [2] * len(libraries)
        assert seen <= {1}
    finally:
        for library, n_threads in zip(libraries, before, strict=True):
            library.set_num_threads(n_threads)


@pytest.mark.parametrize(
    "arguments", [{"dropout": 0.1}, {"solver": "muon"}, {"solver": "lbfgs"}, {}], ids=str
)
def test_batches_of_noise_products_and_sparse_rows_stay_whole(arguments, blas, watch):
    rows = set()
    watch(lambda batch: rows.add(batch.X.shape[0]))
    inputs = X if arguments else sparse.csr_matrix(X)
    clone(MODEL).set_params(**arguments).fit(inputs, y)
    assert rows == ({300} if arguments == {"solver": "lbfgs"} else {149, 2})


def test_batches_stay_whole_in_another_thread(blas, watch):
    rows = set()
    watch(lambda batch: rows.add(len(batch.y)))
    with ThreadPoolExecutor(1) as other_thread:
        other_thread.submit(fit).result()
    assert rows == {149, 2}


def test_batches_are_cut_where_every_thread_gets_enough_rows_and_numbers(blas, monkeypatch):
    monkeypatch.setattr(sharing, "FEWEST_ROWS", 10)
    monkeypatch.setattr(sharing, "FEWEST_NUMBERS", 100)

    def parts(n_rows, n_units):
        network, samples = make_network([n_units - 1, 1]), Samples(X, y[:, None])
        return sharing.choose_n_parts(network, samples, Adam(), None, n_rows)

    assert parts(30, 10) == 3
    assert parts(29, 11) == 1
    assert parts(33, 9) == 1
    monkeypatch.setattr(sharing, "blas_of_numpy", None)
    # BLAS is not even asked.
    assert parts(19, 100) == 1
