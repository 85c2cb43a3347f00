"""TabularEncoder: any table becomes finite numbers, or is refused by the name of the column."""

import os
import pickle
import re
import subprocess
import sys
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, rankdata
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skmlp import TabularEncoder

pd = pytest.importorskip("pandas")


def encode(table, **arguments):
    """Return the encoding of a table as a dict of lists by the names of its columns."""
    encoder = TabularEncoder(**{"min_frequency": 1, **arguments})
    encoding = encoder.fit_transform(table)
    return dict(zip(encoder.get_feature_names_out().tolist(), encoding.T.tolist(), strict=True))


def test_numbers_lie_about_their_median_in_units_of_the_interquartile_range():
    x = np.array([0.0, 1, 2, 3, 1e6])
    z = (x - 2) / 2
    expected = z / np.sqrt(1 + (z / 3) ** 2)
    encoding = TabularEncoder(dtype=np.float64).fit_transform(x[:, None])
    np.testing.assert_allclose(encoding[:, 0], expected)
    assert encoding.max() < 3


@pytest.mark.parametrize("dtype", ["float64", np.float64, np.dtype("float64")])
def test_the_dtype_may_be_named(dtype):
    assert TabularEncoder(dtype=dtype).fit_transform([[1.0], [2.0]]).dtype == np.float64


def test_the_scale_of_a_column_does_not_matter():
    x = np.random.default_rng(0).normal(size=(50, 1))
    expected = TabularEncoder().fit_transform(x)
    np.testing.assert_allclose(TabularEncoder().fit_transform(1e9 * x + 5), expected, atol=1e-5)


def test_the_others_give_the_unit_where_most_numbers_are_the_same():
    x = np.array([[0.0]] * 15 + [[3.0], [4.0], [1e9]])
    encoding = TabularEncoder().fit_transform(x)[:, 0]
    np.testing.assert_allclose(encoding[-2], 1 / np.sqrt(1 + 1 / 9))
    assert not encoding[:15].any()


def test_ranks_are_evenly_spread_whatever_the_distribution():
    x = np.random.default_rng(0).lognormal(0, 3, (2000, 1))
    encoder = TabularEncoder(numbers="ranks", dtype="float64").fit(x)
    scores = encoder.transform(x)[:, 0]
    assert (np.argsort(scores, kind="stable") == np.argsort(x[:, 0], kind="stable")).mean() > 0.99
    expected = norm.ppf((rankdata(x) - 0.5) / 2000).clip(-3, 3) / (norm.ppf(0.75) - norm.ppf(0.25))
    np.testing.assert_allclose(scores, expected, atol=0.05)
    beyond = encoder.transform([[-1e300], [1e300]])[:, 0]
    np.testing.assert_allclose(beyond, np.array([-3, 3]) / 1.349, rtol=1e-3)


def test_equal_numbers_have_the_rank_of_their_middle():
    x = np.repeat([0.0, 1.0], [60, 40])[:, None]
    encoding = TabularEncoder(numbers="ranks", dtype="float64").fit_transform(x)
    expected = norm.ppf([0.3, 0.8]) / (norm.ppf(0.75) - norm.ppf(0.25))
    np.testing.assert_allclose(encoding[[0, -1], 0], expected, atol=0.02)


def test_pieces_tell_how_far_a_number_has_come_through_each():
    x = np.arange(17.0)[:, None]
    encoder = TabularEncoder(numbers="pieces", dtype="float64").fit(x)
    assert encoder.get_feature_names_out().tolist() == [f"x0_piece_{k}" for k in range(1, 9)]
    encoding = encoder.transform([[-5.0], [3.0], [99.0]]) + 0.5
    np.testing.assert_allclose(encoding[0], 0)
    np.testing.assert_allclose(encoding[1], [1, 0.5, 0, 0, 0, 0, 0, 0])
    np.testing.assert_allclose(encoding[2], 1)


def test_a_number_that_many_rows_share_leaves_pieces_to_the_others():
    x = np.r_[np.zeros(900), np.arange(1.0, 101)][:, None]
    encoder = TabularEncoder(numbers="pieces", dtype="float64").fit(x)
    encoding = encoder.transform([[0.0], [1.0], [50.0], [100.0]]) + 0.5
    assert len(encoder.get_feature_names_out()) > 3
    assert encoding[0].sum() == 0
    assert 0 < encoding[1].sum() < encoding[2].sum() - 1 < encoding[3].sum() - 2


