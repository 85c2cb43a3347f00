"""The vocabulary against PyTorch's: optimizers, losses, activations, schedules."""

import numpy as np
import pytest
from networks import make_parameters
from scipy.special import xlogy
from scipy.stats import zscore
from sklearn.base import clone

from skmlp import MLPRegressor, TabularMLPClassifier, TabularMLPRegressor, muon
from skmlp.activations import ACTIVATIONS
from skmlp.estimators.mlp import _options
from skmlp.losses import (
    BinaryCrossEntropy,
    ClassificationLoss,
    LabelSmoothing,
    SoftmaxCrossEntropy,
)
from skmlp.schedules import Progress

torch = pytest.importorskip("torch")
F = torch.nn.functional

N_STEPS = 50
RATE = 0.01


def tensor(array, requires_grad=False):
    return torch.tensor(np.asarray(array, dtype=np.float64), requires_grad=requires_grad)


# Optimizers

# Adam's epsilon stands before the bias correction, as in scikit-learn and in the paper's second
# form, and in PyTorch behind it: the two agree where it is small beside the gradient.
EPSILON = 1e-12

# Arguments of the estimator, and the optimizer that they describe.
OPTIMIZERS = {
    "adam": (
        {"solver": "adam", "beta_1": 0.8, "beta_2": 0.99, "epsilon": EPSILON},
        lambda groups: torch.optim.Adam(groups, lr=RATE, betas=(0.8, 0.99), eps=EPSILON),
    ),
    "adamw": (
        {"solver": "adamw", "alpha": 0.1, "epsilon": EPSILON},
        lambda groups: torch.optim.AdamW(groups, lr=RATE, eps=EPSILON),
    ),
    "nadam": (
        {"solver": "nadam"},
        lambda groups: torch.optim.NAdam(groups, lr=RATE, eps=1e-8),
    ),
    "rmsprop": (
        {"solver": "rmsprop", "beta_2": 0.9},
        lambda groups: torch.optim.RMSprop(groups, lr=RATE, alpha=0.9, eps=1e-8),
    ),
    "adagrad": (
        {"solver": "adagrad"},
        lambda groups: torch.optim.Adagrad(groups, lr=RATE, eps=1e-8),
    ),
    "sgd": (
        {"solver": "sgd", "momentum": 0.0, "nesterovs_momentum": False},
        lambda groups: torch.optim.SGD(groups, lr=RATE),
    ),
    "sgd_momentum": (
        {"solver": "sgd", "momentum": 0.9, "nesterovs_momentum": False},
        lambda groups: torch.optim.SGD(groups, lr=RATE, momentum=0.9),
    ),
    "sgd_nesterov": (
        {"solver": "sgd", "momentum": 0.9, "nesterovs_momentum": True},
        lambda groups: torch.optim.SGD(groups, lr=RATE, momentum=0.9, nesterov=True),
    ),
}


