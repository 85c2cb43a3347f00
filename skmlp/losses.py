"""Losses of raw predictions, each with its derivative beside it.

A loss speaks the raw prediction of the last layer and owns the way from there to a prediction.
So the last layer's delta is never a special case, and log-probabilities come from logits.
"""

from abc import ABC, abstractmethod

import numpy as np
from scipy.special import entr, expit, log_expit, xlogy

from skmlp._kernels import compiled_twin, serving
from skmlp._typing import Array
from skmlp.output_activations import OUTPUT_ACTIVATIONS, OutputActivation

# Reweighted means from the median on; each is better than the one before.
HUBER_MEANS = 10


class Loss(ABC):
    """A loss of raw predictions."""

    @abstractmethod
    def value_and_delta(self, raw: Array, y: Array, weight: Array, delta: Array) -> float:
        """Return ``sum_i weight_i loss(raw_i, y_i)`` and write its derivative into `delta`.

        Parameters
        ----------
        raw : ndarray of shape (n_samples, n_outputs)
            Raw predictions. May be overwritten.
        y : ndarray of shape (n_samples, n_outputs)
            Targets, in the dtype of `raw`.
        weight : ndarray of shape (n_samples,)
            Sample weights, as parts of the sum of all: those of a whole batch sum to one, so that
            the value is a mean.
        delta : ndarray of shape (n_samples, n_outputs)
            Written: ``weight_i dloss/draw_i``.

        Returns
        -------
        value : float
        """

    def mean(self, raw: Array, y: Array, weight: Array | None = None) -> float:
        """Return the weighted mean loss of raw predictions, which are left as they are."""
        share = np.ones(len(raw)) if weight is None else weight
        share = (share / share.sum()).astype(raw.dtype)
        y = np.ascontiguousarray(y, raw.dtype)
        return self.value_and_delta(raw.copy(), y, share, np.empty_like(raw))

    def predict(self, raw: Array) -> Array:
        """Return what raw predictions mean: logits as they are, or expected targets."""
        return raw

    @abstractmethod
    def of_constant(self, y: Array, weight: Array | None = None) -> float:
        """Return the weighted mean loss of the best constant prediction of targets of any dtype.

        A training that ends above it has failed.
        """


# Classification


@compiled_twin
def softmax_cross_entropy(raw: Array, y: Array, weight: Array, delta: Array) -> float:
    """``loss = -sum_k y_k log p_k`` with ``p = softmax(raw)``; ``dloss/draw = p sum(y) - y``."""
    raw -= raw.max(axis=1, keepdims=True)
    np.exp(raw, out=delta)
    total = delta.sum(axis=1, keepdims=True)
    raw -= np.log(total)
    value = -np.vdot(weight, np.einsum("ik,ik->i", y, raw))
    delta /= total
    delta -= y
    delta *= weight[:, None]
    return float(value)


@compiled_twin
def binary_cross_entropy(raw: Array, y: Array, weight: Array, delta: Array) -> float:
    """``loss = -sum_k y_k log p_k + (1 - y_k) log(1 - p_k)``, ``p = logistic(raw)``.

    ``dloss/draw = p - y``. The value is ``softplus(raw) - y raw``, finite for every finite logit.
    """
    value = np.vdot(weight, (np.logaddexp(raw, 0) - y * raw).sum(axis=1))
    expit(raw, out=delta)
    delta -= y
    delta *= weight[:, None]
    return float(value)


class ClassificationLoss(Loss):
    """A loss whose predictions are probabilities."""

    @abstractmethod
    def log_probability(self, raw: Array) -> Array:
        """Return the logarithms of the probabilities, finite for every finite logit."""

    def logits(self, raw: Array) -> Array:
        """Return the raw predictions without what no probability depends on."""
        return raw