def test_forms_stand_beside_each_other_and_only_one_column_says_what_is_missing():
    x = np.r_[np.arange(9.0), np.nan][:, None]
    encoder = TabularEncoder(numbers=["pieces", "scaled"]).fit(x)
    names = encoder.get_feature_names_out().tolist()
    assert names == [*(f"x0_piece_{k}" for k in range(1, 9)), "x0", "x0_missing"]
    np.testing.assert_array_equal(
        encoder.transform([[np.nan]])[0, :-1], encoder.transform([[4]])[0, :-1]
    )


@pytest.mark.parametrize("numbers", ["ranks", "pieces"])
@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e308])
def test_every_form_is_finite_of_numbers_of_any_size(numbers, scale):
    x = scale * np.random.default_rng(0).uniform(-1, 1, (50, 2))
    encoder = TabularEncoder(numbers=numbers, dtype="float64").fit(x)
    np.testing.assert_allclose(
        encoder.transform(x), encoder.fit(x / scale).transform(x / scale), atol=1e-6
    )


def test_two_numbers_have_only_the_first_form():
    x = np.tile([[0.0, 3.0], [1.0, 4.0], [1.0, 9.0]], (5, 1))
    encoder = TabularEncoder(numbers=("scaled", "ranks")).fit(x)
    assert encoder.get_feature_names_out().tolist() == ["x0", "x1", "x1_rank"]


def test_a_form_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"`numbers` must be one of .* Did you mean 'ranks'"):
        TabularEncoder(numbers="rank").fit([[1.0]])
    for numbers in ([], ["ranks", "ranks"], ["words"], [["scaled"]], np.array([["scaled"]])):
        with pytest.raises(ValueError, match=r"`numbers` must be one of .* a sequence of such"):
            TabularEncoder(numbers=numbers).fit([[1.0]])


def test_a_missing_number_is_the_median_and_a_column_says_so_if_the_training_missed_some():
    table = pd.DataFrame({"a": [1.0, 2.0, 3.0, np.nan], "b": [1.0, 2.0, 3.0, 4.0]})
    encoder = TabularEncoder().fit(table)
    assert encoder.get_feature_names_out().tolist() == ["a", "a_missing", "b"]
    encoding = encoder.transform(pd.DataFrame({"a": [None, 2.0], "b": [np.nan, 2.5]}, dtype=float))
    np.testing.assert_allclose(encoding, [[0, 1, 0], [0, 0, 0]])


def test_categories_have_a_column_each_and_two_share_one():
    table = {"city": ["Rome", "Oslo", "Bonn", "Oslo"], "old": [True, False, False, True]}
    assert encode(pd.DataFrame(table)) == {
        "city_Bonn": [0, 0, 1, 0],
        "city_Oslo": [0, 1, 0, 1],
        "city_Rome": [1, 0, 0, 0],
        "old_True": [1, -1, -1, 1],
    }


def test_a_category_that_is_declared_and_in_no_row_is_none():
    pieces = pd.Categorical(["b", None, "a", "b"], categories=["never", "b", "a"])
    expected = {"piece_a": [0, 0, 1, 0], "piece_b": [1, 0, 0, 1], "piece_missing": [0, 1, 0, 0]}
    assert encode(pd.DataFrame({"piece": pieces})) == expected


def test_a_missing_category_is_a_category():
    assert encode(pd.DataFrame({"city": ["Rome", None, "Oslo"]}))["city_missing"] == [0, 1, 0]


def test_rare_and_unseen_categories_are_infrequent():
    encoder = TabularEncoder(min_frequency=2)
    encoder.fit(pd.DataFrame({"city": ["Rome", "Rome", "Oslo", "Oslo", "Bonn"]}))
    assert encoder.get_feature_names_out().tolist() == ["city_Oslo", "city_Rome", "city_infrequent"]
    encoding = encoder.transform(pd.DataFrame({"city": ["Oslo", "Bonn", "Paris", None]}))
    assert encoding.argmax(axis=1).tolist() == [0, 2, 2, 2]


