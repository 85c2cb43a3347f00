"""Constructor arguments to core objects.

Solvers, schedules and losses have their names here, activations and initializers in their leaves.
No other module of the estimators compares an argument with one of them.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from skmlp import losses, schedules
from skmlp.activations import ACTIVATIONS
from skmlp.dropout import AlphaDropout, Dropout, InvertedDropout
from skmlp.estimators.common._argument_rules import is_sequence
from skmlp.estimators.mlp._argument_types import (
    ClassifierArguments,
    MLPArguments,
    RegressorArguments,
)
from skmlp.initializers import INITIALIZERS, Initializer, uniform_everywhere
from skmlp.muon import Muon
from skmlp.network import Network, perceptron_layers
from skmlp.optimizers import SGD, Adagrad, Adam, DecoupledDecay, NAdam, Optimizer, RMSprop
from skmlp.output_activations import OUTPUT_ACTIVATIONS
from skmlp.parameters import Parameters
from skmlp.training.options import LBFGS, TrainingOptions

# From this many parameters on, `dtype="auto"` trains in float32: below, the arithmetic is not what
# an epoch costs.
FLOAT32_THRESHOLD = 4_000
AUTO_BATCH_SIZE = 200
# The difference of two targets overflows beyond.
_LARGEST_TARGET = float(np.finfo(np.float64).max) / 2

OPTIMIZERS: dict[str, Callable[[MLPArguments], Optimizer]] = {
    "sgd": lambda p: SGD(float(p.momentum), bool(p.nesterovs_momentum)),
    "adam": lambda p: Adam(float(p.beta_1), float(p.beta_2), float(p.epsilon)),
    "adamw": lambda p: DecoupledDecay(
        Adam(float(p.beta_1), float(p.beta_2), float(p.epsilon)), float(p.alpha)
    ),
    "muon": lambda p: DecoupledDecay(
        Muon(float(p.beta_1), float(p.beta_2), float(p.epsilon)), float(p.alpha)
    ),
    "nadam": lambda p: NAdam(float(p.beta_1), float(p.beta_2), float(p.epsilon)),
    "rmsprop": lambda p: RMSprop(float(p.beta_2), float(p.epsilon)),
    "adagrad": lambda p: Adagrad(float(p.epsilon)),
}

SOLVERS = (*OPTIMIZERS, "lbfgs")

SCHEDULES: dict[str, Callable[[MLPArguments], schedules.Schedule]] = {
    "constant": lambda p: schedules.Constant(float(p.learning_rate_init)),
    "invscaling": lambda p: schedules.InverseScaling(float(p.learning_rate_init), float(p.power_t)),
    "adaptive": lambda p: schedules.Adaptive(float(p.learning_rate_init)),
    "exponential": lambda p: schedules.Exponential(float(p.learning_rate_init), p.max_iter),
    "cosine": lambda p: schedules.Cosine(float(p.learning_rate_init), p.max_iter),
    "one_cycle": lambda p: schedules.OneCycle(float(p.learning_rate_init), p.max_iter),
}

REGRESSION_LOSSES: dict[str, Callable[[RegressorArguments], losses.PointwiseLoss]] = {
    "squared_error": lambda p: losses.SquaredError(),
    "absolute_error": lambda p: losses.AbsoluteError(),
    "huber": lambda p: losses.Huber(float(p.huber_delta)),
    "quantile": lambda p: losses.Quantile(float(p.quantile)),
    "poisson": lambda p: losses.Poisson(),
}

# Combinations of a loss and an output activation for which one formula is faster or more stable.
CANONICAL_LOSSES: dict[tuple[str, str], Callable[[], losses.OutputLoss]] = {
    ("squared_error", "identity"): losses.IdentitySquaredError,
    ("poisson", "exp"): losses.ExpPoisson,
}


def hidden_sizes(p: MLPArguments) -> list[int]:
    """Return the units of every hidden layer."""
    sizes: Any = p.hidden_layer_sizes
    widths = [int(width) for width in (sizes if is_sequence(sizes) else [sizes])]
    if p.n_hidden_layers is None:
        return widths
    if len(widths) != 1:
        raise ValueError(
            "`n_hidden_layers` must be None where `hidden_layer_sizes` names "
            f"{len(widths)} layers; got {p.n_hidden_layers!r} and {p.hidden_layer_sizes!r}. Give "
            "one width for all layers, or leave `n_hidden_layers` out."
        )
    return widths * int(p.n_hidden_layers)


def per_layer(name: str, value: Any, n_layers: int) -> list[Any]:
    """Return one value for every hidden layer from one for all or a sequence."""
    if not is_sequence(value):
        return [value] * n_layers
    if len(value) != n_layers:
        raise ValueError(
            f"`{name}` must have one entry per hidden layer, {n_layers} of them; got {value!r}. "
            "A single value serves all layers."
        )
    return list(value)


def activation_names(p: MLPArguments) -> list[str]:
    """Return the activation of every hidden layer."""
    return per_layer("activation", p.activation, len(hidden_sizes(p)))


def make_network(p: MLPArguments, n_features: int, n_outputs: int) -> Network:
    """Return the network that the arguments describe."""
    sizes, names = hidden_sizes(p), activation_names(p)
    rates = per_layer("dropout", p.dropout, len(sizes))
    return Network(
        perceptron_layers(
            [n_features, *sizes, n_outputs],
            [ACTIVATIONS[name] for name in names],
            [_make_dropout(name, float(rate)) for name, rate in zip(names, rates, strict=True)],
            make_initializers(p),
            int(p.frozen_layers),
        )
    )


def predicting_network(units: Sequence[int], names: Sequence[str]) -> Network:
    """Return a network for predicting: nothing is dropped."""
    return Network(perceptron_layers(units, [ACTIVATIONS[name] for name in names]))


def _make_dropout(activation: str, rate: float) -> Dropout | None:
    if rate == 0:
        return None
    return AlphaDropout(rate) if activation == "selu" else InvertedDropout(rate)


def make_initializers(p: MLPArguments) -> list[Initializer]:
    """Return the initializer of every layer, the output layer's by the last activation."""
    names = activation_names(p)
    last = names[-1] if names else "identity"
    return [_make_initializer(p.weight_init, name) for name in [*names, last]]


