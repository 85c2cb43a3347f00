"""TabularMLPRegressor."""

from collections.abc import Iterator, Sequence
from numbers import Real
from typing import Any, Literal, NoReturn, TypeAlias, get_args, overload

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.metrics import mean_absolute_error, mean_pinball_loss, mean_squared_error, r2_score

from skmlp._typing import Array
from skmlp.estimators.common._argument_rules import one_of
from skmlp.estimators.common._culprits import of_targets, refuse_not_finite
from skmlp.estimators.common._integers import refuse_rounded
from skmlp.estimators.common._synonyms import SYNONYMS
from skmlp.estimators.mlp._argument_rules import REGRESSOR_RULES
from skmlp.estimators.mlp._argument_types import Scoring, Sizes
from skmlp.estimators.mlp._options import pointwise_loss
from skmlp.estimators.mlp._regressor import MLPRegressor
from skmlp.estimators.mlp._target_scale import TargetScale
from skmlp.estimators.tabular._base import TABULAR_RULES, BaseTabularMLP
from skmlp.estimators.tabular._encoder import CategoricalFeatures
from skmlp.estimators.tabular._spread import Spread
from skmlp.training.data import Samples

# Whose minimum means something for targets of any sign and scale.
TabularLossName: TypeAlias = Literal["squared_error", "absolute_error", "quantile"]
LOSSES = get_args(TabularLossName)
# Targets beyond this, or with a spread below its inverse, leave float32 no room for weights.
_LARGE = 1e18
# Targets beyond this have squared errors without a sum in float64; of a spread below its inverse
# they have none but zeros.
_LARGEST = 1e150


