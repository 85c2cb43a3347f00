"""Pictures of finished trainings."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmlp.estimators.mlp._base import BaseMLP
from skmlp.estimators.tabular._base import BaseTabularMLP
from skmlp.inspection._axes import make_axes
from skmlp.inspection._network import last_network, last_step

# How far, in points, the second axis on the right stands beside the numbers of the first.
SECOND_AXIS = 55


class LossCurveDisplay:
    """Picture of the losses, scores and learning rates of fitted networks, epoch by epoch.

    Parameters
    ----------
    estimators : dict
        Fitted networks or ensembles of them by name. The name ``""`` stays out of the legend.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the losses.
    score_ax_ : matplotlib Axes or None
        Axes of the validation scores, on the right of `ax_`; None if there are none to draw.
    learning_rate_ax_ : matplotlib Axes or None
        Axes of the learning rates, on the right of `ax_`; None if there are none to draw.
    figure_ : matplotlib Figure
        Figure of the axes.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skmlp import LossCurveDisplay, MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> classifier = MLPClassifier(early_stopping=True, random_state=0).fit(X, y)
    >>> display = LossCurveDisplay.from_estimator(classifier)  # doctest: +SKIP
    """

    def __init__(self, estimators: Mapping[str, BaseMLP | BaseTabularMLP]):
        self.estimators = estimators

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, ax: Any = None, scores: bool = False, learning_rate: bool = False
    ) -> Self:
        """Draw the curves of one or several fitted networks.

        Parameters
        ----------
        estimator : MLPClassifier, MLPRegressor, or dict of such by name
            What to draw; several share the axes. A Pipeline or TransformedTargetRegressor around
            one stands for it. The networks of a TabularMLPClassifier or TabularMLPRegressor are
            drawn in one colour.
        ax : matplotlib Axes, default=None
            Axes to draw in. If None, new ones are made.
        scores : bool, default=False
            Whether to draw the validation scores on an axis of their own.
        learning_rate : bool, default=False
            Whether to draw the learning rates on an axis of their own.

        Returns
        -------
        display : LossCurveDisplay
            The picture.

        Raises
        ------
        TypeError
            If an estimator is no multilayer perceptron.
        sklearn.exceptions.NotFittedError
            If one is not fitted.
        """
        named = estimator if isinstance(estimator, Mapping) else {"": estimator}
        fitted = {name: _fitted(value) for name, value in named.items()}
        return cls(fitted).plot(ax, scores=scores, learning_rate=learning_rate)

    def plot(self, ax: Any = None, *, scores: bool = False, learning_rate: bool = False) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw in. If None, new ones are made.
        scores : bool, default=False
            Whether to draw the validation scores on an axis of their own.
        learning_rate : bool, default=False
            Whether to draw the learning rates on an axis of their own.

        Returns
        -------
        display : LossCurveDisplay
            This display.
        """
        self.ax_ = make_axes(ax, "LossCurveDisplay")
        self.figure_ = self.ax_.figure
        self.score_ax_ = self._right_axes("validation_scores_") if scores else None
        self.learning_rate_ax_ = self._right_axes("learning_rate_curve_") if learning_rate else None
        if self.score_ax_ is not None and self.learning_rate_ax_ is not None:
            self.learning_rate_ax_.spines["right"].set_position(("outward", SECOND_AXIS))
        for number, (name, estimator) in enumerate(self.estimators.items()):
            networks = _networks_of(estimator)
            best = [network.best_iteration_ for network in networks]
            for position, network in enumerate(networks):
                label = partial(_label, name, position, best)
                self._plot_losses(label, network, f"C{number}")
                self._plot_right_axes(label, network, f"C{number}")
        self._label_axes()
        return self

    def _right_axes(self, curve: str) -> Any:
        """Return new axes on the right, or None if no network has such a curve."""
        networks = [network for e in self.estimators.values() for network in _networks_of(e)]
        drawn = any(_values(getattr(network, curve)) for network in networks)
        return self.ax_.twinx() if drawn else None

    def _plot_losses(self, label: Callable, network: BaseMLP, color: str) -> None:
        curves = [("training loss", network.loss_curve_, "-")]
        if network.validation_loss_curve_ is not None:
            curves.append(("validation loss", network.validation_loss_curve_, "--"))
        for curve_name, curve, style in curves:
            epochs = range(1, len(curve) + 1)
            self.ax_.plot(epochs, curve, color=color, ls=style, label=label(curve_name))
        best = network.best_iteration_
        if best == 0:
            return
        # The epoch is the best of what the training watched.
        watches_validation = network.best_validation_score_ is not None
        _, curve, _ = curves[-1 if watches_validation else 0]
        self.ax_.plot(best, curve[best - 1], "o", color=color, label=label("best epoch"))

    def _plot_right_axes(self, label: Callable, network: BaseMLP, color: str) -> None:
        for ax, curve_name, curve, style in [
            (self.score_ax_, "validation score", network.validation_scores_, "-."),
            (self.learning_rate_ax_, "learning rate", network.learning_rate_curve_, ":"),
        ]:
            values = _values(curve)
            if ax is not None and values:
                epochs = range(1, len(values) + 1)
                ax.plot(epochs, values, color=color, ls=style, label=label(curve_name))

    def _label_axes(self) -> None:
        self.ax_.set(xlabel="epoch", ylabel="loss")
        axes = [self.ax_]
        for ax, label in [
            (self.score_ax_, "validation score"),
            (self.learning_rate_ax_, "learning rate"),
        ]:
            if ax is not None:
                ax.set_ylabel(label)
                axes.append(ax)
        handles = [handle for ax in axes for handle in ax.get_legend_handles_labels()[0]]
        # For "best", axes look out for their own curves only; above them there are none.
        place: dict[str, Any] = {"loc": "best"}
        if len(axes) > 1:
            place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": 2, "frameon": False}
        self.ax_.legend(handles=handles, **place)


def _values(curve: list[float] | None) -> list[float]:
    """Return a curve, empty if there is nothing to draw: L-BFGS has no learning rate but NaN."""
    return [] if curve is None or np.isnan(curve).all() else curve


def _label(name: str, position: int, best: list[int], curve: str) -> str | None:
    """Return what the legend says of a curve, None for all networks of an ensemble but one."""
    if position > 0:
        return None
    if curve == "best epoch":
        curve = f"best epoch, {best[0]}" if len(best) == 1 else f"best epochs, {_span(best)}"
    return f"{name}: {curve}" if name else curve


def _span(numbers: list[int]) -> str:
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low} to {high}"


def _networks_of(estimator: BaseMLP | BaseTabularMLP) -> list[BaseMLP]:
    return estimator.estimators_ if isinstance(estimator, BaseTabularMLP) else [estimator]


def _fitted(estimator: Any) -> BaseMLP | BaseTabularMLP:
    """Return the network or the ensemble that an estimator is, or ends in."""
    last = last_step(estimator)
    network = last if isinstance(last, BaseTabularMLP) else last_network(last)
    check_is_fitted(network)
    return network
