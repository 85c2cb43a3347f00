"""An ONNX graph, written node by node. onnx is imported where a graph is made, not before."""

from typing import Any

import numpy as np


class Graph:
    """The graph of one estimator, in one floating dtype.

    ``graph("Add", a, b)`` adds a node and returns the name of its output; an input is such a name,
    or an array or a number, which becomes a constant.
    """

    def __init__(self, scope: Any, operator: Any, container: Any):
        self._scope = scope
        self._container = container
        self._outputs = operator.outputs
        self.dtype = _floating_dtype(operator.inputs[0])
        self.X = self("Cast", operator.inputs[0].full_name, to=element_type(self.dtype))

    def __call__(self, op_type: str, *inputs: Any, **attributes: Any) -> str:
        names = [self._named(value) for value in inputs]
        output: str = self._scope.get_unique_variable_name(op_type.lower())
        name = self._scope.get_unique_operator_name(op_type)
        self._container.add_node(op_type, names, output, name=name, **attributes)
        return output

    def publish(self, *values: str) -> None:
        """Make `values` the outputs of the estimator."""
        for value, output in zip(values, self._outputs, strict=True):
            self._container.add_node("Identity", value, output.full_name)

    def as_indices(self, condition: str) -> str:
        """Return a condition as int64 zeros and ones."""
        return self("Cast", condition, to=element_type(np.int64))

    def _named(self, value: Any) -> str:
        return value if isinstance(value, str) else self._constant(value)

    def _constant(self, value: Any) -> str:
        from onnx.numpy_helper import from_array

        array = np.asarray(value)
        if array.dtype.kind == "f":
            array = array.astype(self.dtype)
        name: str = self._scope.get_unique_variable_name("constant")
        if array.dtype.kind in "OU":
            texts = [text.encode() for text in array.tolist()]
            self._container.add_initializer(name, element_type(object), array.shape, texts)
        else:
            self._container.add_initializer(name, None, None, from_array(array))
        return name


def _floating_dtype(variable: Any) -> np.dtype:
    """Return the dtype to compute in: float64 if the inputs are, else float32."""
    from skl2onnx.common.data_types import DoubleTensorType

    double = isinstance(variable.type, DoubleTensorType)
    return np.dtype(np.float64 if double else np.float32)


def element_type(dtype: Any) -> int:
    """Return ONNX's number of a dtype."""
    from onnx.helper import np_dtype_to_tensor_dtype

    return np_dtype_to_tensor_dtype(np.dtype(dtype))
