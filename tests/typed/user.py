"""A user's script, which type checkers are to find right but where it says that it is wrong.

``mypy --strict`` and pyright read it, and neither runs it. Each ``type: ignore`` stands at a
mistake; both are told to complain where there is none.
"""

import numpy as np

from skmlp import (
    Checkpoint,
    LearningRateRangeDisplay,
    LossCurveDisplay,
    MLPClassifier,
    MLPRegressor,
    PerceptronClassifier,
    TabularEncoder,
    TabularMLPClassifier,
    TabularMLPRegressor,
    learning_rate_range_test,
    resume,
)
from skmlp.callbacks import History, Prune, TensorBoard, TimeLimit

rng = np.random.default_rng(0)
X = rng.normal(size=(100, 3))
labels, numbers = np.where(X[:, 0] > 0, "yes", "no"), X @ np.ones(3)

classifier = MLPClassifier(
    (20, 10),
    ["relu", "selu"],
    solver="adamw",
    learning_rate="cosine",
    class_weight={"yes": 2.0},
    dropout=[0.1, 0.0],
    random_state=np.random.RandomState(0),
    dtype=np.float32,
)
classifier.fit(X, labels, X_val=X, y_val=labels).predict(X).tolist()
classifier.partial_fit(X, labels, classes=["no", "yes"])
epochs: int = classifier.n_iter_
reason: str = classifier.stop_reason_.upper()
last_loss: float = classifier.loss_curve_[-1]
scores: list[float] = classifier.validation_scores_ or []
weights = sum(coef.size for coef in classifier.coefs_)
accuracy: float = classifier.score(X, labels)

regressor = MLPRegressor("huber", 30, n_hidden_layers=2, normalize_y=True, tol=1e-3)
regressor.set_callbacks(Checkpoint("fit.npz", every=5)).fit(X, numbers)
finished = resume("fit.npz", X, numbers)
print(finished.best_iteration_ + 1, finished.loss_ / 2)

history = History()
regressor.set_callbacks(history, TimeLimit(60), TensorBoard("runs")).fit(X, numbers)
first_loss: float = history.records[0]["loss"]

perceptron = PerceptronClassifier(penalty="l2", average=True, step="heaviside")
mistakes: int = perceptron.fit(X, labels).mistake_curve_[-1]

columns = ["age", "city"]
encoder = TabularEncoder(columns, min_frequency=1, dtype=np.float64).fit(X)
n_categorical: int = encoder.is_categorical_.sum() + len(encoder.feature_names_in_)
ensemble = TabularMLPClassifier(8, class_weight="balanced", n_jobs=-1, max_time=60.0)
ensemble.fit(X, labels, X_val=X, y_val=labels).predict_proba(X).mean(axis=0)
temperature: float = ensemble.temperature_ + ensemble.validation_score_
stops: list[str] = [network.stop_reason_ for network in ensemble.estimators_]
prices = TabularMLPRegressor("quantile", quantile=0.9, categorical_features=[0, 2])
prices.set_params(hidden_layer_sizes=(64, 64)).fit(X, numbers).predict(X).tolist()
longest: int = max(prices.n_iter_)
price, spread = prices.predict(X, return_std=True)
print(price.mean() + spread.max(), prices.predict_quantiles(X, [0.1, 0.9]).shape)
mean, std = prices.predict(X, return_std=True)
widest: float = (prices.predict_quantiles(X, [0.1, 0.9]).max(axis=1) - mean + std).max()

LossCurveDisplay.from_estimator(regressor, scores=False).plot().figure_.savefig("curve.png")
LearningRateRangeDisplay.from_estimator(classifier, X, labels)
rate: float = learning_rate_range_test(classifier, X, labels, n_steps=50).suggestion

MLPClassifier(solver="adm")  # type: ignore[arg-type]
MLPClassifier(activation=["relu", "swish"])  # type: ignore[list-item]
MLPRegressor(loss="mse")  # type: ignore[arg-type]
MLPRegressor(max_iter="200")  # type: ignore[arg-type]
PerceptronClassifier(step="sine")  # type: ignore[arg-type]
TabularEncoder("from_dtypes")  # type: ignore[arg-type]
TabularMLPClassifier(class_weight="equal")  # type: ignore[arg-type]
TabularMLPRegressor("huber")  # type: ignore[arg-type]
MLPClassifier(hidden_layers=3)  # type: ignore[call-arg]
Prune(None, "score")  # type: ignore[arg-type]
classifier.fit(X)  # type: ignore[call-arg]
classifier.fit(X, labels, validation_data=X)  # type: ignore[call-arg]
ensemble.fit(X)  # type: ignore[call-arg]
wrong: str = classifier.n_iter_  # type: ignore[assignment]
wrong = prices.n_iter_  # type: ignore[assignment]
