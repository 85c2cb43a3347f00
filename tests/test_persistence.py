"""Models saved in every usual format come back the same; another version's say so."""

import copy
import io
import pickle
from importlib import metadata

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skmlp
from skmlp import Checkpoint, MLPClassifier, MLPRegressor, PerceptronClassifier

X, y = load_digits(return_X_y=True)
X, y = X[:300] / 16, y[:300]
LABELS = np.array([f"digit {digit}" for digit in y], dtype=object)


def through_pickle(model):
    return pickle.loads(pickle.dumps(model))


def through_joblib(model):
    file = io.BytesIO()
    joblib.dump(model, file)
    return joblib.load(io.BytesIO(file.getvalue()))


def through_cloudpickle(model):
    cloudpickle = pytest.importorskip("cloudpickle")
    return cloudpickle.loads(cloudpickle.dumps(model))


def through_skops(model):
    """Load with only skmlp's own names trusted."""
    skops = pytest.importorskip("skops.io")
    data = skops.dumps(model)
    trusted = skops.get_untrusted_types(data=data)
    assert all(name.startswith("skmlp.") for name in trusted), trusted
    return skops.loads(data, trusted=trusted)


FORMATS = [through_pickle, through_joblib, through_cloudpickle, through_skops, copy.deepcopy]
MODELS = {
    "classifier": MLPClassifier((10,), max_iter=5, random_state=0),
    "classifier of strings": MLPClassifier((10,), max_iter=5, random_state=0, dropout=0.1),
    "early stopping": MLPClassifier((10,), max_iter=5, random_state=0, early_stopping=True),
    "lbfgs": MLPClassifier((10,), max_iter=5, random_state=0, solver="lbfgs"),
    "regressor": MLPRegressor(hidden_layer_sizes=(10,), max_iter=5, random_state=0),
    "dtype of NumPy": MLPClassifier((10,), max_iter=5, random_state=0, dtype=np.dtype("float32")),
    "type of NumPy": MLPClassifier((10,), max_iter=5, random_state=0, dtype=np.float32),
    "perceptron": PerceptronClassifier(average=True, early_stopping=True),
    "pipeline": make_pipeline(StandardScaler(), MLPClassifier((10,), max_iter=5, random_state=0)),
}
each_format = pytest.mark.parametrize("through", FORMATS)


@each_format
@pytest.mark.parametrize("name", MODELS)
def test_a_loaded_model_predicts_the_same(name, through):
    targets = LABELS if "strings" in name else y
    model = clone(MODELS[name]).fit(X, targets)
    loaded = through(model)
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.predict(X).dtype == model.predict(X).dtype


@each_format
def test_a_loaded_model_goes_on_where_it_was(through):
    model = MLPClassifier((10,), random_state=0, dropout=0.1)
    for _ in range(2):
        model.partial_fit(X, y, classes=np.arange(10))
    loaded = through(model)
    np.testing.assert_array_equal(
        loaded.partial_fit(X, y).coefs_[0], model.partial_fit(X, y).coefs_[0]
    )


def memory_mapped(model, folder):
    """Return the model as joblib's workers see a large one: its arrays cannot be written."""
    joblib.dump(model, folder / "model.joblib")
    return joblib.load(folder / "model.joblib", mmap_mode="r")


STREAMS = [
    MLPClassifier((10,), random_state=0, dropout=0.1),
    MLPRegressor(solver="sgd", random_state=0),
    PerceptronClassifier(average=True),
]


@pytest.mark.parametrize("model", STREAMS, ids=str)
def test_a_memory_mapped_model_goes_on_where_it_was(model, tmp_path):
    model = clone(model)
    classes = {} if isinstance(model, MLPRegressor) else {"classes": np.arange(10)}
    model.partial_fit(X, y, **classes)
    mapped = memory_mapped(model, tmp_path)
    for _ in range(2):
        mapped.partial_fit(X, y)
        model.partial_fit(X, y)
    np.testing.assert_array_equal(mapped.predict(X), model.predict(X))


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_warm_start_goes_on_from_a_memory_mapped_model(solver, tmp_path):
    model = MLPClassifier((10,), solver=solver, max_iter=3, random_state=0, warm_start=True)
    mapped = memory_mapped(model.fit(X, y), tmp_path)
    np.testing.assert_array_equal(mapped.fit(X, y).coefs_[0], model.fit(X, y).coefs_[0])


