"""The penalty on the weights that is part of the objective."""

import numpy as np

from skmlp._kernels import compiled_twin
from skmlp._typing import Array


@compiled_twin
def add_l2(gradient: Array, coefs: Array, strength: float) -> float:
    """Return ``strength / 2 sum(coefs**2)``; ``gradient += strength coefs`` in place."""
    gradient += strength * coefs
    return 0.5 * strength * float(np.dot(coefs, coefs))
