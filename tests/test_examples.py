"""Every script of the gallery runs, without a network, and draws something with labels."""

import runpy
import urllib.error
import urllib.request
from pathlib import Path

import pytest

matplotlib = pytest.importorskip("matplotlib", reason="the examples draw with matplotlib")
matplotlib.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("plot_*.py"))


def refuse_connection(*args, **kwargs):
    """Stand in for a machine without network."""
    raise urllib.error.URLError("the tests use no network")


# An old matplotlib beside a new pyparsing.
@pytest.mark.filterwarnings(r"ignore:'\w+' .*deprecated:DeprecationWarning")
@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_example_draws_a_figure(script, monkeypatch):
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


def test_the_gallery_is_not_empty():
    assert len(EXAMPLES) > 10
