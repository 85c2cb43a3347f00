"""The callback that writes a training down."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from skmlp.estimators.common._argument_rules import dtype_name, integer
from skmlp.estimators.common._callbacks import Fit, NetworkCallback
from skmlp.estimators.mlp._classifier import MLPClassifier
from skmlp.estimators.mlp._regressor import MLPRegressor
from skmlp.estimators.tabular._classifier import TabularMLPClassifier
from skmlp.estimators.tabular._observers import EnsembleCallback, EnsembleFit, EnsembleObserver
from skmlp.estimators.tabular._regressor import TabularMLPRegressor
from skmlp.persistence._fingerprint import fingerprint
from skmlp.persistence._plain import to_json
from skmlp.persistence._writers import CheckpointFile, EnsembleWriter, Writer
from skmlp.training.observer import Observer

# The classes that a file may name.
ESTIMATORS: dict[str, Any] = {
    estimator.__name__: estimator
    for estimator in (MLPClassifier, MLPRegressor, TabularMLPClassifier, TabularMLPRegressor)
}
# Stands in a file for a `random_state` that is a generator, whose state the file holds anyway.
GENERATOR = "RandomState"


class Checkpoint(NetworkCallback, EnsembleCallback):
    """Callback that saves the whole training after every n-th epoch, for `resume` to go on from.

    The file holds the parameters, the states of optimizer, schedule, early stopping and random
    generators, the curves, the constructor arguments and a hash of the data, but not the data. It
    is replaced as a whole or not at all: whatever ends the process, the last whole file survives.
    There is no pickle in it, and nothing in it can run code.

    Parameters
    ----------
    path : str or path-like
        The file to write, by convention ``.npz``. Its folder must exist. One file serves one fit:
        `fit` replaces the file of an earlier one, and in a search every fit that of the one before.
    every : int, default=1
        Epochs from one writing to the next. Each waits some milliseconds for the disk: raise it
        where an epoch takes less.

    See Also
    --------
    resume : Finishes an interrupted fit.

    Notes
    -----
    Callbacks need scikit-learn 1.9 or later. Other callbacks of the estimator are not in the file.
    `partial_fit` calls none: between two calls, save the estimator with ``joblib.dump``.
    :class:`~skmlp.PerceptronClassifier` takes other callbacks, not this one; its `partial_fit` is
    saved likewise.

    A script that is started again after it was killed must not begin anew::

        model = resume(path, X, y) if os.path.exists(path) else model.fit(X, y)

    What a killed writing left beside the file, the next fit of the same `path` clears away.

    Of an ensemble for tables the file holds all networks that are finished, and the one in
    training; with `n_jobs`, where they are trained in processes of their own, the finished ones
    alone. What is finished is not trained again, but written again each time: raise `every`. The
    last training of all networks, from all rows, is not in the file, and repeated. There is
    no `max_time` then: how far a fit came would depend on the clock.

    With ``solver="lbfgs"`` the file holds the beginning of the fit: SciPy keeps the state of
    L-BFGS-B to itself, so `resume` repeats the iterations. The result is the same, bit for bit;
    the time is spent anew.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn.datasets import load_iris
    >>> from skmlp import Checkpoint, MLPClassifier, resume
    >>> X, y = load_iris(return_X_y=True)
    >>> path = Path(tempfile.mkdtemp()) / "iris.npz"
    >>> classifier = MLPClassifier(solver="sgd", max_iter=20, random_state=0)
    >>> classifier = classifier.set_callbacks(Checkpoint(path, every=5)).fit(X, y)
    >>> resumed = resume(path, X, y)
    >>> (resumed.coefs_[0] == classifier.coefs_[0]).all()
    np.True_
    """

    def __init__(self, path: str | os.PathLike, every: int = 1):
        integer(1).check("every", every)
        # A string: a path has another class on another system, and none that skops trusts.
        self.path = str(Path(path))
        self.every = int(every)

    def setup(self, estimator: Any, context: Any) -> None:
        """Refuse what no file could bring back, before any training.

        Parameters
        ----------
        estimator : MLPClassifier, MLPRegressor, TabularMLPClassifier or TabularMLPRegressor
            The estimator whose fit begins.
        context : CallbackContext
            Not used.

        Raises
        ------
        TypeError
            If the estimator is none of these.
        ValueError
            If `path` is no file or lies in no folder, or an argument of the estimator cannot be
            written.
        """
        if type(estimator) not in ESTIMATORS.values():
            raise TypeError(
                f"`Checkpoint` must be set on one of {', '.join(ESTIMATORS)} itself; got "
                f"{type(estimator).__name__}. In a pipeline, set it on the last step."
            )
        path = Path(self.path)
        if not path.parent.is_dir():
            raise ValueError(
                f"`path` must lie in a folder that exists; got {self.path!r}. Make the folder."
            )
        if path.is_dir():
            raise ValueError(
                f"`path` must be a file; got {self.path!r}, a folder. Add a name, such as "
                "'fit.npz'."
            )
        if path.exists() and not path.is_file():
            raise ValueError(
                f"`path` must be a file; got {self.path!r}, a device or pipe. Choose a name "
                "that is free."
            )
        if getattr(estimator, "max_time", None) is not None:
            raise ValueError(
                "`max_time` must be None where a `Checkpoint` is to be written, for the same fit "
                f"would not come to the same end; got {estimator.max_time!r}. Lower `max_iter` or "
                "`n_estimators` instead."
            )
        written_arguments(estimator)

    def watch_network(self, fit: Fit) -> Observer:
        """Return the observer that writes the file."""
        file = self._file(fit)
        return Writer(file.path, file.every, file.write)

    def watch_ensemble(self, fit: EnsembleFit) -> EnsembleObserver:
        """Return the observer of an ensemble that writes the file."""
        return EnsembleWriter(self._file(fit), fit.in_processes)

    def _file(self, fit: Fit) -> CheckpointFile:
        return CheckpointFile(Path(self.path), self.every, _written_beginning(fit))


def written_arguments(estimator: Any) -> dict[str, Any]:
    """Return the constructor arguments as a file can hold them."""
    arguments = estimator.get_params(deep=False)
    if isinstance(arguments["random_state"], np.random.RandomState):
        arguments["random_state"] = GENERATOR
    if "dtype" in arguments:
        arguments["dtype"] = dtype_name(arguments["dtype"])
    for name, value in arguments.items():
        try:
            to_json(value, {})
        except TypeError:
            raise ValueError(
                f"`{name}` must be made of numbers, strings and arrays where a `Checkpoint` is to "
                f"be written; got {value!r}, which only a pickle could hold. Name a scorer by its "
                "string, or fit without `Checkpoint`."
            ) from None
    return arguments


def _written_beginning(fit: Fit) -> dict[str, Any]:
    if fit.rng["bit_generator"] != "MT19937":
        raise ValueError(
            "`random_state` must draw from MT19937, as numpy.random.RandomState does by itself, "
            f"where a `Checkpoint` is to be written; got {fit.rng['bit_generator']}. Pass an "
            "integer."
        )
    return {
        "estimator": type(fit.estimator).__name__,
        "arguments": written_arguments(fit.estimator),
        "rng": fit.rng,
        "carried": fit.carried,
        "data": fingerprint(fit),
    }
