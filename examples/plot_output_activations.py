"""
Predictions that stay in range
==============================

Some targets have a sign or a range: prices and waiting times are positive, shares lie between 0
and 1. An identity output knows nothing of that, and leaves the range where the data thin out. The
argument `out_activation` keeps every prediction inside: ``"softplus"``, ``"exp"`` and ``"relu"``
are never negative, ``"logistic"`` stays between 0 and 1, ``"tanh"`` between -1 and 1.
"""

import matplotlib.pyplot as plt
import numpy as np

from skmlp import MLPRegressor

plt.style.use("tableau-colorblind10")
rng = np.random.RandomState(0)
x = np.sort(rng.uniform(0, 4, 80))
grid = np.linspace(0, 6, 300)
waiting = 4 * np.exp(-x) * rng.gamma(8, 1 / 8, x.size)
share = rng.binomial(20, 1 / (1 + np.exp(5 - 2 * x))) / 20

predictions = {}
figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for ax, y, activation, bounded, limits in [
    (axes[0], waiting, "relu", "softplus", [0]),
    (axes[1], share, "tanh", "logistic", [0, 1]),
]:
    for limit in limits:
        ax.axhline(limit, color="0.6", lw=1)
    ax.plot(x, y, ".", color="0.5", label="data")
    for out_activation, style in [("identity", "C1--"), (bounded, "C0-")]:
        model = MLPRegressor(
            "squared_error", (16,), activation, solver="lbfgs", alpha=0.01, max_iter=5000, tol=1e-3,
            out_activation=out_activation, random_state=0,
        ).fit(x[:, None], y)  # fmt: skip
        prediction = predictions[bounded, out_activation] = model.predict(grid[:, None])
        ax.plot(grid, prediction, style, lw=2.2, label=out_activation)
    ax.axvspan(4, 6, color="0.93", zorder=0)
    ax.set(xlabel="x (no data in the shaded part)", xlim=(0, 6))
    ax.legend()
axes[0].set(title="a waiting time: never negative", ylabel="target and prediction")
axes[1].set(title="a share: between 0 and 1")
plt.show()
