"""
Learning-rate range test
========================

Which learning rate? Train for a few hundred steps, and let the rate grow by a constant factor
from step to step. At first the loss stands, then it falls, then the rate is too large and the
loss explodes. :func:`skmlp.learning_rate_range_test` suggests a tenth of the rate at which the
smoothed loss is lowest; :class:`skmlp.LearningRateRangeDisplay` draws it.

The test needs one short training, where a search would need a whole one per rate. It takes a
pipeline as well.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skmlp import LearningRateRangeDisplay, MLPClassifier

X, y = load_digits(return_X_y=True)
figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained", sharey=True)
for ax, solver in zip(axes, ["adam", "sgd"], strict=True):
    network = MLPClassifier((100, 100), solver=solver, batch_size=100, random_state=0)
    pipeline = make_pipeline(MinMaxScaler(), network)
    display = LearningRateRangeDisplay.from_estimator(pipeline, X, y, n_steps=300, ax=ax)
    ax.set_title(f'solver="{solver}"')
plt.show()

# %%
# The suggestion is a number to train with:
network.set_params(learning_rate_init=display.suggestion, early_stopping=True)
pipeline.fit(X, y)
print(f"learning rate {display.suggestion:.2g}: {network.best_validation_score_:.1%} of the")
print(f"validation set after {network.n_iter_} epochs")