class SoftmaxCrossEntropy(ClassificationLoss):
    """Cross-entropy of one label among several; targets are rows of class probabilities."""

    def __init__(self) -> None:
        self._value_and_delta = serving(softmax_cross_entropy)

    def value_and_delta(self, raw: Array, y: Array, weight: Array, delta: Array) -> float:
        return self._value_and_delta(raw, y, weight, delta)

    def of_constant(self, y: Array, weight: Array | None = None) -> float:
        """Return the entropy of the class shares."""
        share = np.average(y, axis=0, weights=weight)
        return float(entr(share).sum() - entr(share.sum()))

    def log_probability(self, raw: Array) -> Array:
        """Return ``log(softmax(raw))``."""
        shifted = raw - raw.max(axis=1, keepdims=True)
        shifted -= np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return shifted

    def logits(self, raw: Array) -> Array:
        """Return ``log(softmax(raw))``: softmax knows no constant per row."""
        return self.log_probability(raw)


class BinaryCrossEntropy(ClassificationLoss):
    """Cross-entropy of independent yes/no labels, one per output, summed over the outputs."""

    def __init__(self) -> None:
        self._value_and_delta = serving(binary_cross_entropy)

    def value_and_delta(self, raw: Array, y: Array, weight: Array, delta: Array) -> float:
        return self._value_and_delta(raw, y, weight, delta)

    def of_constant(self, y: Array, weight: Array | None = None) -> float:
        """Return the entropy of the share of each label, summed over the labels."""
        share = np.average(y, axis=0, weights=weight)
        return float((entr(share) + entr(1 - share)).sum())

    def log_probability(self, raw: Array) -> Array:
        """Return ``log(logistic(raw))``."""
        return log_expit(raw)


class LabelSmoothing(ClassificationLoss):
    """Another loss on smoothed targets ``(1 - amount) y + amount / n_classes``.

    Parameters
    ----------
    loss : ClassificationLoss
    amount : float in [0, 1)
    n_classes : int
        2 for yes/no labels.

    References
    ----------
    Szegedy et al. (2016), "Rethinking the Inception architecture for computer vision".
    """

    def __init__(self, loss: ClassificationLoss, amount: float, n_classes: int):
        self._loss = loss
        self._amount = amount
        self._n_classes = n_classes

    def value_and_delta(self, raw: Array, y: Array, weight: Array, delta: Array) -> float:
        return self._loss.value_and_delta(raw, self._smoothed(y), weight, delta)

    def of_constant(self, y: Array, weight: Array | None = None) -> float:
        return self._loss.of_constant(self._smoothed(y), weight)

    def _smoothed(self, y: Array) -> Array:
        smoothed = (1 - self._amount) * y
        smoothed += self._amount / self._n_classes
        return smoothed

    def log_probability(self, raw: Array) -> Array:
        return self._loss.log_probability(raw)

    def logits(self, raw: Array) -> Array:
        return self._loss.logits(raw)


# Regression


class PointwiseLoss(ABC):
    """A loss of one prediction and one target.

    Attributes
    ----------
    low : float
        The smallest target that the loss is defined for.
    needs_positive : bool
        Whether the loss is defined for predictions above zero only.
    aims_at_mean : bool
        Whether the mean of the targets minimises the loss, so that R² measures what it does.
    averages_outputs : bool
        Whether the loss of a sample is the mean over its outputs, as scikit-learn's squared error,
        or the sum, as its Poisson loss.
    """

    low: float = -np.inf
    needs_positive: bool = False
    aims_at_mean: bool = False
    averages_outputs: bool = True

    @abstractmethod
    def value(self, prediction: Array, y: Array) -> Array:
        """Return the loss of every entry."""

    @abstractmethod
    def derivative(self, prediction: Array, y: Array) -> Array:
        """Return the derivative by the prediction of every entry."""

    def best_constant(self, y: Array, weight: Array | None) -> Array:
        """Return what minimises the loss, shape (n_outputs,): the mean, unless overridden."""
        return np.average(y, axis=0, weights=weight)

    def of_constant(self, y: Array, weight: Array | None = None) -> float:
        """Return the weighted mean loss of the best constant prediction."""
        # Differences of bytes wrap around, and truth values have none.
        y = y.astype(np.float64, copy=False)
        constant = np.broadcast_to(self.best_constant(y, weight), y.shape)
        loss = self.value(constant, y) * self.output_share(y.shape[1])
        return float(np.average(loss.sum(axis=1), weights=weight))

    def in_units(self, unit: Array) -> "PointwiseLoss":
        """Return the loss, up to a factor, of predictions and targets in units, one per output."""
        return self

    def output_share(self, n_outputs: int) -> float:
        """Return the part that each output has in the loss of a sample."""
        return 1 / n_outputs if self.averages_outputs else 1.0