def _make_initializer(weight_init: str, activation: str) -> Initializer:
    if weight_init != "auto":
        return INITIALIZERS[weight_init]
    if activation == "selu":
        return INITIALIZERS["lecun_normal"]
    return uniform_everywhere(2.0 if activation == "logistic" else 6.0)


def training_options(p: MLPArguments) -> TrainingOptions:
    """Return how the arguments say that a network is trained."""
    return TrainingOptions(
        optimizer=make_optimizer(p) if is_stochastic(p) else LBFGS(int(p.max_fun)),
        schedule=make_schedule(p),
        max_epochs=int(p.max_iter),
        batch_size=AUTO_BATCH_SIZE if p.batch_size == "auto" else int(p.batch_size),
        shuffle=bool(p.shuffle),
        alpha=0.0 if decays(p) else float(p.alpha),
        max_grad_norm=None if p.max_grad_norm is None else float(p.max_grad_norm),
        tol=float(p.tol),
        patience=float(p.n_iter_no_change),
        early_stopping=bool(p.early_stopping),
        averaging=float(p.averaging),
    )


def make_optimizer(p: MLPArguments) -> Optimizer:
    """Return the optimizer that the arguments describe."""
    return OPTIMIZERS[p.solver](p)


def decays(p: MLPArguments) -> bool:
    """Return whether `alpha` is a decay of the weights and no penalty."""
    return is_stochastic(p) and isinstance(OPTIMIZERS[p.solver](p), DecoupledDecay)


def make_schedule(p: MLPArguments) -> schedules.Schedule:
    """Return the learning-rate schedule that the arguments describe."""
    schedule = SCHEDULES[p.learning_rate](p)
    return schedules.Warmup(schedule, p.warmup_iter) if p.warmup_iter else schedule


def cross_entropy(out_activation: str) -> losses.ClassificationLoss:
    """Return the cross-entropy behind an output activation, "softmax" or "logistic"."""
    return (
        losses.SoftmaxCrossEntropy() if out_activation == "softmax" else losses.BinaryCrossEntropy()
    )


def make_classification_loss(
    p: ClassifierArguments, out_activation: str, n_outputs: int
) -> losses.ClassificationLoss:
    """Return the loss of a classifier with `n_outputs` outputs."""
    loss = cross_entropy(out_activation)
    if p.label_smoothing == 0:
        return loss
    n_classes = n_outputs if out_activation == "softmax" else 2
    return losses.LabelSmoothing(loss, float(p.label_smoothing), n_classes)


def pointwise_loss(p: RegressorArguments) -> losses.PointwiseLoss:
    """Return the loss of a regressor's predictions."""
    return REGRESSION_LOSSES[p.loss](p)


def out_activation_name(p: RegressorArguments) -> str:
    """Return the output activation of a regressor."""
    if p.out_activation != "auto":
        return p.out_activation
    return "exp" if pointwise_loss(p).needs_positive else "identity"


