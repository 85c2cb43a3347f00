"""The documentation that an estimator's HTML representation shows and links to."""

from typing import Any

# Where the documentation is to be read, with a slash at the end. It is not published yet; an
# address made up could become anybody's.
ADDRESS = ""
# What `make docs` calls the page of a public class.
PAGE = "generated/skmlp.{estimator_name}.html"
# Leads nowhere: scikit-learn shows what an argument means only beside a link.
NOWHERE = "#"


class DocumentedMixin:
    """Gives the tables of arguments and attributes their texts, and the links if there are any."""

    _doc_link_module = "skmlp"

    @property
    def _doc_link_template(self) -> str:
        return ADDRESS + PAGE if ADDRESS else ""

    def _get_params_html(self, *args: Any, **kwargs: Any) -> Any:
        return _linked(super()._get_params_html(*args, **kwargs))  # type: ignore[misc]

    def _get_fitted_attr_html(self, *args: Any, **kwargs: Any) -> Any:
        return _linked(super()._get_fitted_attr_html(*args, **kwargs))  # type: ignore[misc]


def _linked(table: Any) -> Any:
    # Before scikit-learn 1.9 a table has no links.
    table.doc_link = getattr(table, "doc_link", "") or NOWHERE
    return table