def test_the_most_frequent_categories_have_columns():
    table = pd.DataFrame({"city": ["Rome"] * 3 + ["Oslo"] * 2 + ["Bonn"] * 4 + ["Kiel"]})
    assert list(encode(table, max_categories=2)) == ["city_Bonn", "city_Rome", "city_infrequent"]


@pytest.mark.parametrize("training", [["Rome", "Oslo"], ["Rome", "Oslo", "Bonn"]])
def test_an_unseen_category_is_zero_where_nothing_is_infrequent(training):
    encoder = TabularEncoder(min_frequency=1).fit(pd.DataFrame({"city": training}))
    assert not encoder.transform(pd.DataFrame({"city": ["Paris"]})).any()


@pytest.mark.parametrize("numbers", ["scaled", "ranks", "pieces"])
@pytest.mark.parametrize("value", [7.0, "Rome", True, None, np.nan])
def test_a_constant_column_is_zero_whatever_comes(value, numbers):
    encoder = TabularEncoder(numbers=numbers).fit(pd.DataFrame({"a": [value] * 3}))
    later = "Oslo" if encoder.is_categorical_[0] else 9.0
    encoding = encoder.transform(pd.DataFrame({"a": [value, later]}))
    assert encoding.tolist() == [[0], [0]]


@pytest.mark.parametrize("dtype", [float, object, "Int64", "category"])
def test_a_column_without_any_value_takes_whatever_comes(dtype):
    encoder = TabularEncoder().fit(pd.DataFrame({"a": pd.Series([None] * 3, dtype=dtype)}))
    assert encoder.transform(pd.DataFrame({"a": ["Oslo", None, 3.0]})).tolist() == [[0]] * 3


def test_names_stay_different_where_categories_would_make_them_equal():
    table = pd.DataFrame(
        {"a": ["b_c", "x", "y"], "a_b": ["c", "x", "y"], "n": ["missing", None, "x"]}
    )
    names = list(encode(table))
    assert len(set(names)) == len(names) == 9
    assert {"a_b_c", "a_b_c_2", "n_missing", "n_missing_2"} <= set(names)


TABLE = pd.DataFrame(
    {
        "age": [20.0, np.nan, 40.0, 50.0],
        "rooms": [1, 2, 3, 4],
        "old": [True, False, False, True],
        "city": ["Rome", None, "Oslo", "Rome"],
        "kind": pd.Categorical(["x", None, "y", "y"]),
    }
)


def nullable(table):
    return table.convert_dtypes()


def polars(table):
    pl = pytest.importorskip("polars")
    columns = {name: table[name].astype(object).where(table[name].notna(), None) for name in table}
    frame = pl.DataFrame({name: list(column) for name, column in columns.items()})
    return frame.with_columns(pl.col("kind").cast(pl.Categorical))


def pyarrow(table):
    pa = pytest.importorskip("pyarrow")
    frame = pa.Table.from_pandas(table)
    assert str(frame.schema.field("kind").type).startswith("dictionary")
    return frame


@pytest.mark.parametrize("convert", [nullable, polars, pyarrow])
def test_a_table_is_encoded_alike_whatever_library_holds_it(convert):
    # scikit-learn before 1.9 finds no names in some of them.
    assert list(encode(convert(TABLE)).values()) == list(encode(TABLE).values())


def test_an_array_of_objects_is_encoded_as_a_dataframe():
    encoding = TabularEncoder(min_frequency=1).fit_transform(TABLE.to_numpy(dtype=object))
    np.testing.assert_array_equal(encoding, np.array(list(encode(TABLE).values())).T)


def test_objects_of_several_kinds_of_numbers_are_numbers_and_may_be_missing():
    objects = np.array([True, 2, 3.0, Decimal(4), Decimal("NaN"), np.nan, None], dtype=object)
    encoder = TabularEncoder(dtype="float64").fit(objects[:, None])
    assert encoder.is_categorical_.tolist() == [False]
    numbers = TabularEncoder(dtype="float64").fit_transform(np.r_[1:5, 3 * [np.nan]][:, None])
    np.testing.assert_array_equal(encoder.transform(objects[:, None]), numbers)


