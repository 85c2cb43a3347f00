"""The ensembles for tables: as scikit-learn has them, and honest about rows they have not seen."""

import os
import pickle
import re
import time
import tracemalloc
import warnings
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import expit
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score, log_loss, r2_score, roc_auc_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skmlp import MLPClassifier, MLPRegressor, TabularMLPClassifier, TabularMLPRegressor
from skmlp.estimators.common import _clock
from skmlp.estimators.common._sklearn import HAS_CALLBACKS
from skmlp.estimators.tabular import _recipe
from skmlp.estimators.tabular._budget import Budget
from skmlp.estimators.tabular._calibration import best_factor, least_share, sharpen, unsmooth
from skmlp.estimators.tabular._excerpt import Excerpt, in_reach
from skmlp.estimators.tabular._folds import deal_out
from skmlp.estimators.tabular._member import train_member
from skmlp.estimators.tabular._recipe import batch_size, decay, hidden_sizes
from skmlp.training.blas import blas_of_numpy
from skmlp.training.data import Samples

pd = pytest.importorskip("pandas")

SMALL = {
    "hidden_layer_sizes": (32, 32),
    "max_iter": 10,
    "learning_rate_init": 0.02,
    "random_state": 0,
}


def classifier(**arguments):
    return TabularMLPClassifier(**{**SMALL, **arguments})


def regressor(**arguments):
    return TabularMLPRegressor(**{**SMALL, **arguments})


def networks_and_inputs(model, table):
    """Return every network with the columns of the encoding that it reads."""
    encoding = model.encoder_.transform(table)
    inputs = [encoding[:, columns] for columns in model.estimators_features_]
    return list(zip(model.estimators_, inputs, strict=True))


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "age": rng.normal(40, 10, 160),
            "income": rng.lognormal(10, 1, 160),
            "city": rng.choice(["Rome", "Oslo", "Bonn"], 160),
            "owner": rng.random(160) < 0.5,
        }
    )
    table.loc[::7, "age"] = np.nan
    table.loc[::11, "city"] = None
    return table


@pytest.fixture(scope="module")
def labels(table):
    rich = (np.log(table["income"]) > 10) ^ table["owner"]
    return np.where(rich, "yes", "no")


@pytest.fixture(scope="module")
def prices(table):
    return 1e6 * np.log(table["income"]).to_numpy() + 1e6 * table["owner"].to_numpy()


def test_a_table_as_it_is_is_learnt(table, labels, prices):
    model = classifier(max_iter=60).fit(table, labels)
    assert model.score(table, labels) > 0.9
    assert model.validation_score_ > 0.8
    regression = regressor(max_iter=60).fit(table, prices)
    assert regression.score(table, prices) > 0.9
    assert regression.validation_score_ > 0.8


def test_every_row_is_validated_by_a_network_that_has_not_seen_it(table, prices):
    """What a row's target is makes no difference to what is predicted of it out of fold."""
    model = regressor(max_iter=1).fit(table, prices)
    expected = model.validation_predictions_
    assert not np.isnan(expected).any()
    for row in range(0, len(table), 40):
        changed = prices.copy()
        changed[row] = np.median(prices)
        other = regressor(max_iter=1).fit(table, changed)
        assert other.validation_predictions_[row] == expected[row]
        assert (other.validation_predictions_ != expected).any()


def test_the_rows_are_dealt_out_once_each_and_by_class():
    labels = np.repeat([0, 1], [90, 10])
    parts = deal_out(100, 5, labels, np.random.RandomState(0))
    held_out = [part[1] for part in parts]
    assert sorted(np.concatenate(held_out)) == list(range(100))
    assert [labels[rows].sum() for rows in held_out] == [2] * 5
    for learnt, rows in parts:
        assert sorted([*learnt, *rows]) == list(range(100))


def test_networks_read_ranks_and_pieces_of_numbers_in_turns(table, labels):
    model = classifier(max_iter=1, n_estimators=3).fit(table, labels)
    names = model.encoder_.get_feature_names_out()
    read = [set(names[columns]) for columns in model.estimators_features_]
    shared = {"age", "income", "age_missing", "owner_True"}
    assert all(shared <= columns for columns in read)
    assert read[0] - read[1] == {"age_rank", "income_rank"} == read[2] - read[1]
    assert read[1] - read[0] == {f"{x}_piece_{k}" for x in ("age", "income") for k in range(1, 9)}


def test_an_epoch_has_neither_few_steps_nor_very_many():
    sizes = {10: 10, 100: 16, 1_000: 125, 7_500: 128, 30_000: 500, 10**6: 1024}
    assert {n: batch_size(n) for n in sizes} == sizes


