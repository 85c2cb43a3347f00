"""TabularMLPClassifier."""

from typing import Any, Literal

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import accuracy_score

from skmlp._typing import Array
from skmlp.estimators.common._culprits import refuse_not_finite
from skmlp.estimators.common._targets import ClassTargets, check_labels
from skmlp.estimators.mlp._argument_rules import CLASSIFIER_RULES
from skmlp.estimators.mlp._argument_types import ClassWeight, Scoring, Sizes
from skmlp.estimators.mlp._classifier import MLPClassifier
from skmlp.estimators.mlp._warnings import warn_if_one_class
from skmlp.estimators.tabular._base import TABULAR_RULES, BaseTabularMLP
from skmlp.estimators.tabular._calibration import (
    FLOOR,
    best_factor,
    least_share,
    log_loss,
    sharpen,
    unsmooth,
)
from skmlp.estimators.tabular._encoder import CategoricalFeatures
from skmlp.estimators.tabular._recipe import LABEL_SMOOTHING
from skmlp.training.data import Samples


class TabularMLPClassifier(ClassifierMixin, BaseTabularMLP):
    """Networks that classify the rows of a table as it is.

    A `TabularEncoder` makes numbers of the table; `n_estimators` networks learn from different
    parts of the rows, and the part that each holds out says which epoch is best. In the end all
    learn anew from all rows, several of them for 1.5 times as many epochs, and their probabilities
    are averaged. They learn from smoothed labels, which is undone in the average; by what they said
    of rows that they had not seen, it is made as sure as it should be.

    Parameters
    ----------
    n_estimators : int, default=8
        Networks. More predict a little better and take as many times longer. They read ranks and
        pieces of numbers in turns, see `TabularEncoder`. From 4 on each holds out its share of the
        rows, so that every row is held out once; fewer hold out an eighth each.
    hidden_layer_sizes : "auto", sequence of int, or int, default="auto"
        Units per hidden layer of every network. ``"auto"``: five layers of 96, or four where it
        learns from fewer than 2,000 rows. Lower it where predictions must be fast, raise it where
        there are many rows.
    learning_rate_init : float in (0, 10], default=0.006
        Learning rate at the start, from which it falls to zero in a cosine over `max_iter` epochs.
        Lower it where the curves of the networks jump about.
    max_iter : int, default=64
        Epochs of every network at most: after a sixth of them, 8 at least, without a better one it
        waits no longer. Lower it where time is short, or where the best epochs, the
        `best_iteration_` of the networks, are early ones.
    max_time : float in (0, inf) or None, default=None
        Seconds that `fit` may take. Epochs are planned by the time that the first one takes, and
        where there is no time for many, there are fewer networks, one at least. None: no limit.
    categorical_features : "from_dtype", sequence of str, int or bool, or None, default="from_dtype"
        Which columns are categorical, see `TabularEncoder`.
    class_weight : dict, "balanced" or None, default=None
        Weight per class, ``{label: weight}``, by which sample weights are multiplied. Probabilities
        follow it: they are those of a population with classes so weighted.
    scoring : str, callable or None, default=None
        By what the best epoch of a network is chosen and `validation_score_` measured: ``"loss"``,
        a scorer of scikit-learn, its name or a callable. None: the loss chooses, and the accuracy
        is measured.
    n_jobs : int or None, default=None
        Networks that train at the same time, in processes of their own; -1: as many as there are
        processors. What they learn depends on it in the last digits at most, by the threads
        that BLAS has in each process, unless there is a `max_time`.
    random_state : int, RandomState instance or None, default=None
        Seed of the parts, the first weights and the order of the rows.
    verbose : bool or int, default=False
        Whether to print a line per network; above 1, a line per epoch of each, too.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels.
    encoder_ : TabularEncoder
        The fitted encoding.
    estimators_ : list of MLPClassifier
        The networks; they predict rows that `encoder_` has encoded, of which each reads some
        columns. What they say is smoothed.
    estimators_features_ : list of ndarray of int
        The columns of the encoding that each network reads, in its order.
    validation_predictions_ : ndarray of shape (n_samples, n_classes)
        Probabilities for the rows of `X`, by networks that had not learnt from them; NaN where all
        had.
        With `X_val` those of its rows, by all networks.
    validation_score_ : float
        Their score: what to expect of new rows. Of few rows it is too good, since they have chosen
        the best epochs; of many rather too low, since all networks together predict better than
        each, and have learnt from all rows by now.
    temperature_ : float
        What the logarithms of the averages without smoothing are divided by: above 1 the networks
        are too sure, below 1 not sure enough.
        Few rows do not make it much less than 1, however right the networks are about them.
    n_iter_ : list of int
        Epochs of every network, those without a better one included. From all rows it has learnt
        for its `best_iteration_`, or for 1.5 times as many if there are others.
    n_features_in_ : int
        Columns of the table seen in `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Their names, if the table has string names for all.

    See Also
    --------
    TabularMLPRegressor : The same for numbers.
    MLPClassifier : One network, with all its arguments.

    Notes
    -----
    A 2-D `y` of zeros and ones is read as a set of labels per row (multilabel), one of floats whose
    rows sum to one as class probabilities.

    `validation_predictions_` have the temperature, one number, learnt from themselves.

    References
    ----------
    Holzmüller, Grinsztajn and Steinwart (2024), "Better by default: strong pre-tuned MLPs and
    boosted trees on tabular data", NeurIPS.

    Gorishniy, Rubachev and Babenko (2022), "On embeddings for numerical features in tabular deep
    learning", NeurIPS.

    Guo, Pleiss, Sun and Weinberger (2017), "On calibration of modern neural networks", ICML.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skmlp import TabularMLPClassifier
    >>> rng = np.random.default_rng(0)
    >>> table = pd.DataFrame({"age": rng.normal(40, 9, 200), "city": rng.choice(["a", "b"], 200)})
    >>> y = np.where((table["age"] > 40) ^ (table["city"] == "a"), "yes", "no")
    >>> table.loc[::9, "age"] = None
    >>> model = TabularMLPClassifier(hidden_layer_sizes=32, random_state=0).fit(table, y)
    >>> model.validation_score_ > 0.85
    True
    >>> model.predict_proba(table).shape
    (200, 2)
    """

    _rules = {**TABULAR_RULES, "class_weight": CLASSIFIER_RULES["class_weight"]}

    classes_: Array
    estimators_: list[MLPClassifier]
    temperature_: float
    _least_share: float

    def __init__(
        self,
        n_estimators: int = 8,
        *,
        hidden_layer_sizes: Sizes | Literal["auto"] = "auto",
        learning_rate_init: float = 0.006,
        max_iter: int = 64,
        max_time: float | None = None,
        categorical_features: CategoricalFeatures = "from_dtype",
        class_weight: ClassWeight = None,
        scoring: Scoring = None,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool | int = False,
    ) -> None:
        self.n_estimators = n_estimators
        self.hidden_layer_sizes = hidden_layer_sizes
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.max_time = max_time
        self.categorical_features = categorical_features
        self.class_weight = class_weight
        self.scoring = scoring
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def predict(self, X: Any) -> Array:
        """Return the most probable label.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            The table as it is.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_classes)
            Labels; a 0/1 matrix if the targets were one.
        """
        return self._labels(self.predict_proba(X))

    def predict_proba(self, X: Any) -> Array:
        """Return the class probabilities.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            The table as it is.

        Returns
        -------
        probability : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`; rows sum to one, but for multilabel targets, whose columns
            are independent. None is nearer to 0 or 1 than 1e-7.
        """
        return self._calibrated(self._predictions(X))

    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithms of the class probabilities, all finite.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            The table as it is.

        Returns
        -------
        log_probability : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`.
        """
        return np.log(self.predict_proba(X))

    @property
    def _exclusive(self) -> bool:
        return self._targets.kind != "multilabel"

    def _labels(self, probability: Array) -> Array:
        if self._exclusive:
            return self.classes_[probability.argmax(axis=1)]
        return (probability > 0.5).astype(int)

    def _check_y(self, y: Any, first: bool, name: str = "y") -> Array:
        y = check_labels(y, name)
        if y.dtype.kind == "f":
            refuse_not_finite(y, name)
        if first:
            self._targets = ClassTargets.of(y)
            self.classes_ = self._targets.classes
            warn_if_one_class(self.classes_)
        self._targets.encode(y, name)
        if self._targets.kind == "soft":
            # Each network has to see, in its part, that these are no sets of labels: no row is all
            # zeros and ones.
            y = FLOOR + (1 - FLOOR * y.shape[1]) * y
        return y

    def _strata(self, y: Array) -> Array | None:
        return np.unique(y, return_inverse=True)[1] if y.ndim == 1 else None

    def _network(self, **arguments: Any) -> MLPClassifier:
        return MLPClassifier(
            activation="selu",
            label_smoothing=LABEL_SMOOTHING,
            class_weight=self.class_weight,
            **arguments,
        )

    def _known(self, y: Array, learnt: Array) -> Array:
        if y.ndim == 2:
            return super()._known(y, learnt)
        known = np.isin(y, learnt)
        # A score of less than two rows says nothing.
        return known & (known.sum() > 1)

    def _predictions_of(self, network: MLPClassifier, X: Array) -> Array:
        probability = network.predict_proba(X).astype(np.float64)
        if probability.shape[1] == len(self.classes_):
            return probability
        # The rows that a network learns from may lack a class.
        aligned = np.zeros((len(X), len(self.classes_)), probability.dtype)
        aligned[:, np.searchsorted(self.classes_, network.classes_)] = probability
        return aligned

    def _calibrate(self, predictions: Array, data: Samples) -> None:
        encoded = self._targets.encode(data.y)
        targets = self._column_per_class(encoded)
        weight = np.ones(len(targets)) if data.weight is None else data.weight
        if self.class_weight is not None:
            weight_of_class = self._targets.class_weights(self.class_weight, encoded, weight)
            weight = self._targets.weigh(weight_of_class, encoded, weight)
        n_classes = targets.shape[1] if self._exclusive else 2
        self._least_share = least_share(LABEL_SMOOTHING, n_classes, weight)
        plain = self._unsmoothed(predictions)
        self.temperature_ = 1 / best_factor(plain, targets, weight, self._exclusive)

    def _calibrated(self, predictions: Array) -> Array:
        return sharpen(self._unsmoothed(predictions), 1 / self.temperature_, self._exclusive)

    def _unsmoothed(self, predictions: Array) -> Array:
        return unsmooth(predictions, LABEL_SMOOTHING, self._least_share, self._exclusive)

    def _column_per_class(self, encoded: Array) -> Array:
        return np.hstack([1 - encoded, encoded]) if self._targets.one_logit else encoded

    def _own_score(self, predictions: Array, data: Samples) -> float:
        if self.scoring == "loss":
            targets = self._column_per_class(self._targets.encode(data.y))
            return -log_loss(predictions, targets, data.weight, self._exclusive)
        labels = self._labels(predictions)
        return float(accuracy_score(self._scorable(data.y), labels, sample_weight=data.weight))

    def _scorable(self, y: Array) -> Array:
        return self._targets.labels(y, self._targets.encode(y))

    def _as_fitted(self, predictions: Array) -> "_Predicted":
        return _Predicted(predictions, self._labels(predictions), self.classes_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


class _Predicted(ClassifierMixin, BaseEstimator):
    """A classifier of row numbers whose probabilities are known."""

    def __init__(self, probability: Array, labels: Array, classes: Array):
        self.probability = probability
        self.labels = labels
        self.classes = self.classes_ = classes

    def predict_proba(self, rows: Array) -> Array:
        return self.probability[rows[:, 0]]

    def predict(self, rows: Array) -> Array:
        return self.labels[rows[:, 0]]
