"""Optimizers: one step down the gradient, in place, on one flat vector.

Three things are kept apart: the hyperparameters (the optimizer, immutable), its state (arrays that
a training owns and a checkpoint saves) and the parameters (the vector that it steps).
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from skmlp._arrays import aligned_zeros
from skmlp._kernels import compiled_twin, serving
from skmlp._typing import Array
from skmlp.parameters import Matrix, Parameters, RateFactor
from skmlp.penalties import add_l2


@dataclass
class OptimizerState:
    """What an optimizer remembers from step to step.

    Parameters
    ----------
    rule : str
        That of the optimizer: the moments of one mean nothing to another.
    n_steps : int
        Steps taken.
    moments : list of ndarray of shape (n_parameters,)
        Running averages, velocities or sums, in the order of ``Optimizer.moment_names``.
    momentum_product : float
        The product of the momenta so far, which NAdam alone needs.
    """

    rule: str
    n_steps: int = 0
    moments: list[Array] = field(default_factory=list)
    momentum_product: float = 1.0

    def copy(self, memory: Sequence[Array] = ()) -> "OptimizerState":
        """Return the same state with moments of its own, in `memory` where there is some."""
        moments = list(memory) or [aligned_zeros(old.size, old.dtype) for old in self.moments]
        for moment, old in zip(moments, self.moments, strict=True):
            moment[:] = old
        return replace(self, moments=moments)


class Optimizer(ABC):
    """A rule that turns a gradient into a step."""

    moment_names: tuple[str, ...]

    @property
    def rule(self) -> str:
        """What tells its states from those of others."""
        return type(self).__name__

    @property
    def multiplies(self) -> bool:
        """Whether its steps take products of matrices."""
        return False

    def for_matrices(self, matrices: Sequence[Matrix]) -> "Optimizer":
        """Return the optimizer of parameters of which these parts, side by side, are matrices."""
        return self

    def start(self, parameters: Array) -> OptimizerState:
        """Return the state before the first step on `parameters`."""
        size, dtype = parameters.size, parameters.dtype
        moments = [aligned_zeros(size, dtype) for _ in self.moment_names]
        return OptimizerState(self.rule, moments=moments)

    def can_go_on(self, state: OptimizerState, parameters: Array) -> bool:
        """Return whether a state is one of this optimizer and of such parameters."""
        layout = (parameters.shape, parameters.dtype)
        return state.rule == self.rule and all(
            (moment.shape, moment.dtype) == layout for moment in state.moments
        )

    @abstractmethod
    def step(
        self,
        parameters: Array,
        gradient: Array,
        state: OptimizerState,
        rate: float,
        strength: float = 0.0,
        n_penalised: int = 0,
    ) -> float:
        """Take one step in place, down the gradient with the penalty's added.

        Parameters
        ----------
        parameters : ndarray of shape (n_parameters,)
            Written.
        gradient : ndarray of shape (n_parameters,)
            Of the same dtype, without the penalty's. May be overwritten.
        state : OptimizerState
            Written.
        rate : float
            The learning rate of this step, a Python float: a ``numpy.float64`` would promote
            float32 vectors.
        strength : float, default=0.0
            Of the penalty, see `penalties.add_l2`.
        n_penalised : int, default=0
            How many leading parameters are penalised, or decay: the weights, not the biases.

        Returns
        -------
        penalty : float
            Of the parameters before the step.
        """


class PenaltyFirst(Optimizer):
    """A rule that follows one gradient: that of the penalty is added before."""

    def __init__(self) -> None:
        self._add_l2 = serving(add_l2)

    def step(
        self,
        parameters: Array,
        gradient: Array,
        state: OptimizerState,
        rate: float,
        strength: float = 0.0,
        n_penalised: int = 0,
    ) -> float:
        penalty = 0.0
        if strength > 0:
            penalty = self._add_l2(gradient[:n_penalised], parameters[:n_penalised], strength)
        state.n_steps += 1
        self._move(parameters, gradient, state, rate)
        return penalty

    @abstractmethod
    def _move(self, parameters: Array, gradient: Array, state: OptimizerState, rate: float) -> None:
        """Take the step of this number down the whole gradient."""


@compiled_twin
def sgd_step(
    parameters: Array,
    gradient: Array,
    velocity: Array,
    rate: float,
    momentum: float,
    nesterov: bool,
) -> None:
    """``velocity <- momentum velocity - rate gradient``, then ``parameters += velocity``.

    Nesterov's form adds ``momentum velocity - rate gradient`` of the new velocity instead.
    """
    gradient *= -rate
    velocity *= momentum
    velocity += gradient
    if nesterov:
        parameters += momentum * velocity
        parameters += gradient
    else:
        parameters += velocity


class SGD(PenaltyFirst):
    """Stochastic gradient descent with momentum.

    Parameters
    ----------
    momentum : float in [0, 1]
    nesterov : bool
        Whether to use Nesterov's momentum.
    """

    moment_names = ("velocity",)

    def __init__(self, momentum: float, nesterov: bool):
        super().__init__()
        self._take_step = serving(sgd_step)
        self._momentum = momentum
        self._nesterov = nesterov

    def _move(self, parameters: Array, gradient: Array, state: OptimizerState, rate: float) -> None:
        (velocity,) = state.moments
        self._take_step(parameters, gradient, velocity, rate, self._momentum, self._nesterov)


@compiled_twin
def adam_step(
    parameters: Array,
    gradient: Array,
    mean: Array,
    square: Array,
    rate: float,
    beta_1: float,
    beta_2: float,
    epsilon: float,
    strength: float,
    n_coefs: int,
) -> float:
    """``parameters -= rate mean / (sqrt(square) + epsilon)`` after updating both averages.

    ``mean <- beta_1 mean + (1 - beta_1) gradient``,
    ``square <- beta_2 square + (1 - beta_2) gradient**2``, where the penalty of this strength on
    the first `n_coefs` parameters, which is returned, has its part in the gradient.
    """
    penalty = add_l2(gradient[:n_coefs], parameters[:n_coefs], strength)
    mean *= beta_1
    mean += (1 - beta_1) * gradient
    square *= beta_2
    gradient *= gradient
    gradient *= 1 - beta_2
    square += gradient
    update = np.sqrt(square)
    update += epsilon
    np.divide(mean, update, out=update)
    update *= rate
    parameters -= update
    return penalty


class Adam(Optimizer):
    """Adam, with the bias corrections folded into the rate as in the end of section 2 of the paper.

    Parameters
    ----------
    beta_1, beta_2 : float in [0, 1), default=0.9 and 0.999
        Decay of the running averages of the gradient and of its square.
    epsilon : float > 0, default=1e-8

    References
    ----------
    Kingma and Ba (2015), "Adam: a method for stochastic optimization".
    """

    moment_names = ("mean", "square")

    def __init__(self, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-8):
        self._take_step = serving(adam_step)
        self._beta_1 = beta_1
        self._beta_2 = beta_2
        self._epsilon = epsilon

    def step(
        self,
        parameters: Array,
        gradient: Array,
        state: OptimizerState,
        rate: float,
        strength: float = 0.0,
        n_penalised: int = 0,
    ) -> float:
        # The penalty has its part in the one pass over memory that the step takes.
        state.n_steps += 1
        mean, square = state.moments
        correction = (1 - self._beta_2**state.n_steps) ** 0.5 / (1 - self._beta_1**state.n_steps)
        return self._take_step(
            parameters,
            gradient,
            mean,
            square,
            rate * correction,
            self._beta_1,
            self._beta_2,
            self._epsilon,
            strength,
            n_penalised if strength > 0 else 0,
        )


class DecoupledDecay(Optimizer):
    """Another optimizer after a decay ``parameters *= 1 - rate decay`` of what is penalised.

    Around `Adam` this is AdamW: the decay does not pass through the averages, and does not depend
    on the batch size.

    References
    ----------
    Loshchilov and Hutter (2019), "Decoupled weight decay regularization".
    """

    def __init__(self, optimizer: Optimizer, decay: float):
        self.moment_names = optimizer.moment_names
        self._optimizer = optimizer
        self._decay = decay

    @property
    def rule(self) -> str:
        return f"{self._optimizer.rule} after decay"

    @property
    def multiplies(self) -> bool:
        return self._optimizer.multiplies

    def for_matrices(self, matrices: Sequence[Matrix]) -> "DecoupledDecay":
        return DecoupledDecay(self._optimizer.for_matrices(matrices), self._decay)

    def step(
        self,
        parameters: Array,
        gradient: Array,
        state: OptimizerState,
        rate: float,
        strength: float = 0.0,
        n_penalised: int = 0,
    ) -> float:
        parameters[:n_penalised] *= 1 - rate * self._decay
        return self._optimizer.step(parameters, gradient, state, rate, strength, n_penalised)


@compiled_twin
def nadam_step(
    parameters: Array,
    gradient: Array,
    mean: Array,
    square: Array,
    rate: float,
    mean_rate: float,
    beta_1: float,
    beta_2: float,
    epsilon: float,
    correction: float,
) -> None:
    """Take a step ``(rate gradient + mean_rate mean) / (sqrt(square / correction) + epsilon)``.

    Before it, both averages are updated as in `adam_step`.
    """
    mean *= beta_1
    mean += (1 - beta_1) * gradient
    square *= beta_2
    square += (1 - beta_2) * gradient * gradient
    root = np.sqrt(square / correction)
    root += epsilon
    gradient *= rate
    gradient += mean_rate * mean
    gradient /= root
    parameters -= gradient


class NAdam(PenaltyFirst):
    """Adam with Nesterov's momentum.

    ``momentum_t = beta_1 (1 - 0.96**(0.004 t) / 2)`` grows from ``beta_1 / 2`` to ``beta_1``.

    Parameters
    ----------
    beta_1, beta_2 : float in [0, 1)
    epsilon : float > 0

    References
    ----------
    Dozat (2016), "Incorporating Nesterov momentum into Adam".
    """

    moment_names = ("mean", "square")
    momentum_decay = 0.004

    def __init__(self, beta_1: float, beta_2: float, epsilon: float):
        super().__init__()
        self._take_step = serving(nadam_step)
        self._beta_1 = beta_1
        self._beta_2 = beta_2
        self._epsilon = epsilon

    def _momentum(self, step: int) -> float:
        return self._beta_1 * (1 - 0.5 * 0.96 ** (step * self.momentum_decay))

    def _move(self, parameters: Array, gradient: Array, state: OptimizerState, rate: float) -> None:
        mean, square = state.moments
        momentum, next_momentum = self._momentum(state.n_steps), self._momentum(state.n_steps + 1)
        state.momentum_product *= momentum
        self._take_step(
            parameters,
            gradient,
            mean,
            square,
            rate * (1 - momentum) / (1 - state.momentum_product),
            rate * next_momentum / (1 - state.momentum_product * next_momentum),
            self._beta_1,
            self._beta_2,
            self._epsilon,
            1 - self._beta_2**state.n_steps,
        )


@compiled_twin
def rmsprop_step(
    parameters: Array, gradient: Array, square: Array, rate: float, beta_2: float, epsilon: float
) -> None:
    """``parameters -= rate gradient / (sqrt(square) + epsilon)`` after updating the average.

    ``square <- beta_2 square + (1 - beta_2) gradient**2``.
    """
    square *= beta_2
    square += (1 - beta_2) * gradient * gradient
    gradient *= rate
    gradient /= np.sqrt(square) + epsilon
    parameters -= gradient


class RMSprop(PenaltyFirst):
    """``parameters -= rate gradient / (sqrt(square) + epsilon)``, ``square`` a running average.

    Parameters
    ----------
    beta_2 : float in [0, 1)
        Decay of the running average of the squared gradient.
    epsilon : float > 0

    References
    ----------
    Tieleman and Hinton (2012), "Lecture 6.5: rmsprop".
    """

    moment_names = ("square",)

    def __init__(self, beta_2: float, epsilon: float):
        super().__init__()
        self._take_step = serving(rmsprop_step)
        self._beta_2 = beta_2
        self._epsilon = epsilon

    def _move(self, parameters: Array, gradient: Array, state: OptimizerState, rate: float) -> None:
        (square,) = state.moments
        self._take_step(parameters, gradient, square, rate, self._beta_2, self._epsilon)


@compiled_twin
def adagrad_step(
    parameters: Array, gradient: Array, total: Array, rate: float, epsilon: float
) -> None:
    """``parameters -= rate gradient / (sqrt(total) + epsilon)`` after ``total += gradient**2``."""
    total += gradient * gradient
    gradient *= rate
    gradient /= np.sqrt(total) + epsilon
    parameters -= gradient


class Adagrad(PenaltyFirst):
    """``parameters -= rate gradient / (sqrt(total) + epsilon)``, ``total`` the sum of squares.

    Parameters
    ----------
    epsilon : float > 0

    References
    ----------
    Duchi, Hazan and Singer (2011), "Adaptive subgradient methods".
    """

    moment_names = ("total",)

    def __init__(self, epsilon: float):
        super().__init__()
        self._take_step = serving(adagrad_step)
        self._epsilon = epsilon

    def _move(self, parameters: Array, gradient: Array, state: OptimizerState, rate: float) -> None:
        (total,) = state.moments
        self._take_step(parameters, gradient, total, rate, self._epsilon)


class RateFactors(Optimizer):
    """Another optimizer, of which some parts have a learning rate of their own."""

    def __init__(self, optimizer: Optimizer, factors: Sequence[RateFactor]):
        self.moment_names = optimizer.moment_names
        self._optimizer = optimizer
        self._factors = factors

    def step(
        self,
        parameters: Array,
        gradient: Array,
        state: OptimizerState,
        rate: float,
        strength: float = 0.0,
        n_penalised: int = 0,
    ) -> float:
        before = [parameters[part].copy() for part, _ in self._factors]
        penalty = self._optimizer.step(parameters, gradient, state, rate, strength, n_penalised)
        # Every rule moves in proportion to its rate.
        for old, (part, factor) in zip(before, self._factors, strict=True):
            parameters[part] = old + factor * (parameters[part] - old)
        return penalty


def for_parameters(optimizer: Optimizer, parameters: Parameters) -> Optimizer:
    """Return the optimizer that knows the matrices and the rate factors of these parameters."""
    optimizer = optimizer.for_matrices(parameters.matrices)
    factors = parameters.rate_factors
    return RateFactors(optimizer, factors) if factors else optimizer
