"""scikit-learn's own checks of an estimator, over the table of configurations."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmlp import MLPClassifier, MLPRegressor

CONFIGURATIONS = [
    {},
    {"solver": "sgd"},
    {"solver": "adam"},
    {"solver": "lbfgs"},
    {"dtype": "float64"},
    {"early_stopping": True},
]
RANDOM_SPLIT = "a random split cannot treat a repeated row as one weighted row"


def expected_failures(estimator):
    """Return the checks that an estimator cannot pass, each with the reason."""
    if not estimator.early_stopping:
        return {}
    return {
        "check_sample_weight_equivalence_on_dense_data": RANDOM_SPLIT,
        "check_sample_weight_equivalence_on_sparse_data": RANDOM_SPLIT,
    }


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(
    [
        estimator(**arguments)
        for estimator in (MLPClassifier, MLPRegressor)
        for arguments in CONFIGURATIONS
    ],
    expected_failed_checks=expected_failures,
)
def test_scikit_learn_finds_nothing_wrong(estimator, check):
    check(estimator)
