"""The one function that trains a network."""

from collections.abc import Sequence

import numpy as np

from skmlp.losses import Loss
from skmlp.network import Network
from skmlp.optimizers import Optimizer
from skmlp.parameters import Parameters
from skmlp.training.data import BatchLoader, Samples
from skmlp.training.full_batch import FULL_BATCH_ROWS, FullBatchTraining
from skmlp.training.mini_batches import MiniBatchTraining
from skmlp.training.objective import Objective
from skmlp.training.observer import Observer
from skmlp.training.options import LBFGS, TrainingOptions
from skmlp.training.result import TrainingResult
from skmlp.training.sharing import choose_n_parts
from skmlp.training.state import FullBatchState, MiniBatchState, TrainingState, begin
from skmlp.training.supervisor import Supervisor, Validate


def train(
    network: Network,
    parameters: Parameters,
    loss: Loss,
    samples: Samples,
    options: TrainingOptions,
    validate: Validate | None = None,
    observers: Sequence[Observer] = (),
    state: TrainingState | None = None,
) -> TrainingResult:
    """Train a network until something ends it.

    Parameters
    ----------
    network : Network
    parameters : Parameters
        Where to start; written: where the training ends, with early stopping the best epoch's.
    loss : Loss
    samples : Samples
    options : TrainingOptions
    validate : callable, default=None
        Called after every epoch, ``validate(parameters) -> (loss, score)``: a `Validation`, say.
    observers : sequence of Observer, default=()
        Shown every epoch; may end the training.
    state : TrainingState, default=None
        Where the training stands, as `begin` gives it or an earlier call left it; written. If None,
        it begins, in an order that no seed determines.

    Returns
    -------
    result : TrainingResult
        Its reason says whether the training diverged: nothing is raised.

    Examples
    --------
    >>> import numpy as np
    >>> from skmlp.activations import ACTIVATIONS
    >>> from skmlp.losses import IdentitySquaredError
    >>> from skmlp.network import Network, perceptron_layers
    >>> from skmlp.training.data import Samples
    >>> from skmlp.training.options import LBFGS, TrainingOptions
    >>> from skmlp.training.train import train
    >>> X = np.linspace(-1, 1, 100)[:, None]
    >>> network = Network(perceptron_layers([1, 10, 1], [ACTIVATIONS["tanh"]]))
    >>> parameters = network.parameters(np.dtype(float))
    >>> network.draw(parameters, np.random.RandomState(0))
    >>> samples, options = Samples(X, X**2), TrainingOptions(optimizer=LBFGS(), tol=1e-6)
    >>> result = train(network, parameters, IdentitySquaredError(), samples, options)
    >>> result.loss < 1e-4
    True
    """
    if state is None:
        state = begin(network, parameters, options, np.random.RandomState())
    optimizer = options.optimizer
    rows = FULL_BATCH_ROWS if isinstance(optimizer, LBFGS) else options.batch_size
    batch_size = min(rows, samples.n_samples)
    loader = BatchLoader(samples, batch_size, parameters.dtype)
    supervisor = Supervisor(state, parameters, validate, observers)
    supervisor.open_training()
    walker = parameters if state.walker is None else state.walker
    n_parts = choose_n_parts(network, samples, optimizer, validate, batch_size)
    objective = Objective(network, loss, options.alpha, walker, batch_size, state.noise, n_parts)
    if isinstance(optimizer, LBFGS) and isinstance(state, FullBatchState):
        result = FullBatchTraining(objective, loader, supervisor, options, optimizer).run(state)
    elif isinstance(optimizer, Optimizer) and isinstance(state, MiniBatchState):
        training = MiniBatchTraining(objective, loader, supervisor, options, optimizer, parameters)
        result = training.run(state)
    else:
        raise TypeError(
            "`state` must be that of a training by the same kind of optimizer; got "
            f"{type(state).__name__} and {type(optimizer).__name__}. Begin anew."
        )
    state.monitor.give_back(parameters.vector)
    return result