def test_an_epoch_of_very_many_rows_forgets_no_more_than_one_of_many():
    def forgotten(n_samples):
        return decay(n_samples) * n_samples / batch_size(n_samples)

    assert decay(8_000) == decay(100_000) == 0.1
    assert forgotten(10**6) == pytest.approx(forgotten(100_000))
    assert forgotten(200_000) == pytest.approx(forgotten(100_000))


def test_networks_decay_as_their_number_of_rows_asks(monkeypatch):
    monkeypatch.setattr(_recipe, "_ROWS_OF_DECAY", 50)
    X = np.arange(100.0)[:, None]
    model = TabularMLPRegressor(n_estimators=4, hidden_layer_sizes=1, max_iter=1)
    (alpha,) = {network.alpha for network in model.fit(X, X[:, 0]).estimators_}
    assert alpha == pytest.approx(0.1 * 50 / 75)


def test_nothing_is_encoded_that_no_network_reads(table, labels):
    for n_estimators in (1, 2):
        model = classifier(max_iter=1, n_estimators=n_estimators).fit(table, labels)
        read = np.unique(np.concatenate(model.estimators_features_))
        assert read.tolist() == list(range(len(model.encoder_.get_feature_names_out())))


@pytest.mark.parametrize("estimator", [TabularMLPClassifier, TabularMLPRegressor])
def test_no_network_has_a_copy_of_the_rows_that_it_reads(estimator):
    X = np.random.default_rng(0).normal(size=(20_000, 20))
    model = estimator(hidden_layer_sizes=1, max_iter=1, random_state=0)
    tracemalloc.start()
    model.fit(X, X[:, 0] > 0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.5 * model.encoder_.transform(X).nbytes


def test_processes_map_one_file_with_the_encoding_into_their_memory_and_it_is_removed():
    X = np.arange(6.0).reshape(3, 2)
    with in_reach(Samples(X, X[:, 0]), of_processes=True) as samples:
        np.testing.assert_array_equal(samples.X, X)
        path = Path(samples.X.base.filename)
        assert path.exists()
    assert os.name == "nt" or not path.parent.exists()


def test_the_file_lies_in_the_folder_that_joblib_is_told(monkeypatch, tmp_path):
    # joblib makes it, too.
    folder = tmp_path / "scratch"
    monkeypatch.setenv("JOBLIB_TEMP_FOLDER", str(folder))
    X = np.arange(6.0).reshape(3, 2)
    with in_reach(Samples(X, X[:, 0]), of_processes=True) as samples:
        assert folder in Path(samples.X.base.filename).parents


def test_networks_for_labels_have_more_layers_than_those_for_numbers_and_fewer_of_few_rows(
    table, labels, prices
):
    assert [len(hidden_sizes(n, of_labels=True)) for n in (1999, 2000)] == [4, 5]
    assert [len(hidden_sizes(n, of_labels=False)) for n in (1999, 2000)] == [3, 3]
    short = {"max_iter": 1, "n_estimators": 1, "random_state": 0}
    for model, y, n_layers in (
        (TabularMLPClassifier(**short, hidden_layer_sizes=np.str_("auto")), labels, 4),
        (TabularMLPRegressor(**short), prices, 3),
    ):
        (network,) = model.fit(table, y).estimators_
        assert network.hidden_layer_sizes == (96,) * n_layers
        assert model.hidden_layer_sizes == "auto"


def test_few_networks_hold_out_an_eighth_each(table, labels):
    model = classifier(n_estimators=1).fit(table, labels)
    assert len(model.estimators_) == 1
    assert (~np.isnan(model.validation_predictions_)).all(axis=1).sum() == len(table) // 8


def test_the_prediction_is_the_mean_of_the_networks_calibrated(table, labels, prices):
    model = classifier().fit(table, labels)
    mean = np.mean([net.predict_proba(X) for net, X in networks_and_inputs(model, table)], axis=0)
    least = least_share(0.1, len(model.classes_), np.ones(len(table)))
    sharp = unsmooth(mean, 0.1, least, exclusive=True) ** (1 / model.temperature_)
    np.testing.assert_allclose(
        model.predict_proba(table), sharp / sharp.sum(axis=1, keepdims=True), rtol=1e-5, atol=1e-6
    )
    regression = regressor().fit(table, prices)
    each = [network.predict(X) for network, X in networks_and_inputs(regression, table)]
    each = np.clip(each, prices.min(), prices.max())
    np.testing.assert_allclose(regression.predict(table), each.mean(axis=0), rtol=1e-5)


def test_the_temperature_does_not_raise_the_log_loss_of_what_it_is_learnt_from(table, labels):
    model = classifier(max_iter=30).fit(table, labels)
    calibrated = model.validation_predictions_
    uncalibrated = calibrated**model.temperature_
    uncalibrated /= uncalibrated.sum(axis=1, keepdims=True)
    assert log_loss(labels, calibrated) <= log_loss(labels, uncalibrated) + 1e-9


def test_few_rows_that_are_all_right_make_no_network_certain():
    probability, targets = np.full((1000, 2), [0.8, 0.2]), np.tile([1.0, 0.0], (1000, 1))
    few, many = (best_factor(probability[:n], targets[:n], np.ones(n), True) for n in (20, 1000))
    assert 1 < few < 2.5 < many
    # Rows without weight are no rows, and the scale of weights says nothing.
    weight = np.where(np.arange(1000) < 20, 1e200, 0)
    assert best_factor(probability, targets, weight, True) == pytest.approx(few, rel=1e-4)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_ten_thousand_rows_show_how_sure_to_be(factor):
    logits = np.random.default_rng(0).normal(size=10_000)
    truth, said = expit(factor * logits), expit(logits)
    found = best_factor(np.c_[1 - said, said], np.c_[1 - truth, truth], np.ones(10_000), True)
    assert found == pytest.approx(factor, rel=0.02)


def test_a_class_of_one_row_stays_possible():
    X = np.random.default_rng(0).normal(size=(600, 3))
    model = classifier(max_iter=20).fit(X, np.arange(600) == 0)
    assert model.predict_proba(X[1:])[:, 1].mean() > 0.1 / 600


def test_one_row_of_class_probabilities_among_labels_is_enough_for_all_networks():
    X = np.random.default_rng(0).normal(size=(200, 3))
    y = np.eye(3)[np.digitize(X[:, 0], [-0.5, 0.5])]
    y[0] = [0.5, 0.5, 0]
    model = classifier(n_estimators=4).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)
    assert model.score(X[1:], y[1:].argmax(axis=1)) > 0.8