def test_a_list_keeps_its_numbers_beside_its_words():
    encoder = TabularEncoder(min_frequency=1).fit([["a", 1.5], ["b", 2.5]])
    assert encoder.is_categorical_.tolist() == [True, False]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_the_encoding_can_be_a_dataframe(library):
    pytest.importorskip(library)
    encoder = TabularEncoder(min_frequency=1).set_output(transform=library)
    encoding = encoder.fit_transform(TABLE)
    assert list(encoding.columns) == list(encode(TABLE))


@pytest.mark.parametrize("named", [["rooms"], [1], [False, True, False], {"rooms"}, np.array([1])])
def test_categorical_features_are_names_or_positions_or_a_mask(named):
    table = TABLE[["age", "rooms", "old"]]
    encoder = TabularEncoder(named, min_frequency=1).fit(table)
    assert encoder.is_categorical_.tolist() == [False, True, False]


def test_no_feature_is_categorical_where_none_is_named():
    encoder = TabularEncoder(categorical_features=None).fit(TABLE[["rooms", "old"]])
    assert encoder.get_feature_names_out().tolist() == ["rooms", "old"]


@pytest.mark.parametrize(
    "numbers", [[1, 2, 3], [1.0, 2.0, 3.0], [True, Decimal(2), np.float32(3)]], ids=str
)
def test_categories_that_are_equal_numbers_are_the_same(numbers):
    encoder = TabularEncoder([0], min_frequency=1).fit(np.array([[1], [2], [3]]))
    column = np.array(numbers, dtype=object)[:, None]
    np.testing.assert_array_equal(encoder.transform(column), np.eye(3))


@pytest.mark.parametrize(
    "first, later, text",
    [
        ([1, 2, 3], ["1", "2", "3"], "must hold numbers in column 'a'.* got strings, '1' say.*"),
        (["1", None], [np.nan, 2.0], "must hold strings in column 'a'.* got numbers, 2.0 say.*"),
        (["x", "y"], [b"x", b"y"], "must hold strings in column 'a'.* got bytes, b'x' say.*"),
        ([True, False], ["True", "False"], "must hold numbers in column 'a'.* got strings"),
        (pd.interval_range(0, 2), ["(0, 1]"], "must hold objects in column 'a'.* got strings"),
        (["x", 1], [b"x"], "must hold numbers or strings in column 'a'.* got bytes"),
    ],
)
def test_categories_of_another_type_than_in_the_fit_are_refused(first, later, text):
    encoder = TabularEncoder(["a"], min_frequency=1)
    encoder.fit(pd.DataFrame({"a": pd.Categorical(first)}))
    with pytest.raises(ValueError, match=text):
        encoder.transform(pd.DataFrame({"a": pd.Series(later).astype("category")}))


def test_categories_of_which_some_have_the_type_of_the_fit_are_taken():
    encoder = TabularEncoder([0], min_frequency=1).fit(np.array([[1], [2], [3]]))
    encoding = encoder.transform(np.array([["2"], [2]], dtype=object))
    assert encoding.tolist() == [[0, 0, 0], [0, 1, 0]]
    assert not encoder.transform(np.array([[None]])).any()


@pytest.mark.parametrize("categorical_features", ["from_dtype", None])
def test_categories_that_no_row_has_are_as_if_they_were_not_declared(categorical_features):
    first = pd.Categorical([1.0, 2.0, 3.0], categories=[1.0, 2.0, 3.0, np.inf])
    later = pd.Categorical([None, None], categories=["x"])
    encoder = TabularEncoder(categorical_features, min_frequency=1)
    encoder.fit(pd.DataFrame({"a": first}))
    assert not encoder.transform(pd.DataFrame({"a": later})).any()


def test_a_pickle_is_the_same_in_every_process():
    code = (
        "import pickle, sys, numpy as np; from skmlp import TabularEncoder;"
        "table = np.array([['x'], [1], [b'y']], dtype=object);"
        "sys.stdout.buffer.write(pickle.dumps(TabularEncoder(min_frequency=1).fit(table)))"
    )
    one, other = (
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in "01"
    )
    assert one == other