def weights_decay_only(p, coefs, intercepts):
    """Return parameter groups in which the weights decay and not the biases."""
    decay = p.alpha if p.solver in ("adamw", "muon") else 0.0
    return [{"params": coefs, "weight_decay": decay}, {"params": intercepts, "weight_decay": 0.0}]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer_steps_as_torchs_on_the_same_gradients(name):
    arguments, make_torch_optimizer = OPTIMIZERS[name]
    rng = np.random.RandomState(0)
    p = MLPRegressor(learning_rate_init=RATE, **arguments)
    parameters = make_parameters([3, 4, 2])
    parameters.vector[:] = rng.normal(size=parameters.vector.shape)
    n_coefs = parameters.n_penalised
    coefs = tensor(parameters.trainable[:n_coefs], requires_grad=True)
    intercepts = tensor(parameters.trainable[n_coefs:], requires_grad=True)
    torch_optimizer = make_torch_optimizer(weights_decay_only(p, [coefs], [intercepts]))
    optimizer = _options.make_optimizer(p)
    state = optimizer.start(parameters.trainable)

    for _ in range(N_STEPS):
        # Over many orders of magnitude, as in training.
        gradient = rng.normal(size=len(parameters.trainable)) * 10 ** rng.uniform(-3, 1)
        coefs.grad, intercepts.grad = tensor(gradient[:n_coefs]), tensor(gradient[n_coefs:])
        torch_optimizer.step()
        optimizer.step(parameters.trainable, gradient.copy(), state, RATE, 0.0, n_coefs)
        expected = np.r_[coefs.detach().numpy(), intercepts.detach().numpy()]
        np.testing.assert_allclose(parameters.trainable, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", ["Adam", "AdamW"])
def test_adam_is_torchs_with_the_default_epsilon_where_gradients_are_not_tiny(name):
    rng = np.random.RandomState(0)
    p = MLPRegressor(solver=name.lower(), alpha=0.0, learning_rate_init=RATE)
    parameters = make_parameters([20, 10])
    expected = torch.zeros(len(parameters.vector), dtype=torch.float64, requires_grad=True)
    torch_optimizer = getattr(torch.optim, name)([expected], lr=RATE, weight_decay=0.0)
    optimizer = _options.make_optimizer(p)
    state = optimizer.start(parameters.trainable)
    for _ in range(N_STEPS):
        gradient = rng.normal(size=len(parameters.vector))
        expected.grad = tensor(gradient)
        torch_optimizer.step()
        optimizer.step(parameters.trainable, gradient, state, RATE)
    np.testing.assert_allclose(parameters.vector, expected.detach().numpy(), rtol=0, atol=1e-6)


class TorchMuon:
    """Muon by singular values for the weights between hidden layers, PyTorch's AdamW for others."""

    def __init__(self, groups, betas, lr=RATE):
        weights, biases = groups
        first, *self.hidden, last = weights["params"]
        self.beta, self.decay = betas[0], weights["weight_decay"]
        self.means = [torch.zeros_like(weight) for weight in self.hidden]
        rest = [{"params": [first, last], "weight_decay": self.decay}, biases]
        self.adamw = torch.optim.AdamW(rest, lr=lr, betas=betas, eps=EPSILON)
        self.param_groups = self.adamw.param_groups

    def zero_grad(self):
        self.adamw.zero_grad()
        for weight in self.hidden:
            weight.grad = None

    @torch.no_grad()
    def step(self):
        rate = self.param_groups[0]["lr"]
        self.adamw.step()
        for weight, mean in zip(self.hidden, self.means, strict=True):
            mean.lerp_(weight.grad, 1 - self.beta)
            step = turned(torch.lerp(weight.grad, mean, self.beta))
            weight *= 1 - rate * self.decay
            weight -= rate * 0.3 * step / step.square().mean().sqrt()


def turned(matrix):
    """The matrix with rows nearly orthogonal, and then its singular values through a polynomial."""
    if len(matrix) > matrix.shape[1]:
        return turned(matrix.T).T
    matrix = matrix / (matrix @ matrix.T).abs().sum(dim=1, keepdim=True).sqrt()
    left, values, right = torch.linalg.svd(matrix, full_matrices=False)
    a, b, c = muon._POLYNOMIAL
    return left @ torch.diag(a * values + b * values**3 + c * values**5) @ right


WALKS = {
    **OPTIMIZERS,
    "muon": (
        {"solver": "muon", "alpha": 0.1, "beta_1": 0.8, "beta_2": 0.99, "epsilon": EPSILON},
        lambda groups: TorchMuon(groups, (0.8, 0.99)),
    ),
}


@pytest.mark.parametrize("name", WALKS)
def test_fit_walks_as_the_same_network_in_torch(name):
    """Fifty steps of one full batch each, through forward, backward and step."""
    arguments, make_torch_optimizer = WALKS[name]
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(30, 3)), rng.normal(size=(30, 2))
    shapes = [(3, 5), (5, 4), (4, 2)]
    coefs = [rng.normal(size=shape) / 2 for shape in shapes]
    intercepts = [rng.normal(size=shape[1]) / 2 for shape in shapes]
    regressor = MLPRegressor(
        hidden_layer_sizes=[5, 4],
        activation=["tanh", "silu"],
        learning_rate_init=RATE,
        batch_size=30,
        max_iter=N_STEPS,
        tol=0,
        n_iter_no_change=float("inf"),
        **{"alpha": 0.0, **arguments},
    ).fit(X, y, coefs_init=coefs, intercepts_init=intercepts)

    weights = [tensor(coef, requires_grad=True) for coef in coefs]
    biases = [tensor(intercept, requires_grad=True) for intercept in intercepts]
    optimizer = make_torch_optimizer(weights_decay_only(regressor, weights, biases))
    losses = []
    for _ in range(N_STEPS):
        h = torch.tanh(tensor(X) @ weights[0] + biases[0])
        h = F.silu(h @ weights[1] + biases[1])
        loss = 0.5 * F.mse_loss(h @ weights[2] + biases[2], tensor(y))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    np.testing.assert_allclose(regressor.loss_curve_, losses, rtol=0, atol=1e-6)
    for fitted, expected in zip(
        regressor.coefs_ + regressor.intercepts_, weights + biases, strict=True
    ):
        np.testing.assert_allclose(fitted, expected.detach().numpy(), rtol=0, atol=1e-6)