class TabularMLPRegressor(RegressorMixin, BaseTabularMLP):
    """Networks that predict a number for the rows of a table as it is.

    A `TabularEncoder` makes numbers of the table; `n_estimators` networks learn from different
    parts of the rows, and the part that each holds out says which epoch is best. Then all learn
    anew from all rows, several of them for 1.5 times as many epochs. Their predictions, kept
    within the range of the targets seen, are averaged. The targets are standardised inside: they
    may have any scale, up to 1e150 and, if they are not all one, spread over 1e-150 at least. How
    far they lie from the predictions is learnt from rows that the networks have not seen.

    Parameters
    ----------
    loss : {"squared_error", "absolute_error", "quantile"}, default="squared_error"
        What is minimised, and so what is predicted: the mean, the median or the `quantile`. The
        median takes no notice of gross errors in the targets.
    n_estimators : int, default=8
        Networks. More predict a little better and take as many times longer. They read ranks and
        pieces of numbers in turns, see `TabularEncoder`. From 4 on each holds out its share of the
        rows, so that every row is held out once; fewer hold out an eighth each.
    quantile : float in (0, 1), default=0.5
        The quantile that ``loss="quantile"`` predicts.
    hidden_layer_sizes : "auto", sequence of int, or int, default="auto"
        Units per hidden layer of every network. ``"auto"``: three layers of 96. Lower it where
        predictions must be fast, raise it where there are many rows.
    learning_rate_init : float in (0, 10], default=0.006
        Learning rate at the start, from which it falls to zero in a cosine over `max_iter` epochs.
        Lower it where the curves of the networks jump about.
    max_iter : int, default=64
        Epochs of every network at most: after a sixth of them, 8 at least, without a better one it
        waits no longer. Lower it where time is short, or where the best epochs, the
        `best_iteration_` of the networks, are early ones.
    max_time : float in (0, inf) or None, default=None
        Seconds that `fit` may take. Epochs are planned by the time that the first one takes, and
        where there is no time for many, there are fewer networks, one at least. None: no limit.
    categorical_features : "from_dtype", sequence of str, int or bool, or None, default="from_dtype"
        Which columns are categorical, see `TabularEncoder`.
    scoring : str, callable or None, default=None
        By what the best epoch of a network is chosen and `validation_score_` measured: ``"loss"``,
        a scorer of scikit-learn, its name or a callable. None: the loss chooses; measured is R² for
        the squared error, and the loss for the others.
    n_jobs : int or None, default=None
        Networks that train at the same time, in processes of their own; -1: as many as there are
        processors. What they learn depends on it in the last digits at most, by the threads
        that BLAS has in each process, unless there is a `max_time`.
    random_state : int, RandomState instance or None, default=None
        Seed of the parts, the first weights and the order of the rows.
    verbose : bool or int, default=False
        Whether to print a line per network; above 1, a line per epoch of each, too.

    Attributes
    ----------
    encoder_ : TabularEncoder
        The fitted encoding.
    estimators_ : list of MLPRegressor
        The networks; they predict rows that `encoder_` has encoded, of which each reads some
        columns.
    estimators_features_ : list of ndarray of int
        The columns of the encoding that each network reads, in its order.
    validation_predictions_ : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        Predictions for the rows of `X`, by networks that had not learnt from them; NaN where all
        had.
        With `X_val` those of its rows, by all networks.
    validation_score_ : float
        Their score: what to expect of new rows. Of few rows it is too good, since they have chosen
        the best epochs; of many rather too low, since all networks together predict better than
        each, and have learnt from all rows by now. Of ``"loss"`` it is minus the loss.
    n_iter_ : list of int
        Epochs of every network, those without a better one included. From all rows it has learnt
        for its `best_iteration_`, or for 1.5 times as many if there are others.
    n_features_in_ : int
        Columns of the table seen in `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Their names, if the table has string names for all.

    See Also
    --------
    TabularMLPClassifier : The same for labels.
    MLPRegressor : One network, with all its arguments.

    References
    ----------
    Holzmüller, Grinsztajn and Steinwart (2024), "Better by default: strong pre-tuned MLPs and
    boosted trees on tabular data", NeurIPS.

    Gorishniy, Rubachev and Babenko (2022), "On embeddings for numerical features in tabular deep
    learning", NeurIPS.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skmlp import TabularMLPRegressor
    >>> rng = np.random.default_rng(0)
    >>> table = pd.DataFrame({"area": rng.lognormal(4, 1, 200), "new": rng.random(200) > 0.5})
    >>> y = 1e4 * table["area"] ** 0.8 * np.where(table["new"], 2, 1)
    >>> model = TabularMLPRegressor(hidden_layer_sizes=32, random_state=0).fit(table, y)
    >>> model.validation_score_ > 0.95
    True
    >>> model.predict(table).shape
    (200,)
    >>> low, high = model.predict_quantiles(table).T
    >>> bool(((low <= y) & (y <= high)).mean() > 0.9)
    True
    """

    _rules = {
        "loss": one_of(*LOSSES, synonyms=SYNONYMS["loss"]),
        **TABULAR_RULES,
        "quantile": REGRESSOR_RULES["quantile"],
    }

    estimators_: list[MLPRegressor]

    def __init__(
        self,
        loss: TabularLossName = "squared_error",
        *,
        n_estimators: int = 8,
        quantile: float = 0.5,
        hidden_layer_sizes: Sizes | Literal["auto"] = "auto",
        learning_rate_init: float = 0.006,
        max_iter: int = 64,
        max_time: float | None = None,
        categorical_features: CategoricalFeatures = "from_dtype",
        scoring: Scoring = None,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool | int = False,
    ) -> None:
        self.loss = loss
        self.n_estimators = n_estimators
        self.quantile = quantile
        self.hidden_layer_sizes = hidden_layer_sizes
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.max_time = max_time
        self.categorical_features = categorical_features
        self.scoring = scoring
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    @overload
    def predict(self, X: Any, return_std: Literal[False] = False) -> Array: ...

    @overload
    def predict(self, X: Any, return_std: Literal[True]) -> tuple[Array, Array]: ...

    def predict(self, X: Any, return_std: bool = False) -> Array | tuple[Array, Array]:
        """Return the predicted targets.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            The table as it is.
        return_std : bool, default=False
            Whether to say how far targets lie from such predictions.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Predictions in the units of the targets, within their range.
        std : ndarray of the same shape, if `return_std`
            The root mean square distance of targets from predictions like these, by networks that
            had not seen them.
        """
        predictions = self._predictions(X)
        if not return_std:
            return predictions
        std = np.array([spread.std_at(column) for spread, column in self._by_output(predictions)])
        return predictions, std.T.reshape(predictions.shape)

    def predict_quantiles(self, X: Any, quantiles: Sequence[float] = (0.05, 0.95)) -> Array:
        """Return quantiles of the targets; between the two by default lie nine of ten.

        A quantile is the prediction plus that quantile of the residuals of the rows with similar
        predictions, by networks that had not seen them. With ``loss="quantile"`` a fit of its own
        learns one quantile from the columns of `X` instead.

        Of a hundred rows or fewer, intervals are too narrow: the residuals are of rows that have
        chosen the best epochs. Of thousands they are rather too wide, since all networks together
        err less than each.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            The table as it is.
        quantiles : sequence of float in (0, 1), default=(0.05, 0.95)
            Which part of the targets is to lie below each. The rows with similar predictions are a
            twentieth of all, at least 100: nothing is known beyond the first and the last of
            their residuals.

        Returns
        -------
        y : ndarray of shape (n_samples, n_quantiles) or (n_samples, n_outputs, n_quantiles)
            In the units of the targets, within their range.

        Raises
        ------
        ValueError
            If `quantiles` are none.
        """
        levels = _check_quantiles(quantiles)
        predictions = self._predictions(X)
        found = np.array(
            [
                [column + spread.quantile_at(column, level) for level in levels]
                for spread, column in self._by_output(predictions)
            ]
        )
        # From (n_outputs, n_quantiles, n_samples), and kept in the range of each output.
        low, high = (np.reshape(bound, (-1, 1, 1)) for bound in self._range)
        return np.clip(found, low, high).transpose(2, 0, 1).reshape(*predictions.shape, -1)

    def _by_output(self, predictions: Array) -> Iterator[tuple[Spread, Array]]:
        return zip(self._spreads, np.atleast_2d(predictions.T), strict=True)

    def _check_y(self, y: Any, first: bool, name: str = "y") -> Array:
        numbers = _in_rows(_as_numbers(y, name), name)
        refuse_not_finite(numbers, name)
        if first:
            refuse_rounded(numbers, y, name, "output {}".format)
        return numbers

    def _check_scale(self, y: Array, name: str) -> None:
        _check_squares(y, name)

    def _learn_range(self, y: Array) -> None:
        self._range = y.min(axis=0), y.max(axis=0)

    def _input_dtype(self, y: Array) -> type[np.floating]:
        """Return float64 where float32 has no digits, or no range, for the targets."""
        targets = y.reshape(len(y), -1)
        scale = TargetScale.of(pointwise_loss(self._network()), targets, None)
        is_near_one = np.abs(targets).max() < _LARGE and scale.scale.min() > 1 / _LARGE
        has_digits = is_near_one and not scale.unresolved(targets, np.dtype(np.float32)).size
        return np.float32 if has_digits else np.float64

    def _network(self, **arguments: Any) -> MLPRegressor:
        return MLPRegressor(
            self.loss, activation="mish", normalize_y=True, quantile=self.quantile, **arguments
        )

    def _predictions_of(self, network: MLPRegressor, X: Array) -> Array:
        return np.clip(network.predict(X).astype(np.float64), *self._range)

    def _calibrate(self, predictions: Array, data: Samples) -> None:
        residuals = zip(np.atleast_2d(predictions.T), np.atleast_2d(data.y.T), strict=True)
        self._spreads = [Spread.of(*column, data.weight) for column in residuals]

    def _own_score(self, predictions: Array, data: Samples) -> float:
        arguments = {"sample_weight": data.weight}
        if self.scoring is None and self.loss == "squared_error":
            return float(r2_score(data.y, predictions, **arguments))
        if self.loss == "squared_error":
            return -float(mean_squared_error(data.y, predictions, **arguments)) / 2
        if self.loss == "absolute_error":
            return -float(mean_absolute_error(data.y, predictions, **arguments))
        return -float(mean_pinball_loss(data.y, predictions, alpha=self.quantile, **arguments))

    def _as_fitted(self, predictions: Array) -> "_Predicted":
        return _Predicted(predictions)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _check_quantiles(quantiles: Any) -> list[float]:
    is_sequence = isinstance(quantiles, Sequence | np.ndarray) and len(quantiles) > 0
    if not is_sequence or not all(isinstance(level, Real) for level in quantiles):
        way_out = f" Pass [{quantiles}]." if isinstance(quantiles, Real) else ""
        raise ValueError(f"`quantiles` must be a sequence of numbers; got {quantiles!r}.{way_out}")
    for level in quantiles:
        if not 0 < level < 1:
            raise ValueError(f"`quantiles` must lie in (0, 1); got {level!r}.")
    return [float(level) for level in quantiles]


