"""What a notebook shows of an estimator: what every argument means, and where to read on."""

import importlib.util
import re

import pytest
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skmlp

X, y = load_iris(return_X_y=True)
each_estimator = pytest.mark.parametrize(
    "name",
    [
        "MLPClassifier",
        "MLPRegressor",
        "PerceptronClassifier",
        "TabularEncoder",
        "TabularMLPClassifier",
        "TabularMLPRegressor",
    ],
)
needs_texts = pytest.mark.skipif(
    importlib.util.find_spec("sklearn.callback") is None,
    reason="scikit-learn shows the text of each argument since 1.9",
)


def fitted(name):
    estimator = getattr(skmlp, name)()
    small = {"max_iter": 2, "tol": 0, "hidden_layer_sizes": 8}
    arguments = {key: value for key, value in small.items() if key in estimator.get_params()}
    return estimator.set_params(**arguments).fit(X, y)


def texts(html):
    """Return the text beside every argument and attribute of a representation, by its name."""
    found = re.findall(
        r'href="([^"]*)">\s*(\w+)\s*<span class="param-doc-description"[^>]*>\s*\w+: (.+?)</span>',
        html,
        re.DOTALL,
    )
    return {name: text for _, name, text in found}


@needs_texts
@each_estimator
def test_every_argument_and_attribute_is_shown_with_its_text(name):
    estimator = fitted(name)
    attributes = {n for n in vars(estimator) if n.endswith("_") and not n.startswith("_")}
    assert {*estimator.get_params(), *attributes} <= set(texts(estimator._repr_html_()))


@needs_texts
@each_estimator
def test_so_it_is_in_a_pipeline(name):
    pipeline = make_pipeline(StandardScaler(), fitted(name))
    assert set(pipeline[-1].get_params()) <= set(texts(pipeline._repr_html_()))


@needs_texts
def test_what_a_table_becomes_is_shown():
    ensemble = fitted("TabularMLPClassifier")
    shown = ensemble.encoder_._repr_html_()
    assert all(name in shown for name in ensemble.encoder_.get_feature_names_out())
    assert texts(ensemble._repr_html_())["encoder_"] == "TabularEncoder<br><br>The fitted encoding."


@each_estimator
def test_every_link_leads_to_the_page_of_the_class(name):
    html = fitted(name)._repr_html_()
    links = re.findall(r'href="([^"]*)"', html)
    page = f"https://skmlp.readthedocs.io/en/stable/generated/skmlp.{name}.html"
    assert page in links
    assert [link for link in links if link.partition("#")[0] != page] == []
