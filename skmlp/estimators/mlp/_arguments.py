"""The constructor arguments of the MLPs, by type."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


class MLPArguments:
    """What the classifier's constructor and the regressor's both take."""

    hidden_layer_sizes: int | Sequence[int]
    activation: str | Sequence[str]
    solver: str
    alpha: float
    batch_size: int | str
    learning_rate: str
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
    n_iter_no_change: float
    max_fun: int
    n_hidden_layers: int | None
    warmup_iter: int
    dropout: float | Sequence[float]
    max_grad_norm: float | None
    weight_init: str
    frozen_layers: int
    scoring: str | Callable[..., float] | None
    dtype: Any


class ClassifierArguments(MLPArguments):
    """What the classifier's constructor takes."""

    class_weight: dict | str | None
    label_smoothing: float


class RegressorArguments(MLPArguments):
    """What the regressor's constructor takes."""

    loss: str
    huber_delta: float
    quantile: float
    out_activation: str
    normalize_y: bool