def _as_numbers(y: Any, name: str) -> Array:
    y = np.asarray(y)
    try:
        # Dates and complex numbers would be converted, too.
        if y.dtype.kind in "biufO":
            return y.astype(np.float64)
    except (OverflowError, TypeError, ValueError):
        if message := of_targets(y, name, y_numeric=True):
            raise ValueError(message) from None
    raise ValueError(
        f"`{name}` must hold numbers; got dtype {y.dtype}. Convert it, or predict labels with "
        "`TabularMLPClassifier`."
    )


def _in_rows(y: Array, name: str) -> Array:
    if y.ndim == 1 or (y.ndim == 2 and y.shape[1] > 0):
        return y
    raise ValueError(
        f"`{name}` must have one target, or a row of them, per sample; got shape {y.shape}. "
        "Pass shape (n_samples,) or (n_samples, n_outputs)."
    )


def _check_squares(y: Array, name: str) -> None:
    """Raise a ValueError if a sum of squared errors would be infinite, or zero for any error."""
    largest = np.abs(y).max(initial=0)
    if largest > _LARGEST:
        _refuse_scale(name, f"values up to {_LARGEST:g}", f"some up to {largest:g}", "Divide")
    spread = np.ravel(y.max(axis=0, initial=-_LARGEST) - y.min(axis=0, initial=_LARGEST))
    tiny = spread[(spread > 0) & (spread < 1 / _LARGEST)]
    if tiny.size:
        _refuse_scale(
            name, f"values that spread over {1 / _LARGEST:g}", f"over {tiny[0]:g}", "Multiply"
        )


def _refuse_scale(name: str, rule: str, got: str, way_out: str) -> NoReturn:
    raise ValueError(
        f"`{name}` must have {rule}, so that float64 can hold squared errors; got {got}. "
        f"{way_out} it by a power of ten."
    )


class _Predicted(RegressorMixin, BaseEstimator):
    """A regressor of row numbers whose predictions are known."""

    def __init__(self, predictions: Array):
        self.predictions = predictions

    def predict(self, rows: Array) -> Array:
        return self.predictions[rows[:, 0]]
