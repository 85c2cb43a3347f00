"""Seconds, side by side: who competes takes turns, since a shared machine has slow phases."""

import time
from statistics import median


def seconds(function, *arguments):
    """Return how long a call takes."""
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def epoch_seconds(train, n_epochs):
    """Return how long an epoch of ``train(n_epochs)`` takes.

    The training of n + 1 epochs less that of one, which has the set-up.
    """
    short, long = seconds(train, 1), seconds(train, 1 + n_epochs)
    return (long - short) / n_epochs


def alternate(timers, n_rounds):
    """Return a list of `n_rounds` seconds for each timer.

    Who goes first changes, so that no one always finds the machine warm.
    """
    laps = [[] for _ in timers]
    for round_ in range(n_rounds):
        for k in range(len(timers)):
            i = (round_ + k) % len(timers)
            laps[i].append(timers[i]())
    return laps


def ratio(laps, reference):
    """Return the median over the rounds of how many times as long as `reference`.

    Both runs of a round fall into one phase of the machine, which the ratio of two medians need
    not do.
    """
    return median(lap / other for lap, other in zip(laps, reference, strict=True))
