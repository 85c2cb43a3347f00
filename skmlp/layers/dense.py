"""The dense layer: a product, an activation and, in training, dropout."""

import numpy as np

from skmlp._arrays import buffer, product
from skmlp._kernels import compiled_twin, serving
from skmlp._typing import Array
from skmlp.activations import Activation
from skmlp.dropout import Dropout
from skmlp.initializers import Initializer, uniform_everywhere
from skmlp.layers.layer import Buffers, Layer, Views
from skmlp.parameters import Block

GLOROT = uniform_everywhere(6.0)


class Dense(Layer):
    """``z = x @ coef + intercept``, ``output = dropout(f(z))``.

    Backward, with ``delta = dloss/doutput``: ``delta_z = delta * dropout'(f(z)) * f'(z)``,
    ``dcoef = x.T @ delta_z``, ``dintercept = sum(delta_z, axis=0)``, ``dx = delta_z @ coef.T``.

    Parameters
    ----------
    n_inputs, n_outputs : int
    activation : Activation
        f.
    dropout : Dropout, default=None
        If None, nothing is dropped.
    initializer : Initializer
        Draws coef and intercept.
    trainable : bool, default=True
    """

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        activation: Activation,
        dropout: Dropout | None = None,
        initializer: Initializer = GLOROT,
        trainable: bool = True,
    ):
        super().__init__(n_inputs, n_outputs, trainable)
        self._dropout = dropout
        self._initializer = initializer
        self._slope_needs_input = activation.slope_needs_input
        self._activate = serving(activation.forward)
        self._multiply_by_slope = serving(activation.backward)
        self._column_sum = serving(column_sum)

    def blocks(self) -> list[Block]:
        return [
            Block("coef", (self.n_inputs, self.n_outputs), True, trainable=self.trainable),
            Block("intercept", (self.n_outputs,), trainable=self.trainable),
        ]

    def draw(self, parameters: Views, rng: np.random.RandomState) -> None:
        coef, intercept = parameters
        coef[...], intercept[...] = self._initializer(rng, *coef.shape)

    def buffers(self, n_samples: int, dtype: np.dtype, trains: bool) -> Buffers:
        z = buffer(n_samples, self.n_outputs, dtype)
        # Without memory of its own the value takes the place of the input.
        buffers = Buffers(z=z, a=None, drops=False)
        if trains and self._slope_needs_input:
            buffers.a = buffer(n_samples, self.n_outputs, dtype)
        if trains and self.is_random:
            buffers.kept = buffer(n_samples, self.n_outputs, dtype)
            buffers.output = buffer(n_samples, self.n_outputs, dtype)
        return buffers

    @property
    def is_random(self) -> bool:
        return self._dropout is not None

    def forward(
        self, x: Array, parameters: Views, buffers: Buffers, rng: np.random.Generator | None
    ) -> Array:
        coef, intercept = parameters
        z = product(x, coef, buffers.z)
        a = z if buffers.a is None else buffers.a
        self._activate(z, intercept, a)
        if self._dropout is None:
            return a
        buffers.drops = rng is not None
        if rng is None:
            return a
        self._dropout.forward(a, buffers.kept, buffers.output, rng)
        return buffers.output

    def backward(
        self,
        x: Array,
        delta: Array,
        parameters: Views,
        buffers: Buffers,
        gradient: Views | None,
        below: Array | None,
    ) -> None:
        if buffers.drops:
            delta *= buffers.kept
        z, a = buffers.z, buffers.a
        self._multiply_by_slope(delta, z if a is None else a, z)
        if gradient is not None:
            dcoef, dintercept = gradient
            product(x.T, delta, dcoef)
            self._column_sum(delta, dintercept)
        if below is not None:
            product(delta, parameters[0].T, below)


@compiled_twin
def column_sum(matrix: Array, out: Array) -> None:
    """``out = sum(matrix, axis=0)``."""
    matrix.sum(axis=0, out=out)
