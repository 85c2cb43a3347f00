"""The learning-rate range test."""

from typing import Any, Self

import numpy as np
from sklearn.base import clone
from sklearn.utils import Bunch, check_random_state

from skmlp._typing import Array
from skmlp.estimators.common._argument_rules import integer, real
from skmlp.estimators.mlp._base import BaseMLP
from skmlp.estimators.mlp._options import is_stochastic, training_options
from skmlp.inspection._axes import make_axes
from skmlp.inspection._network import last_network, reach_network
from skmlp.inspection._sweep import sweep


def learning_rate_range_test(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    sample_weight: Any = None,
    min_rate: float = 1e-5,
    max_rate: float = 10.0,
    n_steps: int = 500,
) -> Bunch:
    """Train a clone while the learning rate grows, to find the largest one that still learns.

    From step to step the rate grows by a constant factor, from `min_rate` to `max_rate`. The loss
    first stands, then falls, then rises. Where it is lowest the rate is about to be too large; a
    tenth of that rate is a good start. On few samples the loss may vanish before it rises: the
    network knows them by heart; the test ends there.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor, or Pipeline or TransformedTargetRegressor around one
        Left as it is. The steps before the network are fitted on `X` and `y`, and the target is
        transformed as it would be in `fit`.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Training inputs.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Training targets.
    sample_weight : array-like of shape (n_samples,), default=None
        Sample weights.
    min_rate, max_rate : float in (0, inf), default=1e-5 and 10
        The first and the last learning rate.
    n_steps : int, default=500
        Steps (batches) from the first rate to the last; at least 2. As many epochs as it takes.

    Returns
    -------
    result : Bunch
        ``rates``, ``losses`` and ``smoothed_losses``, ndarrays of shape (n_steps_taken,): the test
        ends early when the loss explodes or vanishes; and ``suggestion``, a float: a tenth of the
        rate with the lowest smoothed loss.

    Raises
    ------
    TypeError
        If `estimator` is no multilayer perceptron.
    ValueError
        If the rates are out of order, or the solver is ``"lbfgs"``, which has no learning rate.

    References
    ----------
    Smith (2017), "Cyclical learning rates for training neural networks", WACV.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skmlp import MLPClassifier, learning_rate_range_test
    >>> X, y = load_digits(return_X_y=True)
    >>> result = learning_rate_range_test(MLPClassifier(random_state=0), X / 16, y, n_steps=200)
    >>> 1e-3 < result.suggestion < 0.1
    True
    """
    _check_rates(min_rate, max_rate, n_steps)
    _check_stochastic(last_network(estimator))
    network, X, y = reach_network(clone(estimator), X, y)
    rates = np.geomspace(min_rate, max_rate, n_steps)
    rng = check_random_state(network.random_state)
    start, samples = network._start_on(X, y, sample_weight, rng)
    losses, smoothed_losses = sweep(
        start.network,
        start.parameters,
        network._make_loss(),
        samples,
        training_options(network),
        rates,
        rng,
    )
    if not len(losses):
        raise ValueError(
            "The loss must be finite at the first step; got one that is not at learning rate "
            f"{min_rate:g}. Scale `X` and `y`."
        )
    rates = rates[: len(losses)]
    return Bunch(
        rates=rates,
        losses=losses,
        smoothed_losses=smoothed_losses,
        suggestion=float(rates[smoothed_losses.argmin()]) / 10,
    )


def _check_rates(min_rate: float, max_rate: float, n_steps: int) -> None:
    finite = real(0, np.finfo(np.float64).max, open_low=True)
    finite.check("min_rate", min_rate)
    finite.check("max_rate", max_rate)
    integer(2).check("n_steps", n_steps)
    if min_rate >= max_rate:
        raise ValueError(f"`min_rate` must be below `max_rate`; got {min_rate!r} and {max_rate!r}.")


def _check_stochastic(network: BaseMLP) -> None:
    if not is_stochastic(network):
        raise ValueError(
            "`solver` must be a stochastic one, because L-BFGS has no learning rate; got "
            f"{network.solver!r}."
        )


class LearningRateRangeDisplay:
    """Picture of a learning-rate range test.

    Parameters
    ----------
    rates : ndarray of shape (n_steps,)
        Learning rates.
    losses : ndarray of shape (n_steps,)
        Loss before each step.
    smoothed_losses : ndarray of shape (n_steps,)
        Their running average.
    suggestion : float
        The rate to try.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the curves.
    figure_ : matplotlib Figure
        Figure of the axes.

    See Also
    --------
    learning_rate_range_test : Computes what this shows.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skmlp import LearningRateRangeDisplay, MLPClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> display = LearningRateRangeDisplay.from_estimator(
    ...     MLPClassifier(random_state=0), X / 16, y, n_steps=100
    ... )  # doctest: +SKIP
    """

    def __init__(self, *, rates: Array, losses: Array, smoothed_losses: Array, suggestion: float):
        self.rates = rates
        self.losses = losses
        self.smoothed_losses = smoothed_losses
        self.suggestion = suggestion

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: Any, *, ax: Any = None, **range_test: Any
    ) -> Self:
        """Run the test and draw it.

        Parameters
        ----------
        estimator : MLPClassifier, MLPRegressor, or Pipeline or TransformedTargetRegressor around it
            Left as it is.
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training inputs.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Training targets.
        ax : matplotlib Axes, default=None
            Axes to draw in. If None, new ones are made.
        **range_test : dict
            Further arguments of `learning_rate_range_test`.

        Returns
        -------
        display : LearningRateRangeDisplay
            The picture.
        """
        return cls(**learning_rate_range_test(estimator, X, y, **range_test)).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the losses over the rates.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw in. If None, new ones are made.

        Returns
        -------
        display : LearningRateRangeDisplay
            This display.
        """
        self.ax_ = make_axes(ax, "LearningRateRangeDisplay")
        self.figure_ = self.ax_.figure
        self.ax_.plot(self.rates, self.losses, color="0.8", lw=0.8, label="loss of a batch")
        self.ax_.plot(self.rates, self.smoothed_losses, color="C0", label="running average")
        self.ax_.axvline(
            self.suggestion, color="C1", ls="--", label=f"suggestion {self.suggestion:.2g}"
        )
        self.ax_.set(xscale="log", xlabel="learning rate", ylabel="loss")
        self.ax_.set_ylim(*_visible_range(self.smoothed_losses))
        self.ax_.legend()
        return self


def _visible_range(smoothed: Array) -> tuple[float, float]:
    """Return limits that show the fall and the turn of the loss, not all of its explosion."""
    low, start = smoothed.min(), smoothed[0]
    margin = 0.15 * max(start - low, 1e-12)
    return float(low - margin), float(start + 2 * margin)
