"""A search on a cluster of processes finds what the local one finds, also after losing a worker."""

import importlib.util
import os
import runpy
import signal

import clusters
import joblib
import pytest
from clusters import Deadly, X, assert_same_search, make_search, y

# What a cluster warns of, about itself or a worker that is gone, is not skmlp's.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def forked_workers():
    if importlib.util.find_spec("distributed") is None:
        yield
        return
    with clusters.forked_workers():
        yield


@pytest.fixture(params=["dask", "ray"])
def cluster(request, monkeypatch):
    """The arguments with which joblib works on a cluster."""
    pytest.importorskip({"dask": "distributed", "ray": "ray"}[request.param])
    monkeypatch.setenv("PYTHONPATH", clusters.FOLDER, prepend=os.pathsep)
    with getattr(clusters, request.param)() as arguments:
        yield arguments


@pytest.fixture(scope="module")
def local():
    return make_search().fit(X, y)


@pytest.mark.parametrize("name, needs", [("dask", "distributed"), ("ray", "ray")])
def test_the_example_finds_what_the_local_search_finds(name, needs, capsys, monkeypatch):
    pytest.importorskip(needs)
    monkeypatch.setattr("sklearn.datasets.load_digits", lambda return_X_y: (X, y))
    runpy.run_path(str(clusters.EXAMPLES / f"search_on_{name}.py"), run_name="__main__")
    assert "same as local  True" in capsys.readouterr().out


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX")
def test_a_worker_that_is_killed_costs_no_result(cluster, local, tmp_path):
    with joblib.parallel_config(**cluster):
        search = make_search(Deadly(tmp_path / "killed", delay=0.02)).fit(X, y)
    assert (tmp_path / "killed").exists()
    assert_same_search(search, local)