SENTENCES = [f"the quick brown fox number {i}" for i in range(60)]


@pytest.mark.parametrize(
    "values, text",
    [
        ([1.0, np.inf], "`X` must hold finite or missing numbers; got infinity in column 'a'"),
        (pd.to_datetime(["2020-01-01", "2021-01-01"]), "got dtype datetime64.* in column 'a'"),
        ([date(2020, 1, 1), None], r"got datetime.date\(2020, 1, 1\) in column 'a'.*skrub.Table"),
        ([1j, 2.0], "got dtype complex128 in column 'a'"),
        ([Decimal(1), Decimal("sNaN")], r"missing numbers; got Decimal\('sNaN'\) in column 'a'"),
        ([[1, 2], [3]], r"got \[1, 2\] in column 'a'"),
        (SENTENCES, "no free text; got 60 different texts in column 'a'.*skrub.TableVectorizer"),
        ([f"he said {i}" for i in range(600)], "no free text; got 600 different texts"),
        (3 * SENTENCES, "no free text; got 60 different texts in column 'a'"),
        ([*map(str, range(60)), "?"], r"read as numbers, but for a few, such as '\?'"),
        ([*np.arange(60.0), "n/a", "n/a"], "read as numbers, but for a few, such as 'n/a'"),
        ([f"{i}" for i in range(60)], "60 words in column 'a' that read as numbers, such as '0'"),
        ([f"{i},5" for i in range(60)], "numbers, such as '0,5'.*to_numeric.* decimal comma"),
        ([f"1,234,{i}.5" for i in range(100, 160)], "numbers, such as '1,234,100.5'"),
        (pd.date_range("2020", periods=60).astype(str), "dates, such as '2020-01-01'.*to_datetime"),
        ([f"{1 + i % 28}.{i // 28}.2020 10:00" for i in range(60)], "dates, such as '1.0.2020"),
        (12 * [f"{1 + i % 28}-Mar-{i // 28:02}" for i in range(60)], "dates, such as '1-Mar-00'"),
    ],
)
def test_what_cannot_be_encoded_is_refused_by_the_name_of_its_column(values, text):
    table = pd.DataFrame({"a": values})
    with pytest.raises(ValueError, match=text):
        TabularEncoder().fit(table)


@pytest.mark.parametrize(
    "table",
    [
        lambda: pd.DataFrame([[1.0, 2.0, 3.0]], columns=[*"aba"]),
        lambda: pytest.importorskip("pyarrow").Table.from_arrays([[1], [2], [3]], names=[*"aba"]),
    ],
    ids=["pandas", "pyarrow"],
)
def test_columns_that_share_a_name_are_refused(table):
    with pytest.raises(ValueError, match="`X` must have columns of different names; got 'a' 2 ti"):
        TabularEncoder().fit(table())


def test_what_is_no_table_is_refused():
    with pytest.raises(ValueError, match="single column"):
        TabularEncoder().fit(TABLE["age"])
    pl = pytest.importorskip("polars")
    with pytest.raises(ValueError, match=r"`X` must be in memory; got LazyFrame.*`X.collect\(\)`"):
        TabularEncoder().fit(pl.LazyFrame({"a": [1.0]}))
    with pytest.raises(ValueError, match="got values of several numbers in column 'a'"):
        TabularEncoder().fit(pl.DataFrame({"a": [{"x": 1, "y": 2.0}] * 5}))


def test_text_and_codes_are_categories_where_the_user_says_so():
    table = pd.DataFrame({"a": SENTENCES, "zip": [f"{i:05}" for i in range(60)]})
    encoder = TabularEncoder(["a", "zip"], min_frequency=1).fit(table)
    assert encoder.transform(table).shape == (60, 120)


def test_codes_of_which_each_recurs_are_categories():
    codes = pd.DataFrame({"zip": 10 * [f"{i:05}" for i in range(60)]})
    assert len(TabularEncoder().fit(codes).get_feature_names_out()) == 60


@pytest.mark.parametrize(
    "values, least", [([f"user{i}" for i in range(60)], 3), (["Rome", "Oslo", None], 2)]
)
def test_a_column_that_keeps_no_category_warns(values, least):
    table = pd.DataFrame({"a": 1.0, "id": pd.Series(values, dtype=object)})
    text = f"none in {least} rows in column 'id': nothing .* Leave it out"
    with pytest.warns(UserWarning, match=text):
        TabularEncoder().fit(table)


