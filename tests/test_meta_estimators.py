"""skmlp inside everything of scikit-learn that takes an estimator."""

import inspect
import pickle

import joblib
import numpy as np
import pytest
import sklearn
from scipy.stats import loguniform
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import (
    load_diabetes,
    load_digits,
    load_iris,
    make_multilabel_classification,
)
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss
from sklearn.model_selection import (
    GridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
    check_cv,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    train_test_split,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor
from sklearn.neural_network import MLPClassifier as TheirMLPClassifier
from sklearn.neural_network import MLPRegressor as TheirMLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils.discovery import all_estimators
from sklearn.utils.validation import has_fit_parameter

from skmlp import MLPClassifier, MLPRegressor

HAS_TEMPERATURE = tuple(int(part) for part in sklearn.__version__.split(".")[:2]) >= (1, 8)


def classifier(**arguments):
    arguments = {"max_iter": 30, "learning_rate_init": 0.02, "random_state": 0, **arguments}
    return MLPClassifier((10,), **arguments)


def regressor(**arguments):
    arguments = {"max_iter": 60, "learning_rate_init": 0.02, "random_state": 0, **arguments}
    return MLPRegressor(hidden_layer_sizes=(10,), **arguments)


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return StandardScaler().fit_transform(X), y


@pytest.fixture(scope="module")
def diabetes():
    X, y = load_diabetes(return_X_y=True)
    return StandardScaler().fit_transform(X), (y - y.mean()) / y.std()


@pytest.mark.parametrize(
    "make",
    [
        lambda mlp: BaggingClassifier(mlp, n_estimators=3, random_state=0),
        lambda mlp: AdaBoostClassifier(mlp, n_estimators=3, random_state=0),
        lambda mlp: VotingClassifier([("mlp", mlp), ("lr", LogisticRegression())], voting="soft"),
        lambda mlp: StackingClassifier([("mlp", mlp), ("lr", LogisticRegression())]),
        lambda mlp: CalibratedClassifierCV(mlp, cv=3),
        lambda mlp: OneVsRestClassifier(mlp),
        lambda mlp: OneVsOneClassifier(mlp),
        lambda mlp: make_pipeline(StandardScaler(), mlp),
    ],
    ids=["bagging", "adaboost", "voting", "stacking", "calibrated", "ovr", "ovo", "pipeline"],
)
# scikit-learn 1.6 and 1.7 pass AdaBoost's own deprecated default.
@pytest.mark.filterwarnings("ignore:.*algorithm.*:FutureWarning")
def test_a_classifier_works_inside(make, iris):
    X, y = iris
    assert make(classifier()).fit(X, y).score(X, y) > 0.9


@pytest.mark.parametrize(
    "make",
    [
        lambda mlp: BaggingRegressor(mlp, n_estimators=3, random_state=0),
        lambda mlp: AdaBoostRegressor(mlp, n_estimators=3, random_state=0),
        lambda mlp: VotingRegressor([("mlp", mlp), ("ridge", Ridge())]),
        lambda mlp: StackingRegressor([("mlp", mlp), ("ridge", Ridge())]),
        lambda mlp: TransformedTargetRegressor(mlp, transformer=StandardScaler()),
        lambda mlp: make_pipeline(StandardScaler(), mlp),
    ],
    ids=["bagging", "adaboost", "voting", "stacking", "transformed target", "pipeline"],
)
def test_a_regressor_works_inside(make, diabetes):
    X, y = diabetes
    assert make(regressor()).fit(X, y).score(X, y) > 0.4


def importances(network):
    return np.abs(network.coefs_[0]).sum(axis=1)


# What scikit-learn's meta-estimators are given beside the network, where they take it.
CANDIDATES = {"alpha": [1e-4, 10.0]}
BESIDE = {
    "cv": 2,
    "importance_getter": importances,
    "min_resources": 40,
    "min_samples": 20,
    "n_estimators": 3,
    "n_features_to_select": 2,
    "n_iter": 2,
    "param_distributions": CANDIDATES,
    "param_grid": CANDIDATES,
    "random_state": 0,
}
SEVERAL_TARGETS = ("MultiOutput", "Chain")
# The one fits nothing; the other takes logits, which scikit-learn's networks do not have.
NOT_COMPARED = ("FrozenEstimator", "CalibratedClassifierCV")
META_ESTIMATORS = {
    name: meta
    for name, meta in all_estimators()
    if {"estimator", "regressor"} & set(inspect.signature(meta).parameters)
    and name not in NOT_COMPARED
}


@pytest.mark.skipif(
    not has_fit_parameter(TheirMLPClassifier, "sample_weight"),
    reason="before scikit-learn 1.7 its networks took no weights, and are trained otherwise inside",
)
@pytest.mark.filterwarnings("ignore:y contains no unlabeled samples")
@pytest.mark.parametrize("name", META_ESTIMATORS)
def test_inside_everything_a_network_does_what_scikit_learns_does(name, iris, diabetes):
    meta = META_ESTIMATORS[name]
    takes = inspect.signature(meta).parameters
    of_numbers = "Regressor" in name
    X, y = diabetes if of_numbers else iris
    X, y = X[:100], y[:100]
    if any(word in name for word in SEVERAL_TARGETS):
        y = np.column_stack([y, y[::-1]])
    networks = (
        (MLPRegressor, TheirMLPRegressor) if of_numbers else (MLPClassifier, TheirMLPClassifier)
    )
    results = []
    for network in networks:
        arguments = {"dtype": "float64"} if network.__module__.startswith("skmlp") else {}
        inner = network(hidden_layer_sizes=(5,), max_iter=10, random_state=0, **arguments)
        beside = {key: value for key, value in BESIDE.items() if key in takes}
        beside["estimator" if "estimator" in takes else "regressor"] = inner
        model = meta(**beside).fit(X, y)
        results.append((model.predict if hasattr(model, "predict") else model.transform)(X))
    np.testing.assert_allclose(results[0], results[1], rtol=1e-6, atol=1e-9)


def test_a_transformed_target_brings_any_target_into_the_range_of_an_output(diabetes):
    X, y = diabetes
    mlp = regressor(out_activation="softplus")
    with pytest.raises(ValueError, match="TransformedTargetRegressor"):
        mlp.fit(X, y)
    model = TransformedTargetRegressor(mlp, transformer=MinMaxScaler()).fit(X, y)
    assert model.score(X, y) > 0.3


def test_a_pipeline_hands_sample_weights_to_its_step(iris):
    X, y = iris
    weight = np.where(y == 2, 0.0, 1.0)
    pipeline = make_pipeline(StandardScaler(), classifier())
    pipeline.fit(X, y, mlpclassifier__sample_weight=weight)
    alone = classifier().fit(StandardScaler().fit_transform(X), y, sample_weight=weight)
    np.testing.assert_array_equal(pipeline[-1].coefs_[0], alone.coefs_[0])
    assert 2 not in pipeline.predict(X)


def test_a_pipeline_transforms_the_validation_set(iris):
    X, y = iris
    X_val, y_val = 100 * X[::3], y[::3]
    with sklearn.config_context(enable_metadata_routing=True):
        mlp = classifier(early_stopping=True).set_fit_request(X_val=True, y_val=True)
        pipeline = make_pipeline(StandardScaler(), mlp, transform_input=["X_val"])
        pipeline.fit(100 * X, y, X_val=X_val, y_val=y_val)
    alone = classifier(early_stopping=True).fit(
        pipeline[0].transform(100 * X), y, X_val=pipeline[0].transform(X_val), y_val=y_val
    )
    np.testing.assert_allclose(pipeline[-1].validation_scores_, alone.validation_scores_)


def test_halving_search_gives_the_better_candidates_more_epochs(iris):
    X, y = iris
    search = HalvingRandomSearchCV(
        classifier(),
        {"alpha": loguniform(1e-6, 1e-2), "learning_rate_init": [1e-6, 0.02]},
        resource="max_iter",
        max_resources=27,
        min_resources=3,
        factor=3,
        cv=3,
        random_state=0,
    ).fit(X, y)
    assert search.best_params_["max_iter"] == 27
    assert search.best_params_["learning_rate_init"] == 0.02


def test_randomized_search_runs_in_parallel(iris):
    X, y = iris
    search = RandomizedSearchCV(
        make_pipeline(StandardScaler(), classifier()),
        {
            "mlpclassifier__hidden_layer_sizes": [5, 10],
            "mlpclassifier__n_hidden_layers": [1, 2],
            "mlpclassifier__activation": ["relu", "tanh"],
        },
        n_iter=3,
        cv=2,
        n_jobs=2,
        random_state=0,
    ).fit(X, y)
    assert search.best_score_ > 0.8


def test_grid_search_gives_the_same_scores_in_one_and_in_two_processes(diabetes):
    X, y = diabetes
    scores = [
        GridSearchCV(regressor(max_iter=5), {"alpha": [0.1, 10.0]}, cv=2, n_jobs=n_jobs)
        .fit(X, y)
        .cv_results_["mean_test_score"]
        for n_jobs in (1, 2)
    ]
    np.testing.assert_allclose(scores[0], scores[1], rtol=1e-9)


def test_several_labels_work_through_multi_output_and_chain():
    X, y = make_multilabel_classification(100, 8, n_classes=3, random_state=0)
    for model in (MultiOutputClassifier(classifier()), ClassifierChain(classifier())):
        assert model.fit(X, y).predict(X).shape == y.shape
    assert ClassifierChain(classifier()).fit(X, y).decision_function(X).shape == y.shape


def test_several_targets_work_through_multi_output(diabetes):
    X, y = diabetes
    Y = np.column_stack([y, -y])
    assert MultiOutputRegressor(regressor()).fit(X, Y).score(X, Y) > 0.4
    assert regressor().fit(X, Y).score(X, Y) > 0.4


@pytest.mark.parametrize("make", [OneVsRestClassifier, OneVsOneClassifier])
def test_one_versus_rest_is_trained_step_by_step(make, iris):
    X, y = iris
    model = make(classifier())
    for _ in range(30):
        model.partial_fit(X, y, classes=[0, 1, 2])
    assert model.score(X, y) > 0.9


def test_multi_output_is_trained_step_by_step(iris):
    X, y = iris
    Y = np.column_stack([y == 0, y == 1]).astype(int)
    model = MultiOutputClassifier(classifier())
    for _ in range(20):
        model.partial_fit(X, Y, classes=[[0, 1], [0, 1]])
    assert model.score(X, Y) > 0.6


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("method", ["decision_function", "predict_proba", "predict_log_proba"])
def test_cross_val_predict_gives_values_of_every_class(method, n_classes, iris):
    X, y = (array[: 50 * n_classes] for array in iris)
    values = cross_val_predict(classifier(), X, y, method=method, cv=3)
    vector = method == "decision_function" and n_classes == 2
    assert values.shape == ((100,) if vector else (50 * n_classes, n_classes))
    predicted = values > 0 if vector else values.argmax(axis=1)
    assert (predicted == y).mean() > 0.9


@pytest.mark.parametrize("method", ["isotonic", "temperature"])
def test_calibration_is_that_of_scikit_learns_network(method):
    if method == "temperature" and not HAS_TEMPERATURE:
        pytest.skip("temperature scaling came with scikit-learn 1.8")
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16, y, stratify=y, random_state=0)
    theirs = TheirMLPClassifier(max_iter=30, random_state=0)
    ours = MLPClassifier(max_iter=30, random_state=0, dtype="float64")
    losses = []
    for network in (ours, theirs):
        calibrated = CalibratedClassifierCV(network, method=method, cv=2).fit(X_train, y_train)
        losses.append(log_loss(y_test, calibrated.predict_proba(X_test)))
    assert losses[0] < 1.01 * losses[1]


