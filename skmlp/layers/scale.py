"""The scaling layer: a learned factor per feature."""

import numpy as np

from skmlp._arrays import buffer
from skmlp._typing import Array
from skmlp.layers.layer import Buffers, Layer, Views
from skmlp.parameters import Block


class Scale(Layer):
    """``output = x * factor``: features that help grow, those that do not fade.

    Backward, with ``delta = dloss/doutput``: ``dfactor = sum(delta * x, axis=0)``,
    ``dx = delta * factor``. The factors begin at 1 and are not penalised.

    Parameters
    ----------
    n_features : int
    rate_factor : float, default=1.0
        The learning rate of the factors, as a multiple of the training's.
    trainable : bool, default=True

    References
    ----------
    Holzmüller, Grinsztajn and Steinwart (2024), "Better by default: strong pre-tuned MLPs and
    boosted trees on tabular data", NeurIPS.
    """

    def __init__(self, n_features: int, rate_factor: float = 1.0, trainable: bool = True):
        super().__init__(n_features, n_features, trainable)
        self._rate_factor = rate_factor

    def blocks(self) -> list[Block]:
        shape, factor = (self.n_inputs,), self._rate_factor
        return [Block("factor", shape, rate_factor=factor, trainable=self.trainable)]

    def draw(self, parameters: Views, rng: np.random.RandomState) -> None:
        parameters[0].fill(1)

    def buffers(self, n_samples: int, dtype: np.dtype, trains: bool) -> Buffers:
        return Buffers(output=buffer(n_samples, self.n_outputs, dtype))

    def forward(
        self, x: Array, parameters: Views, buffers: Buffers, rng: np.random.Generator | None
    ) -> Array:
        if not isinstance(x, np.ndarray):
            return x.multiply(parameters[0]).tocsr()
        np.multiply(x, parameters[0], out=buffers.output)
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
        if gradient is not None:
            if isinstance(x, np.ndarray):
                np.einsum("ij,ij->j", x, delta, out=gradient[0])
            else:
                gradient[0][...] = np.asarray(x.multiply(delta).sum(axis=0)).ravel()
        if below is not None:
            np.multiply(delta, parameters[0], out=below)
