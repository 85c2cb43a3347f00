"""Who watches a training from outside."""

from abc import ABC, abstractmethod

from skmlp.parameters import Parameters
from skmlp.training.result import EpochRecord


class Observer(ABC):
    """Is shown every epoch and may end the training."""

    @abstractmethod
    def begin_epoch(self, epoch: int) -> None:
        """Hear that an epoch, counted from 1, begins."""

    @abstractmethod
    def end_epoch(self, record: EpochRecord, parameters: Parameters) -> bool:
        """Hear how an epoch went; return whether the training should end.

        Parameters
        ----------
        record : EpochRecord
        parameters : Parameters
            As they are in training: to be read, and copied if they are to be kept.
        """
