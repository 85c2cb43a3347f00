"""A race: all competitors on one case, in turns, and what came of it."""

import importlib
import time
import traceback
from dataclasses import dataclass
from statistics import median

COMPETITORS = ("ours", "sklearn_mlp", "torch_eager", "products")
# The losses of two competitors, whose random numbers differ, must agree within this share.
PARITY = 0.15


@dataclass
class Outcome:
    """Seconds per epoch of a competitor, its last loss, or the error that ended its race."""

    name: str
    seconds: float | None = None
    loss: float | None = None
    error: str | None = None


def run(case, n_rounds):
    """Return an outcome per competitor; the first is skmlp."""
    racers = [_Racer(module, case) for module in COMPETITORS]
    for round_ in range(n_rounds):
        # Who goes first changes, so that no one always finds the machine warm.
        for racer in racers[round_ % len(racers) :] + racers[: round_ % len(racers)]:
            racer.run()
    outcomes = [racer.outcome() for racer in racers]
    _check_parity(outcomes)
    return outcomes


class _Racer:
    def __init__(self, module, case):
        self._name, self._case = module, case
        self._seconds = []
        self._loss = self._error = None
        try:
            competitor = importlib.import_module(f"benchmarks.competitors.{module}")
            self._name, self._train = competitor.NAME, competitor.train
            self._train(case, 1)
        except Exception:
            self._error = traceback.format_exc(limit=0).strip().splitlines()[-1]

    def run(self):
        """Time an epoch: the training of n + 1 epochs less that of one, which has the set-up."""
        if self._error is None:
            n_epochs = self._case.n_epochs
            short, _ = self._time(1)
            long, self._loss = self._time(1 + n_epochs)
            self._seconds.append((long - short) / n_epochs)

    def _time(self, n_epochs):
        start = time.perf_counter()
        loss = self._train(self._case, n_epochs)
        return time.perf_counter() - start, loss

    def outcome(self):
        if self._error is not None:
            return Outcome(self._name, error=self._error)
        return Outcome(self._name, median(self._seconds), self._loss)


def _check_parity(outcomes):
    reference = outcomes[0].loss
    for outcome in outcomes:
        if outcome.loss is None or reference is None:
            continue
        if abs(outcome.loss - reference) > PARITY * reference:
            outcome.error = f"loss {outcome.loss:.4f}, not near skmlp's {reference:.4f}"
            outcome.seconds = None