def test_logarithms_of_probabilities_are_finite(table, labels):
    model = classifier().fit(table, labels)
    logs = model.predict_log_proba(table)
    np.testing.assert_array_equal(logs, np.log(model.predict_proba(table)))
    assert np.isfinite(logs).all()


def test_few_rows_leave_to_a_class_no_more_than_smoothing_does():
    left = 0.1 / 3
    least = {n: least_share(0.1, 3, np.ones(n)) for n in (2, 60, 10**6)}
    assert least[2] == pytest.approx(left)
    assert least[60] == pytest.approx(1 / 60)
    assert 0 < least[10**6] < least[60]


@pytest.mark.parametrize(("exclusive", "n_classes"), [(True, 3), (False, 2)])
def test_what_networks_learn_from_smoothed_labels_is_undone(exclusive, n_classes):
    probability = np.random.default_rng(0).dirichlet(np.ones(3), size=100)
    probability[0] = [1, 0, 0]
    smoothed = 0.9 * probability + 0.1 / n_classes
    least = least_share(0.1, n_classes, np.ones(10**6))
    assert least < 0.1 / n_classes
    found = unsmooth(smoothed, 0.1, least, exclusive)
    assert np.abs(found - probability).max() < 2 * least
    assert 0.5 * least < found[0, 1] < 1.5 * least
    # They say less, by chance, than smoothing leaves: the order stays.
    below = unsmooth(smoothed - [0, 0.01, 0.02], 0.1, least, exclusive)[0]
    assert found[0, 2] > below[1] > below[2] > 0


def test_what_hardly_ever_happens_is_said_to_be_as_unlikely():
    X = np.random.default_rng(0).normal(size=(6000, 3))
    truth = expit(2 * X[:, 0] - 4)
    y = np.random.default_rng(1).random(6000) < truth
    model = TabularMLPClassifier(2, hidden_layer_sizes=32, max_iter=20, random_state=0)
    said = model.fit(X[:3000], y[:3000]).predict_proba(X[3000:])[:, 1]
    # One in 2000, of whom smoothed labels would say one in a hundred.
    assert said[truth[3000:] < 1e-3].mean() < 0.005


