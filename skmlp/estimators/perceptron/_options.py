"""Constructor arguments of the perceptron to core objects."""

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.class_weight import compute_class_weight

from skmlp._typing import Array
from skmlp.estimators.common._argument_rules import (
    Rule,
    boolean,
    exactly,
    integer,
    one_of,
    random_state,
    real,
)
from skmlp.estimators.common._targets import ClassTargets
from skmlp.perceptron.rule import PerceptronRule
from skmlp.perceptron.training import OnlineTraining
from skmlp.training.data import Samples
from skmlp.training.observer import Observer

# scikit-learn's constant: the intercept learns slower beside features that are mostly zero.
_SPARSE_INTERCEPT_FACTOR = 0.01

_dict_of_weights = Rule(
    "a dict with finite numbers of at least 0 as values",
    lambda value: isinstance(value, dict),
    lambda value: all(isinstance(w, Real) and 0 <= float(w) < np.inf for w in value.values()),
)
PERCEPTRON_RULES: dict[str, Rule] = {
    "penalty": exactly(None) | one_of("l2", "l1", "elasticnet"),
    "alpha": real(0),
    "l1_ratio": real(0, 1),
    "fit_intercept": boolean(),
    "max_iter": integer(1),
    "tol": exactly(None) | real(0),
    "shuffle": boolean(),
    "verbose": boolean() | integer(0),
    "eta0": real(0, open_low=True),
    "n_jobs": exactly(None) | integer(),
    "random_state": random_state(),
    "early_stopping": boolean(),
    "validation_fraction": real(0, 1, open_low=True, open_high=True),
    "n_iter_no_change": integer(1),
    "class_weight": exactly(None) | one_of("balanced") | _dict_of_weights,
    "warm_start": boolean(),
    "average": boolean() | integer(1),
    "step": one_of("sign", "heaviside"),
}


def make_training(
    p: Any,
    samples: Samples,
    class_weight: Array | None,
    rng: np.random.Generator,
    observers: Sequence[Observer] = (),
    validation: Samples | None = None,
) -> OnlineTraining:
    """Return the training that the arguments describe."""
    return OnlineTraining(
        _make_rule(p, samples.matrix),
        samples,
        class_weight,
        tol=float("-inf") if p.tol is None else float(p.tol),
        patience=p.n_iter_no_change,
        validation=validation,
        rng=rng if p.shuffle else None,
        observers=observers,
    )


def _make_rule(p: Any, X: Array) -> PerceptronRule:
    alpha = 0.0 if p.penalty is None else float(p.alpha)
    l1_share = {"l1": 1.0, "elasticnet": float(p.l1_ratio)}.get(p.penalty, 0.0)
    intercept_factor = _SPARSE_INTERCEPT_FACTOR if sparse.issparse(X) else 1.0
    return PerceptronRule(
        eta=float(p.eta0),
        zero_is_positive=p.step == "heaviside",
        intercept_factor=intercept_factor if p.fit_intercept else 0.0,
        l1=alpha * l1_share,
        l2=alpha * (1 - l1_share),
        average_from=int(p.average),
    )


def make_class_weight(p: Any, targets: ClassTargets, y: Array, matrix: Array) -> Array | None:
    """Return the weights of the targets 0 and 1 of every output, by `y` and its target matrix.

    None: all ones.
    """
    if p.class_weight is None:
        return None
    if targets.kind == "multilabel":
        return np.transpose([_weigh_column(p.class_weight, column) for column in matrix.T])
    weight = compute_class_weight(p.class_weight, classes=targets.classes, y=y)
    if targets.kind == "binary":
        return weight[:, None]
    return np.stack([np.ones(len(weight)), weight])


def _weigh_column(class_weight: Any, column: Array) -> Array:
    """Return the weights of 0 and 1; a column with one of them only is learnt with it alone."""
    present = np.unique(column)
    weight = np.ones(2)
    weight[present] = compute_class_weight(class_weight, classes=present, y=column)
    return weight
