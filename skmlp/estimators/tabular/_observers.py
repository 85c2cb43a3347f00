"""Who watches the training of an ensemble: callbacks, what `verbose` prints, a checkpoint."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from skmlp._typing import Array
from skmlp.estimators.common._held_out import HeldOut
from skmlp.estimators.common._sklearn import open_task_of_members
from skmlp.estimators.tabular._member import Data
from skmlp.training.data import Samples


class EnsembleObserver(ABC):
    """Hears of every network of an ensemble, in the process of the fit, and may end the fit."""

    @abstractmethod
    def begin_member(self, member: int, network: Any) -> None:
        """Hear that a network, counted from 0, is about to be trained.

        Parameters
        ----------
        member : int
        network : estimator
            Not fitted; callbacks may be added to it.
        """

    @abstractmethod
    def end_member(self, member: int, network: Any, seconds: float) -> bool:
        """Hear that a network is trained; return whether there should be no more of them."""


@dataclass(frozen=True)
class EnsembleFit:
    """The fit of an ensemble that is about to train: the same beginning leads to the same end.

    Parameters
    ----------
    estimator : estimator
        Its constructor arguments.
    rng : dict
        The state of the random generator before its first draw, as plain arrays and numbers.
    samples : Samples
        Encoded.
    labels : ndarray of shape (n_samples,) or (n_samples, n_outputs)
    held_out : HeldOut or None
        The validation set that the user gave, encoded.
    in_processes : bool
        Whether the networks are trained in processes of their own.
    """

    estimator: Any
    rng: dict[str, Any]
    samples: Samples
    labels: Array
    held_out: HeldOut | None
    in_processes: bool

    # Nothing of an earlier fit: there is no warm start.
    carried = None


def ensemble_fit(
    estimator: Any, rng: dict[str, Any], data: Data, validation: Data | None, in_processes: bool
) -> EnsembleFit:
    """Return the fit of an ensemble to encoded rows."""
    held_out = None
    if validation is not None:
        held_out = HeldOut(validation.X, validation.y, validation.y, validation.weight)
    samples = Samples(data.X, data.y, data.weight)
    return EnsembleFit(estimator, rng, samples, data.y, held_out, in_processes)


class EnsembleCallback(ABC):
    """A callback of scikit-learn's protocol that is shown the whole training of an ensemble."""

    @abstractmethod
    def watch_ensemble(self, fit: EnsembleFit) -> EnsembleObserver:
        """Return the observer of a fit that is about to train."""


class MemberCallbacks(EnsembleObserver):
    """Makes each network a task that the callbacks of an ensemble hear of.

    Those that scikit-learn hands on to sub-estimators hear of its epochs, too.

    Parameters
    ----------
    ensemble : estimator
        Whose fit begins, as a task.
    arguments : dict
        What is told of every task.
    attributes_so_far : callable
        Gives the fitted attributes of an ensemble of these networks.
    """

    def __init__(
        self,
        ensemble: Any,
        arguments: dict[str, Any],
        attributes_so_far: Callable[[list[Any]], dict[str, Any]],
    ):
        self._fit = open_task_of_members(ensemble).call_on_fit_task_begin(**arguments)
        self._arguments = arguments
        self._attributes_so_far = attributes_so_far
        self._networks: list[Any] = []
        self._open: dict[int, tuple[Any, ExitStack]] = {}

    def begin_member(self, member: int, network: Any) -> None:
        """See `EnsembleObserver`."""
        task, stack = self._fit.subcontext(task_name="network", task_id=member), ExitStack()
        stack.enter_context(task.propagate_callback_context(network))
        self._open[member] = task, stack
        task.call_on_fit_task_begin(**self._arguments)

    def end_member(self, member: int, network: Any, seconds: float) -> bool:
        """See `EnsembleObserver`."""
        task, stack = self._open.pop(member)
        stack.close()
        self._networks.append(network)
        so_far = partial(self._attributes_so_far, list(self._networks))
        stop: bool = task.call_on_fit_task_end(**self._arguments, reconstruction_attributes=so_far)
        return stop

    def close(self) -> None:
        """End the task of the whole fit; the ensemble is fitted by then."""
        self._fit.call_on_fit_task_end(**self._arguments, reconstruction_attributes={})


class MemberPrinter(EnsembleObserver):
    """Prints a line per network.

    Parameters
    ----------
    n_members : int
        The largest number of networks that there may be.
    """

    def __init__(self, n_members: int):
        self._n_members = n_members

    def begin_member(self, member: int, network: Any) -> None:
        """See `EnsembleObserver`."""
        if network.verbose:
            print(self._name(member))

    def end_member(self, member: int, network: Any, seconds: float) -> bool:
        """See `EnsembleObserver`."""
        print(
            self._name(member),
            f"epochs {network.n_iter_}",
            f"best epoch {network.best_iteration_}",
            f"validation score {network.best_validation_score_:.6f}",
            f"seconds {seconds:.1f}",
            sep="  ",
        )
        return False

    def _name(self, member: int) -> str:
        return f"network {member + 1:>{len(str(self._n_members))}}/{self._n_members}"
