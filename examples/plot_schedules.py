"""
Learning-rate schedules
=======================

A schedule is a pure function of the progress of a training, so it can be drawn without training
anything. Each panel is a value of the argument `learning_rate`; the dashed line has a warm-up of
three epochs (``warmup_iter=3``) in front.

``"adaptive"`` depends on how the training goes: it divides the rate by 5 at every standstill,
here assumed after the 8th and the 14th epoch. ``"invscaling"`` counts samples, here 1000 per
epoch, and falls so fast that the first epoch is left out of its panel.
"""

import matplotlib.pyplot as plt
import numpy as np

from skmlp.schedules import (
    Adaptive,
    Constant,
    Cosine,
    Exponential,
    InverseScaling,
    OneCycle,
    Progress,
    Warmup,
)

plt.style.use("tableau-colorblind10")
MAX_EPOCHS = 20
SCHEDULES = {
    "constant": Constant(0.01),
    "exponential": Exponential(0.01, MAX_EPOCHS),
    "cosine": Cosine(0.01, MAX_EPOCHS),
    "one_cycle": OneCycle(0.01, MAX_EPOCHS),
    "adaptive": Adaptive(0.01),
    "invscaling": InverseScaling(0.01, power=0.5),
}


def progress(epochs):
    """Return the progress after a number of epochs."""
    n_plateaus = sum(epochs >= standstill for standstill in (8, 14))
    return Progress(epochs, 1000 * int(epochs), n_plateaus)


epochs = np.linspace(0, MAX_EPOCHS, 801)[:-1]
figure, axes = plt.subplots(2, 3, figsize=(10, 5), sharex=True, layout="constrained")
for ax, (name, schedule) in zip(axes.flat, SCHEDULES.items(), strict=True):
    shown = epochs[epochs >= 1] if name == "invscaling" else epochs
    warm = Warmup(schedule, n_epochs=3)
    ax.plot(shown, [schedule.rate(progress(e)) for e in shown], lw=2.5, label="schedule")
    ax.plot(shown, [warm.rate(progress(e)) for e in shown], lw=1.5, ls="--", label="with warm-up")
    ax.set_title(name)
    ax.set_ylim(0, None)
for ax in axes[:, 0]:
    ax.set_ylabel("learning rate")
for ax in axes[-1]:
    ax.set_xlabel("epochs")
axes[0, 0].legend(loc="lower right")
plt.show()
