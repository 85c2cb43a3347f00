"""A warning that points at the user's own line."""

import sys
import warnings
from types import FrameType

_OURS_AND_SKLEARNS = ("skmlp", "sklearn")


def warn_user(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line that called into skmlp or, through scikit-learn, into a meta-estimator."""
    frame, level = sys._getframe(1), 2
    while frame.f_back and _package(frame) in _OURS_AND_SKLEARNS:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def _package(frame: FrameType) -> str:
    # Code that `exec` runs may have globals without a name.
    return str(frame.f_globals.get("__name__")).partition(".")[0]
