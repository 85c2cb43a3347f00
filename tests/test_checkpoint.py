"""Nothing is lost: a fit that is killed, interrupted or restarted ends in the same bits."""

import json
import multiprocessing
import os
import random
import signal
import time
import zipfile

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, make_scorer

from skmlp import Checkpoint, MLPClassifier, MLPRegressor, resume
from skmlp.estimators import _callbacks
from skmlp.persistence import _file

if not hasattr(_callbacks.CallbackSupportMixin, "_init_callback_context"):
    pytest.skip("callbacks came with scikit-learn 1.9", allow_module_level=True)

X, y = load_digits(return_X_y=True)
X, y = X[:600] / 16, y[:600]
WEIGHT = np.random.RandomState(0).uniform(0.5, 2, len(X))


def classifier(**arguments):
    arguments = {"random_state": 0, "max_iter": 30, "n_iter_no_change": 3, **arguments}
    return MLPClassifier((24, 16), **arguments)


# Every solver, and everything that has a state of its own.
CASES = {
    "sgd": {"solver": "sgd", "learning_rate": "invscaling", "learning_rate_init": 0.5},
    "adam": {"dropout": 0.2},
    "adamw": {"solver": "adamw", "early_stopping": True, "tol": 1e-2},
    "nadam": {"solver": "nadam", "learning_rate": "cosine", "warmup_iter": 4},
    "rmsprop": {"solver": "rmsprop", "dtype": "float32", "learning_rate": "one_cycle"},
    "adagrad": {"solver": "adagrad", "activation": "selu", "dropout": [0.1, 0.3]},
    "lbfgs": {"solver": "lbfgs", "early_stopping": True},
    "adaptive": {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.05, "momentum": 0.5},
    "plateau": {"solver": "sgd", "learning_rate_init": 1e-5, "max_grad_norm": 0.5},
    "exponential": {"learning_rate": "exponential", "early_stopping": True, "scoring": "loss"},
    "in order": {"shuffle": False, "label_smoothing": 0.1, "class_weight": {0: 2.0, 3: 0.5}},
}
each_case = pytest.mark.parametrize("case", CASES)


class Stop(Exception):
    """Ends a fit in the middle."""


class Bomb(_callbacks.SilentHooks):
    """Raises at the end of an epoch."""

    def __init__(self, epoch, error=Stop):
        self.epoch = epoch
        self.error = error

    def on_fit_task_end(self, estimator, context):
        if context.task_name == "epoch" and context.task_id + 1 == self.epoch:
            raise self.error
        return False


class Snail(_callbacks.SilentHooks):
    """Makes epochs long enough to be killed in."""

    def on_fit_task_end(self, estimator, context):
        time.sleep(0.01)
        return False


def cut_short(estimator, path, epoch, *data, every=1, **validation):
    """Fit with a checkpoint and blow the fit up."""
    estimator.set_callbacks(Checkpoint(path, every), Bomb(epoch))
    with pytest.raises(Stop):
        estimator.fit(*data, **validation)


def assert_same_bits(left, right):
    """Compare everything that a fit leaves, curves and reasons included."""
    ours, theirs = ({**vars(estimator)} for estimator in (left, right))
    for attributes in (ours, theirs):
        attributes.pop("_skl_callbacks", None)
        attributes.pop("random_state")
        attributes.pop("_label_binarizer", None)
        attributes["_targets"] = vars(attributes.pop("_targets", object))
    assert sorted(ours) == sorted(theirs)
    for name, value in ours.items():
        np.testing.assert_equal(value, theirs[name], err_msg=name)
    for ours_coef, theirs_coef in zip(left.coefs_, right.coefs_, strict=True):
        assert ours_coef.dtype == theirs_coef.dtype
        assert ours_coef.tobytes() == theirs_coef.tobytes()


# Killed


def fit_slowly(path, case):
    """Fit, or go on with the fit, until somebody kills this process."""
    if path.exists():
        resume(path, X, y, WEIGHT)
    else:
        classifier(**CASES[case]).set_callbacks(Checkpoint(path), Snail()).fit(X, y, WEIGHT)


def identity(path):
    """Return a number that changes when the file is replaced."""
    return path.stat().st_ino if path.exists() else None


