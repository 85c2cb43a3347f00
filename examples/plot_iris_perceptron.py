"""
A perceptron tells Iris setosa by its petals
============================================

Two measurements, one threshold unit: a line in the plane of petal length and width separates Iris
setosa from the other two species, so that the perceptron rule ends with an epoch without mistake.
It stops at the first line that separates, not at the one with the widest margin.
"""

# %%
# Train
# -----
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_iris

from skmlp import PerceptronClassifier

iris = load_iris()
X, is_setosa = iris.data[:, 2:], iris.target == 0
perceptron = PerceptronClassifier(random_state=42).fit(X, is_setosa)
new = np.array([[2, 0.5], [3, 1]])
print("predictions:", perceptron.predict(new))
print("mistakes in every epoch:", perceptron.mistake_curve_)
print("training ended because", perceptron.stop_reason_)

# %%
# Draw the decision boundary
# --------------------------
# On the line the score ``w1 * length + w2 * width + intercept`` is zero.
BLUE, ORANGE = "#0072B2", "#E69F00"
(w1, w2), intercept = perceptron.coef_[0], perceptron.intercept_[0]
length = np.linspace(0, 7.5, 2)

fig, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
ax.plot(length, -(w1 * length + intercept) / w2, "k-", label="decision boundary")
for chosen, color, marker, label in (
    (is_setosa, BLUE, "o", "Iris setosa"),
    (~is_setosa, ORANGE, "s", "other species"),
):
    ax.scatter(*X[chosen].T, c=color, marker=marker, edgecolor="white", linewidth=0.5, label=label)
ax.scatter(*new.T, c="black", marker="*", s=140, label="new flowers")
for flower, prediction in zip(new, perceptron.predict(new), strict=True):
    ax.annotate(str(prediction), flower, xytext=(9, -15), textcoords="offset points")
ax.set(xlim=(0, 7.5), ylim=(0, 3), xlabel="petal length (cm)", ylabel="petal width (cm)")
ax.set_title("Setosa or not: a line the perceptron rule found")
ax.legend(loc="upper left", frameon=False)
plt.show()
