"""The seconds that a fit may take, shared out among the members of an ensemble."""

import math
import time

from skmlp.estimators.common._warnings import warn_user

# Of fewer epochs a network is hardly worth its while: rather fewer networks.
WORTHWHILE = 16
# The part of the time that is planned for: epochs differ, and there is something to do after them.
_PLANNED = 0.85


class Budget:
    """The seconds until a fit should be over, from now on; None is no limit."""

    def __init__(self, seconds: float | None):
        self.seconds = math.inf if seconds is None else seconds
        self._begin = time.perf_counter()

    @property
    def is_limited(self) -> bool:
        """Whether the fit should be over at some time."""
        return math.isfinite(self.seconds)

    @property
    def seconds_left(self) -> float:
        """What is left of the time, never negative."""
        return max(0.0, self.seconds - self._seconds_gone)

    def has_time_for(self, part: float) -> bool:
        """Return whether there is time for this part of all that has been done by now."""
        return part * self._seconds_gone <= self.seconds_left

    def n_rounds(self, n_rounds: int, seconds_per_epoch: float) -> int:
        """Return for how many rounds of worthwhile trainings there is time, one at least."""
        worthwhile = self._affordable(WORTHWHILE * seconds_per_epoch)
        return max(1, int(min(n_rounds, worthwhile)))

    def n_epochs(self, max_iter: int, n_rounds_left: int, seconds_per_epoch: float) -> int:
        """Return how many epochs a training may have, one at least."""
        if not self.is_limited:
            return max_iter
        affordable = self._affordable(n_rounds_left * seconds_per_epoch)
        return max(1, int(min(max_iter, affordable)))

    def warn_if_too_short(self, seconds_per_epoch: float) -> None:
        """Warn that the one epoch that a training has in any case takes more than the time."""
        left = self.seconds_left
        if self._affordable(seconds_per_epoch) < 1:
            warn_user(
                "`max_time` should leave time for an epoch of a network after the table is encoded "
                f"and an epoch timed, {seconds_per_epoch:.2g} seconds each; got {self.seconds:g} "
                f"seconds, of which {left:.2g} were left: one epoch of each network is all that is "
                "trained. Raise it, or pass fewer rows or narrower `hidden_layer_sizes`."
            )

    @property
    def _seconds_gone(self) -> float:
        return time.perf_counter() - self._begin

    def _affordable(self, seconds: float) -> float:
        """Return how many times there is time for what takes so many seconds."""
        return _PLANNED * self.seconds_left / seconds if seconds else math.inf
