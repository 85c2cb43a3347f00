"""Which tests are a module's own: what must notice when its code changes, the fastest first."""

TWINS = "kernels::test_every_operation_is_compiled"
NETWORK = ("parameters", "transfer", "gradients", "oracles")
EPOCHS = ("cut_short", "fit", "validation", "weights", "training_options", "transfer", "oracles")
PERCEPTRON = ("perceptron_rule", "perceptron", "perceptron_state", "perceptron_sklearn")

FILES = {
    "activations": ("activations", TWINS),
    "losses": ("losses", "gradients", TWINS),
    "output_activations": ("activations", "losses"),
    "penalties": ("weights", "gradients", TWINS),
    "optimizers": ("optimizers", "memory", "layers", TWINS),
    "schedules": ("schedules", "training_options"),
    "initializers": ("initializers",),
    "dropout": ("dropout",),
    "parameters": NETWORK,
    "layers/layer": ("layers", *NETWORK),
    "layers/dense": ("layers", "memory", *NETWORK, "dropout", TWINS),
    "layers/scale": ("layers", "train"),
    "network": ("layers", *NETWORK, "predictions", "train"),
    "_arrays": ("memory", "layers", TWINS),
    "_kernels/__init__": (TWINS, "kernels"),
    "training/blas": ("blas",),
    "training/data": (
        "batches",
        "transfer",
        "gradients",
        "weights",
        "validation",
        "containers",
        "kernels::test_gather_refuses_what_does_not_fit",
        "kernels::test_gather_reads_nothing_beyond_the_array",
        TWINS,
    ),
    "training/early_stopping": ("monitor", "cut_short", "validation"),
    "training/full_batch": ("train", *EPOCHS, "blas"),
    "training/mini_batches": ("train", *EPOCHS, "schedules", "checkpoint"),
    "training/objective": ("transfer", "gradients", "weights", "cut_short", "oracles"),
    "training/options": ("train",),
    "training/result": ("train", *EPOCHS),
    "training/state": (
        "train",
        "refusals::test_every_option_can_be_turned_on_between_two_calls_of_partial_fit",
        "checkpoint",
        "fitted_state",
        *EPOCHS,
    ),
    "training/supervisor": ("train", *EPOCHS, "fitted_state", "callbacks"),
    "training/train": ("train", "fit", "transfer"),
    "inspection/_sweep": ("inspection",),
    "perceptron/training": (*PERCEPTRON, "callbacks"),
    "perceptron/blocks": (*PERCEPTRON, TWINS),
    "perceptron/penalised": PERCEPTRON,
    "perceptron/rule": PERCEPTRON,
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
