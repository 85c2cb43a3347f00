"""The tables: each a function that yields its rows, the heading first."""

from benchmarks import race
from benchmarks.cases import CASES


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


def _seconds(outcome):
    return outcome.error or f"{outcome.seconds * 1e3:.1f} ms"


def _beside(ours, other):
    if ours.error or other.error:
        return _seconds(other)
    return f"{_seconds(other)}, {other.seconds / ours.seconds:.2f}x"


def _verdict(case, ours, others):
    """Say which demands are met: speed-ups at least, shares of the bare products at most."""
    words = []
    for other in others:
        if ours.error or other.error:
            continue
        least, most = case.at_least.get(other.name), case.at_most.get(other.name)
        if least is not None:
            words.append(_met(f">= {least}x", other.seconds >= least * ours.seconds))
        if most is not None:
            words.append(_met(f"<= {most}", ours.seconds <= most * other.seconds))
    return ", ".join(words)


def _met(text, is_met):
    return text if is_met else f"{text} MISSED"


TABLES = {"epochs": epochs}
