"""MLPRegressor."""

from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
from sklearn.base import RegressorMixin

from skmlp._typing import Array
from skmlp.estimators.common._culprits import refuse_not_finite
from skmlp.estimators.common._methods import available_if
from skmlp.estimators.common._samples import finite
from skmlp.estimators.mlp._argument_rules import REGRESSOR_RULES
from skmlp.estimators.mlp._argument_types import (
    ActivationName,
    Dtype,
    InitializerName,
    LossName,
    OutActivationName,
    RegressorArguments,
    ScheduleName,
    Scoring,
    Sizes,
    SolverName,
)
from skmlp.estimators.mlp._base import BaseMLP, check_partial_fit
from skmlp.estimators.mlp._options import (
    check_normalisation,
    check_target_range,
    make_regression_loss,
    out_activation_name,
    pointwise_loss,
)
from skmlp.estimators.mlp._scoring import r2
from skmlp.estimators.mlp._target_scale import TargetScale
from skmlp.estimators.mlp._warnings import warn_if_unresolved
from skmlp.losses import OutputLoss
from skmlp.output_activations import OUTPUT_ACTIVATIONS
from skmlp.training.data import Samples


class MLPRegressor(RegressorArguments, RegressorMixin, BaseMLP):
    """Multilayer perceptron regressor.

    Minimises a loss between targets and predictions by backpropagation, plus an L2 penalty. Drop-in
    for `sklearn.neural_network.MLPRegressor`.

    With ``h_0 = X`` the layers compute ``h_{l+1} = f_l(h_l @ coefs_[l] + intercepts_[l])``; the
    prediction is `out_activation` of the last one.

    Parameters
    ----------
    loss : str, default="squared_error"
        Loss of a residual ``r = prediction - y``, averaged over samples and outputs:
        ``"squared_error"``: ``r**2 / 2``; ``"absolute_error"``: ``|r|``; ``"huber"``: quadratic
        below `huber_delta`, linear above; ``"quantile"``: pinball loss of `quantile`;
        ``"poisson"``: half the Poisson deviance, summed over outputs, for counts.
    hidden_layer_sizes : sequence of int, or int, default=(100,)
        Units per hidden layer. ``()`` has none: linear regression. An int is the width of
        `n_hidden_layers` layers.
    activation : str or sequence of str, default="relu"
        Activation of the hidden layers, one for all or one per layer: ``"identity"``,
        ``"logistic"``, ``"tanh"``, ``"relu"``, ``"leaky_relu"`` (slope 0.01), ``"elu"``,
        ``"selu"``, ``"gelu"`` (exact), ``"silu"``, ``"mish"`` or ``"softplus"``.
    solver : str, default="adam"
        ``"adam"``, ``"adamw"``, ``"muon"``, ``"nadam"``, ``"sgd"``, ``"rmsprop"`` and
        ``"adagrad"`` train batch by batch; ``"lbfgs"`` on all samples at once, often best for a few
        thousand rows.
    alpha : float in [0, inf), default=0.0001
        Strength of the L2 penalty ``alpha / 2 sum(coefs**2) / n``, where n is the total weight of
        the samples of a batch: as in scikit-learn, its effect grows as the batch shrinks. With
        ``solver="adamw"`` and ``"muon"`` it is decoupled weight decay instead: each step takes the
        part `alpha` times the learning rate off every weight, whatever the size of the batch.
    batch_size : int or "auto", default="auto"
        Samples per step of the stochastic solvers; ``"auto"`` is ``min(200, n_samples)``.
    learning_rate : str, default="constant"
        Schedule of the stochastic solvers. ``"constant"``; ``"invscaling"``: divided by
        ``n_samples_seen**power_t``; ``"adaptive"``: divided by 5 at every standstill, until 1e-6;
        ``"exponential"``: down to 1/100 over `max_iter`; ``"cosine"``: down to zero over
        `max_iter`; ``"one_cycle"``: up from 1/25 over 30 % of `max_iter`, then down to zero.
    learning_rate_init : float in (0, inf), default=0.001
        Learning rate at the start, the peak for ``"one_cycle"``.
    power_t : float in [0, inf), default=0.5
        Exponent of ``learning_rate="invscaling"``.
    max_iter : int, default=200
        Largest number of epochs (passes over the samples), or of iterations of L-BFGS.
    shuffle : bool, default=True
        Whether each epoch takes the samples in a new random order.
    random_state : int, RandomState instance or None, default=None
        Seed of the first weights, the validation split, the shuffling and the dropout.
    tol : float in [0, inf), default=1e-4
        An epoch that improves the loss (the validation score, with `early_stopping`) by less is no
        improvement. For L-BFGS the largest gradient entry of a converged model.
    verbose : bool or int, default=False
        Whether to print a line per epoch and, at the end of `fit`, why it ended.
    warm_start : bool, default=False
        Whether `fit` starts from the weights of the last one. Patience, best score and optimizer
        start anew.
    momentum : float in [0, 1], default=0.9
        Momentum of ``solver="sgd"``.
    nesterovs_momentum : bool, default=True
        Whether ``solver="sgd"`` uses Nesterov's momentum.
    early_stopping : bool, default=False
        Whether to end the training when the score of a validation set stands still, and to go back
        to the best epoch. Of epochs whose scores differ by at most `tol`, the one with the lowest
        validation loss is the best.
    validation_fraction : float in [0, 1), default=0.1
        Part of the samples held out by `early_stopping` where `fit` gets no `X_val`.
    beta_1 : float in [0, 1), default=0.9
        Decay of the running average of the gradient in ``"adam"``, ``"adamw"``, ``"muon"`` and
        ``"nadam"``.
    beta_2 : float in [0, 1), default=0.999
        Decay of the running average of its square in the same and in ``"rmsprop"``.
    epsilon : float in (0, inf), default=1e-8
        Keeps the adaptive solvers from dividing by zero. In Adam it is added before the bias
        correction, as in scikit-learn.
    n_iter_no_change : int or infinite float, default=10
        Epochs without improvement that are tolerated.
    max_fun : int, default=15000
        Largest number of evaluations of the objective by L-BFGS.
    n_hidden_layers : int or None, default=None
        That many layers of the one width in `hidden_layer_sizes`, so that a tuner can search two
        plain integers. None: as many as `hidden_layer_sizes` names.
    warmup_iter : int, default=0
        Epochs over which the learning rate rises linearly to its schedule. No standstill ends the
        training before the rate has risen, here and with ``learning_rate="one_cycle"``.
    dropout : float in [0, 1) or sequence of float, default=0.0
        Part of the hidden activations that training sets to zero at random, for all layers or one
        per layer. With ``"selu"`` it is alpha dropout.
    max_grad_norm : float in (0, inf) or None, default=None
        Gradients of a larger Euclidean norm are scaled down to it.
    averaging : float in [0, 1), default=0.0
        Decay per epoch of a running mean of the weights. Above 0, the weights that are validated,
        shown to callbacks and kept are the mean of those after the epochs of this `fit` so far, the
        later the heavier: with 0.8 about that of the last five. `loss_curve_` is still of the
        weights that take the steps.
    weight_init : str, default="auto"
        Distribution of the first weights: ``"glorot_uniform"``, ``"glorot_normal"``,
        ``"he_uniform"``, ``"he_normal"``, ``"lecun_uniform"`` or ``"lecun_normal"``, with biases of
        zero; ``"auto"``: scikit-learn's uniform rule for weights and biases, ``"lecun_normal"`` for
        layers with ``"selu"``.
    frozen_layers : int, default=0
        The lowest layers that training leaves as they are, see `coefs_init` of `fit`.
    scoring : str, callable or None, default=None
        What `early_stopping` watches: ``"loss"`` is the validation loss, else a scorer of
        scikit-learn, its name or a callable. None is the estimator's own score, R², for the losses
        whose minimum is the mean, and the validation loss for the others.
    dtype : {"auto", "float32", "float64"} or NumPy dtype, default="auto"
        Arithmetic of training. ``"auto"``: the dtype of `X` for ``solver="lbfgs"`` and networks of
        fewer than 4,000 parameters, else float32, which is about twice as fast. Fitted
        attributes and predictions have the dtype of `X` (float64 for integers) in any case.
    huber_delta : float in (0, inf), default=1.0
        The residual, in units of `y`, from which on ``loss="huber"`` is linear.
    quantile : float in (0, 1), default=0.5
        The quantile that ``loss="quantile"`` predicts.
    out_activation : str, default="auto"
        From raw predictions to predictions: ``"identity"``, ``"relu"``, ``"softplus"``, ``"exp"``,
        ``"logistic"`` or ``"tanh"``. ``"auto"``: ``"exp"`` for ``loss="poisson"``, else
        ``"identity"``. Targets must lie in its range. ``"relu"`` learns nothing from a sample that
        it predicts as zero, so its biases start at the mean of the targets.
    normalize_y : bool, default=False
        Whether to train on targets with mean 0 and standard deviation 1, per output and with the
        sample weights; for the losses that gross errors do not move, ``"absolute_error"``,
        ``"quantile"`` and ``"huber"``, with median 0 and the interquartile range of a standard
        normal distribution. `fit` standardises with the targets that it gets, also after a warm
        start; `partial_fit` keeps what its first call, or the last `fit`, found; its optimizer
        begins anew where this argument has changed. Predictions, scores, `huber_delta`, `coefs_`
        and `coefs_init` are in the targets' own units: the scale is folded into the output layer.
        Losses and `tol` are of the standardised targets. Needs the `out_activation`
        ``"identity"``.

    Attributes
    ----------
    coefs_ : list of ndarray of shape (n_units_below, n_units)
        Weights per layer.
    intercepts_ : list of ndarray of shape (n_units,)
        Biases per layer.
    n_features_in_ : int
        Features seen in `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Their names, if `X` has string names for all.
    n_layers_ : int
        Layers, input and output included.
    n_outputs_ : int
        Units of the output layer.
    out_activation_ : str
        Activation of the output layer.
    y_mean_ : ndarray of shape (n_outputs,) or None
        What `normalize_y` subtracted from the targets in training.
    y_scale_ : ndarray of shape (n_outputs,) or None
        What it divided them by.
    loss_ : float
        Objective (mean loss plus penalty) in the last epoch; NaN if the user interrupted the first.
    best_loss_ : float or None
        The lowest one; None with `early_stopping`.
    loss_curve_ : list of float
        Objective per epoch. With `warm_start` and `partial_fit` the curves go on.
    learning_rate_curve_ : list of float
        Learning rate of the last step of each epoch; NaN for L-BFGS.
    validation_loss_curve_ : list of float or None
        Mean loss of the validation set per epoch, without penalty; None if there is none.
    validation_scores_ : list of float or None
        Score of the validation set per epoch.
    best_validation_score_ : float or None
        The highest one with `early_stopping`, else None.
    best_iteration_ : int
        The epoch, counted from 1 along the curves, with the best validation score (the lowest loss,
        without `early_stopping`).
    n_iter_ : int
        Epochs (iterations of L-BFGS) of the last call.
    stop_reason_ : str
        Why the training ended, in a sentence.
    t_ : int
        Samples seen in training.

    See Also
    --------
    MLPClassifier : The same network for labels.

    References
    ----------
    Rumelhart, Hinton and Williams (1986), "Learning representations by back-propagating errors",
    Nature 323.

    Kingma and Ba (2015), "Adam: a method for stochastic optimization", ICLR.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.preprocessing import scale
    >>> from skmlp import MLPRegressor
    >>> X, y = scale(load_diabetes().data), scale(load_diabetes().target)
    >>> regressor = MLPRegressor(hidden_layer_sizes=16, solver="lbfgs", alpha=10, max_iter=1000)
    >>> regressor.fit(X, y).score(X, y) > 0.5
    True
    >>> regressor.predict(X[:3]).shape
    (3,)
    """

    _rules = REGRESSOR_RULES
    _y_is_numeric = True

    def __init__(
        self,
        loss: LossName = "squared_error",
        hidden_layer_sizes: Sizes = (100,),
        activation: ActivationName | Sequence[ActivationName] = "relu",
        *,
        solver: SolverName = "adam",
        alpha: float = 0.0001,
        batch_size: int | Literal["auto"] = "auto",
        learning_rate: ScheduleName = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: int | np.random.RandomState | None = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: int | float = 10,
        max_fun: int = 15000,
        n_hidden_layers: int | None = None,
        warmup_iter: int = 0,
        dropout: float | Sequence[float] = 0.0,
        max_grad_norm: float | None = None,
        averaging: float = 0.0,
        weight_init: InitializerName = "auto",
        frozen_layers: int = 0,
        scoring: Scoring = None,
        dtype: Dtype = "auto",
        huber_delta: float = 1.0,
        quantile: float = 0.5,
        out_activation: OutActivationName = "auto",
        normalize_y: bool = False,
    ) -> None:
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
        self.averaging = averaging
        self.weight_init = weight_init
        self.frozen_layers = frozen_layers
        self.scoring = scoring
        self.dtype = dtype
        self.huber_delta = huber_delta
        self.quantile = quantile
        self.out_activation = out_activation
        self.normalize_y = normalize_y

    @available_if(check_partial_fit)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train one epoch on the given samples and go on from there in the next call.

        The optimizer, the random generator and the schedule go on as well, a schedule over
        `max_iter` calls; constructor arguments changed by ``set_params`` between two calls take
        effect.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training inputs; a single row is allowed.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Target values.
        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights, none negative, not all zero. A step follows the weighted mean of the
            losses in its batch. If None, all samples weigh the same.

        Returns
        -------
        self : object
            The estimator.

        Raises
        ------
        ValueError
            If an argument or the data break a rule, or the training diverges.

        Notes
        -----
        Each call is an epoch of the learning-rate schedule, which ends after `max_iter` calls.
        Callbacks are not called. Ctrl-C ends a call, not the loop around it: `stop_reason_` tells.
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

        Raises
        ------
        ValueError
            If a prediction is beyond the range of its dtype, of float32 or of ``exp`` say.
        """
        raw = self._raw_predictions(X)
        with np.errstate(over="ignore"):
            prediction = finite(OUTPUT_ACTIVATIONS[self.out_activation_].value(raw))
        return prediction[:, 0] if self.n_outputs_ == 1 else prediction

    def _check_y(
        self, y: Any, first: bool, classes: Any = None, name: str = "y"
    ) -> tuple[Array, Array]:
        y = np.asarray(y)
        if y.dtype.kind not in "biuf":
            raise ValueError(
                f"`{name}` must hold numbers; got dtype {y.dtype}. Convert it, or predict labels "
                "with `MLPClassifier`."
            )
        # A None in an array of objects has become a NaN by now.
        refuse_not_finite(y, name)
        targets = y.reshape(len(y), -1)
        if first:
            self.n_outputs_ = targets.shape[1]
        self.out_activation_ = out_activation_name(self)
        if targets.shape[1] != self.n_outputs_:
            raise ValueError(
                f"`{name}` must have {self.n_outputs_} outputs, as in the first fit; got "
                f"{targets.shape[1]}."
            )
        check_target_range(self, targets, name)
        return y, targets

    def _make_loss(self) -> OutputLoss:
        return make_regression_loss(self, self.y_scale_)

    @property
    def _target_scale(self) -> TargetScale | None:
        if self.y_mean_ is None or self.y_scale_ is None:
            return None
        return TargetScale(self.y_mean_, self.y_scale_)

    def _learn_target_scale(
        self, targets: Array, weight: Array | None, anew: bool, dtype: np.dtype
    ) -> None:
        switched = self.normalize_y != (getattr(self, "y_scale_", None) is not None)
        if switched:
            # What the optimizer remembers is in other units.
            self._state = None
        if not self.normalize_y:
            self.y_mean_ = self.y_scale_ = None
        elif anew or switched:
            scale = TargetScale.of(pointwise_loss(self), targets, weight)
            self.y_mean_, self.y_scale_ = scale.mean, scale.scale
            warn_if_unresolved(scale, targets, dtype)

    def _start_outputs(self, intercept: Array, samples: Samples) -> None:
        if OUTPUT_ACTIVATIONS[self.out_activation_].dies:
            intercept[:] = np.average(samples.y, axis=0, weights=samples.weight)

    def _check_arguments(self) -> None:
        super()._check_arguments()
        make_regression_loss(self)
        check_normalisation(self)

    def _watches_loss(self) -> bool:
        # R² is no measure of a loss whose minimum is not the mean.
        if self.scoring is None:
            return not pointwise_loss(self).aims_at_mean
        return super()._watches_loss()

    def _own_score(self, prediction: Array, samples: Samples) -> float:
        return r2(samples.y, prediction, samples.weight)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
