"""A fitted network: its weights as attributes, what they predict and what goes on from them."""

import copy
import math
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmlp._arrays import row_major
from skmlp._typing import Array
from skmlp.estimators.common._samples import check_X, finite
from skmlp.estimators.mlp._argument_types import MLPArguments
from skmlp.estimators.mlp._first_weights import Start
from skmlp.estimators.mlp._options import activation_names, predicting_network
from skmlp.estimators.mlp._target_scale import TargetScale
from skmlp.layers.layer import Views
from skmlp.network import raw_predictions
from skmlp.parameters import Parameters
from skmlp.training.result import TrainingResult

# The fitted attributes that have an entry per epoch, and what of its record that is.
CURVES = {
    "loss_curve_": "loss",
    "learning_rate_curve_": "learning_rate",
    "validation_loss_curve_": "validation_loss",
    "validation_scores_": "validation_score",
}
# The fitted attributes that a warm start builds on.
CARRIED = (
    "n_features_in_",
    "feature_names_in_",
    "n_outputs_",
    "out_activation_",
    "coefs_",
    "intercepts_",
    *CURVES,
    "loss_",
    "best_loss_",
    "best_validation_score_",
    "best_iteration_",
    "t_",
)


class FittedNetworkMixin(MLPArguments):
    """The fitted attributes of an MLP, between its trainings."""

    n_features_in_: int
    feature_names_in_: Array
    n_layers_: int
    n_outputs_: int
    out_activation_: str
    coefs_: list[Array]
    intercepts_: list[Array]
    loss_: float
    best_loss_: float | None
    loss_curve_: list[float]
    learning_rate_curve_: list[float]
    validation_loss_curve_: list[float] | None
    validation_scores_: list[float] | None
    best_validation_score_: float | None
    best_iteration_: int
    n_iter_: int
    stop_reason_: str
    t_: int
    _activation_names: list[str]

    def _fitted_attributes(
        self, result: TrainingResult, start: Start, first: bool
    ) -> dict[str, Any]:
        """Return what a training gives an estimator that is as it was before.

        The parameters of `start` are those at the end by now. If `first`, the curves begin, else
        they go on from an earlier training.
        """
        n_before = 0 if first else len(self.loss_curve_)
        n_epochs = n_before + len(result.records)
        watched = self.early_stopping
        attributes = {
            **self._fitted_weights(start.parameters, start.dtype),
            **{name: self._curve(name, result, n_before) for name in CURVES},
            "n_iter_": len(result.records),
            "t_": result.n_samples_seen,
            "stop_reason_": result.reason.value,
        }
        # What earlier epochs have found stands where the user interrupts the first one of a call.
        if first or result.records or not math.isnan(result.loss):
            attributes |= {
                "loss_": result.loss,
                "best_loss_": None if watched else -result.best_score,
                "best_validation_score_": result.best_score if watched else None,
            }
        if first or (result.records and result.best_epoch > 0):
            attributes["best_iteration_"] = n_epochs - result.n_since_best
        return attributes

    def _curve(self, name: str, result: TrainingResult, n_before: int) -> list[float] | None:
        """Return a curve with the epochs of a training behind those of earlier ones.

        NaN stands where there was no validation, None for no curve at all.
        """
        before = getattr(self, name) if n_before else []
        values = [getattr(record, CURVES[name]) for record in result.records]
        if name.startswith("validation") and not before and all(value is None for value in values):
            return None
        new = [math.nan if value is None else value for value in values]
        return (before or [math.nan] * n_before) + new

    def _fitted_weights(self, parameters: Parameters, dtype: np.dtype) -> dict[str, Any]:
        """Return the fitted attributes that predicting needs, as copies in the public dtype."""
        published = parameters.astype(dtype)
        if self._target_scale is not None:
            self._target_scale.to_own_units(published.layers[-1])
        coefs, intercepts = zip(*published.layers, strict=True)
        return {
            "coefs_": list(coefs),
            "intercepts_": list(intercepts),
            "n_layers_": len(published.layers) + 1,
            "_activation_names": activation_names(self),
        }

    @property
    def _target_scale(self) -> TargetScale | None:
        """What tells the targets of the training from the user's, if anything does."""
        return None

    def _fitted_units(self) -> list[int]:
        return [coef.shape[0] for coef in self.coefs_] + [self.coefs_[-1].shape[1]]

    def _weights(self) -> list[Views]:
        """Return the fitted attributes as they are; copies of what a user put there otherwise."""
        dtype = self.coefs_[0].dtype
        return [
            (row_major(coef, dtype), row_major(intercept, dtype))
            for coef, intercept in zip(self.coefs_, self.intercepts_, strict=True)
        ]

    def _raw_predictions(self, X: Any) -> Array:
        # What was fitted predicts, whatever `set_params` has said since.
        check_is_fitted(self, "coefs_")
        X = check_X(self, X)
        network = predicting_network(self._fitted_units(), self._activation_names)
        return finite(raw_predictions(network, self._weights(), X))

    def _snapshot(self, parameters: Parameters, dtype: np.dtype) -> Self:
        """Return a copy of this estimator with the parameters so far, which predicts arrays."""
        snapshot = copy.copy(self)
        # The held-out inputs are an array without column names.
        vars(snapshot).pop("feature_names_in_", None)
        vars(snapshot).update(self._fitted_weights(parameters, dtype))
        return snapshot

    def _carried(self) -> dict[str, Any]:
        """Return what a warm start builds on, as arrays, numbers and strings."""
        return {name: vars(self)[name] for name in CARRIED if name in vars(self)}

    def _take_up(self, carried: dict[str, Any]) -> None:
        """Become an estimator, in another process say, that a warm start can build on."""
        vars(self).update({name: carried[name] for name in CARRIED if name in carried})
