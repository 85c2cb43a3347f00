"""Tables of all kinds are learnt from or refused by name; a sample of what the benchmark tries."""

import pytest

pytest.importorskip("pandas")
fuzz_tables = pytest.importorskip("benchmarks.fuzz_tables")


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_a_table_of_any_kind_is_answered_by_numbers_or_refused_by_name(seed):
    assert fuzz_tables.check(seed)