@pytest.mark.parametrize("exclusive", [True, False])
def test_no_probability_is_zero_or_one_not_even_in_float32(exclusive):
    certain = np.array([[1, 0, 0], [0, 1, 0]], np.float32)
    for factor in (0.5, 1.0, 20.0):
        sharp = sharpen(certain, factor, exclusive)
        assert sharp.dtype == np.float64
        assert sharp.astype(np.float32).max() < 1
        assert sharp.min() > 0
        if exclusive:
            np.testing.assert_allclose(sharp.sum(axis=1), 1)


def test_predictions_stay_within_the_targets_seen(table, prices):
    model = regressor(max_iter=30).fit(table, prices)
    far = table.assign(income=1e12)
    assert model.predict(far).max() <= prices.max()


def test_the_scale_of_the_targets_does_not_matter(table, prices):
    one = regressor().fit(table, prices)
    other = regressor().fit(table, 1e-9 * prices)
    np.testing.assert_allclose(1e9 * other.predict(table), one.predict(table), rtol=1e-3)


def test_the_median_takes_no_notice_of_typing_errors(table, prices):
    typed = prices.copy()
    typed[::20] *= 10
    model = regressor(loss="absolute_error", max_iter=100).fit(table, typed)
    assert r2_score(prices, model.predict(table)) > 0.8


@pytest.mark.parametrize("loss", ["absolute_error", "quantile"])
def test_the_median_takes_no_notice_of_a_gross_error_either(loss, table, prices):
    typed = prices.copy()
    typed[[5, 70]] *= 1e6
    model = regressor(loss=loss, max_iter=100).fit(table, typed)
    right = np.delete(np.arange(len(table)), [5, 70])
    assert r2_score(prices[right], model.predict(table)[right]) > 0.8


@pytest.mark.parametrize(
    "offset, factor", [(1e8, 10.0), (1e9, 1.0), (-1e12, 1.0), (0.0, 1e40), (0.0, 1e-40)]
)
def test_targets_that_float32_cannot_tell_apart_are_learnt_as_others(offset, factor, table, prices):
    x = prices / 1e6
    expected = regressor().fit(table, x).score(table, x)
    score = regressor().fit(table, offset + factor * x).score(table, offset + factor * x)
    assert score == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(
    "factor, got", [(1e200, "up to 4e\\+200. Divide"), (1e-200, "over 3e-200. Multiply")]
)
def test_targets_whose_squared_errors_are_out_of_range_are_refused(factor, got):
    X, y = np.arange(8.0)[:, None], factor * np.array([1.0, 2, 3, 4] * 2)
    with pytest.raises(ValueError, match=rf"`y` must have .*{got} it by a power of ten"):
        regressor().fit(X, y)
    with pytest.raises(ValueError, match="`y_val` must have"):
        regressor().fit(X, np.arange(8.0), X_val=X, y_val=y)
    constant = regressor(max_iter=1).fit(X, np.full(8, 1e-200))
    assert constant.validation_score_ == 1


def test_a_quantile_is_met(table, prices):
    noisy = prices + np.random.default_rng(0).normal(0, 1e6, len(prices))
    model = regressor(loss="quantile", quantile=0.9, max_iter=60).fit(table, noisy)
    assert 0.8 < np.mean(noisy < model.validation_predictions_) < 0.98


def test_rows_of_your_own_are_validated_on(table, labels):
    model = classifier().fit(table[:100], labels[:100], X_val=table[100:], y_val=labels[100:])
    assert model.validation_predictions_.shape == (60, 2)
    np.testing.assert_allclose(
        model.validation_predictions_, model.predict_proba(table[100:]), rtol=1e-6
    )
    assert model.validation_score_ == accuracy_score(labels[100:], model.predict(table[100:]))


def test_a_scorer_chooses_and_measures(table, labels, prices):
    model = classifier(scoring="roc_auc").fit(table, labels)
    out_of_fold = model.validation_predictions_[:, 1]
    assert model.validation_score_ == pytest.approx(roc_auc_score(labels == "yes", out_of_fold))
    assert model.estimators_[0].scoring == "roc_auc"
    assert classifier(scoring="loss").fit(table, labels).validation_score_ < 0
    assert regressor(scoring="neg_mean_absolute_error").fit(table, prices).validation_score_ < 0
    assert regressor(loss="quantile").fit(table, prices).validation_score_ < 0


def test_the_loss_chooses_the_epoch_that_r2_would_choose(table, prices):
    by_loss, by_r2 = (regressor(scoring=name).fit(table, prices) for name in (None, "r2"))
    for one, other in zip(by_loss.estimators_, by_r2.estimators_, strict=True):
        assert one.best_iteration_ == other.best_iteration_
    assert by_loss.validation_score_ == pytest.approx(by_r2.validation_score_)


