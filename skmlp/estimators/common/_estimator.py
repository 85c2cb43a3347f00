"""What estimators here are: documented and versioned, and independent of their copies."""

import copy
from typing import Any, Self

from skmlp._version import __version__
from skmlp.estimators.common._warnings import warn_user

# By the host's convention: the pages of the latest release.
ADDRESS = "https://skmlp.readthedocs.io/en/stable/"
# What `make docs` calls the page of a public class.
PAGE = "generated/skmlp.{estimator_name}.html"


class EstimatorMixin:
    """Links the tables of arguments and attributes, and with that their texts, to the reference.

    Warns when an estimator is loaded by another version than the one that saved it.
    """

    _doc_link_module = "skmlp"
    _doc_link_template = ADDRESS + PAGE

    # What training writes in place, and a copy has of its own.
    _moving: tuple[str, ...] = ()

    def __copy__(self) -> Self:
        duplicate = object.__new__(type(self))
        moving = {name: vars(self)[name] for name in self._moving if name in vars(self)}
        vars(duplicate).update({**vars(self), **copy.deepcopy(moving)})
        return duplicate

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_skmlp_version": __version__}  # type: ignore[dict-item]

    def __setstate__(self, state: dict[str, Any]) -> None:
        saved_by = state.pop("_skmlp_version", "an unknown version")
        if saved_by != __version__:
            warn_user(
                f"This {type(self).__name__} was saved by skmlp {saved_by} and is loaded by "
                f"{__version__}, which may read it wrongly or predict otherwise. Load it with the "
                "version that saved it, or fit and save it anew."
            )
        super().__setstate__(state)  # type: ignore[misc]
