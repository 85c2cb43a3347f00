"""Labels to target matrix and back."""

from numbers import Real
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import column_or_1d

from skmlp._typing import Array
from skmlp.estimators.common._warnings import warn_user

# The kinds of dtype of labels that are no numbers.
WORDS = "OSU"
# Those of labels that are integers or truth values.
INTEGERS = "biu"

# Rows of class probabilities sum to one within this.
_SUM_TOLERANCE = 1e-4
# Among so many samples no number of labels is strange.
_FEW_SAMPLES = 20


class ClassTargets:
    """The targets of a classifier.

    Parameters
    ----------
    kind : {"binary", "multiclass", "multilabel", "soft"}
        One of two labels; one of another number of them, be it one; a set of labels, one column
        each; class probabilities.
    classes : ndarray of shape (n_classes,)

    Attributes
    ----------
    one_logit : bool
        Whether one output tells between two classes.
    n_outputs : int
        Columns of the target matrix: 1 if there is `one_logit`, else n_classes.
    """

    def __init__(self, kind: str, classes: Array):
        self.kind = kind
        self.classes = classes
        self.one_logit = kind != "multilabel" and len(classes) == 2
        self.n_outputs = 1 if self.one_logit else len(classes)

    @property
    def out_activation(self) -> str:
        """The function from raw predictions to probabilities."""
        return "logistic" if self.one_logit or self.kind == "multilabel" else "softmax"

    @classmethod
    def of(cls, y: Array, classes: Any = None) -> "ClassTargets":
        """Return the targets that `y` shows, with all `classes` there are, or those in `y`.

        Warn if those in `y` are many.
        """
        if y.ndim == 2:
            return cls(_kind_of_matrix(y), np.arange(y.shape[1]))
        labels = _labels_of(y)
        if classes is not None:
            labels = _labels_of(np.asarray(classes))
        else:
            _warn_if_many(labels, len(y))
        return cls("binary" if len(labels) == 2 else "multiclass", labels)

    def encode(self, y: Array, name: str = "y") -> Array:
        """Return the target matrix: uint8 zeros and ones, or the probabilities of soft targets."""
        if self.kind in ("multilabel", "soft"):
            return self._encode_matrix(y, name)
        if y.ndim == 2:
            raise ValueError(
                f"`{name}` must be a vector of labels, as in the first fit; got shape {y.shape}."
            )
        codes = self._codes(y, name)
        if self.kind == "binary":
            return codes.astype(np.uint8)[:, None]
        targets = np.zeros((len(y), self.n_outputs), np.uint8)
        targets[np.arange(len(y)), codes] = 1
        return targets

    def _codes(self, y: Array, name: str) -> Array:
        """Return the position of every label among the classes."""
        try:
            codes = np.searchsorted(self.classes, y).clip(max=len(self.classes) - 1)
            known = np.array_equal(self.classes[codes], y)
        except TypeError:  # Labels that have no order among the classes.
            known = False
        if not known:
            raise self._unknown(y, name)
        return codes

    def _unknown(self, y: Array, name: str) -> ValueError:
        source, way_out = "the first call", "Name all of them in `classes`, or fit a new model."
        if name == "y_val":
            source, way_out = "`y`", "Leave those samples out."
        if (y.dtype.kind in WORDS) != (self.classes.dtype.kind in WORDS):
            way_out = f"Convert it to the type of {source}, with `astype` say."
        return ValueError(
            f"`{name}` must hold only the classes of {source}, {self.classes}; got classes that "
            f"are not in `classes_`: {np.setdiff1d(y, self.classes)}. {way_out}"
        )

    def _encode_matrix(self, y: Array, name: str) -> Array:
        if y.ndim != 2 or y.shape[1] != len(self.classes):
            raise ValueError(
                f"`{name}` must have {len(self.classes)} columns, as in the first fit; got shape "
                f"{y.shape}."
            )
        if self.kind == "multilabel":
            if _kind_of_matrix(y, name) != "multilabel":
                raise ValueError(
                    f"`{name}` must hold only 0 and 1, as in the first fit; got class "
                    "probabilities."
                )
            return y.astype(np.uint8)
        _check_probabilities(y, name)
        return y[:, 1:] if self.one_logit else y

    def decode(self, raw_prediction: Array) -> Array:
        """Return the most probable labels of raw predictions."""
        if self.one_logit:
            return self.classes[(raw_prediction[:, 0] > 0).astype(np.intp)]
        if self.kind == "multilabel":
            return (raw_prediction > 0).astype(int)
        return self.classes[raw_prediction.argmax(axis=1)]

    def most_probable(self, targets: Array) -> Array:
        """Return the labels of a target matrix."""
        return self.decode(targets - 0.5 if self.one_logit else targets)

    def labels(self, y: Array, targets: Array) -> Array:
        """Return `y` as scorers want it: the most probable labels of soft targets."""
        return self.most_probable(targets) if self.kind == "soft" else y

    def class_weights(self, class_weight: Any, targets: Array, sample_weight: Array) -> Array:
        """Return the weight of every class; of multilabel ones those of its absence and presence.

        A class that a dict leaves out weighs 1. "balanced" gives all classes of a training set the
        same total weight, and so each label of a multilabel one as much as its absence.
        """
        if class_weight == "balanced":
            mass = sample_weight @ self._shares(targets)
            mass = mass if self.kind != "multilabel" else np.c_[sample_weight.sum() - mass, mass]
            return _balance(mass)
        if self.kind == "multilabel":
            raise ValueError(
                "`class_weight` must be 'balanced' or None for multilabel targets, where a sample "
                f"has no one class; got {class_weight!r}. Pass `sample_weight` instead."
            )
        return self._look_up(class_weight)

    def weigh(self, weight_of_class: Array, targets: Array, sample_weight: Array) -> Array:
        """Return the sample weights times the weights of their classes.

        A soft target weighs as its classes in proportion, a set of labels as the product over the
        labels.
        """
        shares = self._shares(targets)
        if self.kind == "multilabel":
            factor = np.where(shares, weight_of_class[:, 1], weight_of_class[:, 0]).prod(axis=1)
        else:
            factor = shares @ weight_of_class
        weight: Array = sample_weight * factor
        if not weight.any():
            raise ValueError(
                "`class_weight` must leave weight to at least one sample; got zero for all classes "
                "in `y`."
            )
        return weight

    def _shares(self, targets: Array) -> Array:
        """Return the share of every class in every sample, shape (n_samples, n_classes)."""
        return np.hstack([1 - targets, targets]) if self.one_logit else targets

    def _look_up(self, class_weight: dict) -> Array:
        """Return the weights of a dict, 1 for a class that it leaves out.

        It may name classes that are not there, as a fold of the data may lack one, unless it leaves
        out one that is.
        """
        labels = self.classes.tolist()
        unknown = [label for label in class_weight if label not in labels]
        weights = [class_weight.get(label, 1) for label in labels]
        numbers = all(isinstance(w, Real) and 0 <= float(w) < np.inf for w in weights)
        if not numbers or (unknown and any(label not in class_weight for label in labels)):
            raise ValueError(
                "`class_weight` must have classes as keys, out of "
                f"{labels}, and finite numbers of at least 0 as values; got {class_weight!r}. A "
                "class that is left out weighs 1."
            )
        return np.array(weights, dtype=float)


