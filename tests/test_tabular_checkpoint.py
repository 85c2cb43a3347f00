"""A fit of an ensemble that is cut short goes on, and ends in the bits of one nobody disturbed."""

import random
import signal

import numpy as np
import pytest
from interruption import Stop, kill_at_random, write_slowly

from skmlp import Checkpoint, MLPClassifier, TabularMLPClassifier, TabularMLPRegressor, resume
from skmlp.callbacks import Callback
from skmlp.estimators.common._sklearn import HAS_CALLBACKS
from skmlp.persistence import _file, _writers

if not HAS_CALLBACKS:
    pytest.skip("callbacks came with scikit-learn 1.9", allow_module_level=True)

rng = np.random.default_rng(0)
X = np.array(
    [[word, number] for word, number in zip("abcd" * 40, rng.normal(size=160), strict=True)], object
)
y = np.where((X[:, 1] > 0) ^ (X[:, 0] == "a"), "yes", "no")
WEIGHT = rng.uniform(0.5, 2, len(X))
SMALL = {"hidden_layer_sizes": (8, 8), "max_iter": 5, "n_estimators": 3, "random_state": 0}


def classifier(**arguments):
    return TabularMLPClassifier(**{**SMALL, **arguments})


def regressor(**arguments):
    return TabularMLPRegressor(**{**SMALL, **arguments})


class Bomb(Callback):
    """Raises at the end of an epoch of a network, both counted from 1."""

    max_propagation_depth = None

    def __init__(self, member, epoch):
        self.member = member
        self.epoch = epoch

    def on_fit_task_end(self, estimator, context):
        if context.task_name == "epoch":
            place = context.parent.task_id + 1, context.task_id + 1
            if place == (self.member, self.epoch):
                raise Stop
        return False


def cut_short(model, path, member, epoch, *data, every=1, **validation):
    model.set_callbacks(Checkpoint(path, every), Bomb(member, epoch))
    with pytest.raises(Stop):
        model.fit(*data, **validation)


