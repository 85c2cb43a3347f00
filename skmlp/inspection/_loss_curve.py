"""Pictures of finished trainings."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmlp.estimators.mlp._base import BaseMLP
from skmlp.inspection._axes import make_axes
from skmlp.inspection._network import last_network

# How far, in points, the second axis on the right stands beside the numbers of the first.
SECOND_AXIS = 55


class LossCurveDisplay:
    """Picture of the losses, scores and learning rates of fitted networks, epoch by epoch.

    Parameters
    ----------
    estimators : dict
        Fitted MLPClassifier or MLPRegressor by name. The name ``""`` stays out of the legend.

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

    def __init__(self, estimators: Mapping[str, BaseMLP]):
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
            one stands for it.
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
        networks = {name: _fitted_network(value) for name, value in named.items()}
        return cls(networks).plot(ax, scores=scores, learning_rate=learning_rate)

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
        for number, (name, network) in enumerate(self.estimators.items()):
            self._plot_losses(name, network, f"C{number}")
            self._plot_right_axes(name, network, f"C{number}")
        self._label_axes()
        return self

    def _right_axes(self, curve: str) -> Any:
        """Return new axes on the right, or None if no network has such a curve."""
        drawn = any(_values(getattr(network, curve)) for network in self.estimators.values())
        return self.ax_.twinx() if drawn else None

    def _plot_losses(self, name: str, network: BaseMLP, color: str) -> None:
        curves = [("training loss", network.loss_curve_, "-")]
        if network.validation_loss_curve_ is not None:
            curves.append(("validation loss", network.validation_loss_curve_, "--"))
        for label, curve, style in curves:
            epochs = range(1, len(curve) + 1)
            self.ax_.plot(epochs, curve, color=color, ls=style, label=_labelled(name, label))
        best = network.best_iteration_
        if best == 0:
            return
        # The epoch is the best of what the training watched.
        watches_validation = network.best_validation_score_ is not None
        _, curve, _ = curves[-1 if watches_validation else 0]
        self.ax_.plot(
            best, curve[best - 1], "o", color=color, label=_labelled(name, f"best epoch, {best}")
        )

    def _plot_right_axes(self, name: str, network: BaseMLP, color: str) -> None:
        for ax, label, curve, style in [
            (self.score_ax_, "validation score", network.validation_scores_, "-."),
            (self.learning_rate_ax_, "learning rate", network.learning_rate_curve_, ":"),
        ]:
            values = _values(curve)
            if ax is not None and values:
                epochs = range(1, len(values) + 1)
                ax.plot(epochs, values, color=color, ls=style, label=_labelled(name, label))

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


def _labelled(name: str, curve: str) -> str:
    return f"{name}: {curve}" if name else curve


def _fitted_network(estimator: Any) -> BaseMLP:
    network = last_network(estimator)
    check_is_fitted(network)
    return network
