"""What the networks of an ensemble warn of comes once, in its own words, at the user's line."""

import math
import re
import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV

from skmlp import MLPClassifier, TabularMLPClassifier, TabularMLPRegressor
from skmlp.estimators.common._warnings import Told
from skmlp.estimators.tabular._own_words import warn_once
from skmlp.training.supervisor import Supervisor

pd = pytest.importorskip("pandas")

RNG = np.random.RandomState(0)
X = RNG.normal(size=(80, 2))
Y = RNG.normal(size=80)
TINY = {"n_estimators": 3, "hidden_layer_sizes": 4, "max_iter": 20, "random_state": 0}


def heard(model, X, y):
    """Return what a fit warns of, each time at the line of its caller."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, y)
    assert {warning.filename for warning in caught} <= {__file__}
    return caught


def the_one(model, X, y, category):
    """Return the text of the only warning of a category, which names what the user has."""
    (warning,) = [warning for warning in heard(model, X, y) if warning.category is category]
    text = str(warning.message)
    assert set(re.findall("`(.*?)`", text)) <= {"X", "y", "X_val", "y_val", *model.get_params()}
    return text


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize("make, y", [(TabularMLPClassifier, Y > 0), (TabularMLPRegressor, Y)])
def test_networks_worse_than_a_constant(make, y, n_jobs):
    model = make(**{**TINY, "max_iter": 1}, learning_rate_init=1e-9, n_jobs=n_jobs)
    text = the_one(model, X, y, ConvergenceWarning)
    assert text.startswith("Network 1 of 3, and 2 more: The fit is worse than a constant: its mean")
    assert text.endswith(". Raise `max_iter`, or try another `learning_rate_init`.")


def test_a_network_that_diverges_after_its_best_epoch(monkeypatch):
    monkeypatch.setattr(Supervisor, "_can_go_on", lambda supervisor: supervisor.n_epochs < 2)
    text = the_one(TabularMLPRegressor(**TINY), X, Y, ConvergenceWarning)
    assert text.startswith("Network 1 of 3, and 2 more: Training diverged in epoch 3 at learning ")
    assert text.endswith(". Its best epoch is kept. Lower `learning_rate_init`.")


def test_networks_are_counted_and_not_what_they_say():
    twice = [Told("The fit is worse than a constant: of one, say. Raise it.", UserWarning)] * 2
    with pytest.warns(
        UserWarning, match="^Network 2 of 3: The fit is worse than a constant: of one"
    ):
        warn_once([[], twice, []])


def test_a_scorer_that_gives_no_number():
    model = TabularMLPRegressor(**TINY, scoring=lambda model, X, y: math.nan)
    assert "`scoring` should give a finite number; got nan" in the_one(model, X, Y, UserWarning)


def test_targets_that_float64_cannot_tell_apart():
    text = the_one(TabularMLPRegressor(**TINY), X, 1e15 + Y, UserWarning)
    assert "`y` should spread over at least 100 steps of float64" in text
    assert text.endswith(" in output 0. Subtract the mean.")


@pytest.mark.parametrize("make", [TabularMLPClassifier, TabularMLPRegressor])
def test_a_column_that_keeps_no_category(make):
    table = pd.DataFrame({"a": X[:, 0], "id": [f"user{row}" for row in range(len(X))]})
    text = the_one(make(**TINY), table, Y > 0, UserWarning)
    assert "got none in 4 rows in column 'id': nothing of it is encoded." in text


def test_a_search_warns_at_the_line_that_began_it():
    search = GridSearchCV(MLPClassifier(4, max_iter=2), {"alpha": [0.0]}, cv=2)
    assert heard(search, X, Y > 0)
