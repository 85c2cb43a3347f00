"""What the two MLPs share: `fit` and `partial_fit` as one recipe."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Self, cast

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from skmlp._typing import Array
from skmlp.estimators.common._argument_rules import Rule, check_arguments, dtype_name
from skmlp.estimators.common._callbacks import (
    Fit,
    heard_by_callbacks,
    open_network_watchers,
    open_watchers,
)
from skmlp.estimators.common._estimator import EstimatorMixin
from skmlp.estimators.common._held_out import HeldOut, check_given_together, hold_out
from skmlp.estimators.common._methods import RandomGenerator, all_or_nothing, answer_keywords
from skmlp.estimators.common._printer import Printer, print_outcome
from skmlp.estimators.common._samples import check_sample_weight, check_X_y, floating_dtype
from skmlp.estimators.common._sklearn import CallbackSupportMixin, with_callbacks
from skmlp.estimators.common._warnings import warn_if_call_interrupted
from skmlp.estimators.mlp._first_weights import Start, check_same_layers, overwrite
from skmlp.estimators.mlp._fitted_network import FittedNetworkMixin
from skmlp.estimators.mlp._options import (
    check_combinations,
    is_stochastic,
    make_network,
    training_dtype,
    training_options,
)
from skmlp.estimators.mlp._scoring import make_validation
from skmlp.estimators.mlp._warnings import (
    raise_if_diverged,
    raise_if_out_of_range,
    warn_if_batch_clipped,
    warn_if_diverged,
    warn_if_interrupted,
    warn_if_never_scored,
    warn_if_schedule_ended,
    warn_if_scoring_is_idle,
    warn_if_unconverged,
)
from skmlp.estimators.mlp._worse_than_constant import warn_if_worse_than_constant
from skmlp.losses import Loss
from skmlp.training.data import Samples
from skmlp.training.observer import Observer
from skmlp.training.result import StopReason, TrainingResult
from skmlp.training.state import MiniBatchState, begin
from skmlp.training.train import train


def check_partial_fit(estimator: Any) -> None:
    """Raise an AttributeError where `partial_fit` has no meaning."""
    if not is_stochastic(estimator) or estimator.early_stopping or estimator.averaging:
        raise AttributeError(
            "it is only available with a stochastic solver and without `early_stopping` and "
            f"`averaging`; got solver={estimator.solver!r}, "
            f"early_stopping={estimator.early_stopping!r} and averaging={estimator.averaging!r}. "
            "Call `fit`, or change them."
        )


# What other libraries' `fit` takes.
_VALIDATION_SET = "the validation set as `X_val` and `y_val`"
_FIT_KEYWORDS = {
    "validation_data": _VALIDATION_SET,
    "eval_set": _VALIDATION_SET,
    "validation_split": "`early_stopping=True` and `validation_fraction` to the estimator",
    "epochs": "`max_iter` to the estimator",
    "callbacks": "them to `set_callbacks`",
}


class BaseMLP(EstimatorMixin, CallbackSupportMixin, FittedNetworkMixin, BaseEstimator, ABC):
    """Base of the multilayer perceptrons. Use a derived class."""

    _rules: dict[str, Rule]
    _y_is_numeric: bool
    _moving = ("_state",)

    # Where `partial_fit` goes on.
    _state: MiniBatchState | None = None

    # What a derived class decides

    @abstractmethod
    def _check_y(
        self, y: Any, first: bool, classes: Any = None, name: str = "y"
    ) -> tuple[Array, Array]:
        """Return `y` as an array and as target matrix; remember its kind if `first`."""

    @abstractmethod
    def _make_loss(self) -> Loss:
        """Return the loss that the arguments describe."""

    @abstractmethod
    def _own_score(self, prediction: Array, samples: Samples) -> float:
        """Return the estimator's own score, accuracy or R², of what the loss predicts."""

    def _strata(self, targets: Array) -> Array | None:
        """Return what a validation split should keep in proportion, if anything."""
        return None

    def _weigh_classes(
        self, targets: Array, sample_weight: Array | None, training: bool
    ) -> Array | None:
        """Return the sample weights times the class weights, which `training` targets define."""
        return sample_weight

    def _check_goes_on(self, y: Any) -> None:
        """Raise unless a warm start can go on with these targets."""

    def _watches_loss(self) -> bool:
        """Return whether the score of a validation set is minus its loss."""
        return isinstance(self.scoring, str) and self.scoring == "loss"

    def _learn_target_scale(
        self, targets: Array, weight: Array | None, anew: bool, dtype: np.dtype
    ) -> None:
        """Take note of the scale of the targets, `anew` or if it is not known yet.

        Predictions will be in `dtype`.
        """

    def _start_outputs(self, intercept: Array, samples: Samples) -> None:
        """Move the drawn biases of the outputs, in place, where they must not stay."""

    # Fitting

    @answer_keywords(_FIT_KEYWORDS)
    @all_or_nothing
    @with_callbacks
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
        coefs_init: Sequence[Any] | None = None,
        intercepts_init: Sequence[Any] | None = None,
    ) -> Self:
        """Fit the network to data.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training inputs of any numeric dtype. Neither written to nor copied whole; CSC is
            converted to CSR.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Target values: class labels, a 0/1 indicator matrix or rows of class probabilities for a
            classifier, numbers for a regressor.
        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights, none negative, not all zero. A step follows the weighted mean of the
            losses in its batch. If None, all samples weigh the same.
        X_val : {array-like, sparse matrix} of shape (n_val_samples, n_features), default=None
            Validation inputs. With ``early_stopping=True`` they take the place of a part of `X`;
            else they only record `validation_loss_curve_` and `validation_scores_`.
        y_val : array-like of shape (n_val_samples,) or (n_val_samples, n_outputs), default=None
            Validation targets, given if and only if `X_val` is.
        sample_weight_val : array-like of shape (n_val_samples,), default=None
            Validation weights. The class weights of a classifier multiply them, as they do the
            training weights.
        coefs_init : list of array-like, default=None
            First weights, one array of shape (n_units_below, n_units) or None per layer; a None is
            drawn at random.
        intercepts_init : list of array-like, default=None
            First biases, one array of shape (n_units,) or None per layer.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If an argument or the data break a rule, or the training diverges; with early stopping,
            before it has an epoch to go back to.
        TypeError
            If a constructor argument has the wrong type.

        Warns
        -----
        ConvergenceWarning
            If `max_iter` epochs were not enough, the training diverged and went back to its best
            epoch, or the fit ended worse than the best constant prediction.
        """
        self._check_arguments()
        rng = check_random_state(self.random_state)
        before = rng.get_state(legacy=False)
        first = not (self.warm_start and hasattr(self, "coefs_"))
        if not first:
            self._check_goes_on(y)
        samples, labels = self._check_samples(X, y, sample_weight, first=first)
        given = self._check_validation(X_val, y_val, sample_weight_val)
        fit = Fit(self, before, None if first else self._carried(), samples, labels, given)
        start = self._start(samples, rng, first, coefs_init, intercepts_init)
        training, held_out = self._hold_out(samples, labels, given, rng)
        warn_if_scoring_is_idle(self, held_out)
        warn_if_batch_clipped(self, training.n_samples)
        loss, options = self._make_loss(), training_options(self)
        validate = make_validation(self, start, loss, held_out)
        # Where a stream stood is no beginning after a fit.
        self._state = None
        attributes = partial(self._fitted_attributes, start=start, first=first)
        with heard_by_callbacks(self, X, y, sample_weight, attributes) as callbacks:
            observers = [*open_watchers(self), *open_network_watchers(self, fit), *self._printers()]
            observers += callbacks
            state = begin(start.network, start.parameters, options, rng, 0 if first else self.t_)
            result = train(
                start.network, start.parameters, loss, training, options, validate, observers, state
            )
            self._publish(result, start, training, first)
        self._report(result, start, loss, training)
        return self

    @all_or_nothing
    def _partial_fit(self, X: Any, y: Any, sample_weight: Any, classes: Any = None) -> Self:
        self._check_arguments()
        first = not hasattr(self, "coefs_")
        options = replace(training_options(self), max_epochs=1)
        samples, _ = self._check_samples(
            X, y, sample_weight, first=first, classes=classes, new_scale=first
        )
        warn_if_batch_clipped(self, samples.n_samples)
        before = self._state
        rng = check_random_state(self.random_state) if before is None else before.rng
        start = self._start(samples, rng, first)
        n_samples_seen = 0 if first else self.t_
        state = begin(start.network, start.parameters, options, rng, n_samples_seen, before)
        result = train(
            start.network,
            start.parameters,
            self._make_loss(),
            samples,
            options,
            observers=self._printers(),
            state=state,
        )
        if result.reason in (StopReason.MAX_ITER, StopReason.TRAINING_PLATEAU):
            result = replace(result, reason=StopReason.EPOCH_DONE)
        self._publish(result, start, samples, first)
        self._state = cast(MiniBatchState, state)
        warn_if_call_interrupted(result)
        warn_if_schedule_ended(result, self.max_iter)
        return self

    def _generators(self) -> list[RandomGenerator]:
        return [] if self._state is None else self._state.generators

    # Checks

    def _check_arguments(self) -> None:
        check_arguments(self, self._rules)
        check_combinations(self)

    def _check_samples(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        *,
        first: bool,
        classes: Any = None,
        new_scale: bool = True,
    ) -> tuple[Samples, Array]:
        """Return the samples, and their targets as scorers want them."""
        X, y = check_X_y(self, X, y, reset=first, min_samples=1, y_numeric=self._y_is_numeric)
        y, targets = self._check_y(y, first, classes)
        weight = check_sample_weight(sample_weight, X.shape[0])
        self._learn_target_scale(targets, weight, new_scale, self._public_dtype(X, first))
        weight = self._weigh_classes(targets, weight, training=True)
        return Samples(X, self._in_training_units(targets), weight), y

    def _in_training_units(self, targets: Array) -> Array:
        scale = self._target_scale
        return targets if scale is None else scale.standardise(targets)

    def _check_validation(self, X_val: Any, y_val: Any, sample_weight_val: Any) -> HeldOut | None:
        if not check_given_together(X_val, y_val, sample_weight_val):
            return None
        try:
            X_val, y_val = check_X_y(
                self,
                X_val,
                y_val,
                reset=False,
                min_samples=2,
                y_numeric=self._y_is_numeric,
                names=("X_val", "y_val"),
            )
        except (TypeError, ValueError) as error:
            if "_val`" in str(error):
                raise
            raise type(error)(f"Of the validation set, `X_val` and `y_val`: {error}") from error
        y_val, targets = self._check_y(y_val, first=False, name="y_val")
        weight = check_sample_weight(sample_weight_val, X_val.shape[0], "sample_weight_val")
        weight = self._weigh_classes(targets, weight, training=False)
        return HeldOut(Samples(X_val, self._in_training_units(targets), weight), y_val)

    # The training

    def _start(
        self,
        samples: Samples,
        rng: np.random.RandomState,
        first: bool,
        coefs_init: Sequence[Any] | None = None,
        intercepts_init: Sequence[Any] | None = None,
    ) -> Start:
        """Return the network and its first parameters: as given, else as fitted, else drawn."""
        dtype = self._public_dtype(samples.X, first)
        network = make_network(self, self.n_features_in_, self.n_outputs_)
        parameters = network.parameters(dtype)
        output, scale = parameters.layers[-1], self._target_scale
        if first:
            network.draw(parameters, rng)
            self._start_outputs(output[1], samples)
            if scale is not None:
                scale.to_own_units(output)
        else:
            check_same_layers(network.units, self._fitted_units())
            parameters.assign(list(zip(self.coefs_, self.intercepts_, strict=True)))
        overwrite("coefs_init", coefs_init, [coef for coef, _ in parameters.layers])
        overwrite("intercepts_init", intercepts_init, [bias for _, bias in parameters.layers])
        if scale is not None:
            scale.to_standard_units(output)
        trained_in = training_dtype(self, parameters)
        if trained_in != dtype:
            parameters = parameters.astype(trained_in)
        return Start(network, parameters, dtype)

    def _public_dtype(self, X: Array, first: bool) -> np.dtype:
        """Return the dtype of the fitted attributes and predictions."""
        return floating_dtype(X) if first else self.coefs_[0].dtype

    def _start_on(
        self, X: Any, y: Any, sample_weight: Any, rng: np.random.RandomState
    ) -> tuple[Start, Samples]:
        """Return what `fit` would begin with, on all samples."""
        self._check_arguments()
        samples, _ = self._check_samples(X, y, sample_weight, first=True)
        return self._start(samples, rng, first=True), samples

    def _hold_out(
        self, samples: Samples, labels: Array, given: HeldOut | None, rng: np.random.RandomState
    ) -> tuple[Samples, HeldOut | None]:
        """Return the samples to train on and the validation set, given or split off."""
        if given is not None or not self.early_stopping:
            return samples, given
        strata = self._strata(samples.y)
        return hold_out(samples, labels, strata, self.validation_fraction, rng)

    def _publish(self, result: TrainingResult, start: Start, samples: Samples, first: bool) -> None:
        """Take the fitted attributes from a training that came to something."""
        raise_if_diverged(result, self, samples, self._kept_epoch(result))
        with np.errstate(over="ignore"):
            attributes = self._fitted_attributes(result, start, first)
        raise_if_out_of_range([*attributes["coefs_"], *attributes["intercepts_"]])
        vars(self).update(attributes)

    def _report(self, result: TrainingResult, start: Start, loss: Loss, samples: Samples) -> None:
        """Tell the user how the training ended."""
        kept_epoch = self._kept_epoch(result)
        if self.verbose:
            print_outcome(result, kept_epoch)
        warn_if_interrupted(result)
        diverged = warn_if_diverged(result, self, samples, kept_epoch)
        if not diverged and not warn_if_worse_than_constant(self, start, loss, samples, result):
            warn_if_unconverged(result, self, start.parameters.dtype)
        warn_if_never_scored(result)

    def _kept_epoch(self, result: TrainingResult) -> int:
        """Return the epoch whose weights are kept, 0 for the last one."""
        return result.best_epoch if self.early_stopping else 0

    def _printers(self) -> list[Observer]:
        return [Printer(self.max_iter)] if self.verbose else []

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        return {**state, "dtype": dtype_name(state["dtype"])}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
