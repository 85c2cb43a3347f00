"""What a fitted linear classifier does with its weights."""

from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn.utils import gen_batches
from sklearn.utils.extmath import safe_sparse_dot
from sklearn.utils.validation import check_is_fitted

from skmlp._arrays import row_major
from skmlp._typing import Array
from skmlp.estimators.common._predictions import finite
from skmlp.estimators.common._samples import check_X
from skmlp.estimators.common._targets import ClassTargets

# Rows that are predicted at a time: a cast to the dtype of the weights is no copy of all of `X`.
_PREDICTED_ROWS = 4096


class LinearScoresMixin:
    """Scores ``X @ coef_.T + intercept_`` with weights that may be stored sparse."""

    # A sparse matrix after `sparsify`.
    coef_: Any
    intercept_: Array
    _targets: ClassTargets

    def decision_function(self, X: Any) -> Array:
        """Return the scores ``X @ coef_.T + intercept_``.

        Divided by the length of a row of `coef_` they are signed distances to its hyperplane.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Inputs.

        Returns
        -------
        scores : ndarray of shape (n_samples,) or (n_samples, n_classes)
            One column per class; a vector, positive for ``classes_[1]``, if there are two classes.

        Raises
        ------
        ValueError
            If a score is beyond the range of its dtype.
        """
        scores = self._scores(X)
        return scores[:, 0] if self._targets.one_logit else scores

    def densify(self) -> Self:
        """Make `coef_` a dense array again, after `sparsify`.

        Returns
        -------
        self : object
            The estimator.
        """
        check_is_fitted(self)
        self.coef_ = self._dense_coef()
        return self

    def sparsify(self) -> Self:
        """Make `coef_` a CSR matrix, which is smaller where most weights are zero, by l1 say.

        Returns
        -------
        self : object
            The estimator.
        """
        check_is_fitted(self)
        self.coef_ = sparse.csr_matrix(self.coef_)
        return self

    def _dense_coef(self) -> Array:
        return self.coef_.toarray() if sparse.issparse(self.coef_) else self.coef_

    def _scores(self, X: Any) -> Array:
        check_is_fitted(self)
        X = check_X(self, X)
        scores = np.empty((X.shape[0], self.coef_.shape[0]), self.coef_.dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            for rows in gen_batches(X.shape[0], _PREDICTED_ROWS):
                part = row_major(X[rows], self.coef_.dtype)
                scores[rows] = safe_sparse_dot(part, self.coef_.T, dense_output=True)
            scores += self.intercept_
        return finite(scores)
