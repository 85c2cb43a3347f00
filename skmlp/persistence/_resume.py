"""Going on with a training that was written down."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from skmlp.estimators.common._callbacks import Fit, NetworkCallback
from skmlp.estimators.tabular._base import BaseTabularMLP
from skmlp.estimators.tabular._observers import EnsembleCallback, EnsembleFit, EnsembleObserver
from skmlp.persistence._checkpoint import ESTIMATORS, GENERATOR, Checkpoint
from skmlp.persistence._file import damaged, read_file
from skmlp.persistence._fingerprint import fingerprint
from skmlp.persistence._writers import CheckpointFile, EnsembleWriter, Writer
from skmlp.training.observer import Observer


def resume(
    path: str | os.PathLike,
    X: Any,
    y: Any,
    sample_weight: Any = None,
    X_val: Any = None,
    y_val: Any = None,
    sample_weight_val: Any = None,
) -> Any:
    """Finish a fit from a file of `Checkpoint`.

    The result is bit-identical to that of the fit nobody disturbed, on the same machine with the
    same versions of the libraries. The file is kept up to date on the way, so that the resumed fit
    may be interrupted, too. It is not removed in the end.

    Parameters
    ----------
    path : str or path-like
        The file. It may come from others: nothing in it can run code.
    X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
        The training inputs of the fit.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        The training targets of the fit.
    sample_weight : array-like of shape (n_samples,), default=None
        The sample weights of the fit, if it had any.
    X_val, y_val, sample_weight_val : array-likes, default=None
        The validation set of the fit, if it was given one.

    Returns
    -------
    estimator : MLPClassifier, MLPRegressor, TabularMLPClassifier or TabularMLPRegressor
        The fitted estimator, with the constructor arguments of the interrupted one.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, truncated, no checkpoint or of another format, or the data are not
        those of the fit.
    ImportError
        If scikit-learn is older than 1.9.

    See Also
    --------
    Checkpoint : Writes the file, and has an example.
    """
    path = Path(path)
    contents = read_file(path)
    try:
        checkpoint = Checkpoint(path, contents["every"])
        estimator = _rebuild(contents["beginning"])
        rng = np.random.RandomState()
        rng.set_state(contents["beginning"]["rng"])
        resumption = Resumption(checkpoint, contents)
    # What a forged file lacks shows in any way.
    except Exception as error:
        raise damaged(path, error) from error
    random_state = estimator.random_state
    # The fit begins as it began and is carried forward to where the file ends.
    estimator.set_params(random_state=rng).set_callbacks(resumption)
    estimator.fit(
        X, y, sample_weight, X_val=X_val, y_val=y_val, sample_weight_val=sample_weight_val
    )
    if random_state != GENERATOR:
        estimator.set_params(random_state=random_state)
    return estimator.set_callbacks(checkpoint)


class Resumption(NetworkCallback, EnsembleCallback):
    """Carries a training that is about to begin forward to where a file ends."""

    def __init__(self, checkpoint: Checkpoint, contents: dict[str, Any]):
        beginning = contents["beginning"]
        self._file = CheckpointFile(Path(checkpoint.path), checkpoint.every, beginning)
        self._data = dict(beginning["data"])
        self._training = contents["training"]
        if issubclass(ESTIMATORS[beginning["estimator"]], BaseTabularMLP):
            self._training = list(self._training)

    def watch_network(self, fit: Fit) -> Observer:
        _check_same_data(self._data, fingerprint(fit))
        return Writer(self._file.path, self._file.every, self._file.write, self._training)

    def watch_ensemble(self, fit: EnsembleFit) -> EnsembleObserver:
        _check_same_data(self._data, fingerprint(fit))
        return EnsembleWriter(self._file, fit.in_processes, self._training)


def _rebuild(beginning: dict[str, Any]) -> Any:
    """Return the estimator as it was when the fit began."""
    estimator = ESTIMATORS[beginning["estimator"]](**beginning["arguments"])
    if beginning["carried"] is not None:
        estimator._take_up(beginning["carried"])
    return estimator


def _check_same_data(written: dict[str, str | None], given: dict[str, str | None]) -> None:
    for name in given:
        if written.get(name) != given[name]:
            difference = _difference(written.get(name), given[name])
            raise ValueError(
                f"`{name}` must be that of the interrupted fit; got {difference}. Pass the same "
                "data, or fit anew."
            )


def _difference(written: str | None, given: str | None) -> str:
    if written is None:
        return "one where the fit had none"
    return "none where the fit had one" if given is None else "other values or names"
