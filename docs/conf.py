"""How Sphinx builds the documentation. It fetches nothing."""

import inspect
import os
import sys
from pathlib import Path

# The definitions in NumPy are what the documentation shows: they have docstrings and signatures.
os.environ["SKMLP_KERNELS"] = "reference"
os.environ.setdefault("MPLBACKEND", "Agg")

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "_ext")]

import skmlp  # noqa: E402

project = "skmlp"
author = "the skmlp developers"
project_copyright = "the skmlp developers, BSD-3-Clause"
version = release = skmlp.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    "mathml",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
# A name in single backticks becomes a link where there is something to link to.
default_role = "py:obj"
add_function_parentheses = False

# API reference

autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False
# `score`, `get_params` and the like are documented by scikit-learn.
numpydoc_xref_param_type = False

GROUPS = {
    "estimators": "Estimators",
    "inspection": "Inspection",
    "persistence": "Persistence",
}


def group_of(name):
    """Return the heading of a public name: the subpackage that it is defined in."""
    package = getattr(skmlp, name).__module__.split(".")[1]
    return GROUPS.get(package, package.capitalize())


def own_methods(cls):
    """Return the methods of a class to document: those of skmlp, and `score`."""
    return [
        name
        for name, method in inspect.getmembers(cls, callable)
        if not name.startswith("_")
        and (getattr(method, "__module__", "").startswith("skmlp") or name == "score")
    ]


def write_api_page(app, config):
    """Write the page of the public names, `skmlp.__all__`, one table per group."""
    groups = {}
    for name in skmlp.__all__:
        groups.setdefault(group_of(name), []).append(name)
    lines = [
        ".. This page is written by conf.py from `skmlp.__all__`.",
        "",
        ".. _api:",
        "",
        "API reference",
        "=============",
        "",
        "What can be imported from ``skmlp``. :doc:`core` documents what is below.",
        "",
        ".. currentmodule:: skmlp",
    ]
    for title in sorted(groups, key=[*GROUPS.values(), *groups].index):
        lines += ["", title, "-" * len(title), "", ".. autosummary::", "   :toctree: generated/", ""]
        lines += [f"   {name}" for name in groups[title]]
    text = "\n".join([*lines, "", ".. toctree::", "   :hidden:", "", "   core", ""])
    page = HERE / "api.rst"
    if not page.exists() or page.read_text() != text:
        page.write_text(text)


autosummary_context = {
    "own_methods": {
        f"skmlp.{name}": own_methods(getattr(skmlp, name))
        for name in skmlp.__all__
        if inspect.isclass(getattr(skmlp, name))
    }
}

# Gallery

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"/plot_",
    "ignore_pattern": r"quickstart\.py",
    "backreferences_dir": "generated/backreferences",
    "doc_module": ("skmlp",),
    "reference_url": {"skmlp": None},
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "remove_config_comments": True,
}

# HTML

html_theme = "pydata_sphinx_theme"
html_title = "skmlp"
html_static_path = ["_static"]
html_css_files = ["skmlp.css"]
html_show_sourcelink = False
html_theme_options = {
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": False,
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"index": [], "install": [], "quickstart": [], "migration": [], "contributing": []}


def setup(app):
    """Connect what this file defines."""
    app.connect("config-inited", write_api_page)