# Networks of the ensembles for tables

TABLE = np.random.RandomState(0).normal(size=(64, 3))
LABELS = np.arange(64) % 3
# In the units of the training, which are the user's then.
NUMBERS = zscore(TABLE[:, 0] * TABLE[:, 1])
TABULAR = {
    "labels": (
        TabularMLPClassifier,
        LABELS,
        lambda raw, y, smoothing: F.cross_entropy(raw, y, label_smoothing=smoothing),
    ),
    "numbers": (
        TabularMLPRegressor,
        NUMBERS,
        lambda raw, y, smoothing: 0.5 * F.mse_loss(raw[:, 0], y),
    ),
}


@pytest.mark.parametrize("kind", TABULAR)
def test_networks_for_tables_walk_as_the_same_ones_in_torch(kind):
    """Three epochs: all layers, label smoothing, Muon with decay, the cosine rate, the mean."""
    estimator, y, torch_loss = TABULAR[kind]
    ensemble = estimator(n_estimators=1, hidden_layer_sizes=(7, 6, 5), max_iter=3, random_state=0)
    ensemble.fit(TABLE, y)
    X = ensemble.encoder_.transform(TABLE)[:, ensemble.estimators_features_[0]].astype(np.float64)
    # In the order of the rows, to the end and in digits that show a difference.
    network = clone(ensemble.estimators_[0]).set_params(
        shuffle=False, early_stopping=False, scoring=None, dtype="float64", epsilon=EPSILON
    )
    rng = np.random.RandomState(1)
    shapes = [coef.shape for coef in ensemble.estimators_[0].coefs_]
    coefs = [rng.normal(size=shape) / np.sqrt(shape[0]) for shape in shapes]
    intercepts = [rng.normal(size=shape[1]) / 2 for shape in shapes]
    network.fit(X, y, coefs_init=coefs, intercepts_init=intercepts)

    weights = [tensor(coef, requires_grad=True) for coef in coefs]
    biases = [tensor(intercept, requires_grad=True) for intercept in intercepts]
    activate = TORCH_ACTIVATIONS[network.activation]
    optimizer = TorchMuon(
        weights_decay_only(network, weights, biases), betas=(network.beta_1, network.beta_2)
    )
    batches = torch.arange(len(X)).split(network.batch_size)
    n_steps = network.max_iter * len(batches)
    epochs = []
    assert len(batches) > 1
    for step in range(n_steps):
        rows = batches[step % len(batches)]
        h = tensor(X)[rows]
        for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
            h = activate(h @ weight + bias)
        raw = h @ weights[-1] + biases[-1]
        loss = torch_loss(raw, torch.tensor(y)[rows], getattr(network, "label_smoothing", 0))
        optimizer.zero_grad()
        loss.backward()
        # At the middle of the step.
        share = (1 + np.cos(np.pi * (step + 0.5) / n_steps)) / 2
        for group in optimizer.param_groups:
            group["lr"] = network.learning_rate_init * share
        optimizer.step()
        if step % len(batches) == len(batches) - 1:
            epochs.append([part.detach().numpy().copy() for part in weights + biases])

    shares = network.averaging ** np.arange(len(epochs))[::-1]
    for i, fitted in enumerate(network.coefs_ + network.intercepts_):
        expected = np.average([epoch[i] for epoch in epochs], axis=0, weights=shares)
        np.testing.assert_allclose(fitted, expected, rtol=0, atol=1e-6)


# Losses

REGRESSION_DATA = np.random.RandomState(0)
RAW = REGRESSION_DATA.normal(scale=2, size=(40, 3))
TARGETS = REGRESSION_DATA.normal(scale=2, size=(40, 3))
COUNTS = REGRESSION_DATA.poisson(2.0, size=(40, 3)).astype(float)
WEIGHT = REGRESSION_DATA.uniform(0, 3, size=40)
WEIGHT /= WEIGHT.sum()


def torch_quantile(raw, y, level):
    return torch.maximum(level * (y - raw), (level - 1) * (y - raw))


