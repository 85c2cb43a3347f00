"""What `verbose` prints."""

import math

from skmlp.parameters import Parameters
from skmlp.training.observer import Observer
from skmlp.training.online import OnlineRecord
from skmlp.training.result import EpochRecord


class Printer(Observer):
    """Prints a line per epoch.

    Parameters
    ----------
    max_epochs : int
        The largest number of epochs there may be.
    """

    def __init__(self, max_epochs: int):
        self._max_epochs = max_epochs

    def begin_epoch(self, epoch: int) -> None:
        """See `Observer`."""

    def end_epoch(self, record: EpochRecord, parameters: Parameters) -> bool:
        """See `Observer`."""
        line = _beginning(record, self._max_epochs)
        if record.validation_loss is not None:
            line += f"  validation loss {record.validation_loss:.6f}"
        if record.validation_score is not None:
            line += f"  validation score {record.validation_score:.6f}"
        if math.isfinite(record.learning_rate):
            line += f"  learning rate {record.learning_rate:.3g}"
        print(line)
        return False


def print_mistakes(record: OnlineRecord, max_epochs: int) -> None:
    """Print the line of an epoch of the perceptron."""
    line = f"{_beginning(record, max_epochs)}  mistakes {record.mistakes}"
    if record.validation_score is not None:
        line += f"  validation score {record.validation_score:.6f}"
    print(line)


def _beginning(record: EpochRecord | OnlineRecord, max_epochs: int) -> str:
    width = len(str(max_epochs))
    return f"epoch {record.epoch:>{width}}/{max_epochs}  loss {record.loss:.6f}"
