"""How a network is trained: options, samples, objective, and the one function `train`."""
