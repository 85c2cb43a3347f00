"""MLPClassifier."""

from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score

from skmlp._typing import Array
from skmlp.estimators.common._methods import available_if
from skmlp.estimators.common._targets import (
    ClassTargets,
    are_integers,
    check_classes,
    check_known_weights,
    check_labels,
    check_same_classes,
)
from skmlp.estimators.mlp._argument_rules import CLASSIFIER_RULES
from skmlp.estimators.mlp._argument_types import (
    ActivationName,
    ClassifierArguments,
    ClassWeight,
    Dtype,
    InitializerName,
    ScheduleName,
    Scoring,
    Sizes,
    SolverName,
)
from skmlp.estimators.mlp._base import BaseMLP, check_partial_fit
from skmlp.estimators.mlp._options import cross_entropy, make_classification_loss
from skmlp.estimators.mlp._scoring import accuracy
from skmlp.estimators.mlp._warnings import warn_if_one_class
from skmlp.losses import ClassificationLoss
from skmlp.training.data import Samples


def _check_partial_fit(classifier: Any) -> None:
    """Raise an AttributeError where `partial_fit` has no meaning."""
    check_known_weights(classifier.class_weight)
    check_partial_fit(classifier)


class MLPClassifier(ClassifierArguments, ClassifierMixin, BaseMLP):
    """Multilayer perceptron classifier.

    Minimises the cross-entropy of labels by backpropagation, plus an L2 penalty. Drop-in for
    `sklearn.neural_network.MLPClassifier`.

    With ``h_0 = X`` the layers compute ``h_{l+1} = f_l(h_l @ coefs_[l] + intercepts_[l])``. The
    last one gives logits z: ``p = softmax(z)`` for several classes, ``p = 1 / (1 + exp(-z))`` for
    two, and for each column of a 0/1 indicator matrix. The loss is ``-sum_k y_k log p_k`` (and
    ``-(1 - y_k) log(1 - p_k)`` for yes/no labels), averaged over the samples.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, or int, default=(100,)
        Units per hidden layer. ``()`` has none: logistic regression. An int is the width of
        `n_hidden_layers` layers.
    activation : str or sequence of str, default="relu"
        Activation of the hidden layers, one for all or one per layer: ``"identity"``,
        ``"logistic"``, ``"tanh"``, ``"relu"``, ``"leaky_relu"`` (slope 0.01), ``"elu"``,
        ``"selu"``, ``"gelu"`` (exact), ``"silu"``, ``"mish"`` or ``"softplus"``.
    solver : str, default="adam"
        ``"adam"``, ``"adamw"``, ``"muon"``, ``"nadam"``, ``"sgd"``, ``"rmsprop"`` and
        ``"adagrad"`` train batch by batch; ``"lbfgs"`` on all samples at once, often best for a few
        thousand rows.
    alpha : float in [0, inf), default=0.0001
        Strength of the L2 penalty ``alpha / 2 sum(coefs**2) / n``, where n is the total weight of
        the samples of a batch: as in scikit-learn, its effect grows as the batch shrinks. With
        ``solver="adamw"`` and ``"muon"`` it is decoupled weight decay instead: each step takes the
        part `alpha` times the learning rate off every weight, whatever the size of the batch.
    batch_size : int or "auto", default="auto"
        Samples per step of the stochastic solvers; ``"auto"`` is ``min(200, n_samples)``.
    learning_rate : str, default="constant"
        Schedule of the stochastic solvers. ``"constant"``; ``"invscaling"``: divided by
        ``n_samples_seen**power_t``; ``"adaptive"``: divided by 5 at every standstill, until 1e-6;
        ``"exponential"``: down to 1/100 over `max_iter`; ``"cosine"``: down to zero over
        `max_iter`; ``"one_cycle"``: up from 1/25 over 30 % of `max_iter`, then down to zero.
    learning_rate_init : float in (0, inf), default=0.001
        Learning rate at the start, the peak for ``"one_cycle"``.
    power_t : float in [0, inf), default=0.5
        Exponent of ``learning_rate="invscaling"``.
    max_iter : int, default=200
        Largest number of epochs (passes over the samples), or of iterations of L-BFGS.
    shuffle : bool, default=True
        Whether each epoch takes the samples in a new random order.
    random_state : int, RandomState instance or None, default=None
        Seed of the first weights, the validation split, the shuffling and the dropout.
    tol : float in [0, inf), default=1e-4
        An epoch that improves the loss (the validation score, with `early_stopping`) by less is no
        improvement. For L-BFGS the largest gradient entry of a converged model.
    verbose : bool or int, default=False
        Whether to print a line per epoch and, at the end of `fit`, why it ended.
    warm_start : bool, default=False
        Whether `fit` starts from the weights of the last one, whose classes `y` must have.
        Patience, best score and optimizer start anew.
    momentum : float in [0, 1], default=0.9
        Momentum of ``solver="sgd"``.
    nesterovs_momentum : bool, default=True
        Whether ``solver="sgd"`` uses Nesterov's momentum.
    early_stopping : bool, default=False
        Whether to end the training when the score of a validation set stands still, and to go back
        to the best epoch. Of epochs whose scores differ by at most `tol`, the one with the lowest
        validation loss is the best.
    validation_fraction : float in [0, 1), default=0.1
        Part of the samples held out by `early_stopping` where `fit` gets no `X_val`.
    beta_1 : float in [0, 1), default=0.9
        Decay of the running average of the gradient in ``"adam"``, ``"adamw"``, ``"muon"`` and
        ``"nadam"``.
    beta_2 : float in [0, 1), default=0.999
        Decay of the running average of its square in the same and in ``"rmsprop"``.
    epsilon : float in (0, inf), default=1e-8
        Keeps the adaptive solvers from dividing by zero. In Adam it is added before the bias
        correction, as in scikit-learn.
    n_iter_no_change : int or infinite float, default=10
        Epochs without improvement that are tolerated.
    max_fun : int, default=15000
        Largest number of evaluations of the objective by L-BFGS.
    n_hidden_layers : int or None, default=None
        That many layers of the one width in `hidden_layer_sizes`, so that a tuner can search two
        plain integers. None: as many as `hidden_layer_sizes` names.
    warmup_iter : int, default=0
        Epochs over which the learning rate rises linearly to its schedule. No standstill ends the
        training before the rate has risen, here and with ``learning_rate="one_cycle"``.
    dropout : float in [0, 1) or sequence of float, default=0.0
        Part of the hidden activations that training sets to zero at random, for all layers or one
        per layer. With ``"selu"`` it is alpha dropout.
    max_grad_norm : float in (0, inf) or None, default=None
        Gradients of a larger Euclidean norm are scaled down to it.
    averaging : float in [0, 1), default=0.0
        Decay per epoch of a running mean of the weights. Above 0, the weights that are validated,
        shown to callbacks and kept are the mean of those after the epochs of this `fit` so far, the
        later the heavier: with 0.8 about that of the last five. `loss_curve_` is still of the
        weights that take the steps.
    weight_init : str, default="auto"
        Distribution of the first weights: ``"glorot_uniform"``, ``"glorot_normal"``,
        ``"he_uniform"``, ``"he_normal"``, ``"lecun_uniform"`` or ``"lecun_normal"``, with biases of
        zero; ``"auto"``: scikit-learn's uniform rule for weights and biases, ``"lecun_normal"`` for
        layers with ``"selu"``.
    frozen_layers : int, default=0
        The lowest layers that training leaves as they are, see `coefs_init` of `fit`.
    scoring : str, callable or None, default=None
        What `early_stopping` watches: None is the estimator's own score (accuracy), ``"loss"`` the
        validation loss, else a scorer of scikit-learn, its name or a callable. Where a class is
        rare, take ``"loss"``: the accuracy stands still while that class is being learnt.
    dtype : {"auto", "float32", "float64"} or NumPy dtype, default="auto"
        Arithmetic of training. ``"auto"``: the dtype of `X` for ``solver="lbfgs"`` and networks of
        fewer than 4,000 parameters, else float32, which is about twice as fast. Fitted
        attributes and predictions have the dtype of `X` (float64 for integers) in any case.
    class_weight : dict, "balanced" or None, default=None
        Weight per class, ``{label: weight}``, by which sample weights are multiplied, in
        validation too; a class that is left out weighs 1. ``"balanced"``:
        ``n_samples / (n_classes * count(class))``, where a sample counts with its weight; for
        multilabel targets the product over the labels. Soft targets weigh as their classes in
        proportion.
    label_smoothing : float in [0, 1), default=0.0
        Targets become ``(1 - label_smoothing) y + label_smoothing / n_classes``, which keeps the
        network from overconfidence.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels.
    coefs_ : list of ndarray of shape (n_units_below, n_units)
        Weights per layer.
    intercepts_ : list of ndarray of shape (n_units,)
        Biases per layer.
    n_features_in_ : int
        Features seen in `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Their names, if `X` has string names for all.
    n_layers_ : int
        Layers, input and output included.
    n_outputs_ : int
        Units of the output layer.
    out_activation_ : str
        Activation of the output layer.
    loss_ : float
        Objective (mean loss plus penalty) in the last epoch; NaN if the user interrupted the first.
    best_loss_ : float or None
        The lowest one; None with `early_stopping`.
    loss_curve_ : list of float
        Objective per epoch. With `warm_start` and `partial_fit` the curves go on.
    learning_rate_curve_ : list of float
        Learning rate of the last step of each epoch; NaN for L-BFGS.
    validation_loss_curve_ : list of float or None
        Mean loss of the validation set per epoch, without penalty; None if there is none.
    validation_scores_ : list of float or None
        Score of the validation set per epoch.
    best_validation_score_ : float or None
        The highest one with `early_stopping`, else None.
    best_iteration_ : int
        The epoch, counted from 1 along the curves, with the best validation score (the lowest loss,
        without `early_stopping`).
    n_iter_ : int
        Epochs (iterations of L-BFGS) of the last call.
    stop_reason_ : str
        Why the training ended, in a sentence.
    t_ : int
        Samples seen in training.

    See Also
    --------
    MLPRegressor : The same network for numbers.

    Notes
    -----
    A 2-D `y` of zeros and ones is read as a set of labels per sample (multilabel); a 2-D `y` of
    floats whose rows sum to one as class probabilities (soft targets).

    References
    ----------
    Rumelhart, Hinton and Williams (1986), "Learning representations by back-propagating errors",
    Nature 323.

    Kingma and Ba (2015), "Adam: a method for stochastic optimization", ICLR.

    Examples
    --------
    >>> from sklearn.datasets import make_moons
    >>> from skmlp import MLPClassifier
    >>> X, y = make_moons(200, noise=0.1, random_state=0)
    >>> classifier = MLPClassifier((16, 16), solver="lbfgs", alpha=0.1, random_state=0).fit(X, y)
    >>> classifier.score(X, y) > 0.95
    True
    >>> classifier.predict_proba(X[:3]).shape
    (3, 2)
    """

    _rules = CLASSIFIER_RULES
    _y_is_numeric = False

    classes_: Array

    def __init__(
        self,
        hidden_layer_sizes: Sizes = (100,),
        activation: ActivationName | Sequence[ActivationName] = "relu",
        *,
        solver: SolverName = "adam",
        alpha: float = 0.0001,
        batch_size: int | Literal["auto"] = "auto",
        learning_rate: ScheduleName = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: int | np.random.RandomState | None = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: int | float = 10,
        max_fun: int = 15000,
        n_hidden_layers: int | None = None,
        warmup_iter: int = 0,
        dropout: float | Sequence[float] = 0.0,
        max_grad_norm: float | None = None,
        averaging: float = 0.0,
        weight_init: InitializerName = "auto",
        frozen_layers: int = 0,
        scoring: Scoring = None,
        dtype: Dtype = "auto",
        class_weight: ClassWeight = None,
        label_smoothing: float = 0.0,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.n_hidden_layers = n_hidden_layers
        self.warmup_iter = warmup_iter
        self.dropout = dropout
        self.max_grad_norm = max_grad_norm
        self.averaging = averaging
        self.weight_init = weight_init
        self.frozen_layers = frozen_layers
        self.scoring = scoring
        self.dtype = dtype
        self.class_weight = class_weight
        self.label_smoothing = label_smoothing

    @available_if(_check_partial_fit)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """Train one epoch on the given samples and go on from there in the next call.

        The optimizer, the random generator and the schedule go on as well, a schedule over
        `max_iter` calls; constructor arguments changed by ``set_params`` between two calls take
        effect.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training inputs; a single row is allowed.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Labels, a 0/1 indicator matrix or rows of class probabilities.
        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights, none negative, not all zero. A step follows the weighted mean of the
            losses in its batch. If None, all samples weigh the same.
        classes : array-like of shape (n_classes,), default=None
            All classes that will ever come, needed in the first call for labels. Later calls may
            repeat it. The columns of a matrix `y` are their own classes.

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
        Each call is an epoch of the learning-rate schedule, which ends after `max_iter` calls.
        Callbacks are not called. Ctrl-C ends a call, not the loop around it: `stop_reason_` tells.
        """
        check_classes(classes, y, getattr(self, "classes_", None))
        return self._partial_fit(X, y, sample_weight, classes)

    def decision_function(self, X: Any) -> Array:
        """Return the logits, from which softmax or logistic function makes the probabilities.

        Softmax knows no constant per row; with several classes it is chosen so that the logits are
        log-probabilities, and a column means the same in every row, as calibration needs it.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Inputs.

        Returns
        -------
        logits : ndarray of shape (n_samples,) or (n_samples, n_classes)
            One column per class, also of a single one; a vector, positive for ``classes_[1]``, if
            there are two classes.
        """
        raw = self._raw_predictions(X)
        logits = cross_entropy(self.out_activation_).logits(raw)
        return logits[:, 0] if self._targets.one_logit else logits

    def predict(self, X: Any) -> Array:
        """Return the most probable label.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Inputs.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_classes)
            Labels; a 0/1 matrix if the targets were one.
        """
        raw = self._raw_predictions(X)
        return self._targets.decode(raw)

    def predict_proba(self, X: Any) -> Array:
        """Return the class probabilities.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Inputs.

        Returns
        -------
        probability : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`; rows sum to one, but for multilabel targets, whose columns
            are independent. Never exactly 0 or 1, which no finite logit means; ones if there is one
            class only.
        """
        return _probability(self.predict_log_proba(X))

    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithms of the class probabilities, finite for every finite logit.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Inputs.

        Returns
        -------
        log_probability : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`.
        """
        raw = self._raw_predictions(X)
        if self._targets.one_logit:
            # Of "no" and "yes": 1 - logistic(z) is logistic(-z).
            raw = np.hstack([-raw, raw])
        return cross_entropy(self.out_activation_).log_probability(raw)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the accuracy.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Inputs.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            True labels; of class probabilities, if the targets were such, the most probable ones
            count.
        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights.

        Returns
        -------
        score : float
            The part of the samples whose label (all of whose labels) `predict` finds.
        """
        prediction = self.predict(X)
        if self._targets.kind == "soft" and np.ndim(y) == 2:
            y, _ = self._check_y(y, first=False)
        if sample_weight is None and are_integers(y, prediction):
            return accuracy(y, prediction)
        return float(accuracy_score(y, prediction, sample_weight=sample_weight))

    def _check_y(
        self, y: Any, first: bool, classes: Any = None, name: str = "y"
    ) -> tuple[Array, Array]:
        y = check_labels(y, name)
        if first:
            self._aim_at(ClassTargets.of(y, classes))
        targets = self._targets.encode(y, name)
        if first:
            warn_if_one_class(self.classes_)
        return self._targets.labels(y, targets), targets

    def _check_goes_on(self, y: Any) -> None:
        check_same_classes(y, self.classes_)

    def _aim_at(self, targets: ClassTargets) -> None:
        self._targets = targets
        self.classes_ = targets.classes
        self.n_outputs_ = targets.n_outputs
        self.out_activation_ = targets.out_activation

    def _carried(self) -> dict[str, Any]:
        return {**super()._carried(), "kind": self._targets.kind, "classes_": self.classes_}

    def _take_up(self, carried: dict[str, Any]) -> None:
        super()._take_up(carried)
        self._aim_at(ClassTargets(carried["kind"], carried["classes_"]))

    def _make_loss(self) -> ClassificationLoss:
        return make_classification_loss(self, self.out_activation_, self.n_outputs_)

    def _own_score(self, prediction: Array, samples: Samples) -> float:
        y, labels = self._targets.most_probable(samples.y), self._targets.decode(prediction)
        return accuracy(y, labels, samples.weight)

    def _strata(self, targets: Array) -> Array | None:
        one_label = self._targets.kind in ("binary", "multiclass")
        return self._targets.most_probable(targets) if one_label else None

    def _weigh_classes(
        self, targets: Array, sample_weight: Array | None, training: bool
    ) -> Array | None:
        if self.class_weight is None:
            return sample_weight
        weight = np.ones(len(targets)) if sample_weight is None else sample_weight
        if training:
            self._weight_of_class = self._targets.class_weights(self.class_weight, targets, weight)
        return self._targets.weigh(self._weight_of_class, targets, weight)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _probability(log_probability: Array) -> Array:
    """Return ``exp(log_probability)``, kept off 0 and 1 and in order where it underflows.

    A single class is certain.
    """
    if log_probability.shape[1] == 1:
        return np.exp(log_probability)
    limits = np.finfo(log_probability.dtype)
    # Just above the smallest normal number, and rising with the logarithm.
    floor = limits.tiny * (1 + 1 / (1 - log_probability))
    return np.clip(np.exp(log_probability), floor, 1 - limits.epsneg)
