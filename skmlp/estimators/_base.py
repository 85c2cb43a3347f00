"""What the two MLPs share: `fit` and `partial_fit` as one recipe."""

import copy
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skmlp._typing import Array
from skmlp.estimators import _recipes as recipes
from skmlp.estimators._callbacks import (
    Beginning,
    CallbackSupportMixin,
    close_callbacks,
    open_callbacks,
    open_watchers,
    with_callbacks,
)
from skmlp.estimators._first_weights import check_same_layers, draw, overwrite
from skmlp.estimators._held_out import HeldOut, check_given_together, hold_out, make_scorer
from skmlp.estimators._messages import (
    raise_if_diverged,
    warn_if_batch_clipped,
    warn_if_interrupted,
    warn_if_never_scored,
    warn_if_schedule_ended,
    warn_if_unconverged,
)
from skmlp.estimators._printer import Printer
from skmlp.estimators._rules import Rule, check_arguments
from skmlp.estimators._samples import check_sample_weight, check_X, check_X_y, floating_dtype
from skmlp.estimators._training import (
    Session,
    Task,
    begin_training,
    open_session,
    train_one_epoch,
)
from skmlp.estimators._transaction import all_or_nothing
from skmlp.estimators._versioned import VersionedMixin
from skmlp.losses import Loss
from skmlp.network import Network, raw_predictions
from skmlp.parameters import Parameters
from skmlp.training.data import Samples
from skmlp.training.observer import Observer
from skmlp.training.result import TrainingResult
from skmlp.training.supervisor import Validate

# The fitted attributes that a warm start builds on.
CARRIED = (
    "n_features_in_",
    "feature_names_in_",
    "n_outputs_",
    "out_activation_",
    "coefs_",
    "intercepts_",
    "loss_curve_",
    "learning_rate_curve_",
    "validation_loss_curve_",
    "validation_scores_",
    "t_",
)


def can_partial_fit(estimator: Any) -> bool:
    """Return True, or raise an AttributeError where `partial_fit` has no meaning."""
    if estimator.solver == "lbfgs" or estimator.early_stopping:
        raise AttributeError(
            "`partial_fit` is only available with a stochastic solver and without "
            f"`early_stopping`; got solver={estimator.solver!r} and "
            f"early_stopping={estimator.early_stopping!r}."
        )
    return True


