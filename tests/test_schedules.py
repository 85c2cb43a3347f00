"""The contract that every learning-rate schedule keeps."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skmlp import MLPRegressor
from skmlp.estimators.mlp import _options
from skmlp.schedules import (
    Adaptive,
    Constant,
    Cosine,
    Progress,
    Warmup,
)

INITIAL, MAX_EPOCHS = 0.1, 20
SCHEDULES = {
    **{
        name: make(MLPRegressor(learning_rate_init=INITIAL, max_iter=MAX_EPOCHS))
        for name, make in _options.SCHEDULES.items()
    },
    "warmup": Warmup(Constant(INITIAL), 4),
    "warmup of cosine": Warmup(Cosine(INITIAL, MAX_EPOCHS), 4),
}
progresses = st.builds(
    Progress,
    epochs=st.floats(0, 1000),
    n_samples=st.integers(0, 10**9),
    n_plateaus=st.integers(0, 10),
)
every_schedule = pytest.mark.parametrize("name", SCHEDULES)


@every_schedule
@settings(max_examples=50, deadline=None)
@given(progress=progresses)
def test_a_rate_is_finite_never_negative_and_at_most_the_initial_one(name, progress):
    rate = SCHEDULES[name].rate(progress)
    assert type(rate) is float, "a numpy number would promote float32 vectors"
    assert 0 <= rate <= INITIAL * (1 + 1e-12)


@every_schedule
@settings(max_examples=50, deadline=None)
@given(first=progresses, second=progresses)
def test_a_schedule_is_a_pure_function_of_progress(name, first, second):
    schedule = SCHEDULES[name]
    before = dict(vars(schedule))
    rate = schedule.rate(first)
    schedule.rate(second)
    schedule.after_standstill(second)
    assert schedule.rate(first) == rate
    assert vars(schedule) == before


@every_schedule
def test_no_step_of_a_whole_training_is_idle(name):
    middles = [(step + 0.5) / 5 for step in range(5 * MAX_EPOCHS)]
    assert all(SCHEDULES[name].rate(Progress(epochs=middle)) > 0 for middle in middles)


@every_schedule
def test_only_adaptive_goes_on_after_a_standstill(name):
    after = SCHEDULES[name].after_standstill(Progress(epochs=10))
    assert after == (Progress(epochs=10, n_plateaus=1) if name == "adaptive" else None)


@every_schedule
def test_a_schedule_knows_where_its_rate_rises(name):
    schedule = SCHEDULES[name]
    for epochs in range(MAX_EPOCHS):
        now, soon = Progress(epochs), Progress(epochs + 0.1)
        assert schedule.rises(now) is (schedule.rate(now) < schedule.rate(soon))


@every_schedule
def test_a_schedule_says_whether_it_ends_near_zero(name):
    last = SCHEDULES[name].rate(Progress(MAX_EPOCHS))
    assert SCHEDULES[name].falls_to_zero is (last < 1e-3 * INITIAL)


@pytest.mark.parametrize("name", ["constant", "invscaling", "adaptive", "exponential", "cosine"])
def test_a_training_begins_at_the_initial_rate(name):
    assert SCHEDULES[name].rate(Progress()) == INITIAL


def test_a_training_begins_with_nothing_behind_it():
    assert set(Progress()) == {0}


def test_progress_cannot_be_changed():
    with pytest.raises(AttributeError):
        Progress().epochs = 3


@pytest.mark.parametrize(
    "name, progress, rate",
    [
        ("constant", Progress(7, 700, 2), 0.1),
        ("invscaling", Progress(0, 0), 0.1),
        ("invscaling", Progress(1, 99), 0.01),
        ("adaptive", Progress(9, 900, 0), 0.1),
        ("adaptive", Progress(9, 900, 2), 0.004),
        ("exponential", Progress(0), 0.1),
        ("exponential", Progress(10), 0.01),
        ("exponential", Progress(20), 0.001),
        ("exponential", Progress(99), 0.001),
        ("cosine", Progress(0), 0.1),
        ("cosine", Progress(5), 0.05 * (1 + math.sqrt(0.5))),
        ("cosine", Progress(10), 0.05),
        ("cosine", Progress(20), 0.0),
        ("cosine", Progress(99), 0.0),
        ("one_cycle", Progress(0), 0.1 / 25),
        ("one_cycle", Progress(3), 0.1 * (1 / 25 + 24 / 25 / 2)),
        ("one_cycle", Progress(6), 0.1),
        ("one_cycle", Progress(20), 0.1 * 1e-4 / 25),
        ("warmup", Progress(1), 0.025),
        ("warmup", Progress(4), 0.1),
        ("warmup", Progress(9), 0.1),
        ("warmup of cosine", Progress(2), 0.5 * 0.05 * (1 + math.cos(0.1 * math.pi))),
        ("warmup of cosine", Progress(10), 0.05),
    ],
)
def test_a_schedule_gives_the_rate_of_its_formula(name, progress, rate):
    assert SCHEDULES[name].rate(progress) == pytest.approx(rate, abs=1e-15)


def test_one_cycle_rises_and_then_falls():
    rates = [SCHEDULES["one_cycle"].rate(Progress(epoch)) for epoch in range(MAX_EPOCHS + 1)]
    peak = rates.index(max(rates))
    assert peak == 6
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)


def test_adaptive_gives_up_once_its_rate_is_tiny():
    schedule = Adaptive(1e-4)
    # 1e-4 / 5**3 = 8e-7
    after = [schedule.after_standstill(Progress(n_plateaus=n)) for n in range(5)]
    assert after == [Progress(n_plateaus=n) for n in (1, 2, 3)] + [None] * 2


def test_behind_a_ramp_adaptive_still_answers_a_standstill():
    schedule = Warmup(Adaptive(INITIAL), 4)
    assert schedule.after_standstill(Progress(4)) == Progress(4, n_plateaus=1)
