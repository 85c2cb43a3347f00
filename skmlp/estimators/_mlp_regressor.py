"""MLPRegressor."""

from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.metaestimators import available_if

from skmlp._typing import Array
from skmlp.estimators import _recipes as recipes
from skmlp.estimators._base import BaseMLP, can_partial_fit
from skmlp.estimators._held_out import HeldOut
from skmlp.losses import RegressionLoss


class MLPRegressor(RegressorMixin, BaseMLP):
    """DOC"""

    _rules = recipes.REGRESSOR_RULES
    _y_is_numeric = True

    def __init__(
        self,
        loss="squared_error",
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        solver="adam",
        alpha=0.0001,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=0.001,
        power_t=0.5,
        max_iter=200,
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose=False,
        warm_start=False,
        momentum=0.9,
        nesterovs_momentum=True,
        early_stopping=False,
        validation_fraction=0.1,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        n_iter_no_change=10,
        max_fun=15000,
        n_hidden_layers=None,
        warmup_iter=0,
        dropout=0.0,
        max_grad_norm=None,
        weight_init="auto",
        frozen_layers=0,
        scoring=None,
        dtype="auto",
        huber_delta=1.0,
        quantile=0.5,
        out_activation="auto",
    ):
        self.loss = loss
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.n_hidden_layers = n_hidden_layers
        self.warmup_iter = warmup_iter
        self.dropout = dropout
        self.max_grad_norm = max_grad_norm
        self.weight_init = weight_init
        self.frozen_layers = frozen_layers
        self.scoring = scoring
        self.dtype = dtype
        self.huber_delta = huber_delta
        self.quantile = quantile
        self.out_activation = out_activation

    @available_if(can_partial_fit)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train one epoch on the given samples and go on from there in the next call.

        The optimizer, the random generator and the schedule go on as well; constructor arguments
        changed by ``set_params`` between two calls take effect.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training inputs; a single row is allowed.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Target values.
        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights, none negative, not all zero. If None, all samples weigh the same.

        Returns
        -------
        self : object
            The estimator.

        Raises
        ------
        ValueError
            If an argument or the data break a rule, or the training diverges.
        """
        return self._partial_fit(X, y, sample_weight)

    def predict(self, X: Any) -> Array:
        """Return the predicted targets.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Inputs.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Predictions, a vector if there is one output.
        """
        prediction = self._make_loss().predict(self._raw_predictions(X))
        return prediction[:, 0] if self.n_outputs_ == 1 else prediction

    def _check_y(
        self, y: Any, first: bool, classes: Any = None, name: str = "y"
    ) -> tuple[Array, Array]:
        y = np.asarray(y)
        targets = y.reshape(len(y), -1)
        if first:
            self.n_outputs_ = targets.shape[1]
            self.out_activation_ = recipes.out_activation_name(self)
        if targets.shape[1] != self.n_outputs_:
            raise ValueError(
                f"`{name}` must have {self.n_outputs_} outputs, as in the first fit; got "
                f"{targets.shape[1]}."
            )
        recipes.check_target_range(self, targets, name)
        return y, targets

    def _make_loss(self) -> RegressionLoss:
        return recipes.make_regression_loss(self)

    def _own_score(self, raw_prediction: Array, held_out: HeldOut) -> float:
        prediction = self._make_loss().predict(raw_prediction)
        return float(r2_score(held_out.targets, prediction, sample_weight=held_out.weight))

    def _stratify_by(self, targets: Array) -> Array | None:
        return None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
