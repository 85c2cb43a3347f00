"""What the two ensembles for tables share: `fit` as one recipe."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from copy import copy
from functools import partial
from itertools import chain
from typing import Any, Literal, Self

import numpy as np
from joblib import effective_n_jobs
from sklearn import config_context
from sklearn.base import BaseEstimator, is_classifier
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils.validation import check_is_fitted

from skmlp._typing import Array
from skmlp.estimators.common._argument_rules import (
    Rule,
    boolean,
    check_arguments,
    exactly,
    integer,
    one_of,
    real,
)
from skmlp.estimators.common._callbacks import heard_by_callbacks
from skmlp.estimators.common._estimator import EstimatorMixin
from skmlp.estimators.common._held_out import HeldOut, check_given_together
from skmlp.estimators.common._methods import all_or_nothing
from skmlp.estimators.common._samples import check_sample_weight
from skmlp.estimators.common._sklearn import (
    CallbackSupportMixin,
    open_task_of_members,
    with_callbacks,
)
from skmlp.estimators.common._warnings import warn_user
from skmlp.estimators.mlp._argument_rules import MLP_RULES
from skmlp.estimators.mlp._argument_types import Scoring, Sizes
from skmlp.estimators.mlp._scoring import make_scorer
from skmlp.estimators.tabular._budget import Budget
from skmlp.estimators.tabular._chunks import in_chunks
from skmlp.estimators.tabular._encoder import (
    CATEGORICAL_FEATURES,
    CategoricalFeatures,
    TabularEncoder,
)
from skmlp.estimators.tabular._excerpt import Excerpt, counting, in_reach
from skmlp.estimators.tabular._folds import deal_out
from skmlp.estimators.tabular._member import knows_its_end
from skmlp.estimators.tabular._numbers import FORMS, Section
from skmlp.estimators.tabular._observers import (
    EnsembleObserver,
    MemberCallbacks,
    MemberPrinter,
    ensemble_fit,
    open_ensemble_watchers,
)
from skmlp.estimators.tabular._own_words import warn_once
from skmlp.estimators.tabular._recipe import (
    DECAY,
    READINGS,
    RECIPE,
    batch_size,
    decay,
    epochs_from_all,
    hidden_sizes,
    patience,
)
from skmlp.estimators.tabular._rounds import learn_again_in_rounds, train_in_rounds
from skmlp.training.data import Samples, Selection

TABULAR_RULES: dict[str, Rule] = {
    "n_estimators": integer(1),
    "hidden_layer_sizes": one_of("auto") | MLP_RULES["hidden_layer_sizes"],
    # Beyond, the decay would take more off the weights than there is.
    "learning_rate_init": real(0, 1 / DECAY, open_low=True),
    "max_iter": integer(1),
    "max_time": exactly(None) | real(0, open_low=True),
    "categorical_features": CATEGORICAL_FEATURES,
    "scoring": MLP_RULES["scoring"],
    "n_jobs": exactly(None) | integer(),
    "random_state": MLP_RULES["random_state"],
    "verbose": boolean() | integer(0),
}


class BaseTabularMLP(EstimatorMixin, CallbackSupportMixin, BaseEstimator, ABC):
    """Base of the ensembles for tables. Use a derived class."""

    _rules: dict[str, Rule]

    # Constructor arguments.
    n_estimators: int
    hidden_layer_sizes: Sizes | Literal["auto"]
    learning_rate_init: float
    max_iter: int
    max_time: float | None
    categorical_features: CategoricalFeatures
    scoring: Scoring
    n_jobs: int | None
    random_state: int | np.random.RandomState | None
    verbose: bool | int

    # Fitted attributes.
    n_features_in_: int
    feature_names_in_: Array
    encoder_: TabularEncoder
    estimators_: list[Any]
    estimators_features_: list[Array]
    n_iter_: list[int]
    validation_predictions_: Array
    validation_score_: float

    # What a derived class decides

    @abstractmethod
    def _check_y(self, y: Any, first: bool, name: str = "y") -> Array:
        """Return `y` as an array; remember its kind if `first`."""

    def _check_scale(self, y: Array, name: str) -> None:
        """Raise a ValueError if the targets that count cannot be scored."""

    def _learn_range(self, y: Array) -> None:
        """Learn from the targets that count between which predictions stay."""

    def _input_dtype(self, y: Array) -> type[np.floating]:
        """Return the dtype in which networks read rows, and so the one in which they predict."""
        return np.float32

    def _strata(self, y: Array) -> Array | None:
        """Return the classes to hold out in proportion, if there are any."""
        return None

    @abstractmethod
    def _network(self, **arguments: Any) -> Any:
        """Return a network that is not fitted."""

    def _known(self, y: Array, learnt: Array) -> Array:
        """Return which targets can validate a network that has learnt from others."""
        return np.ones(len(y), dtype=bool)

    @abstractmethod
    def _predictions_of(self, network: Any, X: Array) -> Array:
        """Return what a network says of rows of the columns that it reads."""

    @abstractmethod
    def _calibrate(self, predictions: Array, data: Samples) -> None:
        """Learn from what networks say of rows they have not seen."""

    def _calibrated(self, predictions: Array) -> Array:
        """Return predictions of the networks as those of the ensemble."""
        return predictions

    @abstractmethod
    def _own_score(self, predictions: Array, data: Samples) -> float:
        """Return the score of predictions where `scoring` names none."""

    def _scorable(self, y: Array) -> Array:
        """Return the targets as scorers want them."""
        return y

    @abstractmethod
    def _as_fitted(self, predictions: Array) -> Any:
        """Return an estimator that predicts, of row numbers, these predictions."""

    # Fitting

    @all_or_nothing
    @with_callbacks
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> Self:
        """Fit the encoding and the networks.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            The table as it is; see `TabularEncoder`.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Target values.
        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights, none negative, not all zero. Rows of weight zero must be
            valid, are predicted, and have their labels in `classes_`; nothing else is learnt from
            them, and no score counts them.
        X_val : DataFrame or array-like of shape (n_val_samples, n_features), default=None
            Validation rows. All networks learn from all of `X` then, and are validated on these.
        y_val : array-like of shape (n_val_samples,) or (n_val_samples, n_outputs), default=None
            Their targets, given if and only if `X_val` is.
        sample_weight_val : array-like of shape (n_val_samples,), default=None
            Their weights.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If an argument or the data break a rule, or a training diverges.
        TypeError
            If a constructor argument has the wrong type.

        Warns
        -----
        ConvergenceWarning
            If networks have diverged and are those of their best epoch, or have ended worse than
            the best constant prediction.
        """
        check_arguments(self, self._rules)
        budget = Budget(self.max_time)
        rng = check_random_state(self.random_state)
        before = rng.get_state(legacy=False)
        data = self._encoded(X, y, sample_weight, first=True)
        validation = None
        if check_given_together(X_val, y_val, sample_weight_val):
            validation = self._encoded(X_val, y_val, sample_weight_val, "_val")
        parts = self._parts(data, validation, rng)
        seeds = rng.randint(np.iinfo(np.int32).max, size=len(parts)).tolist()

        def attributes_so_far(networks: list[Any]) -> dict[str, Any]:
            so_far = copy(self)
            so_far._publish(networks, data, parts, validation)
            return dict(vars(so_far))

        told = (self, X, y, sample_weight, attributes_so_far)
        in_processes = effective_n_jobs(self.n_jobs) > 1
        with (
            heard_by_callbacks(*told, MemberCallbacks, open_task_of_members) as callbacks,
            in_reach(data, in_processes) as data,
        ):
            fit = ensemble_fit(self, before, data, validation, in_processes)
            watchers = open_ensemble_watchers(self, fit)
            observers = [*watchers, *self._printers(len(parts)), *callbacks]
            trained, is_over = train_in_rounds(
                partial(self._member, parts, seeds),
                partial(self._lessons, data, parts, validation),
                len(parts),
                self.max_iter,
                self.n_jobs,
                budget,
                observers,
            )
            self._publish([one.network for one in trained], data, parts, validation)
            warn_once([one.told for one in trained])
            if self.verbose:
                print(f"validation score {self.validation_score_:.6f} of all")
            if validation is None and not is_over:
                self._learn_from_all(data, budget)
        return self

    def _printers(self, n_members: int) -> list[EnsembleObserver]:
        return [MemberPrinter(n_members)] if self.verbose else []

    def _publish(
        self,
        networks: list[Any],
        data: Samples,
        parts: Sequence[tuple[Array, Array]],
        validation: Samples | None,
    ) -> None:
        """Take the fitted attributes from trained networks."""
        self.estimators_ = networks
        self.estimators_features_ = self.estimators_features_[: len(networks)]
        self.n_iter_ = [network.n_iter_ for network in networks]
        self._validate(data, parts, validation)

    def _learn_from_all(self, data: Samples, budget: Budget) -> None:
        """Let networks that know how long to learn do it anew, from the rows they held out, too."""
        networks = self.estimators_
        n_epochs = [
            epochs_from_all(network.best_iteration_, network.max_iter, len(networks))
            for network in networks
        ]
        is_in_time = budget.has_time_for(sum(n_epochs) / max(1, sum(self.n_iter_)))
        if not (is_in_time and all(map(knows_its_end, networks))):
            return
        if self.verbose:
            print("all networks learn anew, from all rows")
        rows = counting(data)
        try:
            self.estimators_ = learn_again_in_rounds(
                networks,
                lambda member: Excerpt(data, rows, self._place(member)),
                n_epochs,
                self.n_jobs,
                budget,
            )
        except KeyboardInterrupt:
            warn_user(
                "Interrupted by the user while all networks learnt anew, from all rows: they stay "
                "those that held rows out."
            )

    def _encoded(
        self, X: Any, y: Any, sample_weight: Any, suffix: str = "", first: bool = False
    ) -> Samples:
        """Return rows that a network can take; the first ones decide how they are encoded."""
        if y is None:
            raise ValueError(
                f"{type(self).__name__} requires y to be passed, but the target y is None. Pass "
                "the target values."
            )
        if first:
            self._fit_encoder(X, sample_weight)
        y = self._check_y(y, first, f"y{suffix}")
        weight = check_sample_weight(sample_weight, len(y), f"sample_weight{suffix}")
        weighed = y if weight is None else y[weight > 0]
        self._check_scale(weighed, f"y{suffix}")
        if first:
            self._learn_range(weighed)
            self.encoder_.set_params(dtype=self._input_dtype(weighed))
        encoding = self.encoder_._encode_table(X, f"X{suffix}", self, self._sections)
        check_consistent_length(encoding, y)
        return Samples(encoding, y, weight)

    def _fit_encoder(self, X: Any, sample_weight: Any) -> None:
        """Learn the encoding, in the forms of numbers that the networks read."""
        read = set(chain(*chain(*READINGS[: self.n_estimators])))
        forms = [form for form in FORMS if form in read]
        encoder = TabularEncoder(self.categorical_features, numbers=forms)
        self.encoder_ = encoder._fit(X, sample_weight)
        columns = [self.encoder_._columns_of(reading) for reading in READINGS]
        self.estimators_features_ = [columns[k % len(columns)] for k in range(self.n_estimators)]
        self.n_features_in_ = self.encoder_.n_features_in_
        if hasattr(self.encoder_, "feature_names_in_"):
            self.feature_names_in_ = self.encoder_.feature_names_in_

    @property
    def _sections(self) -> list[Section]:
        """The sections of columns that the networks read, as they encode them for themselves."""
        return list(dict.fromkeys(chain(*READINGS[: len(self.estimators_features_)])))

    def _place(self, member: int) -> slice:
        """Return where in these sections the columns lie that a network reads.

        Those of the first reading are the first ones, those of the second the last ones.
        """
        n_columns = len(self.estimators_features_[member])
        return slice(-n_columns, None) if member % len(READINGS) else slice(n_columns)

    def _parts(
        self, data: Samples, validation: Samples | None, rng: np.random.RandomState
    ) -> list[tuple[Array, Array]]:
        """Return the rows that each network learns from, and those it holds out."""
        rows = counting(data)
        if validation is not None:
            return [(rows, np.arange(0))] * self.n_estimators
        if len(rows) < 4:
            weighted = "" if data.weight is None else " with a weight above zero"
            raise ValueError(
                f"`X` must have at least 4 rows{weighted}, of which each network holds some out; "
                f"got n_samples={len(rows)}. Pass more, or hold some out yourself as `X_val`, "
                "`y_val`."
            )
        parts = deal_out(len(rows), self.n_estimators, self._strata(data.y[rows]), rng)
        return [(rows[learnt], rows[held_out]) for learnt, held_out in parts]

    def _lessons(
        self,
        data: Samples,
        parts: Sequence[tuple[Array, Array]],
        validation: Samples | None,
        member: int,
    ) -> tuple[Excerpt, Excerpt]:
        """Return what a network learns from, and what it is validated on."""
        columns = self._place(member)
        learnt, rest = parts[member]
        lesson, unseen = Excerpt(data, learnt, columns), data
        if validation is not None:
            unseen, rest = validation, counting(validation)
        known = self._known(unseen.y[rest], data.y[learnt])
        return lesson, Excerpt(unseen, rest[known], columns) if known.any() else lesson

    def _member(
        self,
        parts: Sequence[tuple[Array, Array]],
        seeds: Sequence[int],
        member: int,
        n_epochs: int,
    ) -> Any:
        """Return a network that is not fitted, for its part of the rows."""
        n_samples, sizes = len(parts[member][0]), self.hidden_layer_sizes
        if isinstance(sizes, str):
            sizes = hidden_sizes(n_samples, is_classifier(self))
        return self._network(
            **RECIPE,
            hidden_layer_sizes=sizes,
            learning_rate_init=self.learning_rate_init,
            max_iter=n_epochs,
            n_iter_no_change=patience(n_epochs),
            batch_size=batch_size(n_samples),
            alpha=decay(n_samples),
            # A regressor chooses by it what it would by R², and takes less time.
            scoring=self.scoring or "loss",
            random_state=seeds[member],
            verbose=int(self.verbose) > 1,
        )

    def _validate(
        self, data: Samples, parts: Sequence[tuple[Array, Array]], validation: Samples | None
    ) -> None:
        """Predict what the networks have not seen, calibrate it and score it."""
        if validation is not None:
            X = validation.X
            unseen, predictions = validation, in_chunks(lambda rows: self._average(X[rows]), len(X))
        else:
            unseen, predictions = data, self._out_of_fold(data, parts)
        rows = counting(unseen)
        rows = rows[~np.isnan(predictions[rows].reshape(len(rows), -1)[:, 0])]
        known = unseen.of(rows)
        self._calibrate(predictions[rows], known)
        self.validation_predictions_ = self._calibrated(predictions)
        self.validation_score_ = self._score_of(self.validation_predictions_[rows], known)

    def _out_of_fold(self, data: Samples, parts: Sequence[tuple[Array, Array]]) -> Array:
        """Return the mean prediction of the networks that have not seen a row, NaN if all have."""
        X, n_rows = data.X, len(data.y)
        n_networks = np.zeros(n_rows)
        sums = np.zeros((n_rows, *self._predictions_of_some(0, X, np.arange(1)).shape[1:]))
        # There may have been no time for all networks.
        for member, (learnt, _) in enumerate(parts[: len(self.estimators_)]):
            unseen = np.setdiff1d(np.arange(n_rows), learnt, assume_unique=True)
            sums[unseen] += self._predictions_of_some(member, X, unseen)
            n_networks[unseen] += 1
        with np.errstate(invalid="ignore"):
            mean: Array = (sums.T / n_networks).T
        return mean

    def _average(self, X: Array) -> Array:
        """Return the mean prediction of all networks for rows encoded in their sections."""
        total: Any = 0.0
        for member in range(len(self.estimators_)):
            total = total + self._predictions_by(member, X[:, self._place(member)])
        return np.asarray(total) / len(self.estimators_)

    def _predictions_of_some(self, member: int, X: Array, rows: Array) -> Array:
        """Return what one network says of some of such rows."""
        read = Selection(X[:, self._place(member)], rows)
        return in_chunks(lambda part: self._predictions_by(member, read[part]), len(rows))

    def _predictions_by(self, member: int, X: Array) -> Array:
        """Return what one network says of rows of the columns that it reads."""
        # An encoding is finite: each network would look at every number again.
        with config_context(assume_finite=True):
            return self._predictions_of(self.estimators_[member], X)

    def _score_of(self, predictions: Array, data: Samples) -> float:
        if self.scoring in (None, "loss"):
            return self._own_score(predictions, data)
        rows, y = np.arange(len(predictions))[:, None], self._scorable(data.y)
        return make_scorer(self, HeldOut(Samples(rows, y, data.weight), y))(
            self._as_fitted(predictions)
        )

    # Predicting

    def _predictions(self, X: Any) -> Array:
        """Return the mean prediction of all networks for a table."""
        check_is_fitted(self)
        n_rows, columns = self.encoder_._read(X, "X", self)
        table = list(columns)

        def predict(rows: slice) -> Array:
            chunk = [values[rows] for values in table]
            return self._average(self.encoder_._encode(chunk, len(chunk[0]), self._sections))

        return in_chunks(predict, n_rows)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.non_deterministic = self.max_time is not None
        return tags
