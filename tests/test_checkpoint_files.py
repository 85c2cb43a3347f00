"""What is no whole file of this fit is refused by name, and can do no harm."""

import copy
import json
import os
import random
import zipfile

import numpy as np
import pytest
from interruption import (
    WEIGHT,
    Bomb,
    Stop,
    X,
    assert_same_bits,
    classifier,
    cut_short,
    y,
)
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, make_scorer

from skmlp import Checkpoint, MLPClassifier, PerceptronClassifier, resume
from skmlp.estimators.common._sklearn import HAS_CALLBACKS

if not HAS_CALLBACKS:
    pytest.skip("callbacks came with scikit-learn 1.9", allow_module_level=True)

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


def test_a_small_file_that_names_the_same_bytes_again_and_again_is_not_unpacked(path, monkeypatch):
    with zipfile.ZipFile(path, "a") as archive:
        whole = archive.filelist.copy()
        for number in range(1000):
            again = copy.copy(whole[0])
            again.filename = f"again_{number}.npy"
            archive.filelist.append(again)
        archive._didModify = True
    monkeypatch.setattr(np, "load", lambda *_, **__: pytest.fail("unpacked"))
    with pytest.raises(ValueError, match="damaged"):
        resume(path, X, y)


@pytest.mark.parametrize("other", [1, 99])
def test_another_format(path, other):
    rewrite(path, lambda header: {**header, "format": other})
    text = f"must be a file of format 2; got .* format {other}, by another version of skmlp"
    with pytest.raises(ValueError, match=text):
        resume(path, X, y)


def test_what_is_told_of_an_epoch_is_in_arrays(path):
    """As text it took seven times as long to write as all the rest, after 10,000 epochs."""

    def header(n_epochs):
        cut_short(classifier(n_iter_no_change=20), path, n_epochs, X, y)
        with np.load(path) as archive:
            return archive["header"]

    assert abs(len(header(9)) - len(header(3))) < 30


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
        ('"data"', '"date"'),
    ],
)
def test_a_forged_file(old, new, path):
    rewrite(path, lambda header: json.loads(json.dumps(header).replace(old, new)))
    with pytest.raises(ValueError, match="damaged"):
        resume(path, X, y)


def test_a_forged_generator(path):
    with np.load(path) as archive:
        members = dict(archive)
    members["array_0"] = members["array_0"][:-1]
    np.savez(path, **members)
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


@pytest.mark.parametrize(
    "data, text",
    [
        ((X + 1, y), "got other values or names"),
        ((X, y, WEIGHT), "got one where the fit had none"),
    ],
)
def test_the_difference_is_named(data, text, path):
    with pytest.raises(ValueError, match=text):
        resume(path, *data)


def test_that_something_is_missing_is_named(tmp_path):
    cut_short(classifier(), tmp_path / "fit.npz", 2, X, y, WEIGHT)
    with pytest.raises(ValueError, match="got none where the fit had one"):
        resume(tmp_path / "fit.npz", X, y)


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
        ({"scoring": make_scorer(accuracy_score), "early_stopping": True}, "scoring"),
        ({"scoring": lambda estimator, X, y: 0.0, "early_stopping": True}, "scoring"),
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


def test_a_folder_in_place_of_a_file_is_refused_before_any_training(tmp_path):
    estimator = classifier().set_callbacks(Checkpoint(tmp_path), Bomb(1))
    with pytest.raises(ValueError, match=r"`path` must be a file; got .* a folder\. Add a name"):
        estimator.fit(X, y)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_device_or_pipe_is_not_replaced_by_a_file(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    estimator = classifier().set_callbacks(Checkpoint(pipe), Bomb(1))
    with pytest.raises(ValueError, match=r"`path` must be a file; got .*pipe', a device or pipe\."):
        estimator.fit(X, y)


class Derived(MLPClassifier):
    pass


@pytest.mark.parametrize("estimator", [Derived(), PerceptronClassifier(), LogisticRegression()])
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
