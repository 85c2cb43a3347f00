"""What networks have to say, in the words of the ensemble, which lacks most of their arguments."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from skmlp.estimators.common._warnings import Told, overheard, warn_user

# What to do about a warning, by how it begins. Others are true of a network alone: that the rows
# it learns from hold one class, say.
_ADVICE = {
    "Training diverged": "Its best epoch is kept. Lower `learning_rate_init`.",
    "The fit is ": "Raise `max_iter`, or try another `learning_rate_init`.",
    "`scoring` should ": "Choose another scorer, or pass `X_val` and `y_val` that it can score.",
    "`y` should spread ": "Subtract the mean.",
}


@contextmanager
def in_own_words() -> Iterator[list[Told]]:
    """Keep what a network warns of, and let it fail in the words of the ensemble."""
    with overheard() as told:
        try:
            yield told
        except ValueError as error:
            event = _event(str(error))
            if not event.startswith("Training "):
                raise
            advice = "Lower `learning_rate_init`, or take fewer layers."
            raise ValueError(f"A network has failed. {event}. {advice}") from None


def warn_once(told: Sequence[Sequence[Told]]) -> None:
    """Warn of each thing that networks were to tell once, with the first of them as example."""
    for beginning, advice in _ADVICE.items():
        # By network: one may say it several times.
        events = {
            member: warning
            for member, warnings in enumerate(told, 1)
            for warning in warnings
            if warning.message.startswith(beginning)
        }
        if events:
            member, first = next(iter(events.items()))
            more = f", and {len(events) - 1} more" if len(events) > 1 else ""
            name = f"Network {member} of {len(told)}{more}"
            warn_user(f"{name}: {_event(first.message)}. {advice}", first.category)


def _event(message: str) -> str:
    return message.partition(". ")[0]
