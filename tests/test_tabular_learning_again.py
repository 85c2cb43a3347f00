"""The networks of an ensemble for tables learn anew from the rows that they have held out."""

import math
import time

import numpy as np
import pytest
from sklearn.base import clone

from skmlp import TabularMLPClassifier, TabularMLPRegressor
from skmlp.estimators.tabular import _base, _rounds
from skmlp.estimators.tabular._budget import Budget
from skmlp.estimators.tabular._excerpt import Excerpt
from skmlp.estimators.tabular._member import learn_again
from skmlp.estimators.tabular._recipe import epochs_from_all
from skmlp.estimators.tabular._rounds import learn_again_in_rounds
from skmlp.training.data import Samples

X = np.random.default_rng(0).normal(size=(120, 3))
y = X[:, 0] * X[:, 1]
SMALL = {"n_estimators": 2, "hidden_layer_sizes": 8, "random_state": 2}


def encoding_of(model, member):
    return model.encoder_.transform(X)[:, model.estimators_features_[member]]


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize(
    "estimator, target", [(TabularMLPRegressor, y), (TabularMLPClassifier, y > 0)]
)
def test_the_weights_are_those_of_as_many_epochs_on_all_rows(estimator, target, n_jobs):
    model = estimator(max_iter=2, n_jobs=n_jobs, **SMALL).fit(X, target)
    for member, network in enumerate(model.estimators_):
        # Its best epoch is the last one, so that a plain fit has the same schedule.
        assert network.best_iteration_ == 2
        plain = clone(network).set_params(early_stopping=False, scoring=None)
        plain.fit(encoding_of(model, member), target)
        for coef, expected in zip(network.coefs_, plain.coefs_, strict=True):
            np.testing.assert_array_equal(coef, expected)


@pytest.mark.parametrize("n_networks, n_epochs", [(1, 20), (2, 30)])
def test_several_networks_learn_for_longer_than_is_best_for_each(n_networks, n_epochs):
    assert epochs_from_all(20, 64, n_networks) == n_epochs
    assert epochs_from_all(20, 20, n_networks) == 20


def test_every_network_learns_again_for_its_own_number_of_epochs(monkeypatch):
    heard = []

    def record(network, lesson, n_epochs, seconds):
        heard.append((network.best_iteration_, n_epochs))
        return network

    monkeypatch.setattr(_rounds, "learn_again", record)
    noise = np.random.default_rng(1).normal(size=len(X))
    TabularMLPRegressor(max_iter=60, **SMALL).fit(X, noise)
    assert heard == [(best, round(1.5 * best)) for best, _ in heard]
    assert len(heard) == 2


def test_curves_and_scores_are_those_of_the_training_that_held_rows_out():
    noise = np.random.default_rng(1).normal(size=len(X))
    model = TabularMLPRegressor(max_iter=60, **SMALL).fit(X, noise)
    for network in model.estimators_:
        assert len(network.validation_scores_) == network.n_iter_ < 60
        assert network.best_iteration_ == np.argmax(network.validation_scores_) + 1
        assert network.best_validation_score_ == max(network.validation_scores_)


def test_validation_predictions_are_of_networks_that_have_not_learnt_from_the_row():
    rng = np.random.default_rng(0)
    noise, labels = rng.normal(size=(200, 20)), rng.integers(2, size=200)
    many = TabularMLPClassifier(n_estimators=4, hidden_layer_sizes=256, random_state=0)
    many.set_params(scoring="neg_log_loss", learning_rate_init=0.03).fit(noise, labels)
    said = many.validation_predictions_.argmax(axis=1)
    assert (many.predict(noise) == labels).mean() > (said == labels).mean() + 0.1


def test_networks_validated_on_a_set_that_was_given_have_learnt_from_all_rows_already():
    model = TabularMLPRegressor(max_iter=20, **SMALL).fit(X, y, X_val=X[:40], y_val=y[:40])
    assert model.validation_score_ == model.score(X[:40], y[:40])


@pytest.fixture
def as_validated(monkeypatch):
    """Networks before they learn from all rows: the range of predictions is wide."""
    with monkeypatch.context() as patch:
        patch.setattr(_base, "learn_again_in_rounds", lambda networks, *rest: networks)
        return TabularMLPRegressor(max_iter=2, **SMALL).fit(X, y).predict(X)


@pytest.mark.parametrize(
    "name, nothing",
    [
        ("skmlp.estimators.tabular._budget.Budget.has_time_for", lambda budget, part: False),
        ("skmlp.estimators.tabular._member._OWN_ENDS", ()),
    ],
)
def test_networks_without_time_or_cut_short_stay_what_they_are(
    name, nothing, as_validated, monkeypatch
):
    monkeypatch.setattr(name, nothing)
    model = TabularMLPRegressor(max_iter=2, **SMALL).fit(X, y)
    np.testing.assert_array_equal(model.predict(X), as_validated)


def test_ctrl_c_keeps_the_networks_that_held_rows_out(as_validated, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(_base, "learn_again_in_rounds", interrupted)
    with pytest.warns(UserWarning, match="while all networks learnt anew, from all rows"):
        model = TabularMLPRegressor(max_iter=2, **SMALL).fit(X, y)
    np.testing.assert_array_equal(model.predict(X), as_validated)


def test_there_is_time_for_a_part_of_what_has_been_done_if_it_fits_into_the_rest():
    assert Budget(None).has_time_for(1e9)
    assert Budget(1e6).has_time_for(0.5)
    spent = Budget(1e-3)
    time.sleep(2e-3)
    assert not spent.has_time_for(0.5)


def test_a_network_that_diverges_on_all_rows_stays_what_it_is():
    model = TabularMLPRegressor(max_iter=2, **SMALL).fit(X, y)
    network = model.estimators_[0]
    wild = np.full_like(encoding_of(model, 0), 1e30)
    lesson = Excerpt(Samples(wild, y), np.arange(len(y)), slice(None))
    assert learn_again(network, lesson, 2, math.inf) is network


def test_networks_that_run_out_of_time_stay_what_they_are():
    model = TabularMLPRegressor(max_iter=2, **SMALL).fit(X, y)
    networks = model.estimators_

    def lesson(member):
        return Excerpt(Samples(encoding_of(model, member), y), np.arange(len(y)), slice(None))

    assert learn_again_in_rounds(networks, lesson, [2, 2], None, Budget(1e-9)) == networks
    anew = learn_again_in_rounds(networks, lesson, [2, 2], None, Budget(None))
    assert not any(network in networks for network in anew)
