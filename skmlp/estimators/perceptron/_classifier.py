"""PerceptronClassifier."""

import copy
import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Literal, Self

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state, gen_batches
from sklearn.utils.extmath import safe_sparse_dot
from sklearn.utils.validation import check_is_fitted

from skmlp._arrays import row_major
from skmlp._typing import Array
from skmlp.estimators.common._argument_rules import check_arguments
from skmlp.estimators.common._callbacks import heard_by_callbacks, open_watchers
from skmlp.estimators.common._estimator import EstimatorMixin
from skmlp.estimators.common._held_out import hold_out
from skmlp.estimators.common._methods import RandomGenerator, all_or_nothing, available_if
from skmlp.estimators.common._printer import Printer, print_outcome
from skmlp.estimators.common._samples import (
    check_sample_weight,
    check_X,
    check_X_y,
    finite,
    floating_dtype,
)
from skmlp.estimators.common._sklearn import CallbackSupportMixin, with_callbacks
from skmlp.estimators.common._targets import (
    ClassTargets,
    check_classes,
    check_known_weights,
    check_labels,
    check_same_classes,
)
from skmlp.estimators.common._warnings import warn_if_call_interrupted
from skmlp.estimators.perceptron._first_units import make_units
from skmlp.estimators.perceptron._options import PERCEPTRON_RULES, make_class_weight, make_training
from skmlp.estimators.perceptron._warnings import (
    raise_if_diverged,
    warn_if_interrupted,
    warn_if_unconverged,
)
from skmlp.perceptron.rule import Units
from skmlp.perceptron.training import OnlineResult, OnlineState
from skmlp.training.data import Samples
from skmlp.training.observer import Observer
from skmlp.training.result import StopReason

# Rows that are predicted at a time: a cast to the dtype of the weights is no copy of all of `X`.
_PREDICTED_ROWS = 4096


def _check_partial_fit(estimator: Any) -> None:
    """Raise an AttributeError where `partial_fit` has no meaning."""
    if estimator.early_stopping:
        raise AttributeError(
            "it is only available without `early_stopping`, which needs all samples at once; got "
            "early_stopping=True. Call `fit`, or turn it off."
        )
    check_known_weights(estimator.class_weight)


