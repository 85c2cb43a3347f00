"""Where the documentation is that an estimator's HTML representation links to."""

# By the host's convention: the pages of the latest release.
ADDRESS = "https://skmlp.readthedocs.io/en/stable/"
# What `make docs` calls the page of a public class.
PAGE = "generated/skmlp.{estimator_name}.html"


class DocumentedMixin:
    """Links the tables of arguments and attributes, and with that their texts, to the reference."""

    _doc_link_module = "skmlp"
    _doc_link_template = ADDRESS + PAGE
