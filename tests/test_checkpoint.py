"""A fit that is taken up from its file ends in the bits of the fit that nobody disturbed."""

import os

import numpy as np
import pytest
from interruption import (
    CASES,
    WEIGHT,
    X,
    assert_same_bits,
    classifier,
    cut_short,
    each_case,
    y,
)
from libraries import Ended
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp import Checkpoint, MLPRegressor, resume
from skmlp.estimators.common._sklearn import HAS_CALLBACKS
from skmlp.persistence import _writers

if not HAS_CALLBACKS:
    pytest.skip("callbacks came with scikit-learn 1.9", allow_module_level=True)


@each_case
def test_a_fit_that_fails_in_any_epoch_ends_in_the_same_bits(case, tmp_path):
    whole = classifier(**CASES[case]).fit(X, y)
    for epoch in {1, whole.n_iter_ // 2, whole.n_iter_ - 1, whole.n_iter_}:
        cut_short(classifier(**CASES[case]), tmp_path / "fit.npz", epoch, X, y)
        assert_same_bits(resume(tmp_path / "fit.npz", X, y), whole)


@pytest.mark.parametrize("loss", ["squared_error", "huber", "poisson"])
def test_a_regressor(loss, tmp_path):
    inputs, targets = load_diabetes(return_X_y=True)
    regressor = MLPRegressor(loss, (16,), dropout=0.1, random_state=0, max_iter=10)
    whole = clone(regressor).fit(inputs, targets)
    cut_short(regressor, tmp_path / "fit.npz", 4, inputs, targets)
    assert_same_bits(resume(tmp_path / "fit.npz", inputs, targets), whole)


def test_an_argument_of_a_numpy_type_keeps_its_dtype(tmp_path):
    # 0.1 of 600 samples are 60 in float32, and 61 of the Python float of the same value.
    arguments = {"early_stopping": True, "validation_fraction": np.float32(0.1)}
    whole = classifier(**arguments).fit(X, y)
    cut_short(classifier(**arguments), tmp_path / "fit.npz", 2, X, y)
    resumed = resume(tmp_path / "fit.npz", X, y)
    assert_same_bits(resumed, whole)
    assert resumed.validation_fraction.dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float32, np.dtype(np.float64)], ids=repr)
def test_a_dtype_of_numpy_is_written_by_its_name(dtype, tmp_path):
    whole = classifier(dtype=dtype).fit(X, y)
    cut_short(classifier(dtype=dtype), tmp_path / "fit.npz", 3, X, y)
    resumed = resume(tmp_path / "fit.npz", X, y)
    assert resumed.dtype == np.dtype(dtype).name
    np.testing.assert_array_equal(resumed.coefs_[0], whole.coefs_[0])


def test_the_last_of_every_n_epochs_is_in_the_file(tmp_path):
    whole = classifier().fit(X, y)
    cut_short(classifier(), tmp_path / "fit.npz", 8, X, y, every=3)
    resumed = resume(tmp_path / "fit.npz", X, y)
    assert_same_bits(resumed, whole)
    (checkpoint,) = resumed._skl_callbacks
    assert checkpoint.every == 3


def test_a_file_is_written_where_no_thread_can_be_started_any_more(tmp_path, monkeypatch):
    monkeypatch.setattr(_writers, "ThreadPoolExecutor", Ended)
    model = classifier(max_iter=2).set_callbacks(Checkpoint(tmp_path / "fit.npz")).fit(X, y)
    assert_same_bits(resume(tmp_path / "fit.npz", X, y), model)


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


# In pipelines and searches


def scaled_network(path):
    network = classifier(max_iter=5).set_callbacks(Checkpoint(path))
    return make_pipeline(StandardScaler(), network)


def test_the_last_step_of_a_pipeline_takes_what_the_steps_before_it_give(tmp_path):
    pipeline = scaled_network(tmp_path / "fit.npz").fit(X, y)
    resumed = resume(tmp_path / "fit.npz", pipeline[:-1].transform(X), y)
    assert_same_bits(resumed, pipeline[-1])
    with pytest.raises(ValueError, match="`X` must be that of the interrupted fit"):
        resume(tmp_path / "fit.npz", X, y)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_search_leaves_the_file_of_its_last_fit(n_jobs, tmp_path):
    pipeline = scaled_network(tmp_path / "fit.npz")
    grid = {"mlpclassifier__alpha": [1e-4, 1e-1]}
    search = GridSearchCV(pipeline, grid, cv=3, n_jobs=n_jobs, error_score="raise").fit(X, y)
    assert os.listdir(tmp_path) == ["fit.npz"]
    best = search.best_estimator_
    assert_same_bits(resume(tmp_path / "fit.npz", best[:-1].transform(X), y), best[-1])


def test_a_file_of_a_fold_is_not_taken_for_one_of_all_samples(tmp_path):
    GridSearchCV(scaled_network(tmp_path / "fit.npz"), {}, cv=3, refit=False).fit(X, y)
    with pytest.raises(ValueError, match="`X` must be that of the interrupted fit"):
        resume(tmp_path / "fit.npz", StandardScaler().fit_transform(X), y)
