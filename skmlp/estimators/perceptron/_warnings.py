"""What a user reads when a training of the perceptron does not end well."""

from sklearn.exceptions import ConvergenceWarning

from skmlp.estimators.common._warnings import warn_user
from skmlp.perceptron.training import OnlineResult
from skmlp.training.result import StopReason


def raise_if_diverged(result: OnlineResult, eta0: float) -> None:
    """Raise a ValueError that names the epoch, the learning rate and the remedy."""
    if result.reason is StopReason.DIVERGED:
        raise ValueError(
            f"Training diverged in epoch {len(result.records)} at learning rate {eta0:g}: a weight "
            "is no longer finite. Scale `X`, with `sklearn.preprocessing.StandardScaler` for "
            "example, or lower `eta0`."
        )


def warn_if_interrupted(result: OnlineResult) -> None:
    """Warn that the user ended the training, and how to go on."""
    if result.reason is StopReason.INTERRUPTED:
        warn_user(
            f"Training interrupted by user after {len(result.records)} epochs. The weights so far "
            "are kept; with `warm_start=True`, `fit` goes on from them."
        )


def warn_if_unconverged(result: OnlineResult, max_iter: int) -> None:
    """Warn that mistakes were left after the last epoch, and what to do."""
    if result.reason is StopReason.MAX_ITER:
        warn_user(
            f"Training has not converged: {result.reason.value}, `max_iter={max_iter}`, and the "
            f"last one made {result.records[-1].mistakes} mistakes. Raise `max_iter`; if no "
            "hyperplane separates the classes, set `average=True` or use `MLPClassifier`.",
            ConvergenceWarning,
        )
