"""A network of an ensemble: trained, and then trained on all rows."""

import math
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np

from skmlp.estimators.common._clock import Deadline
from skmlp.estimators.common._sklearn import HAS_CALLBACKS, add_callback
from skmlp.estimators.mlp._options import training_options
from skmlp.estimators.tabular._excerpt import Excerpt
from skmlp.training.result import StopReason
from skmlp.training.state import begin
from skmlp.training.train import train

# What ends a training that has chosen its best epoch itself.
_OWN_ENDS = (StopReason.VALIDATION_PLATEAU.value, StopReason.MAX_ITER.value)


def train_member(network: Any, lesson: Excerpt, exam: Excerpt, seconds: float) -> tuple[Any, float]:
    """Train a network, and stop it when its time is up; return it, and the seconds it took."""
    training, held_out = lesson.cut(), exam.cut()
    if math.isfinite(seconds) and HAS_CALLBACKS:
        add_callback(network, Deadline(seconds))
    start = time.monotonic()
    with _in_own_words():
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
    return network, time.monotonic() - start


def seconds_of_an_epoch(network: Any, lesson: Excerpt, exam: Excerpt) -> float:
    """Return what a network of one epoch takes, in silence: nobody has asked for this training."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return train_member(network.set_params(verbose=False), lesson, exam, math.inf)[1]


@contextmanager
def _in_own_words() -> Iterator[None]:
    """Warn of nothing that is true of the network, and advise nothing that an ensemble has not."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Training interrupted by user|`y` holds one class")
        try:
            yield
        except ValueError as error:
            event = str(error).partition(". ")[0]
            if not event.startswith("Training "):
                raise
            advice = "Lower `learning_rate_init`, or take fewer layers."
            raise ValueError(f"A network has failed. {event}. {advice}") from None


def knows_its_end(network: Any) -> bool:
    """Return whether a trained network has chosen its best epoch, and nobody cut it short."""
    return network.stop_reason_ in _OWN_ENDS and network.best_iteration_ > 0


def learn_again(network: Any, lesson: Excerpt) -> Any:
    """Return a network with weights learnt anew from a lesson, in as many epochs as were best.

    Its curves and scores stay those of the training that chose the best epoch. Should the new one
    diverge, the network stays what it is.
    """
    again, samples = copy(network), lesson.cut()
    rng = np.random.RandomState(again.random_state)
    with _in_own_words():
        start, samples = again._start_on(samples.X, samples.y, samples.weight, rng)
    options = replace(
        training_options(again),
        max_epochs=again.best_iteration_,
        patience=math.inf,
        early_stopping=False,
    )
    state = begin(start.network, start.parameters, options, rng)
    loss = again._make_loss()
    result = train(start.network, start.parameters, loss, samples, options, state=state)
    if result.reason is StopReason.INTERRUPTED:
        raise KeyboardInterrupt
    if result.reason is StopReason.DIVERGED:
        return network
    vars(again).update(again._fitted_weights(start.parameters, start.dtype))
    return again
