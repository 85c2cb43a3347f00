"""What `verbose` prints."""

import math
from typing import Any

from skmlp.perceptron.training import OnlineResult
from skmlp.training.observer import Observer
from skmlp.training.result import TrainingResult

# What a record may know, in the order of a line.
FORMATS = {
    "loss": ".6f",
    "mistakes": "d",
    "validation_loss": ".6f",
    "validation_score": ".6f",
    "learning_rate": ".3g",
}


class Printer(Observer):
    """Prints a line per epoch, of which there are `max_epochs` at the most."""

    def __init__(self, max_epochs: int):
        self._max_epochs = max_epochs
        self._widths: dict[str, int] = {}

    def end_epoch(self, record: Any) -> bool:
        width = len(str(self._max_epochs))
        known = {name: getattr(record, name, None) for name in FORMATS}
        fields = [
            f"{name.replace('_', ' ')} {self._aligned(name, value)}"
            for name, value in known.items()
            if not (value is None or (name == "learning_rate" and math.isnan(value)))
        ]
        print(f"epoch {record.epoch:>{width}}/{self._max_epochs}", *fields, sep="  ")
        return False

    def _aligned(self, name: str, value: float) -> str:
        """Return a number as wide as the first of its name: losses fall, and stay below it."""
        text = format(value, FORMATS[name])
        return text.rjust(self._widths.setdefault(name, len(text)))


def print_outcome(result: TrainingResult | OnlineResult, best_epoch: int = 0) -> None:
    """Print why the training ended and which epoch's weights are kept, if not the last one's."""
    kept = f"; the weights are those of epoch {best_epoch}" if best_epoch else ""
    print(f"ended after {len(result.records)} epochs: {result.reason.value}{kept}")