def _labels_of(y: Array) -> Array:
    """Return the labels in a vector, each once and sorted."""
    if not _are_labels(y):
        with np.errstate(invalid="ignore"):
            check_classification_targets(y)
    labels = np.unique(y)
    # scikit-learn's strings are as short as they can be.
    return np.array(labels.tolist()) if labels.dtype.kind in "OU" else labels


def _are_labels(y: Array) -> bool:
    """Return whether scikit-learn's check would let labels pass.

    It takes ten times as long, and warns where they are many: at a line of its own, and for every
    network of an ensemble.
    """
    if y.dtype.kind == "f":
        # Whole numbers are labels as far as int64 goes: from 2**53 on there are no others.
        return bool(np.abs(y).max(initial=0) < 2**63) and not (y % 1).any()
    return y.dtype.kind in INTEGERS + "mMOU"


def _warn_if_many(labels: Array, n_samples: int) -> None:
    """Warn that labels may be numbers to predict, of as many samples as scikit-learn does."""
    if n_samples > _FEW_SAMPLES and len(labels) > round(n_samples / 2):
        warn_user(
            f"`y` should hold labels that recur; got {len(labels)} labels in {n_samples} samples. "
            "The number of unique classes is greater than 50% of the number of samples. Predict "
            "numbers with a regressor, or pass more samples."
        )


def are_integers(y: Any, prediction: Array) -> bool:
    """Return whether labels and what was predicted of them are vectors of as many integers."""
    vectors = type(y) is np.ndarray and y.ndim == 1 and y.shape == prediction.shape
    return vectors and y.dtype.kind in INTEGERS and prediction.dtype.kind in INTEGERS


