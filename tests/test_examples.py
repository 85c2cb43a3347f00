"""Every script of the gallery runs, without a network, and draws something with labels."""

import importlib
import re
import runpy
import urllib.error
import urllib.request
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import skmlp

matplotlib = pytest.importorskip("matplotlib", reason="the examples draw with matplotlib")
matplotlib.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")

FOLDER = Path(__file__).parents[1] / "examples"
EXAMPLES = sorted(FOLDER.glob("plot_*.py"))


def refuse_connection(*args, **kwargs):
    """Stand in for a machine without network."""
    raise urllib.error.URLError("the tests use no network")


def the_network_beats_the_linear_model(found):
    assert found["name"] == "Friedman's function"
    assert found["error"] < 0.6 * found["linear_error"]


def huber_and_absolute_error_stay_near_the_truth(found):
    errors = found["errors"]
    assert max(errors["huber"], errors["absolute_error"]) < 0.3 * errors["squared_error"]


def a_bounded_output_stays_in_range_where_identity_leaves_it(found):
    predictions = found["predictions"]
    assert predictions["softplus", "identity"].min() < 0 < predictions["softplus", "softplus"].min()
    assert predictions["logistic", "identity"].max() > 1 > predictions["logistic", "logistic"].max()


def a_hidden_layer_solves_what_a_line_cannot(found):
    straight, bent = "no hidden layer", "4 tanh units"
    for problem in ("circle", "xor"):
        assert found["accuracy"][problem, straight] < 0.7
        assert found["accuracy"][problem, bent] > 0.95
    assert all(film["accuracies"][-1] > 0.94 for film in found["films"].values())
    assert all(film["losses"][-1] < film["losses"][0] for film in found["films"].values())


def early_stopping_is_right_more_often_and_smoothing_is_calibrated_best(found):
    plain, smoothed, stopped = found["quality"].values()
    assert stopped["accuracy"] > 0.02 + max(smoothed["accuracy"], plain["accuracy"])
    assert stopped["log loss"] < smoothed["log loss"] < plain["log loss"]
    assert smoothed["calibration error"] < stopped["calibration error"]
    assert stopped["calibration error"] < plain["calibration error"]


def both_belts_hold_a_large_network(found):
    plain, *held = found["losses"].values()
    assert max(held) < 0.7 * plain


def large_batches_want_larger_rates_and_warm_up_bears_them(found):
    small, large, warm = found["curves"].values()
    assert small[0] < large[0]
    assert small.argmin() < large.argmin()
    assert (warm[5:7] < large[5:7] / 2).all()


def a_borrowed_layer_is_better_at_first_and_worse_in_the_end(found):
    borrowed, own = found["means"].values()
    assert (borrowed[:4] > own[:4]).all()
    assert borrowed[-1] < own[-1]


def networks_beat_boosting_on_tables_as_they_are(found):
    boosting, ours = found["scores"].values()
    assert ours["AUC"] > boosting["AUC"] + 0.01
    assert ours["average precision"] > boosting["average precision"]
    assert ours["log loss"] < 0.9 * boosting["log loss"]
    assert found["errors"]["skmlp"].mean() < 0.95 * found["errors"]["gradient boosting"].mean()
    assert 0.87 < found["coverage"] < 0.96


# What a script says of the baselines it draws.
CLAIMS = {
    "plot_messy_tables": networks_beat_boosting_on_tables_as_they_are,
    "plot_predictions_against_targets": the_network_beats_the_linear_model,
    "plot_huber_outliers": huber_and_absolute_error_stay_near_the_truth,
    "plot_output_activations": a_bounded_output_stays_in_range_where_identity_leaves_it,
    "plot_playground": a_hidden_layer_solves_what_a_line_cannot,
    "plot_label_smoothing": early_stopping_is_right_more_often_and_smoothing_is_calibrated_best,
    "plot_stretch_pants": both_belts_hold_a_large_network,
    "plot_batch_size_warmup": large_batches_want_larger_rates_and_warm_up_bears_them,
    "plot_transfer": a_borrowed_layer_is_better_at_first_and_worse_in_the_end,
}


@pytest.fixture
def small_ensembles(monkeypatch):
    """Let ensembles be of three networks unless a script asks for more: eight do better still."""
    for name in ("TabularMLPClassifier", "TabularMLPRegressor"):
        monkeypatch.setattr(skmlp, name, partial(getattr(skmlp, name), n_estimators=3))


