"""Who watches the training of an ensemble: callbacks, what `verbose` prints, a checkpoint."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from skmlp.estimators.common._callbacks import Fit, PartCallbacks
from skmlp.estimators.common._held_out import HeldOut
from skmlp.estimators.common._sklearn import callbacks_of
from skmlp.training.data import Samples


class EnsembleObserver(ABC):
    """Hears of every network of an ensemble, in the process of the fit, and may end the fit."""

    @abstractmethod
    def begin_member(self, member: int, network: Any) -> None:
        """Hear that a network, counted from 0, is about to be trained; it may get callbacks."""

    @abstractmethod
    def end_member(self, member: int, network: Any, seconds: float) -> bool:
        """Hear that a network is trained; return whether there should be no more of them."""


@dataclass(frozen=True)
class EnsembleFit(Fit):
    """The fit of an ensemble, to encoded rows."""

    # Whether the networks are trained in processes of their own.
    in_processes: bool


def ensemble_fit(
    estimator: Any, rng: dict, samples: Samples, validation: Samples | None, in_processes: bool
) -> EnsembleFit:
    """Return the fit of an ensemble to encoded rows."""
    held_out = None
    if validation is not None:
        held_out = HeldOut(validation, validation.y)
    # There is no warm start that would carry anything.
    return EnsembleFit(estimator, rng, None, samples, samples.y, held_out, in_processes)


class EnsembleCallback(ABC):
    """A callback of scikit-learn's protocol that is shown the whole training of an ensemble."""

    @abstractmethod
    def watch_ensemble(self, fit: EnsembleFit) -> EnsembleObserver:
        """Return the observer of a fit that is about to train."""


def open_ensemble_watchers(ensemble: Any, fit: EnsembleFit) -> list[EnsembleObserver]:
    """Return the observers of the callbacks that have the training itself shown to one."""
    return [callback.watch_ensemble(fit) for callback in callbacks_of(ensemble, EnsembleCallback)]


class MemberCallbacks(PartCallbacks, EnsembleObserver):
    """Makes each network a task that callbacks hear of.

    Those that scikit-learn hands on to sub-estimators hear of its epochs, too. `attributes` takes
    the networks so far.
    """

    def __init__(
        self,
        fit: Any,
        arguments: dict[str, Any],
        attributes: Callable[[list[Any]], dict[str, Any]],
    ):
        super().__init__(fit, arguments, attributes)
        self._networks: list[Any] = []
        self._open: dict[int, tuple[Any, ExitStack]] = {}

    def begin_member(self, member: int, network: Any) -> None:
        task, stack = self._fit.subcontext(task_name="network", task_id=member), ExitStack()
        stack.enter_context(task.propagate_callback_context(network))
        self._open[member] = task, stack
        task.call_on_fit_task_begin(**self._arguments)

    def end_member(self, member: int, network: Any, seconds: float) -> bool:
        task, stack = self._open.pop(member)
        stack.close()
        self._networks.append(network)
        so_far = partial(self._attributes, list(self._networks))
        stop: bool = task.call_on_fit_task_end(**self._arguments, reconstruction_attributes=so_far)
        return stop


class MemberPrinter(EnsembleObserver):
    """Prints a line per network, of which there are `n_members` at the most."""

    def __init__(self, n_members: int):
        self._n_members = n_members

    def begin_member(self, member: int, network: Any) -> None:
        if network.verbose:
            print(self._name(member))

    def end_member(self, member: int, network: Any, seconds: float) -> bool:
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