@pytest.mark.parametrize("scoring", ["roc_auc_ovr", "neg_log_loss", "accuracy"])
def test_cross_validation_scores_a_classifier(scoring, iris):
    X, y = iris
    assert np.isfinite(cross_val_score(classifier(), X, y, scoring=scoring, cv=3)).all()


def test_permutation_importance_finds_the_informative_feature():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(200, 3))
    model = regressor().fit(X, X[:, 1] * 3)
    importances = permutation_importance(model, X, X[:, 1] * 3, random_state=0).importances_mean
    assert importances.argmax() == 1


@pytest.mark.parametrize("make, data", [(classifier, "iris"), (regressor, "diabetes")])
def test_a_learning_curve_is_computed_incrementally(make, data, request):
    X, y = request.getfixturevalue(data)
    sizes, train_scores, test_scores = learning_curve(
        make(),
        X,
        y,
        train_sizes=[0.2, 0.5, 1.0],
        cv=3,
        exploit_incremental_learning=True,
        shuffle=True,
        random_state=0,
    )
    assert train_scores.shape == test_scores.shape == (len(sizes), 3)
    assert np.isfinite(train_scores).all()


ARGUMENTS = [
    {},
    {"solver": "sgd", "learning_rate": "adaptive"},
    {"solver": "lbfgs"},
    {"early_stopping": True, "dropout": 0.2},
    {"activation": "gelu", "dtype": "float32"},
]
every_configuration = pytest.mark.parametrize("arguments", ARGUMENTS, ids=str)