class BaseMLP(CallbackSupportMixin, VersionedMixin, BaseEstimator, ABC):
    """Base of the multilayer perceptrons. Use a derived class."""

    _rules: dict[str, Rule]
    _y_is_numeric: bool

    # Constructor arguments and fitted attributes that this class reads.
    batch_size: Any
    solver: str
    max_iter: int
    random_state: Any
    verbose: Any
    warm_start: bool
    early_stopping: bool
    validation_fraction: float
    frozen_layers: int
    scoring: Any
    n_features_in_: int
    n_outputs_: int
    coefs_: list[Array]
    intercepts_: list[Array]
    loss_curve_: list[float]
    learning_rate_curve_: list[float]
    validation_loss_curve_: list[float] | None
    validation_scores_: list[float] | None
    t_: int
    _activation_names: list[str]
    _session: Session | None

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
    def _own_score(self, raw_prediction: Array, held_out: HeldOut) -> float:
        """Return the estimator's own score, accuracy or R², of raw predictions."""

    @abstractmethod
    def _stratify_by(self, targets: Array) -> Array | None:
        """Return what a validation split should keep in proportion, if anything."""

    def _weigh_classes(
        self, targets: Array, sample_weight: Array | None, training: bool
    ) -> Array | None:
        """Return the sample weights times the class weights, which `training` targets define."""
        return sample_weight

    # Fitting

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
            Sample weights, none negative, not all zero. If None, all samples weigh the same.
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
            If an argument or the data break a rule, or the training diverges.
        TypeError
            If a constructor argument has the wrong type.

        Warns
        -----
        ConvergenceWarning
            If `max_iter` epochs were not enough.
        """
        self._check_arguments()
        first = not (self.warm_start and hasattr(self, "coefs_"))
        samples, labels = self._check_samples(X, y, sample_weight, first=first, min_samples=2)
        held_out = self._check_validation(X_val, y_val, sample_weight_val)
        rng = check_random_state(self.random_state)
        beginning = Beginning(
            self,
            rng.get_state(legacy=False),
            None if first else self._carried(),
            samples,
            labels,
            held_out,
        )
        network, parameters = self._start_parameters(
            samples.X, rng, first, coefs_init, intercepts_init
        )
        if self.early_stopping and held_out is None:
            samples, held_out = hold_out(
                samples, labels, self._stratify_by(samples.y), self.validation_fraction, rng
            )
        dtype = self._published_dtype(samples.X, first)
        callbacks = open_callbacks(self, X, y, sample_weight, dtype)
        validate = None if held_out is None else self._validation(network, held_out, dtype)
        task = self._task(network, parameters, samples, first, validate)
        training = begin_training(task, rng)
        watchers = open_watchers(self, beginning, training)
        result = training.run([*watchers, *self._printers(), *callbacks])
        raise_if_diverged(result)
        self._publish(result, parameters, dtype, first)
        self._session = None
        close_callbacks(callbacks)
        warn_if_interrupted(result)
        warn_if_unconverged(result, self.max_iter)
        warn_if_never_scored(result)
        return self

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any, classes: Any = None) -> Self:
        session = getattr(self, "_session", None)
        # Should this epoch fail, the next call must not go on from the state that it leaves.
        self._session = None
        self._partial_fit_from(session, X, y, sample_weight, classes)
        return self

    @all_or_nothing
    def _partial_fit_from(
        self, session: Session | None, X: Any, y: Any, sample_weight: Any, classes: Any
    ) -> None:
        self._check_arguments()
        first = not hasattr(self, "coefs_")
        samples, _ = self._check_samples(
            X, y, sample_weight, first=first, min_samples=1, classes=classes
        )
        rng = check_random_state(self.random_state) if session is None else session.state.rng
        network, parameters = self._start_parameters(samples.X, rng, first)
        task = self._task(network, parameters, samples, first)
        if session is None or not session.fits(task):
            session = open_session(task, rng)
        result = train_one_epoch(task, session, self._printers())
        raise_if_diverged(result)
        self._publish(result, parameters, self._published_dtype(samples.X, first), first)
        self._session = session
        warn_if_interrupted(result)
        warn_if_schedule_ended(result, self.max_iter)

    def _task(
        self,
        network: Network,
        parameters: Parameters,
        samples: Samples,
        first: bool,
        validate: Validate | None = None,
    ) -> Task:
        if recipes.is_stochastic(self):
            warn_if_batch_clipped(self.batch_size, samples.n_samples)
        return Task(
            arguments=self,
            network=network,
            parameters=parameters,
            loss=self._make_loss(),
            samples=samples,
            n_samples_seen=0 if first else self.t_,
            validate=validate,
        )

    def _new_task(self, X: Any, y: Any, sample_weight: Any, rng: np.random.RandomState) -> Task:
        """Return what `fit` would begin with, on all samples."""
        self._check_arguments()
        samples, _ = self._check_samples(X, y, sample_weight, first=True, min_samples=2)
        network, parameters = self._start_parameters(samples.X, rng, first=True)
        return self._task(network, parameters, samples, first=True)

    # Checks before training

    def _check_arguments(self) -> None:
        check_arguments(self, self._rules)
        recipes.check_combinations(self)

    def _check_samples(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        *,
        first: bool,
        min_samples: int,
        classes: Any = None,
    ) -> tuple[Samples, Array]:
        X, y = check_X_y(
            self, X, y, reset=first, min_samples=min_samples, y_numeric=self._y_is_numeric
        )
        y, targets = self._check_y(y, first, classes)
        weight = check_sample_weight(sample_weight, X.shape[0])
        return Samples(X, targets, self._weigh_classes(targets, weight, training=True)), y

    def _check_validation(self, X_val: Any, y_val: Any, sample_weight_val: Any) -> HeldOut | None:
        if not check_given_together(X_val, y_val, sample_weight_val):
            return None
        X_val, y_val = check_X_y(
            self, X_val, y_val, reset=False, min_samples=2, y_numeric=self._y_is_numeric
        )
        y_val, targets = self._check_y(y_val, first=False, name="y_val")
        weight = check_sample_weight(sample_weight_val, X_val.shape[0], "sample_weight_val")
        return HeldOut(X_val, y_val, targets, self._weigh_classes(targets, weight, training=False))

    def _published_dtype(self, X: Array, first: bool) -> np.dtype:
        return floating_dtype(X) if first else self.coefs_[0].dtype

    # Training

    def _start_parameters(
        self,
        X: Array,
        rng: np.random.RandomState,
        first: bool,
        coefs_init: Sequence[Any] | None = None,
        intercepts_init: Sequence[Any] | None = None,
    ) -> tuple[Network, Parameters]:
        """Return the network and the parameters to start from, in the dtype of training."""
        network = recipes.make_network(self, X.shape[1], self.n_outputs_)
        dtype = self._published_dtype(X, first)
        parameters = Parameters(network.units, dtype, self.frozen_layers)
        if first:
            draw(parameters, recipes.make_initializers(self), rng)
        else:
            check_same_layers(network.units, self._fitted_parameters())
            parameters.assign(self.coefs_, self.intercepts_)
        overwrite("coefs_init", coefs_init, parameters.coefs)
        overwrite("intercepts_init", intercepts_init, parameters.intercepts)
        return network, parameters.astype(recipes.training_dtype(self, dtype, network.units))

    def _validation(self, network: Network, held_out: HeldOut, dtype: np.dtype) -> Validate:
        """Return the function that gives validation loss and score of parameters."""
        loss = self._make_loss()
        scorer = None if recipes.watches_loss(self) else make_scorer(self, held_out)

        def validate(parameters: Parameters) -> tuple[float, float]:
            raw = raw_predictions(network, parameters, held_out.X)
            validation_loss = loss.mean(raw, held_out.targets, held_out.weight)
            if recipes.watches_loss(self):
                return validation_loss, -validation_loss
            if not np.isfinite(raw).all():
                return validation_loss, math.nan
            if scorer is None:
                return validation_loss, self._own_score(raw, held_out)
            return validation_loss, scorer(self._snapshot(parameters, dtype))

        return validate

    def _printers(self) -> list[Observer]:
        return [Printer(self.max_iter)] if self.verbose else []

    def _snapshot(self, parameters: Parameters, dtype: np.dtype) -> Self:
        """Return a copy of this estimator with the parameters so far, which predicts arrays."""
        snapshot = copy.copy(self)
        # The held-out inputs are an array without column names.
        vars(snapshot).pop("feature_names_in_", None)
        vars(snapshot).update(self._fitted_weights(parameters, dtype))
        return snapshot

    # A warm start in another process

    def _carried(self) -> dict[str, Any]:
        """Return what a warm start builds on, as arrays, numbers and strings."""
        return {name: vars(self)[name] for name in CARRIED if name in vars(self)}

    def _take_up(self, carried: dict[str, Any]) -> None:
        """Become an estimator that can be fitted on by a warm start."""
        vars(self).update({name: carried[name] for name in CARRIED if name in carried})

    # After training

    def _fitted_weights(self, parameters: Parameters, dtype: np.dtype) -> dict[str, Any]:
        """Return the fitted attributes that predicting needs, as copies in the public dtype."""
        published = parameters.astype(dtype)
        return {
            "coefs_": published.coefs,
            "intercepts_": published.intercepts,
            "n_layers_": len(published.units),
            "_activation_names": recipes.activation_names(self),
        }

    def _publish(
        self, result: TrainingResult, parameters: Parameters, dtype: np.dtype, first: bool
    ) -> None:
        """Turn the outcome of a training into fitted attributes."""
        vars(self).update(self._fitted_weights(parameters, dtype))
        n_before = 0 if first else len(self.loss_curve_)
        for name, curve in result.curves().items():
            self._extend_curve(name, curve, n_before)
        self.n_iter_ = len(result.records)
        self.t_ = (0 if first else self.t_) + result.n_samples_seen
        self.loss_ = result.loss
        self.best_loss_ = None if self.early_stopping else -result.best_score
        self.best_validation_score_ = result.best_score if self.early_stopping else None
        if first or result.best_epoch > 0:
            self.best_iteration_ = result.best_epoch + result.offset(len(self.loss_curve_))
        self.stop_reason_ = result.reason.value

    def _extend_curve(self, name: str, values: list[float | None], n_before: int) -> None:
        """Append to a curve; NaN stands where there was no validation, None for no curve at all."""
        before = (getattr(self, name) if n_before else []) or [None] * n_before
        curve = [*before, *values]
        optional = name.startswith("validation") and all(value is None for value in curve)
        filled = [math.nan if value is None else value for value in curve]
        setattr(self, name, None if optional else filled)

    # Predicting

    def _fitted_parameters(self) -> Parameters:
        units = [coef.shape[0] for coef in self.coefs_] + [self.coefs_[-1].shape[1]]
        fitted = Parameters(units, self.coefs_[0].dtype)
        fitted.assign(self.coefs_, self.intercepts_)
        return fitted

    def _raw_predictions(self, X: Any) -> Array:
        # What was fitted predicts, whatever `set_params` has said since.
        check_is_fitted(self, "coefs_")
        X = check_X(self, X)
        fitted = self._fitted_parameters()
        network = recipes.predicting_network(fitted.units, self._activation_names)
        return raw_predictions(network, fitted, X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