def poisson_nll(raw, y, **options):
    """Return PyTorch's loss plus the constant that makes it half a deviance."""
    return F.poisson_nll_loss(raw, y, reduction="none", **options) + tensor(
        xlogy(y.numpy(), y.numpy()) - y.numpy()
    )


# Arguments of the regressor, targets, and the same loss per entry of raw predictions.
REGRESSION_LOSSES = {
    "squared_error": ({}, TARGETS, lambda raw, y: 0.5 * F.mse_loss(raw, y, reduction="none")),
    "absolute_error": (
        {"loss": "absolute_error"},
        TARGETS,
        lambda raw, y: F.l1_loss(raw, y, reduction="none"),
    ),
    "huber_1": (
        {"loss": "huber"},
        TARGETS,
        lambda raw, y: F.huber_loss(raw, y, reduction="none", delta=1.0),
    ),
    "huber_half": (
        {"loss": "huber", "huber_delta": 0.5},
        TARGETS,
        lambda raw, y: F.huber_loss(raw, y, reduction="none", delta=0.5),
    ),
    "quantile": (
        {"loss": "quantile", "quantile": 0.8},
        TARGETS,
        lambda raw, y: torch_quantile(raw, y, 0.8),
    ),
    "poisson_exp": ({"loss": "poisson"}, COUNTS, lambda raw, y: poisson_nll(raw, y)),
    "poisson_softplus": (
        {"loss": "poisson", "out_activation": "softplus"},
        COUNTS,
        lambda raw, y: poisson_nll(F.softplus(raw), y, log_input=False, eps=0),
    ),
    "poisson_logistic": (
        {"loss": "poisson", "out_activation": "logistic"},
        COUNTS,
        lambda raw, y: poisson_nll(torch.sigmoid(raw), y, log_input=False, eps=0),
    ),
    "squared_error_exp": (
        {"out_activation": "exp"},
        COUNTS,
        lambda raw, y: 0.5 * F.mse_loss(torch.exp(raw), y, reduction="none"),
    ),
    "huber_softplus": (
        {"loss": "huber", "out_activation": "softplus"},
        COUNTS,
        lambda raw, y: F.huber_loss(F.softplus(raw), y, reduction="none"),
    ),
    "absolute_error_relu": (
        {"loss": "absolute_error", "out_activation": "relu"},
        COUNTS,
        lambda raw, y: F.l1_loss(F.relu(raw), y, reduction="none"),
    ),
    "squared_error_logistic": (
        {"out_activation": "logistic"},
        COUNTS / 10,
        lambda raw, y: 0.5 * F.mse_loss(torch.sigmoid(raw), y, reduction="none"),
    ),
    "quantile_tanh": (
        {"loss": "quantile", "quantile": 0.1, "out_activation": "tanh"},
        TARGETS / 10,
        lambda raw, y: torch_quantile(torch.tanh(raw), y, 0.1),
    ),
}


