"""The page of the API reference, written from the public names of skmlp."""

import inspect
from operator import attrgetter
from pathlib import Path

import skmlp

# What has a docstring: not the version.
NAMES = [
    *(name for name in skmlp.__all__ if callable(getattr(skmlp, name))),
    *(f"callbacks.{name}" for name in skmlp.callbacks.__all__),
]
# The subpackage that a name is defined in decides its table.
TITLES = {
    "estimators": "Estimators",
    "inspection": "Inspection",
    "persistence": "Persistence",
    "callbacks": "Callbacks",
}
# The hooks of a callback: called by scikit-learn and by the training, never by a user.
HOOKS = {"setup", "teardown", "on_fit_task_begin", "on_fit_task_end"}
HOOKS |= {"watch", "watch_network", "watch_ensemble"}
HEAD = """\
.. Written by _ext/public_api.py from ``skmlp.__all__`` and ``skmlp.callbacks.__all__``.

.. _api:

API reference
=============

What can be imported from ``skmlp``. :doc:`core` documents what is below.

.. currentmodule:: skmlp
"""
TABLE = """
{title}
{line}

.. autosummary::
   :toctree: generated/

   {names}
"""
TAIL = """
.. toctree::
   :hidden:

   core
"""


def public(name):
    """Return what a public name stands for."""
    return attrgetter(name)(skmlp)


def package_of(name):
    """Return the subpackage that a public name is imported from, or else defined in."""
    package, dot, _ = name.rpartition(".")
    return package if dot else public(name).__module__.split(".")[1]


def page():
    """Return the page as reStructuredText: a table for every subpackage."""
    packages = sorted({package_of(name) for name in NAMES}, key=[*TITLES].index)
    tables = [
        TABLE.format(
            title=TITLES[package],
            line="-" * len(TITLES[package]),
            names="\n   ".join(name for name in NAMES if package_of(name) == package),
        )
        for package in packages
    ]
    return "".join([HEAD, *tables, TAIL])


def methods_of(cls, *, own):
    """Return the public methods that are written in skmlp, or those that are not."""
    return [
        name
        for name, method in inspect.getmembers(cls, callable)
        if not name.startswith("_")
        and name not in HOOKS
        and (getattr(method, "__module__", None) or "").startswith("skmlp") == own
    ]


def methods(*, own):
    """Return the public methods of every public class, by its full name."""
    return {
        f"skmlp.{name}": methods_of(public(name), own=own)
        for name in NAMES
        if inspect.isclass(public(name))
    }


def write_page(app, config):
    """Write the page, unless it is there already; Sphinx calls this before it reads any page."""
    path = Path(app.srcdir) / "api.rst"
    if not path.exists() or path.read_text(encoding="utf-8") != page():
        path.write_text(page(), encoding="utf-8")


def setup(app):
    """Connect the page to the build."""
    app.connect("config-inited", write_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
