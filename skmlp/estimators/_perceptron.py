"""PerceptronClassifier."""

import warnings
from dataclasses import replace
from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state, gen_batches
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.extmath import safe_sparse_dot
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skmlp._typing import Array
from skmlp.estimators._held_out import hold_out
from skmlp.estimators._rules import (
    Rule,
    boolean,
    check_arguments,
    exactly,
    instance_of,
    integer,
    one_of,
    real,
)
from skmlp.estimators._samples import check_sample_weight, check_X, check_X_y, floating_dtype
from skmlp.estimators._targets import ClassTargets, check_labels
from skmlp.training.data import Samples
from skmlp.training.online import OnlineRecord, OnlineResult, OnlineTraining, Patience
from skmlp.training.online_rule import Average, PerceptronRule, Units
from skmlp.training.result import StopReason

# scikit-learn's constant: the intercept learns slower beside features that are mostly zero.
_SPARSE_INTERCEPT_FACTOR = 0.01
# Rows that are predicted at a time: a cast to the dtype of the weights is no copy of all of `X`.
_PREDICTED_ROWS = 4096


def _can_partial_fit(estimator: Any) -> bool:
    """Return True, or raise an AttributeError where `partial_fit` has no meaning."""
    if estimator.early_stopping:
        raise AttributeError(
            "`partial_fit` is only available without `early_stopping`; got early_stopping=True."
        )
    if isinstance(estimator.class_weight, str):
        raise AttributeError(
            "`partial_fit` is only available with a dict or None as `class_weight`; got "
            f"{estimator.class_weight!r}, which needs all samples at once. Compute a dict with "
            "`sklearn.utils.class_weight.compute_class_weight`."
        )
    return True


