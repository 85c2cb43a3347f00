"""A warning that points at the user's own line."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType
from typing import NamedTuple

from skmlp.perceptron.training import OnlineResult
from skmlp.training.result import StopReason, TrainingResult

# scikit-learn calls the fits of a search through joblib.
_BETWEEN = ("skmlp", "sklearn", "joblib")


class Told(NamedTuple):
    """What a user would have been told."""

    message: str
    category: type[Warning]


# Who hears a warning in place of the user, in this thread.
_listener: ContextVar[list[Told] | None] = ContextVar("listener", default=None)


def warn_user(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line that called into skmlp or, through scikit-learn, into a meta-estimator."""
    listener = _listener.get()
    if listener is not None:
        listener.append(Told(message, category))
        return
    frame, level = sys._getframe(1), 2
    while frame.f_back and _package(frame) in _BETWEEN:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def warn_if_call_interrupted(result: TrainingResult | OnlineResult) -> None:
    """Warn that the user ended a call of `partial_fit`, which a loop around it does not notice."""
    if result.reason is StopReason.INTERRUPTED:
        warn_user(
            "Training interrupted by user within `partial_fit`. What it has learnt so far is kept, "
            "and the next call goes on from there. A loop around it goes on, too, unless it looks "
            f"at `stop_reason_`, which is {result.reason.value!r}."
        )


@contextmanager
def overheard() -> Iterator[list[Told]]:
    """Give a list that takes what the user would be told meanwhile, by this thread."""
    told: list[Told] = []
    token = _listener.set(told)
    try:
        yield told
    finally:
        _listener.reset(token)


def _package(frame: FrameType) -> str:
    # Code that `exec` runs may have globals without a name.
    return str(frame.f_globals.get("__name__")).partition(".")[0]
