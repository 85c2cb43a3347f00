"""How the networks for tables are trained: what does well on tables, over many of them.

The user guide has what each ingredient is worth.
"""

from skmlp.estimators.tabular._numbers import Section

RECIPE = {
    "solver": "muon",
    "beta_2": 0.95,
    "learning_rate": "cosine",
    "averaging": 0.8,
    "early_stopping": True,
    "tol": 0.0,
}
# Of classifiers. It keeps them from certainty, and is undone in what the ensemble says.
LABEL_SMOOTHING = 0.1
# What networks read, in turns: the more it differs, the less they err alike. The second reading
# begins with the section that the first ends with: each is one slice of the encoding of both.
_SHARED: Section = ("scaled", None)
READINGS: tuple[tuple[Section, Section], ...] = ((("ranks",), _SHARED), (_SHARED, ("pieces",)))
BATCH_SIZE = 128
_WIDTH = 96
_LAYERS_OF_NUMBERS, _LAYERS_OF_LABELS = 3, 5
# Of fewer rows, the probabilities of deeper networks become too sure.
_FEW_LABELS, _LAYERS_OF_FEW_LABELS = 2_000, 4
# A network waits for a better epoch for this part of the schedule, and for so many epochs at least.
_PATIENCE, _LEAST_PATIENCE = 1 / 6, 8
# From all rows, several networks learn for so many times the epochs that were best for each alone:
# where each errs by itself, the others even it out.
_LONGER = 1.5
# Large tables get so many steps per epoch at most, up to the largest batch.
_MOST_STEPS, _LARGEST_BATCH = 60, 1024
# Smaller tables get so many steps per epoch at least, down to the smallest batch.
_N_STEPS, _SMALLEST_BATCH = 8, 16
# What a step takes from the weights, relative to the rate; steps of an epoch of more rows take less
# each, and no more together.
DECAY, _ROWS_OF_DECAY = 0.1, 100_000


def hidden_sizes(n_samples: int, of_labels: bool) -> tuple[int, ...]:
    """Return the units per hidden layer of a network that learns from so many rows."""
    if not of_labels:
        return (_WIDTH,) * _LAYERS_OF_NUMBERS
    are_few = n_samples < _FEW_LABELS
    return (_WIDTH,) * (_LAYERS_OF_FEW_LABELS if are_few else _LAYERS_OF_LABELS)


def batch_size(n_samples: int) -> int:
    """Return how many of so many rows make a batch, so that an epoch has several steps."""
    largest = min(_LARGEST_BATCH, max(BATCH_SIZE, n_samples // _MOST_STEPS))
    return min(largest, n_samples, max(_SMALLEST_BATCH, n_samples // _N_STEPS))


def decay(n_samples: int) -> float:
    """Return the decay that forgets no more in an epoch of many rows than in one of few."""
    return DECAY * min(1.0, _ROWS_OF_DECAY / n_samples)


def patience(n_epochs: int) -> int:
    """Return for how many epochs a training of so many goes on without a better one."""
    return max(_LEAST_PATIENCE, int(_PATIENCE * n_epochs))


def epochs_from_all(n_best: int, n_epochs: int, n_networks: int) -> int:
    """Return for how many epochs, of so many planned, a network learns from all rows."""
    return n_best if n_networks == 1 else min(n_epochs, round(_LONGER * n_best))