class PerceptronClassifier(ClassifierMixin, BaseEstimator):
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
    verbose : int, default=0
        If above 0, every epoch prints a line.
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
    class_weight : dict or "balanced", default=None
        Weights by which the corrections for samples of a class are multiplied. In one versus the
        rest, as in scikit-learn, the rest has weight 1. For a 0/1 matrix: those of 0 and 1 in every
        column. "balanced": ``n_samples / (n_classes * np.bincount(y))``.
    warm_start : bool, default=False
        Whether `fit` starts from the weights of the fit before.
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
        1 plus the samples seen.
    loss_curve_ : list of float
        The mean of ``max(0, -target * score)`` over samples and classes, plus the penalty, in every
        epoch.
    mistake_curve_ : list of int
        The corrections in every epoch, over all classes.
    validation_scores_ : list of float or None
        The mean validation score over the classes in every epoch, with `early_stopping`.
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

    # A sparse matrix after `sparsify`.
    coef_: Any

    _rules: dict[str, Rule] = {
        "penalty": exactly(None) | one_of("l2", "l1", "elasticnet"),
        "alpha": real(0),
        "l1_ratio": real(0, 1),
        "fit_intercept": boolean(),
        "max_iter": integer(1),
        "tol": exactly(None) | real(0),
        "shuffle": boolean(),
        "verbose": boolean() | integer(0),
        "eta0": real(0, open_low=True),
        "n_jobs": exactly(None) | integer(-1),
        "random_state": exactly(None)
        | integer(0)
        | instance_of(np.random.RandomState, "a numpy.random.RandomState"),
        "early_stopping": boolean(),
        "validation_fraction": real(0, 1, open_low=True, open_high=True),
        "n_iter_no_change": integer(1),
        "class_weight": exactly(None) | one_of("balanced") | instance_of(dict, "a dict"),
        "warm_start": boolean(),
        "average": boolean() | integer(1),
        "step": one_of("sign", "heaviside"),
    }

    def __init__(
        self,
        *,
        penalty=None,
        alpha=0.0001,
        l1_ratio=0.15,
        fit_intercept=True,
        max_iter=1000,
        tol=1e-3,
        shuffle=True,
        verbose=0,
        eta0=1.0,
        n_jobs=None,
        random_state=0,
        early_stopping=False,
        validation_fraction=0.1,
        n_iter_no_change=5,
        class_weight=None,
        warm_start=False,
        average=False,
        step="sign",
    ):
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

    # Training

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
        check_arguments(self, self._rules)
        goes_on = self.warm_start and hasattr(self, "coef_")
        samples, y = self._check_samples(X, y, sample_weight, first=True)
        units = self._start(samples, goes_on, coef_init, intercept_init)
        class_weight = self._weigh_targets(y, samples.y)
        random_state, validation = check_random_state(self.random_state), None
        if self.early_stopping:
            samples, validation = self._hold_out(samples, y, random_state)
        self._rng = _generator(random_state)
        result = self._train(samples, class_weight, units, self.max_iter, 1, validation)
        self._forget_curves()
        self._publish(result, units, 1, samples.X.shape[0])
        self._warn_if_cut_short(result)
        return self

    @available_if(_can_partial_fit)
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
        """
        check_arguments(self, self._rules)
        first = not hasattr(self, "coef_")
        samples, y = self._check_samples(
            X, y, sample_weight, first=first, classes=classes, classes_needed=first
        )
        units = self._start(samples, False) if first else self._resume(samples)
        if first:
            self._rng = _generator(check_random_state(self.random_state))
            self._forget_curves()
        class_weight = self._weigh_targets(y, samples.y)
        t = 1 if first else self.t_
        result = self._train(samples, class_weight, units, 1, t)
        self._publish(result, units, t, samples.X.shape[0])
        return self

    def _train(
        self,
        samples: Samples,
        class_weight: Array | None,
        units: Units,
        n_epochs: int,
        t: int,
        validation: Samples | None = None,
    ) -> OnlineResult:
        tol = float("-inf") if self.tol is None else float(self.tol)
        training = OnlineTraining(
            self._make_rule(samples.X),
            samples,
            class_weight,
            patience=Patience(tol, self.n_iter_no_change),
            validation=validation,
            rng=self._rng if self.shuffle else None,
            observe=self._print_epoch if self.verbose else None,
        )
        result = training.run(units, n_epochs, t - 1)
        if result.reason is StopReason.DIVERGED:
            raise ValueError(
                f"Training diverged in epoch {len(result.records)} at learning rate "
                f"{self.eta0:g}: a weight is no longer finite. Scale `X`, with "
                "`sklearn.preprocessing.StandardScaler` for example, or lower `eta0`."
            )
        return result

    def _make_rule(self, X: Array) -> PerceptronRule:
        alpha = 0.0 if self.penalty is None else float(self.alpha)
        shares = {"l1": 1.0, "elasticnet": float(self.l1_ratio)}
        l1_share = shares.get(self.penalty, 0.0)
        intercept_factor = _SPARSE_INTERCEPT_FACTOR if sparse.issparse(X) else 1.0
        return PerceptronRule(
            eta=float(self.eta0),
            zero_is_positive=self.step == "heaviside",
            intercept_factor=intercept_factor if self.fit_intercept else 0.0,
            l1=alpha * l1_share,
            l2=alpha * (1 - l1_share),
            average_from=int(self.average),
        )

    def _print_epoch(self, record: OnlineRecord) -> None:
        line = f"Epoch {record.epoch:>4}: loss {record.loss:.6f}, mistakes {record.mistakes}"
        if record.validation_score is not None:
            line += f", validation score {record.validation_score:.6f}"
        print(line)

    # Before training

    def _check_samples(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        *,
        first: bool,
        classes: Any = None,
        classes_needed: bool = False,
    ) -> tuple[Samples, Array]:
        X, y = check_X_y(self, X, y, reset=first, min_samples=1, y_numeric=False)
        y = check_labels(y)
        if first:
            if classes_needed and classes is None and y.ndim == 1:
                raise ValueError(
                    "`classes` must be passed on the first call to `partial_fit`; got None. "
                    "List all labels that will ever come, `numpy.unique(y_of_all_samples)`."
                )
            self._targets = _hard_targets(y, classes)
            self.classes_ = self._targets.classes
        elif classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(
                f"`classes` must stay as in the first call, {self.classes_}; got "
                f"`classes={classes!r}`, which is not the same as on last call to partial_fit. "
                "Leave it out, or fit a new estimator."
            )
        weight = None
        if sample_weight is not None:
            weight = check_sample_weight(sample_weight, X.shape[0])
        return Samples(X, self._targets.encode(y), weight), y

    def _start(
        self, samples: Samples, goes_on: bool, coef_init: Any = None, intercept_init: Any = None
    ) -> Units:
        """Return the units to train: as given, else as fitted, else zero."""
        shape = (self._targets.n_outputs, samples.X.shape[1])
        dtype = self.coef_.dtype if goes_on else floating_dtype(samples.X)
        if goes_on and coef_init is None:
            coef_init = self.coef_.toarray() if sparse.issparse(self.coef_) else self.coef_
        if goes_on and intercept_init is None:
            intercept_init = self.intercept_
        coef = _initial("coef_init", coef_init, shape, dtype)
        intercept = _initial("intercept_init", intercept_init, shape[:1], dtype)
        return Units(coef, intercept, Average.of_nothing(coef) if self.average else None)

    def _resume(self, samples: Samples) -> Units:
        """Return the units to train on: under an average there are those that it is of."""
        if self.average and self._averaged is not None:
            return self._averaged.take(np.arange(self._targets.n_outputs))
        return self._start(samples, goes_on=True)

    def _weigh_targets(self, y: Array, targets: Array) -> Array | None:
        """Return the weights of the targets 0 and 1 of every output."""
        if self.class_weight is None:
            return None
        if self._targets.kind == "multilabel":
            return np.transpose([_weights_of_binary(self.class_weight, t) for t in targets.T])
        weights = compute_class_weight(self.class_weight, classes=self.classes_, y=y)
        if self._targets.kind == "binary":
            return weights[:, None]
        return np.stack([np.ones(len(weights)), weights])

    def _hold_out(
        self, samples: Samples, y: Array, random_state: np.random.RandomState
    ) -> tuple[Samples, Samples]:
        labels = None if self._targets.kind == "multilabel" else y
        training, held_out = hold_out(samples, y, labels, self.validation_fraction, random_state)
        # Without shuffling, the samples that are left are taken in the order given.
        training = replace(training, rows=np.sort(np.asarray(training.rows)))
        return training, Samples(held_out.X, held_out.targets, held_out.weight)

    # After training

    def _forget_curves(self) -> None:
        self.loss_curve_: list[float] = []
        self.mistake_curve_: list[int] = []
        self.validation_scores_: list[float | None] | None = None

    def _publish(self, result: OnlineResult, units: Units, t: int, n_samples: int) -> None:
        """Turn the outcome of a training into fitted attributes."""
        self.coef_, self.intercept_ = units.published()
        self._averaged = units if self.average else None
        self.n_iter_ = len(result.records)
        self.t_ = t + self.n_iter_ * n_samples
        self.loss_curve_ = self.loss_curve_ + [record.loss for record in result.records]
        self.mistake_curve_ = self.mistake_curve_ + [record.mistakes for record in result.records]
        if self.early_stopping:
            self.validation_scores_ = [r.validation_score for r in result.records]
        self.stop_reason_ = result.reason.value

    def _warn_if_cut_short(self, result: OnlineResult) -> None:
        if result.reason is StopReason.INTERRUPTED:
            warnings.warn(
                f"Training interrupted by user after {self.n_iter_} epochs. The weights so far are "
                "kept; with `warm_start=True`, `fit` goes on from them.",
                stacklevel=3,
            )
        if result.reason is StopReason.MAX_ITER:
            warnings.warn(
                f"Training has not converged: {result.reason.value}, `max_iter={self.max_iter}`, "
                f"and the last one made {self.mistake_curve_[-1]} mistakes. Raise `max_iter`; if "
                "no hyperplane separates the classes, set `average=True` or use `MLPClassifier`.",
                ConvergenceWarning,
                stacklevel=3,
            )

    def densify(self) -> Self:
        """Make `coef_` a dense array again, after `sparsify`.

        Returns
        -------
        self : object
            The estimator.
        """
        check_is_fitted(self)
        if sparse.issparse(self.coef_):
            self.coef_ = self.coef_.toarray()
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
        """
        scores = self._scores(X)
        return scores[:, 0] if self._targets.kind == "binary" else scores

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
        """
        scores = self._scores(X)
        if self.step == "heaviside" and self._targets.kind != "multiclass":
            return self._targets.decode((scores >= 0).astype(np.int8))
        return self._targets.decode(scores)

    def _scores(self, X: Any) -> Array:
        check_is_fitted(self)
        X = check_X(self, X)
        scores = np.empty((X.shape[0], self.coef_.shape[0]), self.coef_.dtype)
        for rows in gen_batches(X.shape[0], _PREDICTED_ROWS):
            part = X[rows].astype(self.coef_.dtype, copy=False)
            scores[rows] = safe_sparse_dot(part, self.coef_.T, dense_output=True)
        scores += self.intercept_
        return scores

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.classifier_tags.multi_label = True
        return tags


def _hard_targets(y: Array, classes: Any) -> ClassTargets:
    """Return the targets that `y` shows; refuse class probabilities."""
    targets = ClassTargets.of(y, classes)
    if targets.kind == "soft":
        raise ValueError(
            "`y` must be labels or a 0/1 matrix; got class probabilities. Use `MLPClassifier`, "
            "which learns from them. Unknown label type: continuous-multioutput."
        )
    return targets


def _weights_of_binary(class_weight: Any, targets: Array) -> Array:
    """Return the weights of 0 and 1; a column with one of them only is learnt with it alone."""
    present = np.unique(targets)
    weights = np.ones(2)
    weights[present] = compute_class_weight(class_weight, classes=present, y=targets)
    return weights


def _generator(random_state: np.random.RandomState) -> np.random.Generator:
    """Return what shuffles, seeded by scikit-learn's kind of generator."""
    return np.random.default_rng(random_state.randint(np.iinfo(np.int32).max))


def _initial(name: str, given: Any, shape: tuple[int, ...], dtype: np.dtype) -> Array:
    """Return a fresh array of the values that a user gave, or of zeros."""
    if given is None:
        return np.zeros(shape, dtype)
    array = np.array(given, dtype)
    if shape[0] == 1 and array.size == np.prod(shape):
        array = array.reshape(shape)
    if array.shape != shape or not np.isfinite(array).all():
        raise ValueError(
            f"`{name}` must be finite and have shape {shape}; got shape {array.shape}. With "
            "`warm_start=True` it is that of the fit before: fit a new estimator for other data."
        )
    return array