class PerceptronClassifier(ClassifierMixin, EstimatorMixin, CallbackSupportMixin, BaseEstimator):
    """Rosenblatt's perceptron: linear threshold units that learn from their mistakes.

    Samples are taken one at a time. A sample on which the step function of its score is not its
    target, -1 or 1, pulls the weights towards itself or pushes them away::

        score = coef_ @ x + intercept_
        coef_ += eta0 * target * x, intercept_ += eta0 * target   where step(score) != target

    which is the textbook's ``w += eta (y - y_hat) x`` with targets 0 and 1. Several classes are
    learnt one versus the rest. If a hyperplane separates the classes with margin gamma, and no
    sample is longer than R, there are at most ``(R / gamma)**2`` mistakes in all, and training ends
    with the first epoch without any [2]_. Everything of :class:`sklearn.linear_model.Perceptron`
    is here with the same meaning and default; with ``shuffle=False`` the weights are the same.

    There are no probabilities: a score has no scale, as the weights may be multiplied by any
    number without changing a prediction. Rank by `decision_function`; for probabilities wrap this
    estimator in :class:`sklearn.calibration.CalibratedClassifierCV`, or use
    ``MLPClassifier(hidden_layer_sizes=())``, which is logistic regression.

    Parameters
    ----------
    penalty : {"l2", "l1", "elasticnet"} or None, default=None
        A penalty on the weights, applied after every sample.
    alpha : float, default=0.0001
        The strength of the penalty, at least 0.
    l1_ratio : float, default=0.15
        The share of the l1 penalty with ``penalty="elasticnet"``, in [0, 1].
    fit_intercept : bool, default=True
        Whether to learn the intercept. With sparse `X` it learns 100 times slower than the weights,
        as in scikit-learn.
    max_iter : int, default=1000
        The most epochs that `fit` makes, at least 1.
    tol : float or None, default=1e-3
        An epoch is an improvement if it lowers the mean loss, or with `early_stopping` raises the
        validation score, by `tol` or more, at least 0. None: there is no such rule, and training
        ends with an epoch without mistake or after `max_iter` epochs.
    shuffle : bool, default=True
        Whether every epoch takes the samples in a new order. All classes see the same order.
    verbose : bool or int, default=0
        If above 0, every epoch prints a line, and `fit` another that says why it ended.
    eta0 : float, default=1.0
        The learning rate, above 0. Without penalty, from zero weights, it only scales the weights.
    n_jobs : int or None, default=None
        Without effect, kept for drop-in use: the classes are trained together.
    random_state : int, RandomState instance or None, default=0
        Shuffles the samples and splits off the validation set.
    early_stopping : bool, default=False
        Whether to hold out a stratified part of the samples and stop by its score.
    validation_fraction : float, default=0.1
        The part of the samples to hold out, in (0, 1).
    n_iter_no_change : int, default=5
        So many epochs in a row without improvement end the training of a class, at least 1.
    class_weight : dict, "balanced" or None, default=None
        Weights by which the corrections for samples of a class are multiplied. In one versus the
        rest, as in scikit-learn, the rest has weight 1. For a 0/1 matrix: those of 0 and 1 in every
        column. "balanced": ``n_samples / (n_classes * np.bincount(y))``.
    warm_start : bool, default=False
        Whether `fit` starts from the weights of the fit before, whose classes `y` must have.
    average : bool or int, default=False
        Whether `coef_` is the average of the weights after every sample [3]_, which generalises
        better where the classes overlap; an int: from that sample on, counted from 1.
    step : {"sign", "heaviside"}, default="sign"
        The step function; they differ at a score of exactly zero. For "sign" it is 0, neither
        target, so that it is a mistake for either: scikit-learn's convention. For "heaviside" it is
        the positive class, in training and in prediction. Either way a mistake is corrected by the
        full `eta0`.

    Attributes
    ----------
    coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
        Weights; one row for two classes, else one per class or column of `y`. float32 if the
        training inputs were, else float64.
    intercept_ : ndarray of shape (1,) or (n_classes,)
        Intercepts.
    classes_ : ndarray of shape (n_classes,)
        The labels; column numbers for a 0/1 matrix.
    n_iter_ : int
        Epochs of the last `fit` or `partial_fit`; classes may have ended before.
    t_ : int
        1 plus the samples of all epochs, those held out included.
    loss_curve_ : list of float
        The mean of ``max(0, -target * score)`` over samples and classes, plus the penalty, in every
        epoch.
    mistake_curve_ : list of int
        The corrections in every epoch, over all classes; a class that has ended counts as in its
        last epoch, in `loss_curve_` as well.
    validation_scores_ : list of float or None
        The mean validation score over the classes in every epoch, with `early_stopping`: the share
        of the samples that their units, averaged under `average`, predict.
    stop_reason_ : str
        Why training ended.
    n_features_in_ : int
        Features seen during fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, where `X` has them.

    See Also
    --------
    MLPClassifier : Layers of units, for classes that no hyperplane separates.
    sklearn.linear_model.SGDClassifier : Other losses and learning rates.

    Notes
    -----
    The samples are computed in blocks, with the result of one at a time. A penalty changes the
    weights after every sample, which takes the blocks away and is many times slower.

    A sample of weight 2 takes one step of double length, a repeated sample two steps, the second
    only if the first was not enough. Weights are therefore not the same as repetitions.

    References
    ----------
    .. [1] F. Rosenblatt, "The perceptron: a probabilistic model for information storage and
       organization in the brain", Psychological Review 65 (1958), 386-408.
    .. [2] A. B. J. Novikoff, "On convergence proofs on perceptrons", Symposium on the Mathematical
       Theory of Automata 12 (1962), 615-622.
    .. [3] Y. Freund, R. E. Schapire, "Large margin classification using the perceptron algorithm",
       Machine Learning 37 (1999), 277-296.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skmlp import PerceptronClassifier
    >>> iris = load_iris()
    >>> petals, is_setosa = iris.data[:, 2:], iris.target == 0
    >>> perceptron = PerceptronClassifier(random_state=42).fit(petals, is_setosa)
    >>> perceptron.predict([[2, 0.5], [3, 1]])
    array([ True, False])
    >>> perceptron.stop_reason_
    'an epoch made no mistake'
    """

    _moving = ("_rng",)

    def __init__(
        self,
        *,
        penalty: Literal["l2", "l1", "elasticnet"] | None = None,
        alpha: float = 0.0001,
        l1_ratio: float = 0.15,
        fit_intercept: bool = True,
        max_iter: int = 1000,
        tol: float | None = 1e-3,
        shuffle: bool = True,
        verbose: bool | int = 0,
        eta0: float = 1.0,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = 0,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 5,
        class_weight: Mapping[Any, float] | Literal["balanced"] | None = None,
        warm_start: bool = False,
        average: bool | int = False,
        step: Literal["sign", "heaviside"] = "sign",
    ) -> None:
        self.penalty = penalty
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter
        self.tol = tol
        self.shuffle = shuffle
        self.verbose = verbose
        self.eta0 = eta0
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.class_weight = class_weight
        self.warm_start = warm_start
        self.average = average
        self.step = step

    # Fitted attributes.
    classes_: Array
    # A sparse matrix after `sparsify`.
    coef_: Any
    intercept_: Array
    n_features_in_: int
    feature_names_in_: Array
    n_iter_: int
    t_: int
    loss_curve_: list[float]
    mistake_curve_: list[int]
    validation_scores_: list[float] | None
    stop_reason_: str
    _targets: ClassTargets
    _step: str
    _averaged: Units | None

    # Training

    @all_or_nothing
    @with_callbacks
    def fit(
        self,
        X: Any,
        y: Any,
        coef_init: Any = None,
        intercept_init: Any = None,
        sample_weight: Any = None,
    ) -> Self:
        """Train until an epoch makes no mistake, by `tol`, or for `max_iter` epochs.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training inputs.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Labels, or a 0/1 matrix with a column per label.
        coef_init : array-like of shape (1, n_features) or (n_classes, n_features), default=None
            The weights to start from. If None, zeros, or those there are with `warm_start`.
        intercept_init : array-like of shape (1,) or (n_classes,), default=None
            The intercepts to start from, likewise.
        sample_weight : array-like of shape (n_samples,), default=None
            Factors of the corrections, none negative, not all zero. If None, all are 1.

        Returns
        -------
        self : object
            The estimator.

        Raises
        ------
        ValueError
            If an argument or the data break a rule, or the training diverges.
        """
        check_arguments(self, PERCEPTRON_RULES)
        goes_on = self.warm_start and hasattr(self, "coef_")
        if goes_on:
            check_same_classes(y, self.classes_)
        samples, labels = self._check_samples(X, y, sample_weight, first=not goes_on)
        units = self._first_units(samples, goes_on, coef_init, intercept_init)
        class_weight = make_class_weight(self, self._targets, labels, samples.y)
        random_state = check_random_state(self.random_state)
        samples, validation = self._hold_out(samples, labels, random_state)
        self._begin_anew(random_state)
        attributes = partial(self._fitted_attributes, units=units, samples=samples)
        with heard_by_callbacks(self, X, y, sample_weight, attributes) as callbacks:
            observers = [*open_watchers(self), *self._printers(self.max_iter), *callbacks]
            training = make_training(self, samples, class_weight, self._rng, observers, validation)
            result = training.run(units, self.max_iter)
            raise_if_diverged(result, self.eta0)
            vars(self).update(attributes(result))
        if self.verbose:
            print_outcome(result)
        warn_if_interrupted(result)
        warn_if_unconverged(result, self.max_iter)
        return self

    @available_if(_check_partial_fit)
    @all_or_nothing
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train one epoch on the given samples, from the weights there are.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training inputs.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Labels, or a 0/1 matrix with a column per label.
        classes : array-like of shape (n_classes,), default=None
            All labels that will ever come, needed in the first call unless `y` is a 0/1 matrix.
        sample_weight : array-like of shape (n_samples,), default=None
            Factors of the corrections, none negative, not all zero. If None, all are 1.

        Returns
        -------
        self : object
            The estimator.

        Raises
        ------
        ValueError
            If an argument or the data break a rule, or the training diverges.

        Notes
        -----
        Ctrl-C ends a call, not the loop around it: `stop_reason_` tells.
        """
        check_arguments(self, PERCEPTRON_RULES)
        first = not hasattr(self, "coef_")
        check_classes(classes, y, None if first else self.classes_)
        samples, labels = self._check_samples(X, y, sample_weight, first=first, classes=classes)
        if first:
            self._begin_anew(check_random_state(self.random_state))
        units = self._next_units(samples, first)
        class_weight = make_class_weight(self, self._targets, labels, samples.y)
        training = make_training(self, samples, class_weight, self._rng, self._printers(1))
        result = training.run(units, 1, OnlineState(len(units.coef), n_steps=self.t_ - 1))
        raise_if_diverged(result, self.eta0)
        if result.reason is StopReason.MAX_ITER:
            result = replace(result, reason=StopReason.EPOCH_DONE)
        vars(self).update(self._fitted_attributes(result, units, samples))
        warn_if_call_interrupted(result)
        return self

    def _check_samples(
        self, X: Any, y: Any, sample_weight: Any, *, first: bool, classes: Any = None
    ) -> tuple[Samples, Array]:
        X, y = check_X_y(self, X, y, reset=first, min_samples=1, y_numeric=False)
        y = check_labels(y)
        if first:
            self._targets = _hard_targets(y, classes)
            self.classes_ = self._targets.classes
        weight = check_sample_weight(sample_weight, X.shape[0])
        return Samples(X, self._targets.encode(y), weight), y

    def _first_units(
        self, samples: Samples, goes_on: bool, coef_init: Any = None, intercept_init: Any = None
    ) -> Units:
        """Return the units to train: as given, else as fitted, else zero."""
        dtype = floating_dtype(samples.X)
        if goes_on:
            dtype = self.coef_.dtype
            coef_init = self._dense_coef() if coef_init is None else coef_init
            intercept_init = self.intercept_ if intercept_init is None else intercept_init
        shape = (self._targets.n_outputs, samples.X.shape[1])
        return make_units(shape, dtype, coef_init, intercept_init, averaged=bool(self.average))

    def _next_units(self, samples: Samples, first: bool) -> Units:
        """Return the units of the next epoch: under an average there are those that it is of."""
        if not first and self.average and self._averaged is not None:
            return copy.deepcopy(self._averaged)
        return self._first_units(samples, goes_on=not first)

    def _hold_out(
        self, samples: Samples, y: Array, random_state: np.random.RandomState
    ) -> tuple[Samples, Samples | None]:
        """Return the samples to train on and, with `early_stopping`, those to score."""
        if not self.early_stopping:
            return samples, None
        labels = None if self._targets.kind == "multilabel" else y
        training, held_out = hold_out(samples, y, labels, self.validation_fraction, random_state)
        # Without shuffling, the samples that are left are taken in the order given.
        training = training.of(np.argsort(training.X.rows))
        return training, held_out.samples

    def _printers(self, n_epochs: int) -> list[Observer]:
        return [Printer(n_epochs)] if self.verbose else []

    def _begin_anew(self, random_state: np.random.RandomState) -> None:
        """Forget the training before: its curves, its count of samples, its order."""
        self._rng = np.random.default_rng(random_state.randint(np.iinfo(np.int32).max))
        self.t_ = 1
        self.loss_curve_ = []
        self.mistake_curve_ = []
        self.validation_scores_ = [] if self.early_stopping else None

    def _fitted_weights(self, units: Units) -> dict[str, Any]:
        """Return the fitted attributes that predicting needs, as copies."""
        coef, intercept = units.published()
        return {"coef_": coef, "intercept_": intercept, "_step": self.step}

    def _fitted_attributes(
        self, result: OnlineResult, units: Units, samples: Samples
    ) -> dict[str, Any]:
        """Return what a training gives; NaN stands in a curve where there was no validation."""
        n_epochs, scores = len(result.records), self.validation_scores_
        if scores is not None:
            new = [record.validation_score for record in result.records]
            scores = scores + [math.nan if score is None else score for score in new]
        return {
            **self._fitted_weights(units),
            "_averaged": units if self.average else None,
            "n_iter_": n_epochs,
            # As in scikit-learn, samples that are held out count.
            "t_": self.t_ + n_epochs * samples.matrix.shape[0],
            "loss_curve_": self.loss_curve_ + [record.loss for record in result.records],
            "mistake_curve_": self.mistake_curve_ + [record.mistakes for record in result.records],
            "validation_scores_": scores,
            "stop_reason_": result.reason.value,
        }

    def _generators(self) -> list[RandomGenerator]:
        return [self._rng] if hasattr(self, "_rng") else []

    # Predicting

    def decision_function(self, X: Any) -> Array:
        """Return the scores ``X @ coef_.T + intercept_``.

        Divided by the length of a row of `coef_` they are signed distances to its hyperplane.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Inputs.

        Returns
        -------
        scores : ndarray of shape (n_samples,) or (n_samples, n_classes)
            One column per class; a vector, positive for ``classes_[1]``, if there are two classes.

        Raises
        ------
        ValueError
            If a score is beyond the range of its dtype.
        """
        scores = self._scores(X)
        return scores[:, 0] if self._targets.one_logit else scores

    def predict(self, X: Any) -> Array:
        """Return the label with the highest score.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Inputs.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_classes)
            Labels; a 0/1 matrix if the targets were one.

        Raises
        ------
        ValueError
            If a score is beyond the range of its dtype.
        """
        scores = self._scores(X)
        # What was fitted predicts, whatever `set_params` has said since.
        if self._step == "heaviside" and self._targets.kind != "multiclass":
            return self._targets.decode((scores >= 0).astype(np.int8))
        return self._targets.decode(scores)

    def densify(self) -> Self:
        """Make `coef_` a dense array again, after `sparsify`.

        Returns
        -------
        self : object
            The estimator.
        """
        check_is_fitted(self)
        self.coef_ = self._dense_coef()
        return self

    def sparsify(self) -> Self:
        """Make `coef_` a CSR matrix, which is smaller where most weights are zero, by l1 say.

        Returns
        -------
        self : object
            The estimator.
        """
        check_is_fitted(self)
        self.coef_ = sparse.csr_matrix(self.coef_)
        return self

    def _dense_coef(self) -> Array:
        return self.coef_.toarray() if sparse.issparse(self.coef_) else self.coef_

    def _scores(self, X: Any) -> Array:
        check_is_fitted(self)
        X = check_X(self, X)
        scores = np.empty((X.shape[0], self.coef_.shape[0]), self.coef_.dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            for rows in gen_batches(X.shape[0], _PREDICTED_ROWS):
                part = row_major(X[rows], self.coef_.dtype)
                scores[rows] = safe_sparse_dot(part, self.coef_.T, dense_output=True)
            scores += self.intercept_
        return finite(scores)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.classifier_tags.multi_label = True
        return tags


def _hard_targets(y: Array, classes: Any) -> ClassTargets:
    """Return the targets that `y` shows; refuse class probabilities and a single class."""
    targets = ClassTargets.of(y, classes)
    if len(targets.classes) < 2:
        raise ValueError(
            f"`y` must have at least 2 classes; got 1 class, {targets.classes.tolist()[0]!r}. A "
            "constant needs no perceptron: use `sklearn.dummy.DummyClassifier`."
        )
    if targets.kind == "soft":
        raise ValueError(
            "`y` must be labels or a 0/1 matrix; got class probabilities. Use `MLPClassifier`, "
            "which learns from them. Unknown label type: continuous-multioutput."
        )
    return targets
