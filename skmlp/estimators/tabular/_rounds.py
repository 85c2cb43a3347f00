"""The training of all networks of an ensemble: rounds of as many as there are processes."""

from collections.abc import Callable, Sequence
from typing import Any

from joblib import effective_n_jobs
from sklearn.utils.parallel import Parallel, delayed

from skmlp.estimators.common._sklearn import strip_callbacks
from skmlp.estimators.tabular._budget import Budget
from skmlp.estimators.tabular._excerpt import Excerpt
from skmlp.estimators.tabular._member import Trained, learn_again, seconds_of_an_epoch, train_member
from skmlp.estimators.tabular._observers import EnsembleObserver


def train_in_rounds(
    make: Callable[[int, int], Any],
    lessons: Callable[[int], tuple[Excerpt, Excerpt]],
    n_members: int,
    max_iter: int,
    n_jobs: int | None,
    budget: Budget,
    observers: Sequence[EnsembleObserver],
) -> tuple[list[Trained], bool]:
    """Return the trained networks, and whether an observer has ended the fit with them.

    There are `n_members`, or as many as there is time for.

    Parameters
    ----------
    make : callable
        Gives the network of a number, for so many epochs, not fitted.
    lessons : callable
        Gives what the network of a number learns from, and what it is validated on.
    n_members, max_iter : int
        The most networks that there may be, and the most epochs of each.
    n_jobs : int or None
    budget : Budget
    observers : sequence of EnsembleObserver
    """
    parallel = Parallel(n_jobs=n_jobs)
    rounds = _rounds(n_members, n_jobs, is_one=not (observers or budget.is_limited))
    pace = 0.0
    if budget.is_limited:
        (pace,) = parallel([delayed(seconds_of_an_epoch)(make(0, 1), *lessons(0))])
        budget.warn_if_too_short(pace)
        rounds = rounds[: budget.n_rounds(len(rounds), pace)]
    finished: list[Trained] = []
    is_over = False
    for n_left, members in zip(range(len(rounds), 0, -1), rounds, strict=True):
        n_epochs = budget.n_epochs(max_iter, n_left, pace)
        begun = {member: make(member, n_epochs) for member in members}
        trained, is_over = _train_round(
            begun, lessons, budget.seconds_left / n_left, parallel, observers
        )
        finished += trained
        pace = max(one.seconds / max(1, one.network.n_iter_) for one in trained)
        if is_over or budget.seconds_left < pace * (n_left - 1):
            break
    return finished, is_over


def learn_again_in_rounds(
    networks: Sequence[Any],
    lesson: Callable[[int], Excerpt],
    n_epochs: Sequence[int],
    n_jobs: int | None,
    budget: Budget,
) -> list[Any]:
    """Return networks with weights learnt anew from what `lesson` gives the one of a number.

    Those that there is no time for stay what they are.
    """
    parallel = Parallel(n_jobs=n_jobs)
    return [
        network
        for members in _rounds(len(networks), n_jobs, is_one=not budget.is_limited)
        for network in parallel(
            delayed(learn_again)(
                networks[member], lesson(member), n_epochs[member], budget.seconds_left
            )
            for member in members
        )
    ]


def _rounds(n_members: int, n_jobs: int | None, is_one: bool) -> list[range]:
    """Return the numbers of the networks to train at the same time, one round after the other.

    All are one round where nothing is decided in between: nobody waits for the slowest of a few.
    """
    width = n_members if is_one else min(effective_n_jobs(n_jobs), n_members)
    return [range(n_members)[first : first + width] for first in range(0, n_members, width)]


def _train_round(
    begun: dict[int, Any],
    lessons: Callable[[int], tuple[Excerpt, Excerpt]],
    seconds: float,
    parallel: Parallel,
    observers: Sequence[EnsembleObserver],
) -> tuple[list[Trained], bool]:
    """Train networks at the same time; return them, and whether it is enough."""
    for member, network in begun.items():
        for observer in observers:
            observer.begin_member(member, network)
    trained = parallel(
        delayed(train_member)(network, *lessons(member), seconds)
        for member, network in begun.items()
    )
    stops = [
        observer.end_member(member, one.network, one.seconds)
        for member, one in zip(begun, trained, strict=True)
        for observer in observers
    ]
    for one in trained:
        strip_callbacks(one.network)
    return trained, any(stops)
