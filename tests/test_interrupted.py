"""A fit that is killed or interrupted loses nothing: it goes on, and ends in the same bits."""

import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from interruption import (
    CASES,
    WEIGHT,
    Bomb,
    X,
    assert_same_bits,
    classifier,
    fit_slowly,
    kill_at_random,
    start,
    y,
)

from skmlp import Checkpoint, resume
from skmlp.estimators.common import _callbacks
from skmlp.estimators.common._sklearn import HAS_CALLBACKS
from skmlp.persistence import _file

if not HAS_CALLBACKS:
    pytest.skip("callbacks came with scikit-learn 1.9", allow_module_level=True)

# Killed


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("case", ["adam", "adamw", "lbfgs", "adaptive"])
def test_a_fit_that_is_killed_again_and_again_ends_in_the_same_bits(case, tmp_path):
    path, rng = tmp_path / "fit.npz", random.Random(case)
    assert kill_at_random(fit_slowly, path, case, rng)
    kill_at_random(fit_slowly, path, case, rng)
    whole = classifier(**CASES[case]).fit(X, y, WEIGHT)
    assert_same_bits(resume(path, X, y, WEIGHT), whole)


def write_endlessly(path, size):
    for number in range(10**9):
        _file.write_file(path, {"number": np.full(int(size), number)})


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX")
@pytest.mark.parametrize("size", ["10", "1000000"])
def test_a_writing_that_is_killed_leaves_a_whole_file(size, tmp_path):
    path, rng = tmp_path / "fit.npz", random.Random(size)
    for _ in range(4):
        assert kill_at_random(write_endlessly, path, size, rng)
        numbers = _file.read_file(path)["number"]
        assert len(numbers) == int(size)
        assert (numbers == numbers[0]).all()


def write_slowly(path):
    """Write the first file, and be killed in the middle of the second."""
    _file.write_file(path, {"number": np.zeros(3)})
    savez = np.savez

    def stall(file, **members):
        savez(file, **members)
        path.with_name("in the middle").touch()
        time.sleep(60)

    np.savez = stall
    _file.write_file(path, {"number": np.ones(3)})


@pytest.fixture
def half_written(tmp_path):
    """A process in the middle of writing a file."""
    process = start(write_slowly, tmp_path / "fit.npz")
    while process.is_alive() and not (tmp_path / "in the middle").exists():
        time.sleep(0.001)
    (tmp_path / "in the middle").unlink()
    yield process
    process.kill()
    process.join()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX")
def test_the_next_fit_clears_away_what_a_killed_writing_left(half_written, tmp_path):
    half_written.kill()
    half_written.join()
    assert len(os.listdir(tmp_path)) == 2
    (tmp_path / "other.npz.1-2.part").touch()
    classifier(max_iter=2).set_callbacks(Checkpoint(tmp_path / "fit.npz")).fit(X, y)
    assert sorted(os.listdir(tmp_path)) == ["fit.npz", "other.npz.1-2.part"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX")
def test_a_part_that_another_process_is_writing_is_left_alone(half_written, tmp_path):
    _file.remove_leftovers(tmp_path / "fit.npz")
    assert len(os.listdir(tmp_path)) == 2


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX")
def test_a_part_just_begun_is_not_taken_for_a_leftover(tmp_path):
    path, done = tmp_path / "fit.npz", threading.Event()

    def remove_endlessly():
        while not done.is_set():
            _file.remove_leftovers(path)

    with ThreadPoolExecutor(1) as pool:
        removing = pool.submit(remove_endlessly)
        try:
            for number in range(40):
                _file.write_file(path, {"number": number})
        finally:
            done.set()
        removing.result()
    assert _file.read_file(path) == {"number": 39}
    assert os.listdir(tmp_path) == ["fit.npz"]


# Interrupted


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_an_interrupted_fit_keeps_its_weights_says_so_and_goes_on(solver, tmp_path):
    whole = classifier(solver=solver).fit(X, y)
    interrupted = classifier(solver=solver)
    interrupted.set_callbacks(Checkpoint(tmp_path / "fit.npz"), Bomb(4, KeyboardInterrupt))
    with pytest.warns(UserWarning, match=r"interrupted by user after 4 epochs.*`warm_start=True`"):
        interrupted.fit(X, y)
    assert interrupted.stop_reason_ == "the user interrupted the training"
    assert interrupted.n_iter_ == len(interrupted.loss_curve_) == 4
    assert interrupted.score(X, y) > 0.1
    assert_same_bits(resume(tmp_path / "fit.npz", X, y), whole)
    before = interrupted.loss_
    interrupted.set_callbacks().set_params(warm_start=True).fit(X, y)
    assert interrupted.loss_ < before
    assert len(interrupted.loss_curve_) == 4 + interrupted.n_iter_


class Alarm(_callbacks.Callback):
    """Rings in the middle of an epoch, some time after the third."""

    def on_fit_task_end(self, estimator, context):
        if context.task_name == "epoch" and context.task_id == 2:
            signal.setitimer(signal.ITIMER_REAL, 0.05)
        return False


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX")
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_real_signal_in_the_middle_of_an_epoch(solver, tmp_path):
    def interrupt(*_):
        raise KeyboardInterrupt

    estimator = classifier(solver=solver, max_iter=100_000, tol=0, n_iter_no_change=np.inf)
    estimator.set_params(max_fun=10**9, alpha=10)
    estimator.set_callbacks(Checkpoint(tmp_path / "fit.npz"), Alarm())
    previous = signal.signal(signal.SIGALRM, interrupt)
    try:
        with pytest.warns(UserWarning, match="interrupted by user"):
            estimator.fit(X, y)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert all(np.isfinite(coef).all() for coef in estimator.coefs_)
    assert os.listdir(tmp_path) == ["fit.npz"]
    assert _file.read_file(tmp_path / "fit.npz")


@pytest.fixture
def ctrl_c():
    """Ctrl-C interrupts, even where a script started the tests in the background."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX")
@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize("n_presses", [1, 3])
def test_an_interruption_of_the_writing_itself(n_presses, tmp_path, monkeypatch):
    def interrupt_and_write(file, **members):
        for _ in range(n_presses):
            time.sleep(0.05)
            # To the process: `raise_signal` would not wake the main thread, which waits.
            os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)
        savez(file, **members)

    savez = np.savez
    monkeypatch.setattr(np, "savez", interrupt_and_write)
    interrupted = classifier().set_callbacks(Checkpoint(tmp_path / "fit.npz"))
    with pytest.warns(UserWarning, match="interrupted by user"):
        interrupted.fit(X, y)
    assert os.listdir(tmp_path) == ["fit.npz"]
    monkeypatch.undo()
    assert_same_bits(resume(tmp_path / "fit.npz", X, y), classifier().fit(X, y))
