"""Which tests are a module's own: what must notice when its code changes, the fastest first."""

TWINS = "kernels::test_the_table_is_complete"
NETWORK = ("parameters", "transfer", "gradients", "oracles")
EPOCHS = ("cut_short", "fit", "validation", "weights", "training_options", "transfer", "oracles")
PERCEPTRON = ("perceptron_rule", "perceptron", "perceptron_state", "perceptron_sklearn")

FILES = {
    "activations": ("activations", TWINS),
    "losses": ("losses", "gradients", TWINS),
    "output_activations": ("activations", "losses"),
    "penalties": ("weights", "gradients", TWINS),
    "optimizers": ("optimizers", "memory", TWINS),
    "schedules": ("schedules", "training_options"),
    "initializers": ("initializers",),
    "dropout": ("dropout",),
    "parameters": NETWORK,
    "network": ("memory", *NETWORK, "dropout", "predictions", TWINS),
    "_memory": ("memory",),
    "_kernels/__init__": ("imports", "kernels"),
    "training/blas": ("blas",),
    "training/data": ("transfer", "gradients", "weights", "validation", "containers", TWINS),
    "training/full_batch": (*EPOCHS, "blas"),
    "training/monitor": ("monitor", "cut_short", "validation"),
    "training/objective": ("transfer", "gradients", "weights", "cut_short", "oracles"),
    "training/online": (*PERCEPTRON, "callbacks"),
    "training/online_blocks": (*PERCEPTRON, TWINS),
    "training/online_penalised": PERCEPTRON,
    "training/online_rule": PERCEPTRON,
    "training/result": EPOCHS,
    "training/stochastic": (*EPOCHS, "schedules", "checkpoint"),
    "training/supervisor": (*EPOCHS, "callbacks"),
    "training/sweep": ("inspection",),
}


def _path(name: str) -> str:
    file, *test = name.split("::")
    return "::".join([f"tests/test_{file}.py", *test])


OWN_TESTS = {
    f"skmlp/{module}.py": [_path(name) for name in names] for module, names in FILES.items()
}


def mode(path: str) -> str:
    """Return what `SKMLP_KERNELS` is for a module: its own definitions serve, not their twins."""
    return "compiled" if path == "skmlp/_kernels/__init__.py" else "reference"
