"""PyTorch in float32, eager, with its fused Adam."""

from itertools import pairwise

import numpy as np
import torch

NAME = "PyTorch"


def train(case, n_epochs):
    return train_network(network(case.units), case, n_epochs)


def train_network(network, case, n_epochs):
    torch.manual_seed(0)
    X = torch.from_numpy(case.X.astype(np.float32))
    y = _targets(case)
    _draw(network)
    weights = [p for p in network.parameters() if p.ndim == 2]
    optimizer = torch.optim.Adam(
        [
            {"params": weights, "weight_decay": case.alpha / case.batch_size},
            {"params": [p for p in network.parameters() if p.ndim == 1]},
        ],
        fused=True,
    )
    for _ in range(n_epochs):
        loss = _train_one_epoch(case, network, optimizer, X, y)
    penalty = (
        sum(float((w.detach() ** 2).sum()) for w in weights) * case.alpha / 2 / case.batch_size
    )
    return loss + penalty


def _targets(case):
    if case.is_classification:
        return torch.from_numpy(np.unique(case.y, return_inverse=True)[1])
    return torch.from_numpy(case.y.astype(np.float32))[:, None]


def network(units):
    layers = []
    for fan_in, fan_out in pairwise(units):
        layers += [torch.nn.Linear(fan_in, fan_out), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def _draw(network):
    for weights in network.parameters():
        if weights.ndim == 2:
            bound = (6 / sum(weights.shape)) ** 0.5
        torch.nn.init.uniform_(weights, -bound, bound)


def _train_one_epoch(case, network, optimizer, X, y):
    loss_of = torch.nn.functional.cross_entropy if case.is_classification else _half_squared_error
    total = torch.zeros(())
    for rows in torch.randperm(len(X)).split(case.batch_size):
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(network(X[rows]), y[rows])
        loss.backward()
        optimizer.step()
        total += loss.detach() * len(rows)
    return float(total) / len(X)


def _half_squared_error(prediction, y):
    return 0.5 * torch.nn.functional.mse_loss(prediction, y)