class SquaredError(PointwiseLoss):
    """``loss = (prediction - y)**2 / 2``."""

    aims_at_mean = True

    def value(self, prediction: Array, y: Array) -> Array:
        residual = prediction - y
        residual *= residual
        residual *= 0.5
        return residual

    def derivative(self, prediction: Array, y: Array) -> Array:
        return prediction - y


class AbsoluteError(PointwiseLoss):
    """``loss = |prediction - y|``."""

    def value(self, prediction: Array, y: Array) -> Array:
        return np.abs(prediction - y)

    def derivative(self, prediction: Array, y: Array) -> Array:
        return np.sign(prediction - y)

    def best_constant(self, y: Array, weight: Array | None) -> Array:
        """Return the median."""
        return weighted_quantile(y, 0.5, weight)


class Huber(PointwiseLoss):
    """``loss = r**2 / 2 where |r| <= width, else width (|r| - width / 2)``, ``r = prediction - y``.

    Parameters
    ----------
    width : float > 0, or ndarray of such of shape (n_outputs,)
        The size of a residual, in units of the target, from which on the loss is linear.

    References
    ----------
    Huber (1964), "Robust estimation of a location parameter".
    """

    def __init__(self, width: float | Array):
        self._width = width

    def value(self, prediction: Array, y: Array) -> Array:
        size = np.abs(prediction - y)
        quadratic = np.minimum(size, self._width_like(size))
        return quadratic * (size - 0.5 * quadratic)

    def derivative(self, prediction: Array, y: Array) -> Array:
        residual = prediction - y
        width = self._width_like(residual)
        return np.clip(residual, -width, width)

    def in_units(self, unit: Array) -> "Huber":
        return Huber(self._width / unit)

    def _width_like(self, residual: Array) -> Array:
        # An array of float64 would promote the residuals.
        return np.asarray(self._width, residual.dtype)

    def best_constant(self, y: Array, weight: Array | None) -> Array:
        """Return a constant between median and mean, by Huber's reweighted means."""
        constant = weighted_quantile(y, 0.5, weight)
        sample_weight = np.ones(len(y)) if weight is None else weight
        for _ in range(HUBER_MEANS):
            size = np.maximum(np.abs(y - constant), self._width)
            entry_weight = sample_weight[:, None] * (self._width / size)
            # Weighted, a difference is no more than the width; the targets' sum may overflow.
            constant = constant + np.average(y - constant, axis=0, weights=entry_weight)
        return constant


class Quantile(PointwiseLoss):
    """``loss = level (y - prediction) where y > prediction, else (1 - level) (prediction - y)``.

    Parameters
    ----------
    level : float in (0, 1)
        The quantile that the minimum predicts.

    References
    ----------
    Koenker and Bassett (1978), "Regression quantiles".
    """

    def __init__(self, level: float):
        self._level = level

    def value(self, prediction: Array, y: Array) -> Array:
        residual = prediction - y
        return np.maximum((1 - self._level) * residual, -self._level * residual)

    def derivative(self, prediction: Array, y: Array) -> Array:
        residual = prediction - y
        return (residual > 0) - self._level * np.sign(np.abs(residual))

    def best_constant(self, y: Array, weight: Array | None) -> Array:
        """Return the quantile."""
        return weighted_quantile(y, self._level, weight)


