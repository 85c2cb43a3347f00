"""PyTorch in float32 with `torch.compile`, which needs a C++ compiler, and its fused Adam.

A network is compiled once, when a race begins; what races is the training alone.
"""

from functools import cache

import torch

from benchmarks.competitors import torch_eager

NAME = "torch.compile"


def train(case, n_epochs):
    return torch_eager.train_network(_compiled(tuple(case.units)), case, n_epochs)


@cache
def _compiled(units):
    return torch.compile(torch_eager.network(units))