def test_a_label_of_one_row_is_known_to_all_networks(table):
    labels = np.array(["often"] * 100 + ["seldom"] * 59 + ["once"])
    model = classifier().fit(table, labels)
    assert model.classes_.tolist() == ["often", "once", "seldom"]
    np.testing.assert_allclose(model.predict_proba(table).sum(axis=1), 1, rtol=1e-5)
    assert all(len(network.classes_) == 3 for network in model.estimators_)


@pytest.mark.parametrize(
    "labels, texts", [([0] * 39 + [1], []), ([0] * 40, ["`y` holds one class"])]
)
def test_one_class_is_told_of_all_labels_not_of_those_that_a_network_learns_from(labels, texts):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", ConvergenceWarning)
        classifier().fit(np.arange(40.0)[:, None], labels)
    assert [str(warning.message)[:19] for warning in caught] == texts


def test_sets_of_labels_and_probabilities_are_targets_too(table, labels):
    sets = np.c_[labels == "yes", table["owner"], table["income"] > 1e4].astype(int)
    model = classifier(max_iter=60).fit(table, sets)
    assert model.predict(table).shape == sets.shape
    assert model.predict_proba(table).shape == sets.shape
    assert model.score(table, sets) > 0.8
    soft = np.c_[0.9 * sets[:, 0] + 0.05, 0.95 - 0.9 * sets[:, 0]]
    model = classifier(max_iter=60, scoring="accuracy").fit(table, soft)
    assert model.validation_score_ > 0.8
    assert np.abs(model.predict_proba(table) - soft).mean() < 0.2


def test_several_targets_are_predicted_in_their_units(table, prices):
    both = np.c_[prices, -1e-6 * prices]
    model = regressor(max_iter=60).fit(table, both)
    assert model.predict(table).shape == both.shape
    assert model.score(table, both) > 0.9


def test_weights_of_classes_and_samples_move_the_probabilities(table, labels):
    # Too few epochs to learn the rows by heart.
    few = {"max_iter": 6}
    plain = classifier(**few).fit(table, labels).predict_proba(table)[:, 1].mean()
    by_class = classifier(**few, class_weight={"yes": 9.0}).fit(table, labels)
    by_sample = classifier(**few).fit(table, labels, np.where(labels == "yes", 9.0, 1.0))
    assert by_class.predict_proba(table)[:, 1].mean() > plain + 0.05
    assert by_sample.predict_proba(table)[:, 1].mean() > plain + 0.05


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow", "numpy"])
def test_rows_that_weigh_nothing_bend_neither_the_encoding_nor_the_range(library, table, prices):
    junk = table.assign(age=np.nan, income=1e12 + table["income"], city="Paris")
    rows = {"all": pd.concat([table, junk], ignore_index=True), "some": table}
    if library == "numpy":
        rows = {name: frame[["age", "income"]].to_numpy() for name, frame in rows.items()}
    elif library == "polars":
        rows = {name: pytest.importorskip("polars").from_pandas(f) for name, f in rows.items()}
    elif library == "pyarrow":
        table_of = pytest.importorskip("pyarrow").Table.from_pandas
        rows = {name: table_of(frame) for name, frame in rows.items()}
    weight = np.repeat([2.0, 0.0], len(table))
    bent = regressor(max_iter=1).fit(rows["all"], np.r_[prices, 9 * prices], weight)
    plain = regressor(max_iter=1).fit(rows["some"], prices)
    np.testing.assert_array_equal(
        bent.encoder_.transform(rows["some"]), plain.encoder_.transform(rows["some"])
    )
    assert bent.predict_quantiles(rows["all"], [0.999]).max() <= prices.max()


def test_rows_that_weigh_nothing_do_not_make_a_column_one_of_words(table, labels):
    ages = table["age"].round(-1).astype(object)
    ages[0] = "old"
    weight = np.where(np.arange(len(table)) == 0, 0.0, 1.0)
    with pytest.raises(ValueError, match=r"`X` must hold numbers in column 'age'.* got 'old'"):
        classifier().fit(table.assign(age=ages), labels, weight)


def test_labels_of_rows_that_weigh_nothing_are_classes(table, labels):
    labels = np.where(np.arange(len(table)) < 3, "zz", labels)
    model = classifier(max_iter=2).fit(table, labels, labels != "zz")
    assert model.classes_.tolist() == ["no", "yes", "zz"]


