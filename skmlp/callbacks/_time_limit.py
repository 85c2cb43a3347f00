"""The callback that ends a training in time."""

from skmlp.callbacks._epochs import EpochCallback
from skmlp.estimators.common._argument_rules import real
from skmlp.estimators.common._clock import Deadline


class TimeLimit(EpochCallback, Deadline):
    """Callback that ends a training after the epoch in which its time is up.

    The fit is as good as any other: with early stopping it has the weights of the best epoch so
    far, else the last ones. `stop_reason_` says what ended it. Every fit has the whole time, those
    of a search, too.

    Parameters
    ----------
    seconds : float
        The time, from the first epoch on; even without any, one epoch is trained.

    See Also
    --------
    skmlp.TabularMLPClassifier : Has a limit for a whole ensemble, `max_time`.

    Notes
    -----
    Callbacks need scikit-learn 1.9 or later. How many epochs there are depends on the machine: the
    same seed no longer gives the same fit. A schedule that is planned over `max_iter` epochs,
    ``"cosine"`` or ``"one_cycle"``, is cut off.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skmlp import MLPClassifier
    >>> from skmlp.callbacks import TimeLimit
    >>> X, y = load_digits(return_X_y=True)
    >>> network = MLPClassifier(max_iter=100_000, tol=0.0, n_iter_no_change=100_000)
    >>> network = network.set_callbacks(TimeLimit(seconds=0.1)).fit(X / 16, y)
    >>> network.stop_reason_
    'the time limit is over'
    """

    def __init__(self, seconds: float):
        real(0).check("seconds", seconds)
        super().__init__(seconds)
