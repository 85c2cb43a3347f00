"""What an improvement is, how long there was none, and the best parameters so far."""

import math
from typing import Any

from skmlp._typing import Array


class Monitor:
    """Watches a score, larger is better.

    Parameters
    ----------
    tol : float
        By how much a score must exceed the best one to end a standstill.
    patience : float
        So many epochs without improvement are tolerated; infinity: any number.
    keeps_best : bool
        Whether to keep a copy of the parameters of the best epoch.

    Attributes
    ----------
    best_score : float
        The largest so far.
    kept_score : float
        The score of the best epoch, within about `tol` of `best_score`.
    best_loss : float
        The loss of the best epoch.
    best_epoch : int
        0 as long as there is none.
    best_vector : ndarray of shape (n_parameters,) or None
    n_stale : int
        Epochs since the last improvement.
    """

    _SEEN = ("best_score", "kept_score", "best_loss", "best_epoch", "best_vector", "n_stale")

    def __init__(self, tol: float, patience: float, keeps_best: bool):
        self._tol = tol
        self._patience = patience
        self.keeps_best = keeps_best
        self.best_score = float("-inf")
        self.kept_score = float("-inf")
        self.best_loss = float("inf")
        self.best_epoch = 0
        self.best_vector: Array | None = None
        self.n_stale = 0

    def update(self, score: float, loss: float, epoch: int, vector: Array) -> None:
        """Take note of the score of an epoch. One that is not finite is no improvement.

        Scores within `tol` are alike, and of them the epoch with the lowest loss is the best: the
        accuracy on a small validation set has few values, and its first maximum is often an
        accident.
        """
        score = score if math.isfinite(score) else math.nan
        self.n_stale = 0 if score >= self.best_score + self._tol else self.n_stale + 1
        alike = score >= self.best_score - self._tol
        if score > self.kept_score + self._tol or (alike and loss < self.best_loss):
            self.kept_score = score
            self.best_loss = loss
            self.best_epoch = epoch
            if self.keeps_best:
                self.best_vector = vector.copy()
        self.best_score = max(self.best_score, score)

    @property
    def stalled(self) -> bool:
        """Whether there was no improvement for more epochs than tolerated."""
        return self.n_stale > self._patience

    def tolerate(self, tol: float, patience: float) -> None:
        """Change what is tolerated from now on."""
        self._tol = tol
        self._patience = patience

    def start_over(self) -> None:
        """Tolerate a standstill anew."""
        self.n_stale = 0

    def give_back(self, vector: Array) -> None:
        """Copy the parameters of the best epoch into `vector`, if any were kept."""
        if self.best_vector is not None:
            vector[:] = self.best_vector

    def to_plain(self) -> dict[str, Any]:
        """Return what was seen so far as arrays and numbers, not copied."""
        return {name: getattr(self, name) for name in self._SEEN}

    def restore(self, plain: dict[str, Any]) -> None:
        """Take over what `to_plain` told of."""
        for name in self._SEEN:
            setattr(self, name, plain[name])
