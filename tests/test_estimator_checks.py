"""scikit-learn's own checks of an estimator, over configurations that have every kind of option.

That an option alone can be cloned, pickled, searched and combined is tested with the vocabulary.
"""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmlp import (
    MLPClassifier,
    MLPRegressor,
    PerceptronClassifier,
    TabularEncoder,
    TabularMLPClassifier,
    TabularMLPRegressor,
)

RISING = {"learning_rate": "one_cycle", "warmup_iter": 3}
DEEP = {"hidden_layer_sizes": (6, 5), "activation": ["tanh", "silu"]}
NOISY = {"hidden_layer_sizes": 20, "n_hidden_layers": 2, "activation": "selu", "dropout": 0.1}

CONFIGURATIONS = [
    MLPClassifier(),
    MLPClassifier((), solver="lbfgs", class_weight="balanced"),
    MLPClassifier(
        (10,),
        solver="nadam",
        early_stopping=True,
        scoring="loss",
        dtype="float32",
        learning_rate_init=0.02,
        max_iter=60,
    ),
    MLPClassifier(
        solver="adamw", label_smoothing=0.1, max_iter=70, learning_rate_init=0.02, **RISING, **DEEP
    ),
    MLPRegressor(
        "huber",
        (10,),
        solver="sgd",
        learning_rate="adaptive",
        learning_rate_init=0.02,
        max_grad_norm=1.0,
        normalize_y=True,
    ),
    MLPRegressor("quantile", (10,), solver="lbfgs", quantile=0.7, weight_init="he_normal"),
    MLPRegressor(
        solver="rmsprop", frozen_layers=1, learning_rate_init=0.005, dtype="float64", **NOISY
    ),
    PerceptronClassifier(average=True),
    PerceptronClassifier(
        penalty="elasticnet",
        step="heaviside",
        class_weight="balanced",
        alpha=0.01,
        early_stopping=True,
    ),
    TabularEncoder(),
    TabularMLPClassifier(n_estimators=2, hidden_layer_sizes=16, max_iter=16),
    # The rounding of float32 in sums of 16 units depends on the order of the rows.
    TabularMLPRegressor(n_estimators=2, hidden_layer_sizes=(8, 8), max_iter=16),
]

ORDER = (
    "a weighted sample takes one longer step, a repeated one several steps, each only if it is "
    "still needed; and the samples are taken in another order"
)
FOLDS = "a repeated row is dealt out as several, a weighted one as one"
WEIGHT_EQUIVALENCE = (
    "check_sample_weight_equivalence_on_dense_data",
    "check_sample_weight_equivalence_on_sparse_data",
)


def expected_failures(estimator):
    """Return the checks that an estimator cannot pass, each with the reason."""
    reason = None
    if isinstance(estimator, TabularEncoder):
        return {}
    if isinstance(estimator, TabularMLPClassifier | TabularMLPRegressor):
        # They take no sparse data.
        return {WEIGHT_EQUIVALENCE[0]: FOLDS}
    if isinstance(estimator, PerceptronClassifier):
        reason = ORDER
    elif estimator.dropout:
        reason = "a repeated row draws its own noise, a weighted one draws it once"
    elif estimator.early_stopping:
        reason = "a random split cannot treat a repeated row as one weighted row"
    return {} if reason is None else dict.fromkeys(WEIGHT_EQUIVALENCE, reason)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.filterwarnings("ignore:`y` holds one class")
@parametrize_with_checks(CONFIGURATIONS, expected_failed_checks=expected_failures)
@pytest.mark.filterwarnings("ignore:`y` holds one class")
def test_scikit_learn_finds_nothing_wrong(estimator, check):
    check(estimator)
