"""The ensembles for tables inside scikit-learn's meta-estimators, given a table as it is."""

import numpy as np
import pytest
import sklearn
from scipy.stats import loguniform
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    BaggingClassifier,
    BaggingRegressor,
    HistGradientBoostingRegressor,
    StackingRegressor,
    VotingClassifier,
)
from sklearn.inspection import permutation_importance
from sklearn.linear_model import Ridge
from sklearn.metrics import brier_score_loss
from sklearn.model_selection import RandomizedSearchCV, cross_val_predict, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skmlp import LossCurveDisplay, TabularMLPClassifier, TabularMLPRegressor

pd = pytest.importorskip("pandas")

SMALL = {"n_estimators": 2, "hidden_layer_sizes": 16, "max_iter": 15, "learning_rate_init": 0.02}
rng = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {
        "age": rng.normal(40, 10, 240),
        "income": rng.lognormal(10, 1, 240),
        "city": rng.choice(["Rome", "Oslo", "Bonn"], 240),
        "kind": pd.Categorical(rng.choice(["a", "b"], 240)),
    }
)
AMOUNT = np.log(TABLE["income"]).to_numpy() + (TABLE["kind"] == "a")
LABELS = np.where(AMOUNT > 10.5, "rich", "poor")
TABLE.loc[::7, "age"] = np.nan
TABLE.loc[::11, "city"] = None
TABLE.loc[::13, "kind"] = None


def classifier(**arguments):
    return TabularMLPClassifier(random_state=0, **{**SMALL, **arguments})


def regressor(**arguments):
    return TabularMLPRegressor(random_state=0, **{**SMALL, **arguments})


CLASSIFIERS = [
    BaggingClassifier(classifier(), n_estimators=2, random_state=0),
    VotingClassifier([("a", classifier()), ("b", classifier(hidden_layer_sizes=8))], voting="soft"),
    CalibratedClassifierCV(classifier(), cv=2),
    CalibratedClassifierCV(classifier(), cv=2, method="isotonic"),
    OneVsRestClassifier(classifier()),
    make_pipeline(FunctionTransformer(), classifier()),
]
REGRESSORS = [
    BaggingRegressor(regressor(), n_estimators=2, random_state=0),
    TransformedTargetRegressor(regressor(), func=np.square, inverse_func=np.sqrt),
    StackingRegressor(
        [
            ("networks", regressor()),
            ("trees", HistGradientBoostingRegressor(categorical_features="from_dtype")),
        ],
        Ridge(),
        cv=2,
    ),
]


def name_of(estimator):
    return type(estimator).__name__


@pytest.mark.parametrize("model", CLASSIFIERS, ids=name_of)
def test_a_classifier_works_inside(model):
    assert model.fit(TABLE[:200], LABELS[:200]).score(TABLE[200:], LABELS[200:]) > 0.8
    probability = model.predict_proba(TABLE[200:])
    # Isotonic calibration is sure of what it says, and the log of nothing is infinite.
    assert brier_score_loss(LABELS[200:] == "rich", probability[:, 1]) < 0.15


@pytest.mark.parametrize("model", REGRESSORS, ids=name_of)
def test_a_regressor_works_inside(model):
    table = TABLE.drop(columns="city") if isinstance(model, StackingRegressor) else TABLE
    assert model.fit(table[:200], AMOUNT[:200]).score(table[200:], AMOUNT[200:]) > 0.7


def test_several_targets_work_through_multi_output():
    numbers = TABLE[["age", "income"]]
    both = np.c_[AMOUNT, -AMOUNT]
    assert MultiOutputRegressor(regressor()).fit(numbers, both).score(numbers, both) > 0.5


def test_a_search_in_processes_tries_arguments_and_validates_by_cross_validation():
    candidates = {"learning_rate_init": loguniform(1e-3, 1e-1), "hidden_layer_sizes": [4, (8, 8)]}
    search = RandomizedSearchCV(
        classifier(), candidates, n_iter=3, cv=2, n_jobs=2, scoring="roc_auc", random_state=0
    ).fit(TABLE, LABELS)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.score(TABLE, LABELS) > 0.8
    pyplot = pytest.importorskip("matplotlib.pyplot")
    LossCurveDisplay.from_estimator(search.best_estimator_)
    pyplot.close("all")


def test_cross_validation_of_predictions_and_importances():
    predicted = cross_val_predict(regressor(), TABLE, AMOUNT, cv=3)
    assert np.corrcoef(predicted, AMOUNT)[0, 1] > 0.7
    assert cross_val_score(classifier(), TABLE, LABELS, cv=3, scoring="neg_log_loss").min() > -0.7
    model = regressor().fit(TABLE, AMOUNT)
    importance = permutation_importance(model, TABLE, AMOUNT, n_repeats=2, random_state=0)
    assert TABLE.columns[importance.importances_mean.argmax()] == "income"


def test_weights_are_routed_to_fit_and_score():
    weight = np.where(LABELS == "rich", 3.0, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        model = classifier().set_fit_request(sample_weight=True)
        pipeline = make_pipeline(FunctionTransformer(), model)
        pipeline.fit(TABLE, LABELS, sample_weight=weight)
    models = pipeline, classifier().fit(TABLE, LABELS)
    weighted, plain = (model.predict_proba(TABLE)[:, 1].mean() for model in models)
    assert weighted > plain
