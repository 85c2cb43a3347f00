"""A network of an ensemble: trained, and then trained on all rows."""

import math
import time
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from skmlp.estimators.common._clock import StepClock, StrictDeadline
from skmlp.estimators.common._sklearn import HAS_CALLBACKS, add_callback
from skmlp.estimators.common._warnings import Told
from skmlp.estimators.mlp._options import training_options
from skmlp.estimators.tabular._excerpt import Excerpt
from skmlp.estimators.tabular._own_words import in_own_words
from skmlp.training.blas import blas_of_numpy
from skmlp.training.data import Samples
from skmlp.training.result import StopReason
from skmlp.training.state import begin
from skmlp.training.train import train

# So many multiplications of numbers in one product are worth a second thread.
_WORTH_SHARING = 4_000_000
# What ends a training that has chosen its best epoch itself.
_OWN_ENDS = (StopReason.VALIDATION_PLATEAU.value, StopReason.MAX_ITER.value)


@dataclass(frozen=True)
class Trained:
    """A trained network, the seconds that it took, and what it has warned of."""

    network: Any
    seconds: float
    told: list[Told]


def train_member(network: Any, lesson: Excerpt, exam: Excerpt, seconds: float) -> Trained:
    """Train a network, and stop it when its time is up."""
    training, held_out = lesson.cut(), exam.cut()
    if math.isfinite(seconds) and HAS_CALLBACKS:
        add_callback(network, StrictDeadline(seconds))
    start = time.perf_counter()
    with in_own_words() as told, _blas_for(network, training):
        network.fit(
            training.X,
            training.y,
            training.weight,
            X_val=held_out.X,
            y_val=held_out.y,
            sample_weight_val=held_out.weight,
        )
    if network.stop_reason_ == StopReason.INTERRUPTED.value:
        # One Ctrl-C is meant for all networks.
        raise KeyboardInterrupt
    return Trained(network, time.perf_counter() - start, told)


def _blas_for(network: Any, samples: Samples) -> AbstractContextManager:
    """Return a context in which BLAS has one thread if the products of a step are small.

    Two threads are hardly faster then, and take the time of two processors; beside other programs
    they wait for one another, many times as long as a product takes.
    """
    widths = [samples.X.shape[1], *np.atleast_1d(network.hidden_layer_sizes).tolist()]
    largest = max((rows * columns for rows, columns in pairwise(widths)), default=0)
    is_small = network.batch_size * largest < _WORTH_SHARING
    return blas_of_numpy().hold() if is_small else nullcontext()


def seconds_of_an_epoch(network: Any, lesson: Excerpt, exam: Excerpt) -> float:
    """Return what a network of one epoch takes, in silence: nobody has asked for this training."""
    return train_member(network.set_params(verbose=False), lesson, exam, math.inf).seconds


def knows_its_end(network: Any) -> bool:
    """Return whether a trained network has chosen its best epoch, and nobody cut it short."""
    return network.stop_reason_ in _OWN_ENDS and network.best_iteration_ > 0


def learn_again(network: Any, lesson: Excerpt, n_epochs: int, seconds: float) -> Any:
    """Return a network with weights learnt anew from a lesson, in so many epochs.

    Its curves and scores stay those of the training that chose the best epoch. Should the new one
    diverge, or take longer than so many seconds, the network stays what it is.
    """
    again, samples = copy(network), lesson.cut()
    rng = np.random.RandomState(again.random_state)
    with in_own_words():
        start, samples = again._start_on(samples.X, samples.y, samples.weight, rng)
    options = replace(
        training_options(again),
        max_epochs=n_epochs,
        patience=math.inf,
        early_stopping=False,
    )
    state = begin(start.network, start.parameters, options, rng)
    loss = again._make_loss()
    clock = [StepClock(seconds)] if math.isfinite(seconds) else []
    with _blas_for(network, samples):
        result = train(
            start.network, start.parameters, loss, samples, options, observers=clock, state=state
        )
    if result.reason is StopReason.INTERRUPTED:
        raise KeyboardInterrupt
    if result.reason in (StopReason.DIVERGED, StopReason.TIME_LIMIT):
        return network
    vars(again).update(again._fitted_weights(start.parameters, start.dtype))
    return again