@each_format
def test_a_warm_start_goes_on_from_a_loaded_model(through):
    model = MLPClassifier((10,), max_iter=3, random_state=0, warm_start=True).fit(X, y)
    loaded = through(model)
    np.testing.assert_array_equal(loaded.fit(X, y).coefs_[0], model.fit(X, y).coefs_[0])


@each_format
def test_a_model_with_a_checkpoint_is_saved_like_any_other(through, tmp_path):
    pytest.importorskip("sklearn.callback", reason="callbacks came with scikit-learn 1.9")
    model = MLPClassifier((10,), max_iter=3, random_state=0)
    model.set_callbacks(Checkpoint(tmp_path / "fit.npz")).fit(X, y)
    np.testing.assert_array_equal(through(model).predict(X), model.predict(X))


def save_as(version, model, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("skmlp.estimators.common._estimator.__version__", version)
        return pickle.dumps(model)


@pytest.mark.parametrize("estimator", [MLPClassifier(), MLPRegressor(), PerceptronClassifier()])
def test_another_version_warns_and_says_what_to_do(estimator, monkeypatch):
    data = save_as("0.0.1", estimator, monkeypatch)
    text = rf"{type(estimator).__name__} was saved by skmlp 0\.0\.1 .* Load it with the version"
    with pytest.warns(UserWarning, match=text):
        pickle.loads(data)


def test_a_warned_of_model_still_predicts(monkeypatch):
    model = MLPClassifier((10,), max_iter=3).fit(X, y)
    with pytest.warns(UserWarning, match="fit and save it anew"):
        loaded = pickle.loads(save_as("9.0", model, monkeypatch))
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert not hasattr(loaded, "_skmlp_version")


def test_the_same_version_is_silent():
    model = through_pickle(MLPClassifier())
    assert not hasattr(model, "_skmlp_version")


@each_format
def test_a_model_is_saved_with_its_checkpoint(through, tmp_path):
    pytest.importorskip("sklearn.callback")
    checkpoint = skmlp.Checkpoint(tmp_path / "fit.npz", every=2)
    model = MLPClassifier((10,), max_iter=5, random_state=0).set_callbacks(checkpoint).fit(X, y)
    loaded = through(model)
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    (tmp_path / "fit.npz").unlink()
    loaded.fit(X, y)
    assert skmlp.resume(tmp_path / "fit.npz", X, y).n_iter_ == 5


def test_a_checkpoint_of_another_operating_system_can_be_loaded():
    # A POSIX path has no class on Windows, nor the other way round.
    assert b"pathlib" not in pickle.dumps(skmlp.Checkpoint("fit.npz"))


def test_a_pickle_is_about_as_large_as_the_weights():
    model = MLPClassifier((300, 100), max_iter=2, early_stopping=True).fit(X, y)
    weights = sum(array.nbytes for array in [*model.coefs_, *model.intercepts_])
    assert len(pickle.dumps(model)) < 1.1 * weights


@pytest.fixture
def dumped(tmp_path):
    """The path of a fitted model."""
    model = MLPClassifier((10,), max_iter=3, random_state=0).fit(X, y)
    joblib.dump(model, tmp_path / "model.joblib")
    return tmp_path / "model.joblib"


def test_a_model_loads_in_a_process_that_has_not_imported_skmlp(dumped, without_skmlp):
    loaded = joblib.load(dumped)
    assert loaded.n_iter_ == 3
    assert not isinstance(loaded, MLPClassifier)


def test_the_version_stands_in_the_metadata():
    try:
        version = metadata.version("skmlp")
    except metadata.PackageNotFoundError:
        pytest.skip("not installed")
    assert skmlp.__version__ == version