def test_the_scale_of_targets_is_that_of_the_rows_that_weigh_something(table, prices):
    weight = np.where(np.arange(len(table)) == 0, 0.0, 1.0)
    junk = np.where(weight == 0, 1e200, prices)
    model = regressor(max_iter=2).fit(
        table, junk, weight, X_val=table, y_val=junk, sample_weight_val=weight
    )
    assert model.predict(table).max() <= prices.max()
    with pytest.raises(ValueError, match="values that spread over 1e-150"):
        regressor().fit(table, np.where(weight == 0, 1.0, 1e-200 * prices), weight)


@pytest.mark.parametrize("validated", [False, True])
@pytest.mark.parametrize("n_estimators", [1, 4])
@pytest.mark.parametrize("make", [classifier, regressor])
def test_nothing_is_learnt_from_rows_that_weigh_nothing(
    make, n_estimators, validated, table, labels, prices
):
    junk = table.assign(age=1e9, city="Paris")
    order = np.random.default_rng(0).permutation(2 * len(table))
    X = pd.concat([table, junk], ignore_index=True).iloc[order]
    y = (np.r_[labels, labels] if make is classifier else np.r_[prices, 1e40 * prices])[order]
    counts = order < len(table)
    weight = np.where(counts, 1.5, 0.0)

    def fitted(rows):
        data = X[rows], y[rows], weight[rows]
        validation = dict(zip(("X_val", "y_val", "sample_weight_val"), data, strict=True))
        model = make(max_iter=3, n_estimators=n_estimators)
        return model.fit(*data, **validation if validated else {})

    def predictions(model, rows):
        return model.predict_proba(X[rows]) if make is classifier else model.predict(X[rows])

    one, other = fitted(counts), fitted(np.full(len(X), True))
    for network, same in zip(one.estimators_, other.estimators_, strict=True):
        np.testing.assert_array_equal(network.coefs_[0], same.coefs_[0])
    assert other.validation_score_ == pytest.approx(one.validation_score_)
    # No network has learnt from the others.
    for some, expected in [
        (predictions(other, counts), predictions(one, counts)),
        (other.validation_predictions_[counts], one.validation_predictions_),
    ]:
        np.testing.assert_allclose(some, expected, rtol=1e-5)
    assert not np.isnan(other.validation_predictions_[~counts]).any()


def test_processes_train_what_one_process_trains(table, labels):
    alone = classifier().fit(table, labels)
    together = classifier(n_jobs=2).fit(table, labels)
    np.testing.assert_array_equal(together.predict_proba(table), alone.predict_proba(table))
    np.testing.assert_array_equal(together.validation_predictions_, alone.validation_predictions_)


def test_a_budget_of_time_ends_a_fit_that_would_take_hours(table, labels):
    begin = time.monotonic()
    model = classifier(max_iter=10**7, max_time=0.5).fit(table, labels)
    assert time.monotonic() - begin < 60
    assert model.estimators_
    assert model.n_iter_[0] < 10**6


def test_a_budget_of_no_time_at_all_still_trains_a_network_and_says_so(table, labels):
    text = r"`max_time` should .*; got 1e-09 seconds, of which 0 were left: one epoch"
    with pytest.warns(UserWarning, match=text) as caught:
        model = classifier(max_time=1e-9).fit(table, labels)
    assert [warning.filename for warning in caught] == [__file__]
    assert model.n_iter_ == [1]
    assert np.isfinite(model.validation_score_)


def test_epochs_too_short_for_the_clock_are_affordable():
    budget = Budget(60)
    assert (budget.n_rounds(3, 0.0), budget.n_epochs(100, 3, 0.0)) == (3, 100)


@pytest.mark.parametrize("name", ["y", "y_val"])
def test_a_label_that_is_not_finite_is_refused_with_a_way_out(name, table):
    labels = np.resize([0.0, 1.0], len(table))
    gaps = np.where(np.arange(len(table)) == 7, np.nan, labels)
    text = f"`{name}` must hold finite numbers; got NaN.* Leave those samples out"
    with pytest.raises(ValueError, match=text):
        classifier().fit(table, **{"y": labels, "X_val": table, "y_val": labels, name: gaps})


def test_a_budget_that_is_not_needed_changes_nothing(table, labels):
    plain = classifier().fit(table, labels)
    in_time = classifier(max_time=1e6).fit(table, labels)
    np.testing.assert_array_equal(in_time.predict_proba(table), plain.predict_proba(table))


