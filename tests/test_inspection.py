"""The learning-rate range test and the pictures of a training."""

import importlib
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes, load_digits
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier as MLPClassifierOfSklearn
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale
from sklearn.utils.validation import check_is_fitted

from skmlp import (
    LearningRateRangeDisplay,
    LossCurveDisplay,
    MLPClassifier,
    MLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
    learning_rate_range_test,
)
from skmlp.inspection._sweep import SweepWatcher

X, y = load_digits(return_X_y=True)
X = X / 16


def test_the_rates_grow_by_a_constant_factor_until_the_loss_explodes_or_vanishes():
    result = learning_rate_range_test(MLPClassifier(random_state=0), X, y)
    growth = result.rates[1:] / result.rates[:-1]
    np.testing.assert_allclose(growth, growth[0])
    assert result.rates[0] == pytest.approx(1e-5)
    assert len(result.rates) == len(result.losses) == len(result.smoothed_losses) <= 500
    assert result.suggestion == result.rates[result.smoothed_losses.argmin()] / 10


def swept(losses, n_steps):
    """Return what a sweep keeps of the losses of its steps."""
    watcher = SweepWatcher(n_steps)
    any(watcher.end_step(loss) for loss in losses)
    return watcher.losses, watcher.smoothed


def test_the_average_of_a_sweep_weighs_its_losses_by_their_age():
    losses, smoothed = swept([8.0, 4.0, 6.0, np.nan], n_steps=100)
    weights = 0.75 ** np.arange(3)[::-1]
    np.testing.assert_array_equal(losses, [8, 4, 6])
    assert smoothed[-1] == pytest.approx(weights @ losses / weights.sum())


def test_a_sweep_of_few_steps_remembers_nothing():
    _, smoothed = swept([3.0, 5.0, 4.0], n_steps=3)
    np.testing.assert_array_equal(smoothed, [3, 5, 4])


@pytest.mark.parametrize(
    "losses, n_kept",
    [
        ([2.0, 1.0, 4.0, 5.0, 1.0], 3),
        ([2.0, np.nan, 1.0], 1),
        ([np.inf, 1.0], 0),
        ([2.0, 0.021, 0.019, 0.02], 3),
    ],
    ids=["explodes", "not a number", "infinite at once", "known by heart"],
)
def test_a_sweep_ends_where_the_loss_explodes_or_vanishes(losses, n_kept):
    kept, smoothed = swept(losses, len(losses))
    np.testing.assert_array_equal(kept, losses[:n_kept])
    assert len(smoothed) == n_kept


def test_a_batch_without_weight_takes_no_rate():
    weight = np.repeat([1.0, 0.0], 200)
    network = MLPClassifier(batch_size=200, shuffle=False, random_state=0)
    result = learning_rate_range_test(network, X[:400], y[:400], sample_weight=weight, n_steps=7)
    alone = learning_rate_range_test(network, X[:200], y[:200], n_steps=7)
    np.testing.assert_array_equal(result.rates, alone.rates)
    np.testing.assert_allclose(result.losses, alone.losses)


def test_a_shorter_test_suggests_about_the_same():
    suggestions = [
        learning_rate_range_test(MLPClassifier(random_state=0), X, y, n_steps=n).suggestion
        for n in (50, 200, 500)
    ]
    assert max(suggestions) < 3 * min(suggestions)


@pytest.mark.parametrize("solver", ["adam", "adamw", "muon", "nadam", "sgd", "rmsprop", "adagrad"])
def test_every_stochastic_solver_is_tested_and_the_suggestion_trains(solver):
    network = MLPRegressor(solver=solver, random_state=0, max_iter=20)
    inputs, targets = load_diabetes(return_X_y=True)
    inputs, targets = scale(inputs), scale(targets)
    result = learning_rate_range_test(network, inputs, targets, n_steps=200)
    network.set_params(learning_rate_init=result.suggestion).fit(inputs, targets)
    assert network.loss_curve_[-1] < 0.7 * network.loss_curve_[0]


def test_a_pipeline_is_tested_behind_its_other_steps_and_left_unfitted():
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(random_state=0))
    through = learning_rate_range_test(pipeline, X, y, n_steps=50)
    direct = learning_rate_range_test(
        clone(pipeline[-1]), StandardScaler().fit_transform(X), y, n_steps=50
    )
    np.testing.assert_array_equal(through.losses, direct.losses)
    assert not hasattr(pipeline[-1], "coefs_")


