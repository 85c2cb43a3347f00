"""SciPy's own BLAS threads stand still while L-BFGS-B alternates with NumPy's."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, current_thread, main_thread
from types import SimpleNamespace

import numpy as np
import pytest
from libraries import BlasOfOpenMP, Library
from sklearn.datasets import load_iris

from skmlp import MLPClassifier
from skmlp.training import blas
from skmlp.training.blas import SingleThread, blas_of_numpy, blas_of_scipy_alone


def test_threads_are_one_inside_and_what_they_were_outside():
    libraries = [Library(8), Library(2)]
    with SingleThread(libraries).hold() as n_threads:
        assert [library.n_threads for library in libraries] == [1, 1]
        assert n_threads == 8
    assert [library.n_threads for library in libraries] == [8, 2]


def test_a_library_that_takes_no_limit_leaves_one_thread_to_the_caller(monkeypatch):
    monkeypatch.setattr(Library, "set_num_threads", lambda library, n_threads: None)
    with SingleThread([Library(4)]).hold() as n_threads:
        assert n_threads == 1


def test_threads_come_back_after_an_error():
    library = Library(8)
    with pytest.raises(KeyboardInterrupt), SingleThread([library]).hold():
        raise KeyboardInterrupt
    assert library.n_threads == 8


def test_of_two_trainings_at_once_the_last_to_end_restores():
    library = Library(8)
    single = SingleThread([library])
    first, second = single.hold(), single.hold()
    with ThreadPoolExecutor(1) as other_thread:
        assert other_thread.submit(first.__enter__).result() == 8
        # The others are taken.
        assert second.__enter__() == 1
        assert single.n_threads == 8
        other_thread.submit(first.__exit__, None, None, None).result()
    assert library.n_threads == 1
    second.__exit__(None, None, None)
    assert library.n_threads == 8


def leave_both(mine, others, other_thread, is_first_to_leave):
    """End a hold of this thread, and one of another."""
    if is_first_to_leave:
        mine.__exit__(None, None, None)
    other_thread.submit(others.__exit__, None, None, None).result()
    if not is_first_to_leave:
        mine.__exit__(None, None, None)


@pytest.mark.parametrize("is_first_to_leave", [True, False])
def test_where_openmp_counts_the_threads_of_each_thread_it_gets_its_own_back(is_first_to_leave):
    library = BlasOfOpenMP(8)
    single = SingleThread([library])
    mine, others = single.hold(), single.hold()
    with ThreadPoolExecutor(1) as other_thread:
        other_thread.submit(library.set_num_threads, 4).result()
        assert mine.__enter__() == 8
        assert other_thread.submit(others.__enter__).result() == 4
        assert other_thread.submit(library.get_num_threads).result() == 1
        leave_both(mine, others, other_thread, is_first_to_leave)
        assert other_thread.submit(library.get_num_threads).result() == 4
        assert library.get_num_threads() == 8


class HeedsTheMainThread(Library):
    """As OpenBLAS does, once the main thread has set a limit."""

    def set_num_threads(self, n_threads):
        if current_thread() is main_thread():
            super().set_num_threads(n_threads)


def test_the_main_thread_restores_what_no_other_can():
    library = HeedsTheMainThread(8)
    single = SingleThread([library])
    first, second = single.hold(), single.hold()
    assert first.__enter__() == 8
    with ThreadPoolExecutor(1) as other_thread:
        assert other_thread.submit(second.__enter__).result() == 1
        first.__exit__(None, None, None)
        other_thread.submit(second.__exit__, None, None, None).result()
    assert library.n_threads == 8


@pytest.mark.parametrize("is_first_to_leave", [True, False])
def test_the_main_thread_limits_what_no_other_can(is_first_to_leave):
    library = HeedsTheMainThread(8)
    single = SingleThread([library])
    others, mine = single.hold(), single.hold()
    with ThreadPoolExecutor(1) as other_thread:
        assert other_thread.submit(others.__enter__).result() == 1
        assert library.n_threads == 8
        assert mine.__enter__() == 8
        assert library.n_threads == 1
        leave_both(mine, others, other_thread, is_first_to_leave)
    assert library.n_threads == 8


def test_a_hold_within_another_lets_nothing_go():
    library = Library(8)
    single = SingleThread([library])
    with single.hold():
        with single.hold() as n_threads:
            assert n_threads == 1
        assert library.n_threads == 1


def test_all_trainings_of_a_process_share_one_hold():
    assert blas_of_scipy_alone() is blas_of_scipy_alone()


@pytest.mark.parametrize("hold_on", [blas_of_scipy_alone, blas_of_numpy])
def test_threads_that_ask_first_at_the_same_time_share_one_hold(monkeypatch, hold_on):
    all_at_once = Barrier(8, timeout=60)

    def look():
        # The others run meanwhile.
        time.sleep(0.01)
        return SimpleNamespace(lib_controllers=[])

    def ask(_):
        all_at_once.wait()
        return made()

    monkeypatch.setattr(blas, "ThreadpoolController", look)
    made = blas.once(hold_on.__wrapped__)
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(ask, range(8)))) == 1


def test_only_the_blas_that_scipy_brings_is_held(monkeypatch):
    folder = min(blas.SCIPYS_FOLDERS)
    scipys, openmp, numpys = (
        SimpleNamespace(user_api=user_api, filepath=str(place / "library.so"))
        for user_api, place in [("blas", folder), ("openmp", folder), ("blas", folder / "numpy")]
    )
    loaded = SimpleNamespace(lib_controllers=[openmp, scipys, numpys])
    monkeypatch.setattr(blas, "ThreadpoolController", lambda: loaded)
    assert blas_of_scipy_alone.__wrapped__()._libraries == [scipys]
    assert blas_of_numpy.__wrapped__()._libraries == [numpys]


def test_of_several_blas_numpys_is_the_one_that_it_brings_or_any_but_scipys(monkeypatch):
    scipys, numpys, torchs = (
        SimpleNamespace(user_api="blas", filepath=str(folder / "library.so"))
        for folder in (min(blas.SCIPYS_FOLDERS), min(blas.NUMPYS_FOLDERS), Path("torch"))
    )
    loaded = SimpleNamespace(lib_controllers=[scipys, torchs, numpys])
    monkeypatch.setattr(blas, "ThreadpoolController", lambda: loaded)
    assert blas_of_numpy.__wrapped__()._libraries == [numpys]
    loaded.lib_controllers.remove(numpys)
    assert blas_of_numpy.__wrapped__()._libraries == [torchs]


def test_wheels_are_known_behind_links_too(tmp_path):
    (tmp_path / "lib" / "scipy").mkdir(parents=True)
    try:
        (tmp_path / "lib64").symlink_to(tmp_path / "lib", target_is_directory=True)
    except OSError:
        pytest.skip("no links can be made here")
    package = SimpleNamespace(__file__=str(tmp_path / "lib64" / "scipy" / "__init__.py"))
    # The place of a library is known without links.
    assert (tmp_path / "lib").resolve() / "scipy.libs" in blas.folders(package)


def test_what_numpy_uses_is_left_alone():
    numpy_folder = Path(np.__file__).parent
    for library in blas_of_scipy_alone()._libraries:
        assert numpy_folder not in Path(library.filepath).parents
        assert "numpy.libs" not in library.filepath


def test_lbfgs_holds_scipys_threads_and_lets_them_go():
    libraries = blas_of_scipy_alone()._libraries
    if not libraries:
        pytest.skip("SciPy brings no BLAS of its own here")
    before = [library.get_num_threads() for library in libraries]
    for library in libraries:
        library.set_num_threads(2)
    seen = []

    def score(estimator, X, y):
        seen.append([library.get_num_threads() for library in libraries])
        return 0.5

    X, y = load_iris(return_X_y=True)
    model = MLPClassifier(4, solver="lbfgs", max_iter=5, scoring=score, random_state=0)
    try:
        model.fit(X, y, X_val=X, y_val=y)
        assert seen == [[1] * len(libraries)] * 5
        assert [library.get_num_threads() for library in libraries] == [2] * len(libraries)
    finally:
        for library, n_threads in zip(libraries, before, strict=True):
            library.set_num_threads(n_threads)
