"""The callback that writes a training down."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import numpy as np

from skmlp.estimators.common._callbacks import Fit, TrainingCallback
from skmlp.estimators.common._rules import dtype_name, integer
from skmlp.estimators.mlp._classifier import MLPClassifier
from skmlp.estimators.mlp._regressor import MLPRegressor
from skmlp.parameters import Parameters
from skmlp.persistence._file import remove_leftovers, write_file
from skmlp.persistence._fingerprint import fingerprint
from skmlp.persistence._plain import to_json
from skmlp.training.observer import Observer
from skmlp.training.result import EpochRecord

# The classes that a file may name.
ESTIMATORS: dict[str, Any] = {"MLPClassifier": MLPClassifier, "MLPRegressor": MLPRegressor}
# Stands in a file for a `random_state` that is a generator, whose state the file holds anyway.
GENERATOR = "RandomState"


class Checkpoint(TrainingCallback):
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
        Epochs from one writing to the next.

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
        estimator : MLPClassifier or MLPRegressor
            The estimator whose fit begins.
        context : CallbackContext
            Not used.

        Raises
        ------
        TypeError
            If the estimator is neither of the two.
        ValueError
            If `path` is no file or lies in no folder, or an argument of the estimator cannot be
            written.
        """
        if type(estimator) not in ESTIMATORS.values():
            raise TypeError(
                f"`Checkpoint` must be set on one of {', '.join(ESTIMATORS)} itself; got "
                f"{type(estimator).__name__}. In a pipeline, set it on the last step."
            )
        if not Path(self.path).parent.is_dir():
            raise ValueError(
                f"`path` must lie in a folder that exists; got {self.path!r}. Make the folder."
            )
        if Path(self.path).is_dir():
            raise ValueError(
                f"`path` must be a file; got {self.path!r}, a folder. Add a name, such as "
                "'fit.npz'."
            )
        if Path(self.path).exists() and not Path(self.path).is_file():
            raise ValueError(
                f"`path` must be a file; got {self.path!r}, a device or pipe. Choose a name "
                "that is free."
            )
        written_arguments(estimator)

    def watch(self, fit: Fit) -> Observer:
        """Return the observer that writes the file."""
        return Writer(self, _written_beginning(fit), fit)


class Writer(Observer):
    """Writes a training down after every n-th epoch, with the beginning of its fit each time."""

    def __init__(self, checkpoint: Checkpoint, beginning: dict[str, Any], fit: Fit):
        self._path = Path(checkpoint.path)
        self._every = checkpoint.every
        self._beginning = beginning
        self._state = fit.state
        remove_leftovers(self._path)

    def begin_epoch(self, epoch: int) -> None:
        """See `Observer`."""

    def end_epoch(self, record: EpochRecord, parameters: Parameters) -> bool:
        """See `Observer`."""
        if record.epoch % self._every == 0:
            contents = {
                "every": self._every,
                "beginning": self._beginning,
                "training": self._state.to_plain(parameters),
            }
            _call_to_the_end(write_file, self._path, contents)
        return False


def _call_to_the_end(function: Callable[..., None], *arguments: Any) -> None:
    """Call a function, and raise an interruption by the user when it is over.

    Ctrl-C reaches the main thread alone. In it, an archive would raise an error of its own in place
    of the interruption; and the training must not change arrays that are being written.
    """
    interruption = None
    with ThreadPoolExecutor(1) as pool:
        # A thread that runs already is waited for, whenever the interruption comes.
        pool.submit(int).result()
        call = pool.submit(function, *arguments)
        while True:
            try:
                wait([call])
                break
            except KeyboardInterrupt as error:
                interruption = error
    if interruption is not None:
        raise interruption
    call.result()


def written_arguments(estimator: Any) -> dict[str, Any]:
    """Return the constructor arguments as a file can hold them.

    Raises
    ------
    ValueError
        If a file cannot hold one of them.
    """
    arguments = estimator.get_params(deep=False)
    if isinstance(arguments["random_state"], np.random.RandomState):
        arguments["random_state"] = GENERATOR
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
