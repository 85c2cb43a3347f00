"""How Sphinx builds the documentation. It fetches nothing."""

import os
import sys
from pathlib import Path

# The definitions in NumPy are what the documentation shows: they have docstrings and signatures.
os.environ["SKMLP_KERNELS"] = "reference"
os.environ.setdefault("MPLBACKEND", "Agg")

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "_ext")]

import public_api  # noqa: E402

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
    "sphinx_design",
    "mathml",
    "public_api",
    "sklearn_links",
    "speeds",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
# A name in single backticks becomes a link where there is something to link to.
default_role = "py:obj"
add_function_parentheses = False
toc_object_entries_show_parents = "hide"

# API reference

autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False

autosummary_context = {
    "own_methods": public_api.methods(own=True),
    "inherited_methods": public_api.methods(own=False),
}

# Gallery

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"/plot_",
    "within_subsection_order": "gallery_order.GalleryOrder",
    "ignore_pattern": r"(quickstart|larger_than_memory\w*|search_on_\w+)\.py",
    "backreferences_dir": "generated/backreferences",
    "doc_module": ("skmlp",),
    "reference_url": {"skmlp": None},
    "download_all_examples": False,
    "show_memory": False,
    "write_computation_times": False,
    "show_signature": False,
    "remove_config_comments": True,
}

# HTML

html_theme = "pydata_sphinx_theme"
html_title = "skmlp"
html_static_path = ["_static"]
html_css_files = ["skmlp.css"]
html_show_sourcelink = False
html_context = {"default_mode": "auto"}
html_theme_options = {
    "navigation_with_keys": False,
    "secondary_sidebar_items": {"**": ["page-toc"], "index": []},
    "show_prev_next": False,
    "header_links_before_dropdown": 8,
    "footer_start": ["copyright"],
    "footer_end": [],
}
# Pages without pages below them have the whole width.
html_sidebars = {
    name: [] for name in ["index", "install", "quickstart", "theory", "migration", "contributing"]
}
