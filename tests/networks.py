"""Multilayer perceptrons without an estimator."""

import numpy as np

from skmlp.activations import ACTIVATIONS
from skmlp.network import Network, perceptron_layers


def make_network(units, activations="identity", dropouts=None, n_frozen=0):
    """Return a network of these units, its activations by name, one for all or one per layer."""
    n_hidden = len(units) - 2
    names = [activations] * n_hidden if isinstance(activations, str) else activations
    activations = [ACTIVATIONS.get(name, name) for name in names]
    return Network(perceptron_layers(units, activations, dropouts, n_frozen=n_frozen))


def make_parameters(units, n_frozen=0, dtype=float):
    """Return the parameters of such a network, all zero."""
    return make_network(units, n_frozen=n_frozen).parameters(np.dtype(dtype))


def coefs(parameters):
    return [coef for coef, _ in parameters.layers]


def intercepts(parameters):
    return [intercept for _, intercept in parameters.layers]
