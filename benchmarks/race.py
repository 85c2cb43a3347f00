"""A race: all competitors on one case, in turns, and what came of it."""

import importlib
import traceback
from dataclasses import dataclass, field
from statistics import median

from benchmarks import clock

COMPETITORS = ("ours", "sklearn_mlp", "torch_eager", "products")
# The losses of two competitors, whose random numbers differ, must agree within this share.
PARITY = 0.15


@dataclass
class Outcome:
    """Seconds per epoch of a competitor in every round, its last loss, or what ended its race."""

    name: str
    laps: list = field(default_factory=list)
    loss: float | None = None
    error: str | None = None

    @property
    def seconds(self):
        return median(self.laps)


def run(case, n_rounds, competitors=None):
    """Return an outcome per competitor, all of them by default; the first is skmlp."""
    racers = [_Racer(module, case) for module in competitors or COMPETITORS]
    starters = [racer for racer in racers if racer.outcome.error is None]
    laps = clock.alternate([racer.lap for racer in starters], n_rounds)
    for racer, laps_of_racer in zip(starters, laps, strict=True):
        racer.outcome.laps = laps_of_racer
    outcomes = [racer.outcome for racer in racers]
    _check_parity(outcomes)
    return outcomes


class _Racer:
    def __init__(self, module, case):
        self._case = case
        self.outcome = Outcome(module)
        try:
            competitor = importlib.import_module(f"benchmarks.competitors.{module}")
            self.outcome.name, self._train = competitor.NAME, competitor.train
            self._train(case, 1)
        except Exception:
            self.outcome.error = traceback.format_exc(limit=0).strip().splitlines()[-1]

    def lap(self):
        return clock.epoch_seconds(self._run, self._case.n_epochs)

    def _run(self, n_epochs):
        self.outcome.loss = self._train(self._case, n_epochs)


def _check_parity(outcomes):
    reference = outcomes[0].loss
    for outcome in outcomes:
        if outcome.loss is None or reference is None:
            continue
        if abs(outcome.loss - reference) > PARITY * reference:
            outcome.error = f"loss {outcome.loss:.4f}, not near skmlp's {reference:.4f}"