def _balance(mass: Array) -> Array:
    """Return weights that make the masses in the last axis equal and keep their sum."""
    present = mass > 0
    share = mass.sum(axis=-1, keepdims=True) / present.sum(axis=-1, keepdims=True)
    return np.divide(share, mass, out=np.zeros_like(mass, dtype=float), where=present)


def check_known_weights(class_weight: Any) -> None:
    """Raise an AttributeError if `partial_fit` cannot know the weights of the classes."""
    if isinstance(class_weight, str):
        raise AttributeError(
            "it is only available with a dict or None as `class_weight`; got "
            f"{class_weight!r}, which needs all samples at once. Compute a dict with "
            "`sklearn.utils.class_weight.compute_class_weight`."
        )


def check_classes(classes: Any, y: Any, known: Array | None) -> None:
    """Raise unless `partial_fit` is told all classes in its first call and no others later.

    Without `known` ones this is it. The columns of a matrix are their own classes.
    """
    labels = check_labels(y)
    if classes is None and known is None and labels.ndim == 1:
        raise ValueError(
            "`classes` must be passed on the first call to `partial_fit`; got None. Name all "
            "classes that will ever come, `np.unique(y_all)` say."
        )
    if classes is None:
        return
    named = np.unique(classes)
    if labels.ndim == 2 and not np.array_equal(named, np.arange(labels.shape[1])):
        raise ValueError(
            "`classes` must be the numbers of the columns where `y` is a matrix, 0 to "
            f"{labels.shape[1] - 1}; got {named.tolist()}. Leave it out."
        )
    if known is not None and not np.array_equal(named, known):
        raise ValueError(
            f"`classes` must be the same as on last call to `partial_fit`, {known}; got {named}. "
            "Leave it out, or fit a new model."
        )


def check_same_classes(y: Any, known: Array) -> None:
    """Raise unless the labels of a warm start, if `y` are such, have the classes of the fit before.

    Another kind of targets is for `ClassTargets.encode` to refuse.
    """
    labels = check_labels(y)
    if labels.ndim != 1:
        return
    found = _labels_of(labels)
    if not np.array_equal(found, known):
        raise ValueError(
            "warm_start can only be used where `y` has the same classes as in the previous call to "
            f"fit. Previously got {known}, `y` has {found}. Fit a new estimator, or set "
            "`warm_start=False`."
        )


def check_labels(y: Any, name: str = "y") -> Array:
    """Return labels as a vector or a dense matrix."""
    y = y.toarray() if sparse.issparse(y) else np.asarray(y)
    if y.ndim and y.dtype.hasobject and not all(isinstance(label, str) for label in y.flat):
        kinds = ", ".join(sorted({type(label).__name__ for label in y.flat}))
        raise ValueError(
            f"`{name}` must hold strings or numbers. Unknown label type: objects; got {kinds}. "
            "Convert it, with `astype(str)` say, and leave out the samples without a label."
        )
    return column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y


def _kind_of_matrix(y: Array, name: str = "y") -> str:
    kind = type_of_target(y)
    if kind == "multilabel-indicator":
        _check_indicator(y, name)
        return "multilabel"
    if kind == "continuous-multioutput":
        _check_probabilities(y, name)
        return "soft"
    raise ValueError(
        f"A 2-D `{name}` must be a 0/1 indicator of labels or rows of class probabilities. Unknown "
        f"label type: {kind}. Wrap the estimator in `MultiOutputClassifier` to predict several "
        "labels."
    )


def _check_indicator(y: Array, name: str) -> None:
    # Any two numbers make an indicator for scikit-learn.
    values = np.unique(y)
    if not np.isin(values, (0, 1)).all():
        raise ValueError(
            f"A 2-D `{name}` of labels must hold only 0 and 1; got {values.tolist()}. Pass "
            f"`{name} == {values[-1]}`."
        )


def _check_probabilities(y: Array, name: str) -> None:
    if y.min() < 0 or np.abs(y.sum(axis=1) - 1).max() > _SUM_TOLERANCE:
        raise ValueError(
            f"A 2-D float `{name}` must have class probabilities in its rows, none negative and "
            f"each row with sum 1. Unknown label type: {type_of_target(y)} with sums from "
            f"{y.sum(axis=1).min():g} to {y.sum(axis=1).max():g} and a least entry of {y.min():g}. "
            "Divide each row by its sum, or wrap the estimator in `MultiOutputRegressor` if these "
            "are no probabilities."
        )