class Poisson(PointwiseLoss):
    """Half the Poisson deviance, ``loss = y log(y / prediction) - y + prediction``.

    The prediction must be positive; one that underflowed to zero is read as a tiny number.
    """

    low = 0.0
    needs_positive = True
    aims_at_mean = True
    averages_outputs = False

    def value(self, prediction: Array, y: Array) -> Array:
        prediction = self._away_from_zero(prediction)
        return xlogy(y, y / prediction) - y + prediction

    def derivative(self, prediction: Array, y: Array) -> Array:
        return 1 - y / self._away_from_zero(prediction)

    @staticmethod
    def _away_from_zero(prediction: Array) -> Array:
        # The root, so that a target divided by it stays finite.
        return np.maximum(prediction, np.sqrt(np.finfo(prediction.dtype).tiny))


def weighted_quantile(y: Array, level: float, weight: Array | None) -> Array:
    """Return the smallest entry of every column below or at which a part `level` of it lies."""
    if weight is None:
        return np.quantile(y, level, axis=0, method="inverted_cdf")
    order = y.argsort(axis=0)
    mass = weight[order].cumsum(axis=0)
    first = (mass >= level * mass[-1]).argmax(axis=0)
    columns = np.arange(y.shape[1])
    return y[order[first, columns], columns]


class OutputLoss(Loss):
    """A pointwise loss after an output activation, whose predictions are expected targets."""

    def __init__(self, loss: PointwiseLoss, output: OutputActivation):
        self._loss = loss
        self._output = output

    def value_and_delta(self, raw: Array, y: Array, weight: Array, delta: Array) -> float:
        share = self._loss.output_share(raw.shape[1])
        prediction = self._output.value(raw)
        value = np.vdot(weight, self._loss.value(prediction, y).sum(axis=1)) * share
        np.multiply(self._loss.derivative(prediction, y), weight[:, None], out=delta)
        delta *= self._output.slope(prediction, raw)
        delta *= share
        return float(value)

    def of_constant(self, y: Array, weight: Array | None = None) -> float:
        return self._loss.of_constant(y, weight)

    def predict(self, raw: Array) -> Array:
        """Return ``output(raw)``."""
        return self._output.value(raw)


@compiled_twin
def half_squared_error(raw: Array, y: Array, weight: Array, delta: Array) -> float:
    """``loss = mean_k (raw_k - y_k)**2 / 2``."""
    share = 1 / raw.shape[1]
    np.subtract(raw, y, out=delta)
    value = 0.5 * share * np.vdot(weight, np.einsum("ik,ik->i", delta, delta))
    delta *= share
    delta *= weight[:, None]
    return float(value)


class IdentitySquaredError(OutputLoss):
    """The squared error of the raw prediction itself in one operation."""

    def __init__(self) -> None:
        super().__init__(SquaredError(), OUTPUT_ACTIVATIONS["identity"])
        self._value_and_delta = serving(half_squared_error)

    def value_and_delta(self, raw: Array, y: Array, weight: Array, delta: Array) -> float:
        return self._value_and_delta(raw, y, weight, delta)


class ExpPoisson(OutputLoss):
    """The Poisson loss after the exponential, ``loss = y log(y) - y raw - y + exp(raw)``.

    ``dloss/draw = exp(raw) - y`` needs no division by a prediction that may underflow.
    """

    def __init__(self) -> None:
        super().__init__(Poisson(), OUTPUT_ACTIVATIONS["exp"])

    def value_and_delta(self, raw: Array, y: Array, weight: Array, delta: Array) -> float:
        np.exp(raw, out=delta)
        value = np.vdot(weight, (xlogy(y, y) - y * raw - y + delta).sum(axis=1))
        delta -= y
        delta *= weight[:, None]
        return float(value)
