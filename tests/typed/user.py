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
    learning_rate_range_test,
    resume,
)

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

perceptron = PerceptronClassifier(penalty="l2", average=True, step="heaviside")
mistakes: int = perceptron.fit(X, labels).mistake_curve_[-1]

LossCurveDisplay.from_estimator(regressor, scores=False).plot().figure_.savefig("curve.png")
LearningRateRangeDisplay.from_estimator(classifier, X, labels)
rate: float = learning_rate_range_test(classifier, X, labels, n_steps=50).suggestion

MLPClassifier(solver="adm")  # type: ignore[arg-type]
MLPClassifier(activation=["relu", "swish"])  # type: ignore[list-item]
MLPRegressor(loss="mse")  # type: ignore[arg-type]
MLPRegressor(max_iter="200")  # type: ignore[arg-type]
PerceptronClassifier(step="sine")  # type: ignore[arg-type]
MLPClassifier(hidden_layers=3)  # type: ignore[call-arg]
classifier.fit(X)  # type: ignore[call-arg]
classifier.fit(X, labels, validation_data=X)  # type: ignore[call-arg]
wrong: str = classifier.n_iter_  # type: ignore[assignment]
