"""Tables of all kinds are learnt from or refused by name; a sample of what the benchmark tries."""

from contextlib import nullcontext

import numpy as np
import pytest

pytest.importorskip("pandas")
fuzz_tables = pytest.importorskip("benchmarks.fuzz_tables")


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_a_table_of_any_kind_is_answered_by_numbers_or_refused_by_name(seed):
    assert fuzz_tables.check(seed)


class RefusesSingleRows:
    """A model that predicts zero, but refuses a row alone."""

    def __init__(self, text):
        self.text = text

    def predict(self, X):
        if len(X) == 1:
            raise ValueError(self.text)
        return np.zeros(len(X))


@pytest.mark.parametrize(
    "text, expectation",
    [
        ("`X` must hold strings in column 'a', as the table of the fit has it", nullcontext()),
        ("`X` must have two rows", pytest.raises(ValueError, match="two rows")),
    ],
)
def test_a_row_alone_may_be_refused_for_its_types_only(text, expectation):
    with expectation:
        fuzz_tables.check_rows(RefusesSingleRows(text), np.zeros((3, 1)))


@pytest.mark.parametrize("checks", [["check_rows"], ["check_classifier", "check_regressor"]])
def test_a_table_that_was_learnt_from_is_refused_for_its_types_only(checks, monkeypatch):
    def refuse(*_):
        raise ValueError("`X` must have two rows")

    for check in checks:
        monkeypatch.setattr(fuzz_tables, check, refuse)
    with pytest.raises(ValueError, match="two rows"):
        fuzz_tables.check(0)
