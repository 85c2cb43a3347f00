"""
The Huber loss does not follow outliers
=======================================

One target in ten is grossly wrong. The squared error pays for such a residual by its square, and
bends the curve towards it; the Huber loss is linear from `huber_delta` on, and the absolute error
is linear everywhere. Set `huber_delta` to the size of an ordinary residual, in the units of `y`.
"""

import matplotlib.pyplot as plt
import numpy as np

from skmlp import MLPRegressor

rng = np.random.RandomState(0)
x = np.sort(rng.uniform(-3, 3, 200))
truth = np.sin(2 * x) + x / 2
y = truth + rng.normal(0, 0.2, x.size)
outliers = rng.choice(x.size, 20, replace=False)
y[outliers] += rng.uniform(4, 8, outliers.size)

LOSSES = {
    "squared_error": {"color": "#D55E00", "ls": "--"},
    "absolute_error": {"color": "#E69F00", "ls": "-."},
    "huber": {"color": "#0072B2", "ls": "-"},
}
errors = {}
figure, ax = plt.subplots(figsize=(9, 4.5), layout="constrained")
ax.plot(x, y, ".", color="0.55", label="data")
ax.plot(x, truth, color="k", lw=1, label="truth")
for loss, style in LOSSES.items():
    model = MLPRegressor(
        loss, (10, 10), "tanh", solver="lbfgs", alpha=0.2, huber_delta=0.3, max_iter=5000,
        tol=1e-3, random_state=2,
    ).fit(x[:, None], y)  # fmt: skip
    prediction = model.predict(x[:, None])
    errors[loss] = np.abs(prediction - truth).mean()
    ax.plot(x, prediction, lw=2.2, label=f"{loss}: {errors[loss]:.2f}", **style)
ax.set(xlabel="x", ylabel="y")
ax.legend(loc="upper left", bbox_to_anchor=(1, 1), title="mean distance from the truth")
plt.show()
