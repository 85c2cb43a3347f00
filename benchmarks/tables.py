"""The tables: each a function that yields its rows, the heading first."""

from functools import partial
from statistics import median

from threadpoolctl import threadpool_limits

from benchmarks import calls, clock, finish, machine, options, race, scale, startup
from benchmarks.cases import CASES
from benchmarks.competitors.ours import train


def epochs(n_rounds, only):
    """Seconds per epoch, side by side."""
    yield ("data, network, batch", "skmlp", "scikit-learn", "PyTorch", "products", "demanded")
    yield ("---",) * 6
    for case in CASES:
        if only in case.name:
            ours, *others = race.run(case, n_rounds)
            yield (
                case.name,
                _seconds(ours),
                *(_beside(ours, other) for other in others),
                _verdict(case, ours, others),
            )


def compiled(n_rounds, only):
    """Seconds per epoch beside a network that PyTorch has compiled."""
    yield ("data, network, batch", "skmlp", "torch.compile")
    yield ("---",) * 3
    for case in CASES:
        if only in case.name:
            ours, other = race.run(case, n_rounds, ("ours", "torch_compiled"))
            yield case.name, _seconds(ours), _beside(ours, other)


def threads(n_rounds, only):
    """Milliseconds per epoch with so many threads of the BLAS, up to one per core."""
    counts = [count for count in (1, 2, 4, 8, 16) if count <= machine.n_cores()]
    yield ("data, network, batch", *(f"threads: {count}" for count in counts))
    yield ("---",) * (1 + len(counts))
    for case in CASES:
        if only in case.name:
            timers = [partial(_epoch_with, count, case) for count in counts]
            laps = clock.alternate(timers, n_rounds)
            yield case.name, *(f"{median(seconds) * 1e3:.1f} ms" for seconds in laps)


def _epoch_with(count, case):
    with threadpool_limits(count, user_api="blas"):
        return clock.epoch_seconds(partial(train, case), case.n_epochs)


def to_a_loss(n_rounds, only):
    """Seconds until the validation loss is as low as wanted, beside scikit-learn's."""
    yield ("data, network, batch, loss", "skmlp", "scikit-learn")
    yield ("---",) * 3
    for wanted in finish.FINISHES:
        if only in wanted.name:
            ours, theirs = clock.alternate(wanted.timers(), n_rounds)
            ratio = clock.ratio(theirs, ours)
            yield wanted.name, f"{median(ours):.2f} s", f"{median(theirs):.2f} s, {ratio:.2f}x"


def _seconds(outcome):
    return outcome.error or f"{outcome.seconds * 1e3:.1f} ms"


def _beside(ours, other):
    if ours.error or other.error:
        return _seconds(other)
    return f"{_seconds(other)}, {clock.ratio(other.laps, ours.laps):.2f}x"


def _verdict(case, ours, others):
    """Say which demands are met: speed-ups at least, shares of the bare products at most."""
    words = []
    for other in others:
        if ours.error or other.error:
            continue
        least, most = case.at_least.get(other.name), case.at_most.get(other.name)
        if least is not None:
            words.append(_met(f">= {least}x", clock.ratio(other.laps, ours.laps) >= least))
        if most is not None:
            words.append(_met(f"<= {most}", clock.ratio(ours.laps, other.laps) <= most))
    return ", ".join(words)


def _met(text, is_met):
    return text if is_met else f"{text} MISSED"


def whole_calls(n_rounds, only):
    """Milliseconds of whole calls beside scikit-learn's."""
    yield ("call", "skmlp", "scikit-learn", "demanded")
    yield ("---",) * 4
    for call in calls.CALLS:
        if only in call.name:
            ours, theirs = clock.alternate(call.timers(), 3 * n_rounds)
            ratio = clock.ratio(theirs, ours)
            yield (
                call.name,
                f"{median(ours) * 1e3:.2f} ms",
                f"{median(theirs) * 1e3:.2f} ms, {ratio:.2f}x",
                _met(f">= {call.at_least}x", ratio >= call.at_least),
            )


def option_cost(n_rounds, only):
    """Seconds per epoch with an option, and how many times as long as without it."""
    yield ("option", "ms", "of the plain epoch", "demanded")
    yield ("---",) * 4
    for name, laps, plain in options.costs(n_rounds, only):
        share = clock.ratio(laps, plain)
        yield name, f"{median(laps) * 1e3:.1f} ms", f"{share:.2f}", _met("<= 1.25", share <= 1.25)


def large_data(n_rounds, only):
    """Sparse input and a memory map: time and memory."""
    yield ("data", "rows", "time", "memory")
    yield ("---",) * 4
    yield from scale.rows(n_rounds, only)


def start_up(n_rounds, only):
    """Milliseconds that the import adds, and the fiftieth epoch beside the second."""
    yield ("what", "measured", "demanded")
    yield ("---",) * 3
    added = startup.import_seconds(n_rounds)
    yield "import skmlp", f"{added * 1e3:.0f} ms", _met("<= 60 ms", added <= 0.06)
    for name, share in startup.late_epochs(n_rounds, only):
        yield f"epoch 50 of epoch 2, {name}", f"{share:.2f}", "1"


TABLES = {
    "epochs": epochs,
    "compiled": compiled,
    "threads": threads,
    "to_a_loss": to_a_loss,
    "whole_calls": whole_calls,
    "option_cost": option_cost,
    "large_data": large_data,
    "start_up": start_up,
}
