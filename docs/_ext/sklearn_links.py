"""Links from the names of scikit-learn to its reference, without its inventory or a network."""

from importlib import import_module

from sklearn.utils.discovery import all_displays, all_estimators

import skmlp

PAGE = "https://scikit-learn.org/stable/modules/generated/{name}.html"


def public_name(documented):
    """Return the full name under which scikit-learn documents a class."""
    return documented.__module__.split("._")[0] + "." + documented.__name__


# Classes alone have short names: `shuffle` is an argument, too. Ours are not theirs.
NAMES = {
    name: public_name(documented)
    for name, documented in [*all_estimators(), *all_displays()]
    if not hasattr(skmlp, name)
}


def full_name(target):
    """Return the full name that a reference means, or None if it is none of scikit-learn's."""
    if not target.startswith("sklearn."):
        return NAMES.get(target)
    module, _, name = target.rpartition(".")
    try:
        return target if hasattr(import_module(module), name) else None
    except ImportError:
        return None


def address(target):
    """Return the page of a name of scikit-learn, or None if it is none."""
    name = full_name(target)
    return PAGE.format(name=name) if name else None


def link(app, environment, node, contents):
    """Resolve a reference that Sphinx could not."""
    from docutils import nodes

    found = address(node.get("reftarget", ""))
    if found is None:
        return None
    return nodes.reference("", "", contents, internal=False, refuri=found)


def setup(app):
    """Connect the links to the build."""
    app.connect("missing-reference", link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
