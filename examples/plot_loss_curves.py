"""
Loss curves
===========

The curves of a training are in its fitted attributes, one entry per epoch; the first thing to
look at when a fit disappoints. :class:`skmlp.LossCurveDisplay` draws them, for one network or for
several under their names. Where the training loss falls and the validation loss rises, the
network learns the training data by heart. The dot is the epoch whose weights were kept.

`X_val` and `y_val` give a validation set of your own; here both networks are judged by the same
one.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skmlp import LossCurveDisplay, MLPClassifier

plt.style.use("tableau-colorblind10")
X, y = load_digits(return_X_y=True)
X_train, X_val, y_train, y_val = train_test_split(X / 16, y, train_size=500, random_state=0)
networks = {
    name: MLPClassifier(
        (100,),
        learning_rate_init=0.01,
        early_stopping=True,
        scoring="loss",
        random_state=0,
        **extra,
    ).fit(X_train, y_train, X_val=X_val, y_val=y_val)
    for name, extra in {"plain": {}, "dropout=0.5": {"dropout": 0.5}}.items()
}
display = LossCurveDisplay.from_estimator(networks)
display.ax_.set(ylim=(0, 1), title="cross-entropy on digits")
display.figure_.set_size_inches(8, 5)
for name, network in networks.items():
    print(f"{name}: {network.stop_reason_}")
plt.show()
