"""The parameters that a training starts from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import check_array

from skmlp._typing import Array
from skmlp.network import Network
from skmlp.parameters import Parameters


@dataclass(frozen=True)
class Start:
    """What a training starts from."""

    network: Network
    # In the dtype of training, which changes them in place.
    parameters: Parameters
    # That of the fitted attributes.
    dtype: np.dtype


def check_same_layers(units: Sequence[int], fitted: Sequence[int]) -> None:
    """Raise unless a training that goes on has the layers of the first fit."""
    if list(units) != fitted:
        raise ValueError(
            "`hidden_layer_sizes` must stay as in the first fit when training goes on; got units "
            f"{list(units)} after {fitted}. Fit a new estimator."
        )


def overwrite(name: str, given: Sequence[Any] | None, views: Sequence[Array]) -> None:
    """Copy the arrays that a user gave over those drawn at random."""
    if given is None:
        return
    if not isinstance(given, list | tuple) or len(given) != len(views):
        size = f"{len(given)}" if isinstance(given, list | tuple) else f"a {type(given).__name__}"
        raise ValueError(
            f"`{name}` must be a list with one entry per layer, {len(views)} of them; got {size}. "
            "A None stands for a layer that is drawn at random."
        )
    for layer, (array, view) in enumerate(zip(given, views, strict=True)):
        if array is not None:
            view[...] = _check_layer(f"{name}[{layer}]", array, view.shape)


def _check_layer(name: str, array: Any, shape: tuple[int, ...]) -> Array:
    array = check_array(array, ensure_2d=False, dtype=np.float64, input_name=f"`{name}`")
    if array.shape != shape:
        raise ValueError(
            f"`{name}` must have shape {shape}, as the units of the network say; got shape "
            f"{array.shape}. A None is drawn at random."
        )
    return array