@every_configuration
@pytest.mark.parametrize("make, data", [(classifier, "iris"), (regressor, "diabetes")])
def test_a_clone_fits_the_same_again(make, data, arguments, request):
    X, y = request.getfixturevalue(data)
    model = make(**arguments, alpha=np.float64(0.01)).fit(X, y)
    twin = clone(model)
    assert not hasattr(twin, "coefs_")
    assert twin.get_params() == model.get_params()
    np.testing.assert_array_equal(twin.fit(X, y).predict(X), model.predict(X))


@every_configuration
@pytest.mark.parametrize("make, data", [(classifier, "iris"), (regressor, "diabetes")])
def test_pickle_and_joblib_keep_the_predictions(make, data, arguments, request, tmp_path):
    X, y = request.getfixturevalue(data)
    model = make(**arguments).fit(X, y)
    joblib.dump(model, tmp_path / "model")
    for twin in (pickle.loads(pickle.dumps(model)), joblib.load(tmp_path / "model")):
        np.testing.assert_array_equal(twin.predict(X), model.predict(X))
        assert twin.loss_curve_ == model.loss_curve_
    mapped = joblib.load(tmp_path / "model", mmap_mode="r")
    np.testing.assert_array_equal(mapped.predict(X), model.predict(X))


@pytest.mark.parametrize("make, data", [(classifier, "iris"), (regressor, "diabetes")])
def test_a_pickled_partial_fit_goes_on_where_it_was(make, data, request):
    X, y = request.getfixturevalue(data)
    classes = {"classes": [0, 1, 2]} if make is classifier else {}
    model = make().partial_fit(X, y, **classes).partial_fit(X, y)
    twin = pickle.loads(pickle.dumps(model))
    for _ in range(3):
        model.partial_fit(X, y)
        twin.partial_fit(X, y)
    np.testing.assert_array_equal(twin.coefs_[0], model.coefs_[0])


@pytest.mark.parametrize("make, data", [(classifier, "iris"), (regressor, "diabetes")])
def test_sample_weights_are_routed_to_fit_and_score(make, data, request):
    X, y = request.getfixturevalue(data)
    weight = np.random.RandomState(0).uniform(0.5, 2, len(y))
    with sklearn.config_context(enable_metadata_routing=True):
        mlp = make(max_iter=5).set_fit_request(sample_weight=True)
        mlp.set_score_request(sample_weight=True)
        results = cross_validate(
            mlp, X, y, cv=2, params={"sample_weight": weight}, return_estimator=True
        )
    train, test = next(check_cv(2, y, classifier=make is classifier).split(X, y))
    alone = make(max_iter=5).fit(X[train], y[train], sample_weight=weight[train])
    np.testing.assert_array_equal(results["estimator"][0].coefs_[0], alone.coefs_[0])
    expected = alone.score(X[test], y[test], sample_weight=weight[test])
    assert results["test_score"][0] == pytest.approx(expected)