def make_regression_loss(
    p: RegressorArguments, unit: np.ndarray | None = None
) -> losses.OutputLoss:
    """Return the loss, with output activation, of targets divided by `unit`, if by anything."""
    name = out_activation_name(p)
    if (p.loss, name) in CANONICAL_LOSSES:
        return CANONICAL_LOSSES[p.loss, name]()
    loss, output = pointwise_loss(p), OUTPUT_ACTIVATIONS[name]
    if loss.needs_positive and not output.positive:
        positive = [repr(name) for name, other in OUTPUT_ACTIVATIONS.items() if other.positive]
        raise ValueError(
            f"`loss={p.loss!r}` needs predictions above zero, from `out_activation` "
            f"{', '.join(positive[:-1])} or {positive[-1]}; got {name!r}."
        )
    return losses.OutputLoss(loss if unit is None else loss.in_units(unit), output)


def check_target_range(p: RegressorArguments, y: np.ndarray, name: str = "y") -> None:
    """Raise unless the network can reach every target, and float64 hold every difference."""
    largest = max(-float(y.min()), float(y.max()))
    if largest > _LARGEST_TARGET:
        raise ValueError(
            f"`{name}` must have values up to {_LARGEST_TARGET:g}, so that float64 can hold their "
            f"differences; got some up to {largest:g}. Divide it by a power of ten."
        )
    out_activation = out_activation_name(p)
    loss, output = pointwise_loss(p), OUTPUT_ACTIVATIONS[out_activation]
    low = max(loss.low, output.low)
    if y.min() < low or y.max() > output.high:
        other = "loss" if y.min() < loss.low else "out_activation"
        raise ValueError(
            f"`{name}` must lie in {_interval_text(low, output.high)} with `loss={p.loss!r}` and "
            f"`out_activation={out_activation!r}`; got values from {y.min():g} to {y.max():g}. "
            "Wrap the estimator in `sklearn.compose.TransformedTargetRegressor`, or choose another "
            f"`{other}`."
        )


def _interval_text(low: float, high: float) -> str:
    left = "(" if low == -np.inf else "["
    right = ")" if high == np.inf else "]"
    return f"{left}{low:g}, {high:g}{right}"


def check_combinations(p: MLPArguments) -> None:
    """Raise if arguments contradict each other, whatever the data."""
    _check_layers(p)
    _check_solver_options(p)
    _check_decay(p)


def _check_layers(p: MLPArguments) -> None:
    """Raise unless what is said of single layers fits their number."""
    n_layers = len(hidden_sizes(p))
    per_layer("activation", p.activation, n_layers)
    per_layer("dropout", p.dropout, n_layers)
    if p.frozen_layers > n_layers:
        raise ValueError(
            "`frozen_layers` must leave at least one layer to train, so be at most "
            f"{n_layers}; got {p.frozen_layers}."
        )


def is_stochastic(p: MLPArguments) -> bool:
    """Return whether the solver trains batch by batch."""
    return p.solver != "lbfgs"


def can_normalize_y(p: RegressorArguments) -> bool:
    """Return whether `normalize_y` has a meaning: predictions of any sign and size."""
    return out_activation_name(p) == "identity"


def check_normalisation(p: RegressorArguments) -> None:
    """Raise if standardised targets were out of the range of the predictions."""
    if p.normalize_y and not can_normalize_y(p):
        raise ValueError(
            "`normalize_y=True` needs predictions of any sign, `out_activation='identity'`; got "
            f"{out_activation_name(p)!r} with `loss={p.loss!r}`. Turn one of them off."
        )


def _check_solver_options(p: MLPArguments) -> None:
    """Raise if L-BFGS was given what only the stochastic solvers know.

    Arguments that scikit-learn has are exempt: it ignores them, and a swapped import must not fail.
    """
    if is_stochastic(p):
        return
    given = {
        "dropout": np.any(p.dropout),
        "max_grad_norm": p.max_grad_norm is not None,
        "averaging": p.averaging > 0,
        "warmup_iter": p.warmup_iter > 0,
        "learning_rate": p.learning_rate not in ("constant", "invscaling", "adaptive"),
    }
    for name in (name for name, ignored in given.items() if ignored):
        raise ValueError(
            f"`{name}` has no effect with `solver='lbfgs'`; got {getattr(p, name)!r}. Leave it at "
            "its default, or choose a stochastic solver."
        )


def _check_decay(p: MLPArguments) -> None:
    """Raise if decay took more off the weights than there is."""
    decay = float(p.alpha) * float(p.learning_rate_init)
    if decays(p) and decay > 1:
        raise ValueError(
            f"`alpha` times `learning_rate_init` must be at most 1 with `solver={p.solver!r}`, "
            f"which takes that part off every weight in each step; got {decay:g}. Lower one of "
            "them."
        )


def training_dtype(p: MLPArguments, parameters: Parameters) -> np.dtype:
    """Return the dtype to train in, of parameters in the dtype of the input."""
    if not (isinstance(p.dtype, str) and p.dtype == "auto"):
        return np.dtype(p.dtype)
    large = len(parameters.vector) >= FLOAT32_THRESHOLD
    return np.dtype(np.float32) if large and is_stochastic(p) else parameters.dtype