def assert_same_value_and_gradient(loss, y, torch_loss_per_sample):
    """Compare the weighted sum of losses and its derivative at `RAW`."""
    raw = tensor(RAW, requires_grad=True)
    expected = (tensor(WEIGHT) * torch_loss_per_sample(raw)).sum()
    expected.backward()
    delta = np.empty_like(RAW)
    value = loss.value_and_delta(RAW.copy(), y, WEIGHT, delta)
    assert value == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose(delta, raw.grad.numpy(), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("name", REGRESSION_LOSSES)
def test_regression_loss_and_gradient_are_torchs(name):
    arguments, y, per_entry = REGRESSION_LOSSES[name]
    p = MLPRegressor(**arguments)
    over_outputs = torch.sum if p.loss == "poisson" else torch.mean
    assert_same_value_and_gradient(
        _options.make_regression_loss(p),
        y,
        lambda raw: over_outputs(per_entry(raw, tensor(y)), dim=1),
    )


def smoothed(loss: ClassificationLoss, amount: float, n_classes: int) -> ClassificationLoss:
    return LabelSmoothing(loss, amount, n_classes) if amount else loss


@pytest.mark.parametrize("amount", [0.0, 0.1, 0.9])
def test_cross_entropy_and_gradient_are_torchs(amount):
    labels = np.arange(len(RAW)) % 3
    assert_same_value_and_gradient(
        smoothed(SoftmaxCrossEntropy(), amount, 3),
        np.eye(3)[labels],
        lambda raw: F.cross_entropy(
            raw, torch.tensor(labels), reduction="none", label_smoothing=amount
        ),
    )


@pytest.mark.parametrize("amount", [0.0, 0.1])
def test_cross_entropy_of_soft_targets_is_torchs(amount):
    y = np.random.RandomState(1).dirichlet(np.ones(3), len(RAW))
    assert_same_value_and_gradient(
        smoothed(SoftmaxCrossEntropy(), amount, 3),
        y,
        lambda raw: F.cross_entropy(raw, tensor(y), reduction="none", label_smoothing=amount),
    )


@pytest.mark.parametrize("amount", [0.0, 0.1])
def test_binary_cross_entropy_and_gradient_are_torchs(amount):
    y = np.random.RandomState(1).randint(2, size=RAW.shape).astype(float)
    assert_same_value_and_gradient(
        smoothed(BinaryCrossEntropy(), amount, 2),
        y,
        lambda raw: F.binary_cross_entropy_with_logits(
            raw, tensor((1 - amount) * y + amount / 2), reduction="none"
        ).sum(dim=1),
    )


# Activations

TORCH_ACTIVATIONS = {
    "identity": lambda z: 1 * z,
    "logistic": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "selu": F.selu,
    "gelu": F.gelu,
    "silu": F.silu,
    "mish": F.mish,
    "softplus": F.softplus,
}


def test_every_activation_has_its_oracle():
    assert TORCH_ACTIVATIONS.keys() == ACTIVATIONS.keys()


@pytest.mark.parametrize("dtype, rtol", [(np.float64, 1e-12), (np.float32, 1e-5)])
@pytest.mark.parametrize("name", TORCH_ACTIVATIONS)
def test_activation_and_slope_are_torchs(name, dtype, rtol):
    # PyTorch's softplus turns linear at 20, where the difference is below 3e-9.
    z = np.random.RandomState(0).uniform(-15, 15, (50, 8)).astype(dtype)
    bias = np.zeros(8, dtype)
    expected = torch.tensor(z, requires_grad=True)
    value = TORCH_ACTIVATIONS[name](expected)
    value.sum().backward()

    a, delta = np.empty_like(z), np.ones_like(z)
    ACTIVATIONS[name].forward(z, bias, a)
    ACTIVATIONS[name].backward(delta, a, z)
    assert a.dtype == delta.dtype == dtype
    # Far to the left the functions and slopes approach a limit, with an absolute rounding error.
    np.testing.assert_allclose(a, value.detach().numpy(), rtol=rtol, atol=rtol)
    np.testing.assert_allclose(delta, expected.grad.numpy(), rtol=rtol, atol=rtol)


# Schedules


def torch_rates(make_scheduler, n):
    """Return the rates of n steps of PyTorch's scheduler from a rate of one."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make_scheduler(optimizer)
    rates = []
    for _ in range(n):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def skmlp_rates(epochs, **arguments):
    schedule = _options.make_schedule(MLPRegressor(learning_rate_init=1.0, **arguments))
    return [schedule.rate(Progress(epochs=e)) for e in epochs]


def test_cosine_is_torchs():
    expected = torch_rates(lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=20), 20)
    found = skmlp_rates(range(20), learning_rate="cosine", max_iter=20)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_exponential_is_torchs():
    gamma = 0.01 ** (1 / 20)
    expected = torch_rates(lambda o: torch.optim.lr_scheduler.ExponentialLR(o, gamma), 20)
    found = skmlp_rates(range(20), learning_rate="exponential", max_iter=20)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_one_cycle_is_torchs():
    """PyTorch counts steps, of which the peak is the one before 30 %; skmlp shares of an epoch."""
    n = 50
    peak = 0.3 * n - 1
    expected = torch_rates(
        lambda o: torch.optim.lr_scheduler.OneCycleLR(
            o, max_lr=1.0, total_steps=n, cycle_momentum=False
        ),
        n - 1,
    )
    shares = [
        0.3 * step / peak if step < peak else 0.3 + 0.7 * (step - peak) / (n - 1 - peak)
        for step in range(n - 1)
    ]
    found = skmlp_rates(np.array(shares) * 200, learning_rate="one_cycle", max_iter=200)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_warmup_is_torchs_linear_ramp():
    expected = torch_rates(
        lambda o: torch.optim.lr_scheduler.LinearLR(o, start_factor=0.1, total_iters=9), 20
    )
    found = skmlp_rates(range(1, 21), warmup_iter=10)
    np.testing.assert_allclose(found, expected, rtol=1e-9)
