"""Callbacks: who is told of the epochs of a fit, and may end it."""

from skmlp.callbacks._history import History
from skmlp.callbacks._prune import Prune
from skmlp.callbacks._tensorboard import TensorBoard
from skmlp.callbacks._time_limit import TimeLimit
from skmlp.estimators.common._callbacks import Callback

__all__ = ["Callback", "History", "Prune", "TensorBoard", "TimeLimit"]