@pytest.mark.skipif(not HAS_CALLBACKS, reason="callbacks came with scikit-learn 1.9")
def test_a_network_whose_time_is_up_has_its_first_epoch_and_not_the_rest_of_another(monkeypatch):
    # Each look at the clock takes a second.
    monkeypatch.setattr(_clock, "time", SimpleNamespace(monotonic=count().__next__))
    rng = np.random.RandomState(0)
    data = Samples(rng.normal(size=(160, 2)), rng.normal(size=160))
    rows = Excerpt(data, np.arange(160), slice(None))
    network = MLPRegressor(max_iter=30, batch_size=16, early_stopping=True)
    network = train_member(network, rows, rows, seconds=5).network
    assert network.n_iter_ == 1
    assert network.stop_reason_ == "the time limit is over"


def test_the_epoch_that_is_timed_warns_of_nothing():
    X = np.random.default_rng(0).normal(size=(60, 3))
    arguments = {"n_estimators": 2, "hidden_layer_sizes": 16, "max_iter": 30, "random_state": 0}

    def warned(max_time):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            TabularMLPRegressor(max_time=max_time, **arguments).fit(X, X[:, 0])
        return [str(warning.message) for warning in caught]

    assert warned(1e6) == warned(None)


def test_a_pickle_predicts_the_same_and_a_clone_learns_the_same(table, labels):
    model = classifier().fit(table, labels)
    expected = model.predict_proba(table)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict_proba(table), expected)
    again = clone(model).fit(table, labels)
    np.testing.assert_array_equal(again.predict_proba(table), expected)


def test_skops_trusts_only_names_of_skmlp(table, labels, prices):
    sio = pytest.importorskip("skops.io")
    for model in (classifier().fit(table, labels), regressor().fit(table, prices)):
        stored = sio.dumps(model)
        trusted = sio.get_untrusted_types(data=stored)
        assert all(name.startswith("skmlp.") for name in trusted)
        loaded = sio.loads(stored, trusted=trusted)
        np.testing.assert_array_equal(loaded.predict(table), model.predict(table))


def test_a_search_in_a_pipeline_takes_the_table(table, labels):
    pipeline = make_pipeline(FunctionTransformer(), classifier(max_iter=2))
    grid = {"tabularmlpclassifier__hidden_layer_sizes": [4, 8]}
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(table, labels)
    assert len(search.cv_results_["params"]) == 2


def test_a_refused_fit_leaves_the_estimator_as_it_was(table, labels):
    model = classifier().fit(table, labels)
    expected = model.predict_proba(table)
    with pytest.raises(ValueError, match="infinity in column 'age'"):
        model.fit(table.assign(age=np.inf), labels)
    np.testing.assert_array_equal(model.predict_proba(table), expected)


@pytest.mark.parametrize(
    "arguments, error, text",
    [
        ({"n_estimators": 0}, ValueError, "`n_estimators` must be an integer of at least 1; got 0"),
        ({"max_time": -1}, ValueError, r"`max_time` must be None or a number in \(0, inf\)"),
        ({"loss": "mse"}, ValueError, "`loss` must be one of .* Did you mean 'squared_error'"),
        ({"categorical_features": 3}, TypeError, "`categorical_features` must be one of"),
        ({"learning_rate_init": 11}, ValueError, r"must be a number in \(0, 10\]; got 11"),
        ({"scoring": "accurcy"}, ValueError, "Did you mean 'accuracy'"),
    ],
)
def test_what_is_no_argument_is_refused(arguments, error, text, table, prices):
    with pytest.raises(error, match=text):
        regressor(**arguments).fit(table, prices)


def test_what_cannot_be_learnt_is_refused(table, labels):
    with pytest.raises(ValueError, match=r"at least 4 rows.*got n_samples=3"):
        classifier().fit(table[["age"]][:3], labels[:3])
    with pytest.raises(ValueError, match="must be given together; got `X_val` without `y_val`"):
        classifier().fit(table, labels, X_val=table)
    with pytest.raises(ValueError, match=r"`X_val` must hold finite.* infinity in column 'age'"):
        classifier().fit(table, labels, X_val=table.assign(age=np.inf), y_val=labels)
    with pytest.raises(ValueError, match="predict labels with `TabularMLPClassifier`"):
        regressor().fit(table, labels)
    with pytest.raises(ValueError, match=r"4 rows with a weight above zero.* got n_samples=1"):
        classifier().fit(table, labels, np.arange(160) == 7)


@pytest.mark.parametrize(
    "container",
    [np.array, list, pd.Series, lambda y: pd.DataFrame({"count": y, "share": 0.5})],
    ids=["array", "list", "Series", "DataFrame"],
)
@pytest.mark.parametrize("large", [2**60, 2**70])
def test_targets_that_are_one_number_in_float64_are_refused(table, container, large):
    y = container([large + i % 7 for i in range(len(table))])
    with pytest.raises(ValueError, match=f"`y` must .* got {large} to .* in output 0.* Subtract"):
        regressor().fit(table, y)


