"""Activations as graphs of elementary operations.

onnxruntime knows these in float64, too; Elu, Selu, LeakyRelu, Softplus, Gelu, Mish and Erf it knows
in float32 alone.
"""

from collections.abc import Callable

import numpy as np

from skmlp.activations import LEAKY_SLOPE, SELU_ALPHA, SELU_SCALE
from skmlp.onnx._graph import Graph


def _leaky_relu(graph: Graph, z: str) -> str:
    return graph("Max", z, graph("Mul", z, LEAKY_SLOPE))


def _negative_part(graph: Graph, z: str) -> str:
    """``exp(z) - 1 where z < 0, else 0``."""
    return graph("Sub", graph("Exp", graph("Min", z, 0.0)), 1.0)


def _elu(graph: Graph, z: str) -> str:
    return graph("Add", graph("Relu", z), _negative_part(graph, z))


def _selu(graph: Graph, z: str) -> str:
    # Not a sum times SCALE: onnxruntime would take the factor into the product of the next layer,
    # in float32.
    positive = graph("Mul", graph("Relu", z), SELU_SCALE)
    negative = graph("Mul", _negative_part(graph, z), SELU_SCALE * SELU_ALPHA)
    return graph("Add", positive, negative)


def _gelu(graph: Graph, z: str) -> str:
    return graph("Mul", z, _normal_distribution(graph, z))


def _normal_distribution(graph: Graph, z: str) -> str:
    if graph.dtype == np.float32:
        error_function = graph("Erf", graph("Mul", z, np.sqrt(0.5)))
        return graph("Mul", graph("Add", error_function, 1.0), 0.5)
    return _normal_quadrature(graph, z)


def _normal_quadrature(graph: Graph, z: str) -> str:
    """``Phi(z) = 1/2 + z/sqrt(2 pi) * integral of exp(-(z t)**2 / 2) over t from 0 to 1``.

    By Gauss and Legendre, to 1e-15: beyond 9 what is missing is less.
    """
    nodes, weights = np.polynomial.legendre.leggauss(24)
    t, weights = (nodes + 1) / 2, weights / np.sqrt(8 * np.pi)
    z = graph("Max", graph("Min", z, 9.0), -9.0)
    column = graph("Reshape", z, np.array([0, -1, 1]))
    powers = graph("Mul", graph("Mul", column, column), -(t**2) / 2)
    integral = graph("MatMul", graph("Exp", powers), weights[:, None])
    return graph("Add", graph("Mul", z, graph("Reshape", integral, np.array([0, -1]))), 0.5)


def _silu(graph: Graph, z: str) -> str:
    # Not z times Sigmoid: onnxruntime up to 1.29 fuses the two into an operation that it lacks in
    # float64.
    return graph("Div", z, graph("Add", graph("Exp", graph("Neg", z)), 1.0))


def _mish(graph: Graph, z: str) -> str:
    return graph("Mul", z, graph("Tanh", _softplus(graph, z)))


def _softplus(graph: Graph, z: str) -> str:
    """``max(z, 0) + log(1 + exp(-|z|))``."""
    rest = graph("Log", graph("Add", graph("Exp", graph("Neg", graph("Abs", z))), 1.0))
    return graph("Add", graph("Relu", z), rest)


def _operation(op_type: str) -> Callable[[Graph, str], str]:
    return lambda graph, z: graph(op_type, z)


# Of hidden layers and of outputs.
OPERATIONS = {
    "identity": lambda graph, z: z,
    "logistic": _operation("Sigmoid"),
    "tanh": _operation("Tanh"),
    "relu": _operation("Relu"),
    "leaky_relu": _leaky_relu,
    "elu": _elu,
    "selu": _selu,
    "gelu": _gelu,
    "silu": _silu,
    "mish": _mish,
    "softplus": _softplus,
    "exp": _operation("Exp"),
    "softmax": _operation("Softmax"),
    "log_softmax": _operation("LogSoftmax"),
}
