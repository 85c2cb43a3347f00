"""MLPClassifier."""

from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.metaestimators import available_if

from skmlp._typing import Array
from skmlp.estimators import _recipes as recipes
from skmlp.estimators._base import BaseMLP, can_partial_fit
from skmlp.estimators._held_out import HeldOut
from skmlp.estimators._targets import ClassTargets, check_labels
from skmlp.losses import ClassificationLoss


def _can_partial_fit(classifier: Any) -> bool:
    """Return True, or raise an AttributeError where `partial_fit` has no meaning."""
    if classifier.class_weight == "balanced":
        raise AttributeError(
            "`partial_fit` is only available with a dict or None as `class_weight`; got "
            "'balanced', which needs all samples at once. Compute the dict with "
            "`sklearn.utils.class_weight.compute_class_weight`."
        )
    return can_partial_fit(classifier)


class MLPClassifier(ClassifierMixin, BaseMLP):
    """DOC"""

    _rules = recipes.CLASSIFIER_RULES
    _y_is_numeric = False

    def __init__(
        self,
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        solver="adam",
        alpha=0.0001,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=0.001,
        power_t=0.5,
        max_iter=200,
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose=False,
        warm_start=False,
        momentum=0.9,
        nesterovs_momentum=True,
        early_stopping=False,
        validation_fraction=0.1,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        n_iter_no_change=10,
        max_fun=15000,
        n_hidden_layers=None,
        warmup_iter=0,
        dropout=0.0,
        max_grad_norm=None,
        weight_init="auto",
        frozen_layers=0,
        scoring=None,
        dtype="auto",
        class_weight=None,
        label_smoothing=0.0,
    ):
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
        self.weight_init = weight_init
        self.frozen_layers = frozen_layers
        self.scoring = scoring
        self.dtype = dtype
        self.class_weight = class_weight
        self.label_smoothing = label_smoothing

    @available_if(_can_partial_fit)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """Train one epoch on the given samples and go on from there in the next call.

        The optimizer, the random generator and the schedule go on as well; constructor arguments
        changed by ``set_params`` between two calls take effect.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training inputs; a single row is allowed.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Labels, a 0/1 indicator matrix or rows of class probabilities.
        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights, none negative, not all zero. If None, all samples weigh the same.
        classes : array-like of shape (n_classes,), default=None
            All classes that will ever come, needed in the first call for labels.

        Returns
        -------
        self : object
            The estimator.

        Raises
        ------
        ValueError
            If an argument or the data break a rule, or the training diverges.
        """
        return self._partial_fit(X, y, sample_weight, classes)

    def decision_function(self, X: Any) -> Array:
        """Return the logits: the raw predictions before softmax or logistic function.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Inputs.

        Returns
        -------
        logits : ndarray of shape (n_samples,) or (n_samples, n_classes)
            One column per class; a vector, positive for ``classes_[1]``, if there are two classes.
        """
        raw = self._raw_predictions(X)
        return raw[:, 0] if self._targets.kind == "binary" else raw

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
            are independent. Never exactly 0 or 1, which no finite logit means.
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
        return self._make_loss().log_probability(self._two_columns(raw))

    def _two_columns(self, raw: Array) -> Array:
        """Return logits of "no" and "yes" for two classes: 1 - logistic(z) is logistic(-z)."""
        return np.hstack([-raw, raw]) if self._targets.kind == "binary" else raw

    def _check_y(
        self, y: Any, first: bool, classes: Any = None, name: str = "y"
    ) -> tuple[Array, Array]:
        y = check_labels(y)
        if first:
            self._targets = ClassTargets.of(y, classes)
            self.classes_ = self._targets.classes
            self.n_outputs_ = self._targets.n_outputs
            self.out_activation_ = self._targets.out_activation
            # Converters to other formats read it.
            self._label_binarizer = LabelBinarizer().fit(self._targets.example)
        targets = self._targets.encode(y, name)
        return self._targets.labels(y, targets), targets

    def _make_loss(self) -> ClassificationLoss:
        return recipes.make_classification_loss(self, self._targets.kind, self.n_outputs_)

    def _own_score(self, raw_prediction: Array, held_out: HeldOut) -> float:
        y = self._targets.most_probable(held_out.targets)
        return float(
            accuracy_score(y, self._targets.decode(raw_prediction), sample_weight=held_out.weight)
        )

    def _stratify_by(self, targets: Array) -> Array | None:
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
    """Return ``exp(log_probability)``, kept off 0 and 1 and in order where it underflows."""
    limits = np.finfo(log_probability.dtype)
    # Just above the smallest normal number, and rising with the logarithm.
    floor = limits.tiny * (1 + 1 / (1 - log_probability))
    return np.clip(np.exp(log_probability), floor, 1 - limits.epsneg)