def kill_at_random(target, path, case, rng):
    """Run `target` in a process and kill it a while after it has written its first file."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["skmlp", "sklearn.datasets", "sklearn.metrics"])
    process = context.Process(target=target, args=(path, case), daemon=True)
    before = identity(path)
    process.start()
    while process.is_alive() and identity(path) == before:
        time.sleep(0.001)
    time.sleep(rng.uniform(0, 0.15))
    process.kill()
    process.join()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@each_case
def test_a_fit_that_is_killed_again_and_again_ends_in_the_same_bits(case, tmp_path):
    path, rng = tmp_path / "fit.npz", random.Random(case)
    for _ in range(2):
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
        kill_at_random(write_endlessly, path, size, rng)
        numbers = _file.read_file(path)["number"]
        assert len(numbers) == int(size)
        assert (numbers == numbers[0]).all()


# Blown up in every epoch


@each_case
def test_a_fit_that_fails_in_any_epoch_ends_in_the_same_bits(case, tmp_path):
    whole = classifier(**CASES[case]).fit(X, y)
    for epoch in {1, 2, whole.n_iter_ // 2, whole.n_iter_ - 1, whole.n_iter_}:
        cut_short(classifier(**CASES[case]), tmp_path / "fit.npz", epoch, X, y)
        assert_same_bits(resume(tmp_path / "fit.npz", X, y), whole)


@pytest.mark.parametrize("loss", ["squared_error", "huber", "poisson"])
def test_a_regressor(loss, tmp_path):
    inputs, targets = load_diabetes(return_X_y=True)
    regressor = MLPRegressor(loss, (16,), dropout=0.1, random_state=0, max_iter=10)
    whole = clone(regressor).fit(inputs, targets)
    cut_short(regressor, tmp_path / "fit.npz", 4, inputs, targets)
    assert_same_bits(resume(tmp_path / "fit.npz", inputs, targets), whole)


def test_the_last_of_every_n_epochs_is_in_the_file(tmp_path):
    whole = classifier().fit(X, y)
    cut_short(classifier(), tmp_path / "fit.npz", 8, X, y, every=3)
    resumed = resume(tmp_path / "fit.npz", X, y)
    assert_same_bits(resumed, whole)
    (checkpoint,) = resumed._skl_callbacks
    assert checkpoint.every == 3


def test_a_finished_fit_is_read_back(tmp_path):
    whole = classifier(max_iter=4).set_callbacks(Checkpoint(tmp_path / "fit.npz")).fit(X, y)
    assert_same_bits(resume(tmp_path / "fit.npz", X, y), whole)
    assert os.listdir(tmp_path) == ["fit.npz"]


@pytest.mark.parametrize("random_state", [None, 3, "generator"])
def test_every_kind_of_random_state(random_state, tmp_path):
    def seeded():
        np.random.seed(7)
        return np.random.RandomState(5) if random_state == "generator" else random_state

    arguments = {"early_stopping": True, "dropout": 0.1, "max_iter": 8}
    whole = classifier(random_state=seeded(), **arguments).fit(X, y)
    cut_short(classifier(random_state=seeded(), **arguments), tmp_path / "fit.npz", 3, X, y)
    np.random.seed(99)
    before = np.random.get_state()[1].copy()
    resumed = resume(tmp_path / "fit.npz", X, y)
    assert_same_bits(resumed, whole)
    np.testing.assert_array_equal(np.random.get_state()[1], before)
    if random_state == "generator":
        assert resumed.random_state.randint(10**9) == whole.random_state.randint(10**9)
    else:
        assert resumed.random_state == random_state


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("arguments", [{}, {"early_stopping": True}, {"frozen_layers": 1}])
def test_a_warm_start_that_is_cut_short(solver, arguments, tmp_path):
    labels = np.array([f"digit {digit}" for digit in y], dtype=object)

    def fitted_once():
        first = classifier(solver=solver, max_iter=5, warm_start=True, dtype="float32")
        return first.fit(X, labels).set_params(**arguments, max_iter=9)

    whole = fitted_once().fit(X[:300], labels[:300])
    cut_short(fitted_once(), tmp_path / "fit.npz", 3, X[:300], labels[:300])
    resumed = resume(tmp_path / "fit.npz", X[:300], labels[:300])
    assert_same_bits(resumed, whole)
    np.testing.assert_array_equal(resumed.predict(X), whole.predict(X))


def test_frozen_layers_and_first_weights(tmp_path):
    first = classifier(max_iter=3).fit(X, y)
    start = {"coefs_init": first.coefs_, "intercepts_init": first.intercepts_}
    for solver in ("adam", "lbfgs"):
        arguments = {"solver": solver, "frozen_layers": 1, "dtype": "float32", "max_iter": 9}
        whole = classifier(**arguments).fit(X, y, **start)
        cut_short(classifier(**arguments), tmp_path / "fit.npz", 4, X, y, **start)
        assert_same_bits(resume(tmp_path / "fit.npz", X, y), whole)


def test_a_validation_set_and_a_data_frame(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=[f"pixel {i}" for i in range(X.shape[1])])
    train, val = (frame[:500], y[:500], WEIGHT[:500]), (frame[500:], y[500:], WEIGHT[500:])
    names = ("X_val", "y_val", "sample_weight_val")
    validation = dict(zip(names, val, strict=True))
    arguments = {"early_stopping": True, "scoring": "accuracy"}
    whole = classifier(**arguments).fit(*train, **validation)
    cut_short(classifier(**arguments), tmp_path / "fit.npz", 2, *train, **validation)
    assert_same_bits(resume(tmp_path / "fit.npz", *train, *val), whole)


def test_sparse_inputs(tmp_path):
    inputs = sparse.csr_array(X)
    whole = classifier().fit(inputs, y)
    cut_short(classifier(), tmp_path / "fit.npz", 2, inputs, y)
    assert_same_bits(resume(tmp_path / "fit.npz", inputs, y), whole)


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


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX")
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_real_signal_in_the_middle_of_an_epoch(solver, tmp_path):
    def interrupt(*_):
        raise KeyboardInterrupt

    estimator = classifier(solver=solver, max_iter=100_000, tol=0, n_iter_no_change=np.inf)
    estimator.set_params(max_fun=10**9, alpha=10).set_callbacks(Checkpoint(tmp_path / "fit.npz"))
    previous = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.4)
    try:
        with pytest.warns(UserWarning, match="interrupted by user"):
            estimator.fit(X, y)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert all(np.isfinite(coef).all() for coef in estimator.coefs_)
    assert os.listdir(tmp_path) == ["fit.npz"]
    assert _file.read_file(tmp_path / "fit.npz")


@pytest.mark.skipif(not hasattr(signal, "raise_signal"), reason="needs POSIX")
def test_an_interruption_of_the_writing_itself(tmp_path, monkeypatch):
    def interrupt_and_write(file, **members):
        signal.raise_signal(signal.SIGINT)
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


# Files that are not what they should be


@pytest.fixture
def path(tmp_path):
    cut_short(classifier(), tmp_path / "fit.npz", 3, X, y)
    return tmp_path / "fit.npz"


def rewrite(path, change):
    """Change the header of a file."""
    with np.load(path) as archive:
        members = dict(archive)
    header = change(json.loads(members["header"].tobytes()))
    members["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    np.savez(path, **members)


def test_a_truncated_file(path):
    whole = path.read_bytes()
    for share in (0, 0.1, 0.5, 0.9, 0.999):
        path.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(ValueError, match="damaged, truncated"):
            resume(path, X, y)


def test_a_damaged_file_is_refused_or_harmless(path):
    whole, rng = bytearray(path.read_bytes()), random.Random(0)
    expected = resume(path, X, y)
    n_refused = 0
    for _ in range(60):
        damaged = whole.copy()
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
        path.write_bytes(damaged)
        try:
            resumed = resume(path, X, y)
        except ValueError:
            n_refused += 1
        else:
            # The bit was one that the archive does not use: a date, say.
            assert_same_bits(resumed, expected)
    assert n_refused > 50


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04", bytes(1000)])
def test_a_file_of_something_else(content, tmp_path):
    (tmp_path / "fit.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"`path` must be a whole file of `skmlp\.Checkpoint`"):
        resume(tmp_path / "fit.npz", X, y)


def test_an_archive_of_something_else(tmp_path):
    np.savez(tmp_path / "fit.npz", X=X)
    with pytest.raises(ValueError, match="an archive of something else"):
        resume(tmp_path / "fit.npz", X, y)


def test_pickles_are_not_loaded(path):
    np.savez(path, header=np.array([Stop()], dtype=object))
    with pytest.raises(ValueError, match="damaged"):
        resume(path, X, y)


def test_compressed_members_are_not_unpacked(path):
    with np.load(path) as archive:
        np.savez_compressed(path.with_suffix(".zip.npz"), **dict(archive))
    with pytest.raises(ValueError, match="damaged"):
        resume(path.with_suffix(".zip.npz"), X, y)


def test_a_newer_format(path):
    rewrite(path, lambda header: {**header, "format": 99})
    with pytest.raises(
        ValueError, match=r"format 1; got .* format 99, by another version of skmlp"
    ):
        resume(path, X, y)


@pytest.mark.parametrize(
    "old, new",
    [
        ('"MLPClassifier"', '"Pipeline"'),
        ('"MLPClassifier"', '"sklearn.pipeline.Pipeline"'),
        ('"alpha"', '"beta"'),
        ('"array_0"', '"array_999"'),
        ('"tuple"', '"eval"'),
        ('"MT19937"', '"PCG64"'),
        ('"records"', '"protocols"'),
        ('"order"', '"disorder"'),
        ('"beginning"', '"end"'),
        ('"n_steps"', '"n_leaps"'),
    ],
)
def test_a_forged_file(old, new, path):
    rewrite(path, lambda header: json.loads(json.dumps(header).replace(old, new)))
    with pytest.raises(ValueError, match="damaged"):
        resume(path, X, y)


def test_forged_arguments_meet_the_rules_of_arguments(path):
    rewrite(path, lambda header: json.loads(json.dumps(header).replace('"adam"', '"eve"')))
    with pytest.raises(ValueError, match="`solver` must be one of"):
        resume(path, X, y)


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        resume(tmp_path / "fit.npz", X, y)


def test_a_file_holds_numbers_and_nothing_else(path):
    with zipfile.ZipFile(path) as archive:
        assert all(name.endswith(".npy") for name in archive.namelist())
    with np.load(path, allow_pickle=False) as archive:
        assert not any(archive[name].dtype.hasobject for name in archive.files)


# Other data, other arguments


def test_other_data_are_refused_by_name(path):
    other, labels = X.copy(), y.copy()
    other[5, 5] += 1
    labels[[0, 1]] = labels[[1, 0]]
    for name, data in {
        "X": (other, y),
        "y": (X, labels),
        "sample_weight": (X, y, WEIGHT),
        "X_val": (X, y, None, X[:50], y[:50]),
    }.items():
        with pytest.raises(ValueError, match=f"`{name}` must be that of the interrupted fit"):
            resume(path, *data)


def test_other_names_of_classes_are_refused(path):
    with pytest.raises(ValueError, match="`y` must be that of the interrupted fit"):
        resume(path, X, y + 1)


def test_missing_data_are_refused_by_name(tmp_path):
    validation = {"X_val": X[:50], "y_val": y[:50], "sample_weight_val": WEIGHT[:50]}
    cut_short(classifier(), tmp_path / "fit.npz", 2, X, y, WEIGHT, **validation)
    for name, data in {
        "sample_weight": (X, y, None, *validation.values()),
        "X_val": (X, y, WEIGHT),
        "y_val": (X, y, WEIGHT, X[:50], y[1:51], WEIGHT[:50]),
        "sample_weight_val": (X, y, WEIGHT, X[:50], y[:50]),
    }.items():
        with pytest.raises(ValueError, match=f"`{name}` must be that of the interrupted fit"):
            resume(tmp_path / "fit.npz", *data)


@pytest.mark.parametrize(
    "arguments, name",
    [
        ({"scoring": make_scorer(accuracy_score)}, "scoring"),
        ({"scoring": lambda estimator, X, y: 0.0}, "scoring"),
        ({"random_state": np.random.RandomState(np.random.PCG64(0))}, "random_state"),
    ],
)
def test_what_cannot_be_written_is_refused_before_any_training(arguments, name, tmp_path):
    estimator = classifier(**arguments).set_callbacks(Checkpoint(tmp_path / "fit.npz"), Bomb(1))
    with pytest.raises(ValueError, match=f"`{name}` must .* `Checkpoint`"):
        estimator.fit(X, y)


def test_a_folder_that_does_not_exist_is_refused_before_any_training(tmp_path):
    estimator = classifier().set_callbacks(Checkpoint(tmp_path / "no" / "fit.npz"), Bomb(1))
    with pytest.raises(ValueError, match="`path` must lie in a folder that exists"):
        estimator.fit(X, y)


class Derived(MLPClassifier):
    pass


@pytest.mark.parametrize("estimator", [Derived(), LogisticRegression()])
def test_other_estimators_are_refused(estimator, tmp_path):
    if not hasattr(estimator, "set_callbacks"):
        pytest.skip("takes no callbacks")
    with pytest.raises(TypeError, match="`Checkpoint` must be set on one of MLPClassifier"):
        estimator.set_callbacks(Checkpoint(tmp_path / "fit.npz")).fit(X, y)


@pytest.mark.parametrize("every", [0, -1])
def test_every_must_count(every):
    with pytest.raises(ValueError, match="`every` must be an integer of at least 1"):
        Checkpoint("fit.npz", every)


def test_a_failing_writing_keeps_the_file_and_leaves_no_other(path, monkeypatch):
    before = path.read_bytes()

    def fail(*_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="no space left"):
        classifier().set_callbacks(Checkpoint(path)).fit(X, y)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]
