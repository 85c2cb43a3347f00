"""What the benchmarks compute from seconds, and that competitors train the same thing."""

import importlib

import numpy as np
import pytest

from benchmarks import cases, clock, data, finish, machine, race, speeds, tables


def counter(values):
    values = iter(values)
    return lambda: next(values)


def test_timers_take_turns_and_another_goes_first_each_round():
    calls = []
    timers = [lambda name=name: calls.append(name) or 1.0 for name in "ab"]
    assert clock.alternate(timers, 2) == [[1.0, 1.0], [1.0, 1.0]]
    assert calls == ["a", "b", "b", "a"]


def test_a_slow_phase_of_the_machine_does_not_move_the_ratio():
    ours, theirs = clock.alternate([counter([1, 1, 5]), counter([2, 2, 10])], 3)
    assert clock.ratio(theirs, ours) == 2


@pytest.fixture
def small_case(monkeypatch):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 5))
    monkeypatch.setattr(data, "load", lambda name: (X, (X[:, 0] > 0).astype(int)))
    return cases.Case("small", (4,), 20, 5, at_least={"scikit-learn": 1.5})


@pytest.mark.parametrize("module", ["ours", "sklearn_mlp", "torch_eager"])
def test_competitors_learn_the_same(module, small_case):
    if module == "torch_eager":
        pytest.importorskip("torch")
    competitor = importlib.import_module(f"benchmarks.competitors.{module}")
    reference = importlib.import_module("benchmarks.competitors.ours").train(small_case, 30)
    loss = competitor.train(small_case, 30)
    assert abs(loss - reference) < 0.5 * reference


def test_a_race_has_a_lap_a_round_and_says_which_demand_is_missed(small_case, monkeypatch):
    def one_second_an_epoch(train, n_epochs):
        train(n_epochs)
        return float(n_epochs)

    # So few epochs of a toy network are far from agreeing on the loss.
    monkeypatch.setattr(race, "PARITY", 10)
    monkeypatch.setattr(clock, "seconds", one_second_an_epoch)
    monkeypatch.setattr(race, "COMPETITORS", ("ours", "sklearn_mlp", "products", "no_such_module"))
    monkeypatch.setattr(tables, "CASES", [small_case])
    *_, row = tables.epochs(2, "")
    assert row[0] == "small, 4, 20"
    assert row[1] == "1000.0 ms"
    assert row[2] == "1000.0 ms, 1.00x"
    assert "No module named" in row[4]
    assert row[-1] == ">= 1.5x MISSED"


def test_a_race_can_be_one_of_named_competitors(small_case, monkeypatch):
    monkeypatch.setattr(race, "PARITY", 10)
    outcomes = race.run(small_case, 1, ("ours", "products"))
    assert [outcome.name for outcome in outcomes] == ["skmlp", "products"]


def test_a_training_is_timed_until_its_loss_is_low_enough(small_case):
    seconds, never = (finish.Finish(small_case, loss).timers() for loss in (9.0, 0.0))
    assert all(timer() > 0 for timer in seconds)
    assert all(np.isnan(timer()) for timer in never)


def test_threads_are_tried_up_to_the_cores(small_case, monkeypatch):
    counts = []
    monkeypatch.setattr(tables, "CASES", [small_case])
    monkeypatch.setattr(tables, "_epoch_with", lambda count, case: counts.append(count) or 0.5)
    monkeypatch.setattr(machine, "n_cores", lambda: 5)
    head, _, row = tables.threads(1, "")
    assert counts == [1, 2, 4]
    assert head[1:] == ("threads: 1", "threads: 2", "threads: 4")
    assert row[1:] == ("500.0 ms",) * 3


def test_what_is_measured_for_the_pages_has_all_competitors_or_there_is_nothing(
    small_case, monkeypatch
):
    laps = {"skmlp": [0.25, 0.75, 0.5], "scikit-learn": [1.0, 1.5, 2.0]}
    outcomes = [race.Outcome(name, seconds, 0.5) for name, seconds in laps.items()]
    monkeypatch.setattr(race, "run", lambda case, n_rounds: outcomes)
    assert speeds.row(small_case, 3) == {
        "data": "small",
        "n_samples": 120,
        "network": "4",
        "batch": 20,
        "ms": {"skmlp": 500, "scikit-learn": 1500},
        "ratio": {"scikit-learn": 4},
    }
    outcomes[1].laps = [-1.0, -2.0, 1.0]
    with pytest.raises(SystemExit, match="Something else held small, 4, 20 up"):
        speeds.row(small_case, 3)
    outcomes[1].error = "no such module"
    with pytest.raises(SystemExit, match="scikit-learn did not finish small, 4, 20: no such mod"):
        speeds.row(small_case, 3)


def test_all_searches_look_through_the_same_space():
    optuna = pytest.importorskip("optuna")
    searches = importlib.import_module("benchmarks.searches")
    trial = optuna.create_study().ask()
    assert set(searches.suggested(trial)) == set(searches.SPACE)
    for name, values in searches.SPACE.items():
        asked = trial.distributions[name]
        if isinstance(values, list):
            assert list(asked.choices) == values
        else:
            assert (asked.low, asked.high) == values.support()
            assert getattr(asked, "log", False) == (values.dist.name == "loguniform")


def test_a_loss_far_from_ours_is_an_error():
    outcomes = [race.Outcome("ours", [1.0], 0.5), race.Outcome("theirs", [0.1], 0.9)]
    race._check_parity(outcomes)
    assert outcomes[0].error is None
    assert outcomes[1].error == "loss 0.9000, not near skmlp's 0.5000"


def test_the_generated_tables_are_as_messy_as_they_say():
    pytest.importorskip("pandas")
    from benchmarks import messy

    customers, leaves = messy.churn(20_000)
    assert leaves.mean() == pytest.approx(0.06, abs=0.005)
    assert customers["city"].nunique() == 150
    assert {name for name in customers if customers[name].isna().any()} == {
        *("age", "total", "payment")
    }
    _, typed, price = messy.houses(20_000)
    assert price.mean() == pytest.approx(1.3e6)
    assert (typed != price).mean() == pytest.approx(messy.SHARE_OF_ERRORS, abs=0.005)


def test_errors_on_tables_are_relative_to_the_first_estimators(monkeypatch):
    pytest.importorskip("pandas")
    from benchmarks import tabular

    errors = {("a", "theirs"): 0.2, ("a", "ours"): 0.1, ("b", "theirs"): 0.1, ("b", "ours"): 0.2}
    monkeypatch.setattr(
        tabular,
        "error_on_table",
        lambda name, kind, seed, cap: (errors[name, kind], float("nan"), 1.0),
    )
    *_, b, means = tabular.tables(["a", "b"], ["theirs", "ours"], n_splits=3, cap=10)
    assert b == ("b", "1.000 (0.1000, 1 s)", "2.000 (0.2000, 1 s)")
    assert means == ("geometric mean", "1.000", "1.000")
