"""What counts as an improvement, and which epoch is the best."""

import numpy as np
import pytest

from skmlp.training.early_stopping import Monitor


def watch(scores, losses=None, tol=0.1, patience=2, keeps_best=True):
    """Return a monitor that has seen these scores, and vectors of the epochs' numbers."""
    monitor = Monitor(tol, patience, keeps_best)
    for i, score in enumerate(scores):
        loss = -score if losses is None else losses[i]
        monitor.update(score, loss, i + 1, np.full(2, i + 1.0))
    return monitor


@pytest.mark.parametrize(
    "scores, n_stale",
    [
        ([1.0], 0),
        ([1.0, 1.25], 0),
        ([1.0, 1.125], 0),
        ([1.0, 1.0625], 1),
        # From the best score, not from the last one.
        ([1.0, 0.5, 0.875], 2),
        ([1.0, 1.0625, 1.125], 2),
        ([1.0, 1.0, 1.0, 2.0, 2.0], 1),
        ([np.nan, np.nan, np.nan], 3),
    ],
    ids=str,
)
def test_an_improvement_exceeds_the_best_score_by_tol(scores, n_stale):
    monitor = watch(scores, tol=0.125)
    assert monitor.n_stale == n_stale
    assert monitor.stalled is (n_stale > 2)


@pytest.mark.parametrize(
    "scores, losses, best",
    [
        ([1.0, 2.0, 1.5], [3, 2, 1], 2),
        # Within `tol` the lower loss decides.
        ([1.0, 0.95, 1.05], [3.0, 2.0, 2.5], 2),
        ([1.0, 0.8], [3.0, 2.0], 1),
        ([1.0, 0.95], [2.0, 2.0], 1),
        ([np.nan, 1.0, np.nan], [1.0, 2.0, 0.5], 2),
        ([np.nan], [np.nan], 0),
    ],
    ids=str,
)
def test_the_best_epoch_has_the_best_score_and_of_equal_ones_the_lowest_loss(scores, losses, best):
    monitor = watch(scores, losses)
    assert monitor.best_epoch == best
    vector = np.zeros(2)
    monitor.give_back(vector)
    np.testing.assert_array_equal(vector, best)
    if best:
        assert monitor.best_loss == losses[best - 1]
        assert monitor.kept_score == scores[best - 1]
        assert monitor.best_score == np.nanmax(scores)


def test_the_parameters_are_kept_only_if_they_are_wanted_and_are_a_copy():
    assert watch([1.0], keeps_best=False).best_vector is None
    monitor, vector = Monitor(0.0, 1, keeps_best=True), np.ones(2)
    monitor.update(1.0, 1.0, 1, vector)
    vector[:] = 7
    np.testing.assert_array_equal(monitor.best_vector, 1)


def test_what_is_tolerated_can_change_and_a_standstill_be_forgiven():
    monitor = watch([1.0, 1.05, 1.05, 1.05])
    assert monitor.stalled
    monitor.tolerate(0.01, patience=4)
    assert not monitor.stalled
    monitor.update(1.07, 0.0, 5, np.zeros(2))
    assert monitor.n_stale == 0
    monitor.update(1.07, 0.0, 6, np.zeros(2))
    assert monitor.n_stale == 1
    monitor.start_over()
    assert monitor.n_stale == 0


def test_a_monitor_that_has_seen_nothing_can_be_told_of():
    other = Monitor(0.1, 2, keeps_best=True)
    other.restore(watch([]).to_plain())
    assert vars(other) == vars(watch([]))
    assert (other.best_epoch, other.best_score, other.best_loss) == (0, -np.inf, np.inf)


def test_a_monitor_goes_on_from_what_another_has_seen():
    seen, other = watch([1.0, 2.0, 1.0]), Monitor(0.1, 2, keeps_best=True)
    other.restore(seen.to_plain())
    assert vars(other) == vars(seen)