def nestings(network):
    """Return a network in pipelines and transformed targets, each target standardised once."""

    def transformed(regressor):
        return TransformedTargetRegressor(regressor, transformer=StandardScaler())

    return [
        make_pipeline(StandardScaler(), transformed(clone(network))),
        transformed(make_pipeline(StandardScaler(), clone(network))),
        transformed(make_pipeline(make_pipeline(StandardScaler(), clone(network)))),
    ]


@pytest.mark.parametrize("target", [y, np.c_[y, -y]], ids=["one output", "two outputs"])
def test_the_network_is_found_in_any_nesting_of_pipelines_and_transformed_targets(target):
    network = MLPRegressor(random_state=0)
    direct = learning_rate_range_test(network, scale(X), scale(target), n_steps=30)
    for estimator in nestings(network):
        through = learning_rate_range_test(estimator, X, target, n_steps=30)
        np.testing.assert_allclose(through.losses, direct.losses)
        with pytest.raises(NotFittedError):
            check_is_fitted(estimator)


def test_the_loss_curve_display_finds_it_too(pyplot):
    for estimator in nestings(MLPRegressor(max_iter=3, random_state=0)):
        with pytest.raises(NotFittedError):
            LossCurveDisplay.from_estimator(estimator)
        display = LossCurveDisplay.from_estimator(estimator.fit(X, y))
        (network,) = display.estimators.values()
        np.testing.assert_array_equal(display.ax_.lines[0].get_ydata(), network.loss_curve_)


def test_what_is_transformed_must_be_a_network():
    with pytest.raises(
        TypeError, match=r"TransformedTargetRegressor that ends in one; got sklearn"
    ):
        learning_rate_range_test(TransformedTargetRegressor(LogisticRegression()), X, y)
    with pytest.raises(TypeError, match=r"got builtins\.NoneType"):
        learning_rate_range_test(TransformedTargetRegressor(), X, y)


@pytest.mark.parametrize(
    "estimator, arguments, error, text",
    [
        (LogisticRegression(), {}, TypeError, r"`estimator` must be .* got sklearn.*Regression\."),
        (
            MLPClassifierOfSklearn(),
            {},
            TypeError,
            r"`estimator` must be .* of skmlp.* got sklearn\..*\.MLPClassifier\. Pass",
        ),
        (MLPClassifier(solver="lbfgs"), {}, ValueError, "L-BFGS has no learning rate; got 'lbfgs'"),
        (
            MLPClassifier(),
            {"min_rate": 1.0, "max_rate": 0.1},
            ValueError,
            r"`min_rate` must be below `max_rate`; got 1\.0 and 0\.1",
        ),
        (
            MLPClassifier(),
            {"n_steps": 1},
            ValueError,
            "an integer of at least 2; got 1",
        ),
    ],
)
def test_a_senseless_range_test_is_refused(estimator, arguments, error, text):
    with pytest.raises(error, match=text):
        learning_rate_range_test(estimator, X, y, **arguments)


@pytest.fixture
def pyplot():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    yield plt
    plt.close("all")


def test_the_range_display_shows_rates_losses_and_suggestion(pyplot):
    _, ax = pyplot.subplots()
    display = LearningRateRangeDisplay.from_estimator(MLPClassifier(), X, y, ax=ax, n_steps=60)
    assert display.ax_ is ax
    assert display.figure_ is ax.figure
    batches, average, suggestion = ax.get_lines()
    np.testing.assert_array_equal(batches.get_ydata(), display.losses)
    np.testing.assert_array_equal(average.get_ydata(), display.smoothed_losses)
    assert suggestion.get_xdata()[0] == display.suggestion
    assert ax.get_xscale() == "log"


def test_the_loss_curve_display_marks_the_best_epoch(pyplot):
    classifier = MLPClassifier(early_stopping=True, max_iter=10, random_state=0).fit(X, y)
    display = LossCurveDisplay.from_estimator(classifier, scores=True, learning_rate=True)
    training, validation, best = display.ax_.get_lines()
    np.testing.assert_array_equal(training.get_ydata(), classifier.loss_curve_)
    np.testing.assert_array_equal(validation.get_ydata(), classifier.validation_loss_curve_)
    assert best.get_xdata()[0] == classifier.best_iteration_
    (scores,) = display.score_ax_.get_lines()
    np.testing.assert_array_equal(scores.get_ydata(), classifier.validation_scores_)
    (rates,) = display.learning_rate_ax_.get_lines()
    np.testing.assert_array_equal(rates.get_ydata(), classifier.learning_rate_curve_)


def test_without_early_stopping_the_best_epoch_is_that_of_the_training_loss(pyplot):
    classifier = MLPClassifier(max_iter=10, random_state=0).fit(X, y, X_val=X, y_val=y)
    *_, best = LossCurveDisplay.from_estimator(classifier).ax_.get_lines()
    assert best.get_ydata()[0] == min(classifier.loss_curve_)


