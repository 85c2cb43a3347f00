"""Axes to draw in."""

from typing import Any


def make_axes(ax: Any, display: str) -> Any:
    """Return `ax`, or new axes if it is None."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            f"`{display}.plot` needs matplotlib; got no such module. Install it with "
            "`pip install matplotlib`."
        ) from error
    return plt.subplots(layout="constrained")[1] if ax is None else ax
