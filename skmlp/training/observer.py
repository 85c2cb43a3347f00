"""Who watches a training from outside."""

from typing import Any

from skmlp.training.result import StopReason


class Observer:
    """Is shown every epoch and may end the training.

    A network shows its `TrainingState`, its `Parameters` and an `EpochRecord`, a perceptron an
    `OnlineState`, its `Units` and an `OnlineRecord`: as they are in training, to be read, and
    copied if they are to be kept.

    Attributes
    ----------
    watches_steps : bool, default=False
        Whether `end_step` is to be called: in a short step every call counts.
    stop_reason : StopReason, default=StopReason.CALLBACK
        Why the training is over if this observer ends it.
    """

    watches_steps = False
    stop_reason = StopReason.CALLBACK

    def begin_training(self, state: Any, parameters: Any) -> None:
        """Hear where the training stands before its first epoch.

        It goes on from what is restored into the two, and writes both.
        """

    def begin_epoch(self, epoch: int) -> None:
        """Hear that an epoch, counted from 1, begins."""

    def end_step(self, value: float) -> bool:
        """Hear of the objective before a step; return whether the training should end at once."""
        return False

    def end_epoch(self, record: Any) -> bool:
        """Hear how an epoch went; return whether the training should end."""
        return False
