"""What the constructor arguments of the MLPs must be."""

from dataclasses import replace

from sklearn.metrics import get_scorer_names

from skmlp.activations import ACTIVATIONS
from skmlp.estimators.common._argument_rules import (
    Rule,
    boolean,
    dtype_of,
    exactly,
    instance_of,
    integer,
    one_of,
    per_layer_rule,
    random_state,
    real,
)
from skmlp.estimators.common._synonyms import SYNONYMS
from skmlp.estimators.mlp._options import REGRESSION_LOSSES, SCHEDULES, SOLVERS
from skmlp.initializers import INITIALIZERS
from skmlp.output_activations import OUTPUT_ACTIVATIONS


def _option_of(argument: str, *options: str) -> Rule:
    return one_of(*options, synonyms=SYNONYMS[argument])


_scorer_name = replace(
    _option_of("scoring", "loss", *get_scorer_names()),
    text="'loss' or a name from `sklearn.metrics.get_scorer_names`",
)
_learning_rate_init = real(0, open_low=True)
MLP_RULES: dict[str, Rule] = {
    "hidden_layer_sizes": per_layer_rule(integer(1)),
    "n_hidden_layers": exactly(None) | integer(0),
    "activation": per_layer_rule(_option_of("activation", *ACTIVATIONS)),
    "solver": _option_of("solver", *SOLVERS),
    "alpha": real(0),
    "batch_size": one_of("auto") | integer(1),
    "learning_rate": _option_of("learning_rate", *SCHEDULES).unless_meant_for(
        learning_rate_init=_learning_rate_init
    ),
    "learning_rate_init": _learning_rate_init,
    "power_t": real(0),
    "max_iter": integer(1),
    "shuffle": boolean(),
    "random_state": random_state(),
    "tol": real(0),
    "verbose": boolean() | integer(0),
    "warm_start": boolean(),
    "momentum": real(0, 1),
    "nesterovs_momentum": boolean(),
    "early_stopping": boolean(),
    "validation_fraction": real(0, 1, open_high=True),
    "beta_1": real(0, 1, open_high=True),
    "beta_2": real(0, 1, open_high=True),
    "epsilon": real(0, open_low=True),
    "n_iter_no_change": integer(1) | exactly(float("inf")),
    "max_fun": integer(1),
    "warmup_iter": integer(0),
    "dropout": per_layer_rule(real(0, 1, open_high=True)),
    "max_grad_norm": exactly(None) | real(0, open_low=True),
    "averaging": real(0, 1, open_high=True),
    "weight_init": _option_of("weight_init", "auto", *INITIALIZERS),
    "frozen_layers": integer(0),
    "scoring": exactly(None) | _scorer_name | Rule("a callable", callable),
    "dtype": _option_of("dtype", "auto", "float32", "float64") | dtype_of("float32", "float64"),
}

CLASSIFIER_RULES: dict[str, Rule] = {
    **MLP_RULES,
    "class_weight": exactly(None) | one_of("balanced") | instance_of(dict, "a dict"),
    "label_smoothing": real(0, 1, open_high=True),
}

REGRESSOR_RULES: dict[str, Rule] = {
    "loss": _option_of("loss", *REGRESSION_LOSSES).unless_meant_for(
        hidden_layer_sizes=MLP_RULES["hidden_layer_sizes"]
    ),
    **MLP_RULES,
    "huber_delta": real(0, open_low=True),
    "quantile": real(0, 1, open_low=True, open_high=True),
    "out_activation": _option_of("out_activation", "auto", *OUTPUT_ACTIVATIONS),
    "normalize_y": boolean(),
}