@pytest.mark.parametrize("n_rows, least", [(18, 2), (45, 2), (100, 5), (200, 10), (10_000, 10)])
def test_a_category_of_a_twentieth_of_the_rows_or_of_ten_has_a_column(n_rows, least):
    rare = ["rare"] * least + ["rarer"] * (least - 1)
    table = pd.DataFrame({"c": rare + ["often"] * (n_rows - len(rare))})
    names = TabularEncoder().fit(table).get_feature_names_out()
    assert sorted(names) == ["c_infrequent", "c_often", "c_rare"]


def test_columns_that_keep_no_category_warn_together():
    table = pd.DataFrame(np.array([["x"], ["y"]]).repeat(5, axis=1), columns=list("abcde"))
    with pytest.warns(UserWarning, match="in column 'a', 'b', 'c' and 2 more") as warned:
        TabularEncoder().fit(table)
    assert len(warned) == 1


def test_long_names_of_categories_that_many_rows_share_are_no_text():
    encoder = TabularEncoder().fit(pd.DataFrame({"a": 10 * SENTENCES}))
    assert len(encoder.get_feature_names_out()) == 60


def test_words_in_a_column_of_numbers_are_refused():
    encoder = TabularEncoder().fit(TABLE[["age"]])
    with pytest.raises(ValueError, match=r"must hold numbers in column 'age'.*got 'old'"):
        encoder.transform(pd.DataFrame({"age": [1.0, "old"]}))
    with pytest.raises(ValueError, match="must hold numbers in column 'city'"):
        TabularEncoder(categorical_features=None).fit(TABLE[["city"]])


@pytest.mark.parametrize(
    "named, text",
    [
        (["town"], "must name columns of `X`.*got 'town'"),
        ([5], "must name columns of `X`.*0 to 4; got 5"),
        ([True], "one truth value per column of `X`, 5; got 1"),
        ("dtype", "must be one of 'from_dtype'.*Did you mean 'from_dtype'"),
    ],
)
def test_categorical_features_that_are_none_are_refused(named, text):
    with pytest.raises(ValueError, match=text):
        TabularEncoder(categorical_features=named).fit(TABLE)


def test_a_refused_fit_leaves_the_encoder_as_it_was():
    encoder = TabularEncoder(min_frequency=1).fit(TABLE)
    with pytest.raises(ValueError, match="infinity"):
        encoder.fit(np.array([[np.inf]]))
    assert encoder.transform(TABLE).shape == (4, len(encode(TABLE)))


def test_a_dataframe_with_other_columns_or_without_rows_is_refused():
    encoder = TabularEncoder(min_frequency=1).fit(TABLE)
    with pytest.raises(ValueError, match="feature names"):
        encoder.transform(TABLE[TABLE.columns[::-1]])
    with pytest.raises(ValueError, match="at least one row and one column"):
        encoder.transform(TABLE[:0])


def test_a_pickle_and_skops_encode_the_same():
    sio = pytest.importorskip("skops.io")
    encoder = TabularEncoder(min_frequency=1).fit(TABLE)
    expected = encoder.transform(TABLE)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(encoder)).transform(TABLE), expected)
    stored = sio.dumps(encoder)
    trusted = sio.get_untrusted_types(data=stored)
    assert all(name.startswith("skmlp.") for name in trusted)
    loaded = sio.loads(stored, trusted=trusted)
    np.testing.assert_array_equal(loaded.transform(TABLE), expected)
    assert not hasattr(clone(encoder), "is_categorical_")


def test_any_estimator_can_stand_behind_it():
    table = pd.concat([TABLE] * 5)
    pipeline = make_pipeline(TabularEncoder(), LogisticRegression()).fit(table, table["rooms"] > 2)
    assert pipeline.score(table, table["rooms"] > 2) == 1