@pytest.mark.filterwarnings("error")
def test_targets_whose_sum_is_no_number_are_refused(table):
    with pytest.raises(ValueError, match=r"`y` must have values up to 1e\+150, .* up to 1.7e\+308"):
        regressor().fit(table, np.resize([1.7e308, -1.7e308], len(table)))


def test_a_target_beyond_float64_is_refused(table):
    text = r"`y` must hold finite numbers; got an integer beyond 1\.8e308[.] .* Leave those samples"
    with pytest.raises(ValueError, match=text):
        regressor().fit(table, [10**400, *range(len(table) - 1)])


@pytest.mark.parametrize("make", [classifier, regressor])
def test_a_network_that_diverges_is_told_in_the_words_of_the_ensemble(make, table, labels):
    model = make(hidden_layer_sizes=(8,) * 80, learning_rate_init=10, n_estimators=1)
    text = r"A network has failed\. Training diverged in epoch 1 .* Lower `learning_rate_init`"
    with pytest.raises(ValueError, match=text) as caught:
        model.fit(table, labels == "yes")
    assert set(re.findall("`(.*?)`", str(caught.value))) <= set(model.get_params())


def test_the_names_of_columns_are_missed_by_the_name_of_the_ensemble(table, labels):
    numbers = table[["income"]]
    model = classifier(max_iter=1).fit(numbers, labels)
    with pytest.warns(UserWarning, match="but TabularMLPClassifier was fitted with feature names"):
        model.predict(numbers.to_numpy())
    with pytest.warns(match="feature names"), pytest.raises(ValueError, match="single row"):
        model.predict(numbers.iloc[0])


def test_truth_values_are_the_targets_zero_and_one(table):
    as_numbers = regressor(max_iter=2).fit(table, table["owner"].astype(float))
    model = regressor(max_iter=2).fit(table, table["owner"])
    np.testing.assert_array_equal(model.predict(table), as_numbers.predict(table))
    np.testing.assert_array_equal(
        model.predict_quantiles(table), as_numbers.predict_quantiles(table)
    )


@pytest.mark.parametrize(
    "y", [pd.date_range("2020", periods=160), np.full(160, 1j), np.full(160, 1j).astype(object)]
)
def test_targets_that_are_no_numbers_are_refused(y, table):
    with pytest.raises(ValueError, match="`y` must hold numbers; got dtype"):
        regressor().fit(table, y)


@pytest.mark.parametrize("y", [5.0, np.ones((160, 0)), np.ones((160, 2, 2))])
def test_targets_of_another_shape_are_refused(y, table):
    text = f"`y` must have one target, or a row of them, per sample; got shape {np.shape(y)}."
    with pytest.raises(ValueError, match=re.escape(text)):
        regressor().fit(table, y)


def test_an_interruption_ends_all_networks(monkeypatch):
    fit, seen = MLPClassifier.fit, []

    def interrupted(network, *arguments, **given):
        fit(network, *arguments, **given)
        seen.append(network)
        network.stop_reason_ = "the user interrupted the training"
        return network

    monkeypatch.setattr(MLPClassifier, "fit", interrupted)
    model = TabularMLPClassifier(hidden_layer_sizes=4, max_iter=2, random_state=0)
    with pytest.raises(KeyboardInterrupt):
        model.fit(np.arange(40.0)[:, None], np.arange(40) % 2)
    assert len(seen) == 1
    assert not hasattr(model, "estimators_")


# Threads of BLAS


@pytest.mark.parametrize("width, is_small", [(8, True), (512, False)])
def test_blas_has_one_thread_where_products_are_too_small_to_be_shared_out(width, is_small):
    heard, blas = set(), blas_of_numpy()
    before = blas.n_threads

    def score(network, X, y):
        heard.update(blas._numbers())
        return 0.0

    for library in blas._libraries:
        library.set_num_threads(2)
    if blas.n_threads != 2:
        pytest.skip("NumPy's BLAS takes no number of threads")
    try:
        model = TabularMLPRegressor(n_estimators=2, max_iter=1)
        X = np.random.default_rng(0).normal(size=(300, 2))
        model.set_params(hidden_layer_sizes=(width, width), scoring=score).fit(X, X[:, 0])
        # The score of all is measured outside of trainings.
        assert heard == ({1, 2} if is_small else {2})
        assert blas.n_threads == 2
    finally:
        for library in blas._libraries:
            library.set_num_threads(before)
