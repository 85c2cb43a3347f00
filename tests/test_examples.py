"""Every script of the gallery runs, without a network, and draws something with labels."""

import runpy
import urllib.error
import urllib.request
import warnings
from pathlib import Path

import numpy as np
import pytest

matplotlib = pytest.importorskip("matplotlib", reason="the examples draw with matplotlib")
matplotlib.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")

FOLDER = Path(__file__).parents[1] / "examples"
EXAMPLES = sorted(FOLDER.glob("plot_*.py"))


def refuse_connection(*args, **kwargs):
    """Stand in for a machine without network."""
    raise urllib.error.URLError("the tests use no network")


# An old matplotlib beside a new pyparsing.
@pytest.mark.filterwarnings(r"ignore:'\w+' .*deprecated:DeprecationWarning")
@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_example_draws_a_figure(script, monkeypatch):
    assert_draws(script, monkeypatch)


def assert_draws(script, monkeypatch):
    monkeypatch.setattr(urllib.request, "urlopen", refuse_connection)
    with matplotlib.rc_context():
        runpy.run_path(str(script), run_name="__main__")
    figures = [plt.figure(number) for number in plt.get_fignums()]
    try:
        assert figures
        for figure in figures:
            figure.canvas.draw()
            assert any(ax.has_data() for ax in figure.axes)
            assert all(ax.has_data() for ax in figure.axes if ax.axison)
    finally:
        plt.close("all")


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