NUMBERS = st.one_of(st.none(), st.floats(allow_infinity=False), st.integers(-(2**70), 2**70))
WORDS = st.one_of(st.none(), st.just(float("nan")), st.text(max_size=3))
TRUTHS = st.one_of(st.none(), st.booleans())
CELLS = [NUMBERS, WORDS, TRUTHS, st.one_of(NUMBERS, WORDS), st.just(None), st.just(1.5)]


@st.composite
def tables(draw):
    """Return a training table and another one, whose cells are drawn likewise."""
    cells = draw(st.lists(st.sampled_from(CELLS), min_size=1, max_size=4))
    sizes = draw(st.tuples(st.integers(1, 12), st.integers(1, 5)))
    dtypes = [draw(st.sampled_from([object, "category"])) for _ in cells]
    return [
        pd.DataFrame(
            {
                f"c{i}": pd.Series(draw(st.lists(cell, min_size=n, max_size=n)), dtype=object)
                for i, cell in enumerate(cells)
            }
        ).astype({f"c{i}": dtype for i, dtype in enumerate(dtypes)})
        for n in sizes
    ]


@pytest.mark.filterwarnings("ignore:.*should hold categories that recur")
@settings(max_examples=50, deadline=None)
@given(tables(), st.integers(1, 3), st.integers(1, 3))
def test_every_table_becomes_finite_numbers_of_different_names_or_is_refused(
    pair, min_frequency, max_categories
):
    training, later = pair
    encoder = TabularEncoder(min_frequency=min_frequency, max_categories=max_categories)
    encodings = [encoder.fit_transform(training)]
    try:
        encodings.append(encoder.transform(later))
    except ValueError as error:
        # Numbers in the training, words now, or the other way about.
        if not re.search(r"must hold (numbers|strings) in column 'c\d'", str(error)):
            raise
    names = encoder.get_feature_names_out()
    assert len(set(names)) == len(names)
    for encoding in encodings:
        assert encoding.shape[1] == len(names)
        assert np.abs(encoding).max() <= 3


def integers(kind, values, gaps):
    """Return a column of integers in some container, with a gap where it can have one."""
    if gaps and kind in ("Int64", "polars", "pyarrow"):
        values = [*values, None]
    if kind == "polars":
        polars = pytest.importorskip("polars")
        wide = polars.Int128 if max(filter(None, values)) > 2**64 else None
        return polars.DataFrame({"id": polars.Series(values, dtype=wide)})
    if kind == "pyarrow":
        return pytest.importorskip("pyarrow").table({"id": values})
    return pd.DataFrame({"id": pd.Series(values, dtype=kind)})


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("kind", ["int64", "uint64", "Int64", object, "polars", "pyarrow"])
def test_integers_that_are_one_number_in_float64_are_refused_or_categories(kind, gaps):
    table = integers(kind, [2**60 + i % 5 for i in range(40)], gaps)
    text = f"got {2**60} to {2**60 + 4} in column 'id', which it rounds to multiples of 256[.]"
    with pytest.raises(ValueError, match=text):
        TabularEncoder().fit(table)
    encoder = TabularEncoder(categorical_features=["id"], min_frequency=1).fit(table)
    assert len(np.unique(encoder.transform(table), axis=0)) == 5 + (len(table) > 40)
    # What is far apart in the fit may come close by in another table.
    far = integers(kind, [2**60 + i * 2**50 for i in range(40)], gaps)
    assert np.isfinite(TabularEncoder().fit(far).transform(table)).all()


@pytest.mark.parametrize("kind", [object, "polars"])
def test_integers_beyond_64_bits_are_read(kind):
    table = integers(kind, [2**70 + i % 5 for i in range(40)], kind == "polars")
    text = f"got {2**70} to {2**70 + 4} in column 'id', which it rounds to multiples of 262144[.]"
    with pytest.raises(ValueError, match=text):
        TabularEncoder().fit(table)
    far = integers(kind, [i * 2**70 for i in range(1, 41)], False)
    assert np.unique(TabularEncoder().fit_transform(far)).size == 40


def test_an_integer_beyond_float64_is_refused():
    table = pd.DataFrame({"id": pd.Series([10**400, 1, 2], dtype=object)})
    with pytest.raises(ValueError, match=r"got an integer beyond 1\.8e308 in column 'id'"):
        TabularEncoder().fit(table)
