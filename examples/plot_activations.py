"""
Activation functions and their derivatives
==========================================

A hidden layer computes ``f(z)`` of its inputs ``z``; backpropagation multiplies by the derivative
``f'(z)``. Where the derivative is close to zero, little is learnt: the two ends of ``logistic``
and ``tanh``, the left half of ``relu``. The other functions avoid that on at least one side.

The functions come from :mod:`skmlp.activations`, whose table lists every name that the argument
`activation` accepts.
"""

import matplotlib.pyplot as plt
import numpy as np

from skmlp.activations import ACTIVATIONS

plt.style.use("tableau-colorblind10")


def value_and_slope(activation, z):
    """Return ``f(z)`` and ``f'(z)`` of a vector."""
    a, slope = np.empty_like(z), np.ones_like(z)
    activation.forward(z, np.zeros_like(z), a)
    activation.backward(slope, a, z)
    return a, slope


z = np.linspace(-4, 4, 401)
figure, axes = plt.subplots(3, 4, figsize=(10, 7), sharex=True, sharey=True, layout="constrained")
for ax, (name, activation) in zip(axes.flat, ACTIVATIONS.items(), strict=False):
    value, slope = value_and_slope(activation, z)
    ax.axhline(0, color="0.8", lw=0.8)
    ax.axvline(0, color="0.8", lw=0.8)
    ax.plot(z, value, lw=2, label="f(z)")
    ax.plot(z, slope, lw=2, ls="--", label="f'(z)")
    ax.set(title=name, ylim=(-2, 4))
    ax.tick_params(labelbottom=True)
figure.supxlabel("z")
axes[-1, -1].axis("off")
axes[-1, -1].legend(*axes[0, 0].get_legend_handles_labels(), loc="center", fontsize="large")
plt.show()
