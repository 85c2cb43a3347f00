"""The order of the gallery: what a network is, then its losses, then its training."""

ORDER = [
    "logic_gates",
    "iris_perceptron",
    "playground",
    "hidden_neurons",
    "activations",
    "predictions_against_targets",
    "huber_outliers",
    "output_activations",
    "multilabel_digits",
    "label_smoothing",
    "fashion_mnist_confusions",
    "covertype_class_weights",
    "loss_curves",
    "learning_rate_range",
    "schedules",
    "batch_size_warmup",
    "stretch_pants",
    "transfer",
    "random_search",
]


class GalleryOrder:
    """Sorts scripts by `ORDER`; those that are not in it come last, by name.

    Parameters
    ----------
    src_dir : str
        Where the scripts are.
    """

    def __init__(self, src_dir):
        self._src_dir = src_dir

    def __call__(self, filename):
        """Return the key of a script."""
        name = filename.removeprefix("plot_").removesuffix(".py")
        return (ORDER.index(name) if name in ORDER else len(ORDER), name)
