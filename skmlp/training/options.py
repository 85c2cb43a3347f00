"""How a network is trained."""

from dataclasses import dataclass, field

from skmlp.optimizers import Adam, Optimizer
from skmlp.schedules import Constant, Schedule


@dataclass(frozen=True)
class LBFGS:
    """The quasi-Newton method of SciPy's L-BFGS-B, in the place of an optimizer.

    Parameters
    ----------
    max_fun : int, default=15000
        The largest number of evaluations of the objective.

    References
    ----------
    Liu and Nocedal (1989), "On the limited memory BFGS method for large scale optimization".
    """

    max_fun: int = 15_000


@dataclass(frozen=True)
class TrainingOptions:
    """How a network is trained; the dtype is that of its parameters.

    Parameters
    ----------
    optimizer : Optimizer or LBFGS, default=Adam()
        An optimizer takes a step per batch; L-BFGS iterates over all samples.
    schedule : Schedule, default=Constant(1e-3)
        The learning rate of an optimizer.
    max_epochs : int, default=200
        The most epochs, or iterations of L-BFGS.
    batch_size : int, default=200
        Samples per step of an optimizer, at most all of them.
    shuffle : bool, default=True
        Whether every epoch takes the samples in a new order.
    alpha : float, default=0.0
        Strength of the penalty on the penalised blocks.
    max_grad_norm : float or None, default=None
        The largest Euclidean norm of a gradient; larger ones are scaled down to it.
    tol : float, default=1e-4
        By how much an epoch must improve the loss, or the validation score, to be an improvement;
        for L-BFGS the largest entry of the gradient at which it has converged.
    patience : float, default=10
        So many epochs without improvement are tolerated; infinity: any number.
    early_stopping : bool, default=False
        Whether the validation score is watched, instead of the loss, and the parameters of its best
        epoch come back in the end.
    averaging : float in [0, 1), default=0.0
        Decay per epoch of a running mean of the parameters, which is validated, shown and kept in
        place of them. 0: there is none. An optimizer's epochs alone are averaged.
    """

    optimizer: Optimizer | LBFGS = field(default_factory=Adam)
    schedule: Schedule = field(default_factory=lambda: Constant(1e-3))
    max_epochs: int = 200
    batch_size: int = 200
    shuffle: bool = True
    alpha: float = 0.0
    max_grad_norm: float | None = None
    tol: float = 1e-4
    patience: float = 10
    early_stopping: bool = False
    averaging: float = 0.0
