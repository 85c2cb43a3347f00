"""What other libraries and textbooks call the options here, by argument, in lower case."""

_LOGISTIC = {"sigmoid": ("logistic",)}
_IDENTITY = {"linear": ("identity",)}

SYNONYMS: dict[str, dict[str, tuple[str, ...]]] = {
    "activation": {**_LOGISTIC, **_IDENTITY, "swish": ("silu",), "lrelu": ("leaky_relu",)},
    "out_activation": {**_LOGISTIC, **_IDENTITY},
    "solver": {
        "l-bfgs-b": ("lbfgs",),
        "bfgs": ("lbfgs",),
        "momentum": ("sgd",),
        "nesterov": ("sgd",),
        "gd": ("sgd",),
    },
    "learning_rate": {
        "reduce_on_plateau": ("adaptive",),
        "plateau": ("adaptive",),
        "cosine_annealing": ("cosine",),
        "onecycle": ("one_cycle",),
    },
    "loss": {
        "mse": ("squared_error",),
        "l2": ("squared_error",),
        "mae": ("absolute_error",),
        "l1": ("absolute_error",),
        "smooth_l1": ("huber",),
        "pinball": ("quantile",),
    },
    "weight_init": {
        "he": ("he_uniform", "he_normal"),
        "kaiming": ("he_uniform", "he_normal"),
        "kaiming_uniform": ("he_uniform",),
        "kaiming_normal": ("he_normal",),
        "glorot": ("glorot_uniform", "glorot_normal"),
        "xavier": ("glorot_uniform", "glorot_normal"),
        "xavier_uniform": ("glorot_uniform",),
        "xavier_normal": ("glorot_normal",),
        "lecun": ("lecun_uniform", "lecun_normal"),
    },
    "scoring": {
        "mse": ("neg_mean_squared_error",),
        "mae": ("neg_mean_absolute_error",),
        "rmse": ("neg_root_mean_squared_error",),
        "log_loss": ("neg_log_loss",),
        "auc": ("roc_auc",),
    },
    "dtype": {"float": ("float64",), "double": ("float64",), "single": ("float32",)},
}