def assert_same_bits(ours, theirs):
    for name in ("validation_predictions_", "validation_score_", "n_iter_"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
    for left, right in zip(ours.estimators_, theirs.estimators_, strict=True):
        assert vars(left).keys() == vars(right).keys()
        for coef, other in zip(left.coefs_, right.coefs_, strict=True):
            assert coef.tobytes() == other.tobytes()
        assert left.loss_curve_ == right.loss_curve_
        assert left.stop_reason_ == right.stop_reason_


@pytest.mark.parametrize("place", [(1, 1), (1, 5), (2, 3), (3, 4), (3, 5)])
def test_a_fit_that_fails_anywhere_ends_in_the_same_bits(place, tmp_path):
    whole = classifier().fit(X, y, WEIGHT)
    cut_short(classifier(), tmp_path / "fit.npz", *place, X, y, WEIGHT)
    resumed = resume(tmp_path / "fit.npz", X, y, WEIGHT)
    assert_same_bits(resumed, whole)
    np.testing.assert_array_equal(resumed.predict_proba(X), whole.predict_proba(X))
    assert resumed.get_params() == whole.get_params()


def test_a_regressor_with_rows_of_its_own_to_validate_on(tmp_path):
    data = X[:120], X[:120, 1].astype(float), WEIGHT[:120]
    validation = X[120:], X[120:, 1].astype(float), WEIGHT[120:]
    named = dict(zip(("X_val", "y_val", "sample_weight_val"), validation, strict=True))
    whole = regressor(categorical_features=[0]).fit(*data, **named)
    cut_short(regressor(categorical_features=[0]), tmp_path / "fit.npz", 2, 2, *data, **named)
    resumed = resume(tmp_path / "fit.npz", *data, *validation)
    assert_same_bits(resumed, whole)
    quantiles = resumed.predict_quantiles(X), whole.predict_quantiles(X)
    np.testing.assert_array_equal(*quantiles)


@pytest.fixture
def n_epochs(monkeypatch):
    """The epochs that are trained from now on."""
    trained = []
    end_epoch = _writers.Writer.end_epoch

    def counted(*arguments):
        trained.append(arguments[1].epoch)
        return end_epoch(*arguments)

    monkeypatch.setattr(_writers.Writer, "end_epoch", counted)
    return trained


@pytest.mark.parametrize("every", [1, 2, 100])
def test_what_is_finished_is_not_trained_again(every, tmp_path, n_epochs):
    cut_short(classifier(), tmp_path / "fit.npz", 2, 4, X, y, every=every)
    n_epochs.clear()
    resumed = resume(tmp_path / "fit.npz", X, y)
    of_the_second = {1: [5], 2: [5], 100: [1, 2, 3, 4, 5]}[every]
    assert n_epochs == [*of_the_second, 1, 2, 3, 4, 5]
    n_epochs.clear()
    assert_same_bits(resume(tmp_path / "fit.npz", X, y), resumed)
    assert n_epochs == []


class StopAfter(Callback):
    """Asks to stop after a network, counted from 1."""

    def __init__(self, member):
        self.member = member

    def on_fit_task_end(self, estimator, context):
        return (context.task_name, context.task_id + 1) == ("network", self.member)


def test_networks_that_processes_have_finished_are_in_the_file(tmp_path, n_epochs):
    whole = classifier(n_estimators=4).fit(X, y)
    path = tmp_path / "fit.npz"
    model = classifier(n_estimators=4, n_jobs=2)
    model.set_callbacks(Checkpoint(path), StopAfter(2)).fit(X, y)
    assert len(model.estimators_) == 2
    contents = _file.read_file(path)
    assert_same_bits(resume(path, X, y), whole)
    contents["beginning"]["arguments"]["n_jobs"] = None
    _file.write_file(path, contents)
    assert_same_bits(resume(path, X, y), whole)
    assert n_epochs == 2 * [1, 2, 3, 4, 5]


def fit_slowly(path, n_jobs):
    """Fit, or go on with the fit, in a process that somebody kills."""
    _writers.write_file = write_slowly
    if path.exists():
        resume(path, X, y)
    else:
        model = classifier(max_iter=30, n_jobs=int(n_jobs))
        model.set_callbacks(Checkpoint(path)).fit(X, y)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fit_that_is_killed_again_and_again_ends_in_the_same_bits(tmp_path):
    path, when = tmp_path / "fit.npz", random.Random(0)
    assert kill_at_random(fit_slowly, path, "1", when)
    kill_at_random(fit_slowly, path, "1", when)
    kill_at_random(fit_slowly, path, "1", when)
    assert_same_bits(resume(path, X, y), classifier(max_iter=30).fit(X, y))


def test_other_data_are_refused(tmp_path):
    cut_short(classifier(), tmp_path / "fit.npz", 1, 2, X, y)
    other = X.copy()
    other[0, 0] = "b"
    with pytest.raises(ValueError, match=r"`X` must be that of the interrupted fit; got other"):
        resume(tmp_path / "fit.npz", other, y)
    with pytest.raises(ValueError, match=r"`sample_weight` must be that .* one where the fit had"):
        resume(tmp_path / "fit.npz", X, y, WEIGHT)


@pytest.mark.parametrize("training", [None, [{}], [3], {"parameters": 1}])
def test_a_damaged_file_is_refused(training, tmp_path):
    cut_short(classifier(), tmp_path / "fit.npz", 1, 2, X, y)
    contents = _file.read_file(tmp_path / "fit.npz")
    _file.write_file(tmp_path / "fit.npz", {**contents, "training": training})
    with pytest.raises(ValueError, match=r"`path` must be a whole file of `skmlp.Checkpoint`"):
        resume(tmp_path / "fit.npz", X, y)


def test_a_budget_of_time_is_refused_beside_a_checkpoint(tmp_path):
    model = classifier(max_time=1).set_callbacks(Checkpoint(tmp_path / "fit.npz"))
    with pytest.raises(ValueError, match="`max_time` must be None where a `Checkpoint` is to be"):
        model.fit(X, y)


def test_a_file_of_one_network_is_none_of_an_ensemble(tmp_path):
    numbers = X[:, 1:].astype(float)
    network = MLPClassifier(8, max_iter=2).set_callbacks(Checkpoint(tmp_path / "fit.npz"))
    network.fit(numbers, y)
    contents = _file.read_file(tmp_path / "fit.npz")
    contents["beginning"].update(estimator="TabularMLPClassifier", arguments=SMALL)
    _file.write_file(tmp_path / "fit.npz", contents)
    with pytest.raises(ValueError):
        resume(tmp_path / "fit.npz", numbers, y)