def test_the_axes_on_the_right_keep_their_labels_apart(pyplot):
    classifier = MLPClassifier(early_stopping=True, max_iter=10, random_state=0).fit(X, y)
    display = LossCurveDisplay.from_estimator(classifier, scores=True, learning_rate=True)
    display.figure_.canvas.draw()
    scores, rates = (
        ax.yaxis.get_tightbbox() for ax in (display.score_ax_, display.learning_rate_ax_)
    )
    assert scores.x1 < rates.x0
    legend = display.ax_.get_legend().get_window_extent()
    assert legend.y0 >= display.ax_.get_window_extent().y1


def test_curves_that_there_are_not_have_neither_axes_nor_legend(pyplot):
    classifier = MLPClassifier(solver="lbfgs", max_iter=3, random_state=0).fit(X, y)
    display = LossCurveDisplay.from_estimator(classifier, scores=True, learning_rate=True)
    assert display.score_ax_ is None
    assert display.learning_rate_ax_ is None
    assert [text.get_text() for text in display.ax_.get_legend().get_texts()] == [
        "training loss",
        f"best epoch, {classifier.best_iteration_}",
    ]


def test_several_networks_share_the_axes_under_their_names(pyplot):
    small, large = (
        MLPClassifier(size, max_iter=5, random_state=0).fit(X, y) for size in [(5,), (50,)]
    )
    pipeline = make_pipeline(StandardScaler(), clone(large)).fit(X, y)
    display = LossCurveDisplay.from_estimator({"5 units": small, "50 units, scaled": pipeline})
    labels = display.ax_.get_legend_handles_labels()[1]
    assert labels[0] == "5 units: training loss"
    assert labels[2] == "50 units, scaled: training loss"


def test_the_networks_of_an_ensemble_are_drawn_in_one_colour(pyplot):
    arguments = {"hidden_layer_sizes": 8, "max_iter": 3, "random_state": 0}
    ensemble = TabularMLPRegressor(n_estimators=3, **arguments).fit(X[:99], X[:99, 20])
    network = MLPRegressor(max_iter=3).fit(X[:99], X[:99, 20])
    display = LossCurveDisplay.from_estimator(
        {"ensemble": make_pipeline(StandardScaler(), ensemble), "network": network}, scores=True
    )
    drawn = [line for line in display.ax_.get_lines() if line.get_color() == "C0"]
    assert len(drawn) == 3 * 3
    np.testing.assert_array_equal(drawn[3].get_ydata(), ensemble.estimators_[1].loss_curve_)
    assert len(display.score_ax_.get_lines()) == 3
    best = [member.best_iteration_ for member in ensemble.estimators_]
    span = f"{min(best)} to {max(best)}" if len(set(best)) > 1 else best[0]
    labels = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert labels == [
        "ensemble: training loss",
        "ensemble: validation loss",
        f"ensemble: best epochs, {span}",
        "network: training loss",
        f"network: best epoch, {network.best_iteration_}",
        "ensemble: validation score",
    ]


def test_a_range_test_takes_one_network_of_an_ensemble():
    ensemble = TabularMLPClassifier(hidden_layer_sizes=8, max_iter=2, random_state=0)
    with pytest.raises(TypeError, match=r"got TabularMLPClassifier, an ensemble .*`estimators_`"):
        learning_rate_range_test(ensemble, X, y)
    ensemble.fit(X[:99], y[:99])
    encoding = ensemble.encoder_.transform(X)
    network = ensemble.estimators_[0]
    assert learning_rate_range_test(network, encoding, y, n_steps=20).suggestion > 0


def test_an_unfitted_network_or_another_estimator_has_no_curve(pyplot):
    with pytest.raises(NotFittedError):
        LossCurveDisplay.from_estimator(MLPClassifier())
    with pytest.raises(NotFittedError):
        LossCurveDisplay.from_estimator(TabularMLPClassifier())
    with pytest.raises(TypeError, match=r"`estimator` must be .* got sklearn.*LogisticRegression"):
        LossCurveDisplay.from_estimator(LogisticRegression())
    with pytest.raises(TypeError, match=r"got sklearn.*GridSearchCV\. Pass .*`best_estimator_`"):
        LossCurveDisplay.from_estimator(GridSearchCV(MLPClassifier(), {}))


def test_importing_skmlp_imports_no_linear_model(monkeypatch, without_skmlp):
    monkeypatch.setitem(sys.modules, "sklearn.compose", None)
    importlib.import_module("skmlp")
