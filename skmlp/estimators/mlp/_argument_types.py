"""The constructor arguments of the MLPs, by type."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

ActivationName: TypeAlias = Literal[
    "identity",
    "logistic",
    "tanh",
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "mish",
    "softplus",
]
SolverName: TypeAlias = Literal[
    "sgd", "adam", "adamw", "muon", "nadam", "rmsprop", "adagrad", "lbfgs"
]
ScheduleName: TypeAlias = Literal[
    "constant", "invscaling", "adaptive", "exponential", "cosine", "one_cycle"
]
InitializerName: TypeAlias = Literal[
    "auto",
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_uniform",
    "lecun_normal",
]
LossName: TypeAlias = Literal["squared_error", "absolute_error", "huber", "quantile", "poisson"]
OutActivationName: TypeAlias = Literal[
    "auto", "identity", "relu", "softplus", "exp", "logistic", "tanh"
]
Sizes: TypeAlias = int | Sequence[int] | NDArray[np.integer[Any]]
Scoring: TypeAlias = str | Callable[..., float] | None
FloatDtype: TypeAlias = (
    Literal["float32", "float64"]
    | type[np.float32]
    | type[np.float64]
    | np.dtype[np.float32]
    | np.dtype[np.float64]
)
Dtype: TypeAlias = Literal["auto"] | FloatDtype
ClassWeight: TypeAlias = Mapping[Any, float] | Literal["balanced"] | None


class MLPArguments:
    """What the classifier's constructor and the regressor's both take."""

    hidden_layer_sizes: Sizes
    activation: ActivationName | Sequence[ActivationName]
    solver: SolverName
    alpha: float
    batch_size: int | Literal["auto"]
    learning_rate: ScheduleName
    learning_rate_init: float
    power_t: float
    max_iter: int
    shuffle: bool
    random_state: int | np.random.RandomState | None
    tol: float
    verbose: bool | int
    warm_start: bool
    momentum: float
    nesterovs_momentum: bool
    early_stopping: bool
    validation_fraction: float
    beta_1: float
    beta_2: float
    epsilon: float
    n_iter_no_change: int | float
    max_fun: int
    n_hidden_layers: int | None
    warmup_iter: int
    dropout: float | Sequence[float]
    max_grad_norm: float | None
    averaging: float
    weight_init: InitializerName
    frozen_layers: int
    scoring: Scoring
    dtype: Dtype


class ClassifierArguments(MLPArguments):
    """What the classifier's constructor takes."""

    class_weight: ClassWeight
    label_smoothing: float


class RegressorArguments(MLPArguments):
    """What the regressor's constructor takes."""

    loss: LossName
    huber_delta: float
    quantile: float
    out_activation: OutActivationName
    normalize_y: bool