# An old matplotlib beside a new pyparsing.
@pytest.mark.filterwarnings(r"ignore:'\w+' .*deprecated:DeprecationWarning")
@pytest.mark.usefixtures("small_ensembles")
@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_example_draws_a_figure_and_keeps_its_word(script, monkeypatch):
    monkeypatch.delenv("SKMLP_DATA", raising=False)
    found = assert_draws(script, monkeypatch)
    if script.stem in CLAIMS:
        CLAIMS[script.stem](found)


def test_every_claim_is_that_of_an_example():
    assert set(CLAIMS) <= {script.stem for script in EXAMPLES}


@pytest.fixture
def demo(monkeypatch):
    """The script of `make demo`, imported."""
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("quickstart")


def test_in_the_demo_a_table_as_it_comes_is_learnt_better_than_by_boosting(demo):
    with threadpool_limits(1):
        boosting, ours = (
            demo.table_precisions(model, n_tables=1)[0] for model in demo.TABULAR.values()
        )
    assert ours > boosting + 0.02


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_in_the_demo_skmlp_is_as_right_as_scikit_learn_and_more_often_with_label_smoothing(demo):
    theirs, ours, smoothed = (
        demo.digits_accuracies(model, n_splits=2)[0] for model in demo.CLASSIFIERS.values()
    )
    np.testing.assert_allclose(ours, theirs, atol=2 / 450)
    assert (smoothed > theirs).all()


def test_in_the_demo_the_robust_network_beats_every_other_model(demo):
    with threadpool_limits(1):
        *others, ours = (
            demo.outlier_errors(model, n_splits=1)[0] for model in demo.REGRESSORS.values()
        )
    assert ours < 0.9 * min(others)


def test_in_the_demo_a_training_is_killed_and_its_resumption_ends_in_the_same_bits(
    demo, monkeypatch
):
    pytest.importorskip("sklearn.callback", reason="callbacks need scikit-learn 1.9")
    kill, exits = demo.kill_a_training, []
    monkeypatch.setattr(demo, "kill_a_training", lambda path: exits.append(kill(path)))
    with threadpool_limits(1):
        assert demo.same_weights(*demo.killed_and_undisturbed())
    assert exits != [0]


def test_the_pictures_of_the_readme_are_there_and_somebody_knows_how_they_were_drawn():
    root = FOLDER.parent
    pictures = re.findall(r"!\[[^]]+\]\((docs/.+?)\)", (root / "README.md").read_text("utf-8"))
    assert pictures == ["docs/_static/demo.png", "docs/_static/speeds.svg"]
    assert all((root / picture).exists() for picture in pictures)
    guide = (root / "CONTRIBUTING.md").read_text("utf-8")
    assert f"examples/quickstart.py {pictures[0]}" in guide
    assert "make speeds" in guide


def assert_draws(script, monkeypatch):
    """Return the names of a script after checking what it has drawn."""
    monkeypatch.setattr(urllib.request, "urlopen", refuse_connection)
    with matplotlib.rc_context():
        found = runpy.run_path(str(script), run_name="__main__")
    figures = [plt.figure(number) for number in plt.get_fignums()]
    try:
        assert figures
        for figure in figures:
            figure.canvas.draw()
            assert any(ax.has_data() for ax in figure.axes)
            assert all(ax.has_data() for ax in figure.axes if ax.axison)
    finally:
        plt.close("all")
    return found


@pytest.fixture
def small_data(tmp_path, monkeypatch):
    """Data of the shapes of the large ones, in a folder that SKMLP_DATA names."""
    rng = np.random.RandomState(0)
    images, kinds = rng.randint(0, 256, (60, 28, 28)).astype(np.uint8), np.arange(60) % 10
    np.savez(
        tmp_path / "fashion_mnist.npz",
        **{"X_train": images, "y_train": kinds, "X_test": images, "y_test": kinds},
    )
    np.savez(tmp_path / "covertype.npz", X=rng.rand(350, 54), y=np.arange(350) % 7 + 1)
    monkeypatch.setenv("SKMLP_DATA", str(tmp_path))


@pytest.mark.parametrize("name", ["fashion_mnist_confusions", "covertype_class_weights"])
def test_example_of_large_data_draws_from_a_folder_what_the_gallery_shows(
    name, small_data, monkeypatch
):
    script = FOLDER / f"{name}.py"
    assert (FOLDER.parent / "docs" / "_static" / f"{name}.png").exists()
    assert f"/_static/{name}.png" in script.read_text(encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # There are fewer samples than in a batch.
        assert_draws(script, monkeypatch)


def test_the_gallery_is_not_empty():
    assert len(EXAMPLES) > 10
