"""
Logic gates: what one threshold unit can do, and what takes two layers
======================================================================

A threshold unit fires if ``weights @ inputs + intercept >= 0``. One unit can be AND, OR or NOT, and
the perceptron rule finds its weights. It cannot be XOR: no line has the two true inputs of XOR on
one side and the two false ones on the other. Two layers can: with the weights set by hand below,
one hidden unit is OR, the other is AND, and the output fires if OR does and AND does not.
"""

# %%
# AND, OR and NOT are learnt
# --------------------------
# Training ends with the first epoch without mistake.
import matplotlib.pyplot as plt
import numpy as np

from skmlp import PerceptronClassifier

inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
gates = {
    "AND": (inputs, [0, 0, 0, 1]),
    "OR": (inputs, [0, 1, 1, 1]),
    "NOT": (np.array([[0], [1]]), [1, 0]),
}
units = {}
for name, (X, y) in gates.items():
    units[name] = PerceptronClassifier(step="heaviside", tol=None).fit(X, y)
    print(
        f"{name}: weights {units[name].coef_[0]}, intercept {units[name].intercept_[0]}, "
        f"outputs {units[name].predict(X)}, {units[name].stop_reason_}"
    )

# %%
# XOR is a network of such units
# ------------------------------
# A row of `hidden_weights` is a unit: OR fires from a sum of 0.5 on, AND from 1.5 on.
hidden_weights, hidden_intercepts = np.array([[1, 1], [1, 1]]), np.array([-0.5, -1.5])
output_weights, output_intercept = np.array([1, -1]), -0.5


def heaviside(z):
    return (z >= 0).astype(int)


def xor(X):
    hidden = heaviside(X @ hidden_weights.T + hidden_intercepts)
    return heaviside(hidden @ output_weights + output_intercept)


print("XOR:", xor(inputs))
assert (xor(inputs) == [0, 1, 1, 0]).all()

# %%
# Where each of them fires
# ------------------------
# It fires in the shaded region, its border included.
BLUE, ORANGE = "#0072B2", "#E69F00"
steps = np.linspace(-0.5, 1.5, 401)
plane = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)


def draw(ax, title, fires, outputs):
    region = fires.reshape(len(steps), len(steps))
    ax.contourf(steps, steps, region, levels=[-0.5, 0.5, 1.5], colors=["white", "#CFE4F2"])
    for output, color, marker in ((0, ORANGE, "s"), (1, BLUE, "o")):
        at = inputs[np.asarray(outputs) == output]
        ax.scatter(
            *at.T,
            c=color,
            marker=marker,
            s=90,
            edgecolor="black",
            label=f"output {output}",
            zorder=3,
        )
    ax.set(title=title, xlabel="first input", xticks=[0, 1], yticks=[0, 1], aspect="equal")


def draw_not(ax, unit):
    fires = unit.predict(steps[:, None])
    ax.fill_between(steps, 0, 1, where=fires == 1, color="#CFE4F2", step="mid")
    ax.scatter([0], [0.5], c=BLUE, marker="o", s=90, edgecolor="black")
    ax.scatter([1], [0.5], c=ORANGE, marker="s", s=90, edgecolor="black")
    ax.set(title="NOT, learnt", xlabel="the input", xticks=[0, 1], yticks=[])
    ax.set(xlim=(-0.5, 1.5), ylim=(0, 1))
    ax.set_box_aspect(1)


fig, axes = plt.subplots(1, 4, figsize=(12, 4), layout="compressed")
draw(axes[0], "AND, learnt", units["AND"].predict(plane), [0, 0, 0, 1])
draw(axes[1], "OR, learnt", units["OR"].predict(plane), [0, 1, 1, 1])
draw_not(axes[2], units["NOT"])
draw(axes[3], "XOR, two layers set by hand", xor(plane), [0, 1, 1, 0])
axes[0].set_ylabel("second input")
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
plt.show()

# %%
# The network
# -----------
# Beside every connection its weight, in every unit its intercept.
fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
layers = [[(0, 1), (0, 0)], [(1.5, 1), (1.5, 0)], [(3, 0.5)]]
names = [["first\ninput", "second\ninput"], ["OR\n−0.5", "AND\n−1.5"], ["XOR\n−0.5"]]


def connect(start, end, weight):
    color = BLUE if weight > 0 else ORANGE
    ax.plot(*zip(start, end, strict=True), color=color, linewidth=2, zorder=1)
    # A third of the way, where lines that cross are apart.
    x, y = np.array(start) + 0.33 * (np.array(end) - np.array(start))
    ax.text(x, y, f"{weight:+d}".replace("-", "−"), ha="center", va="center").set_bbox(
        {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    )


for unit, weights in zip(layers[1], hidden_weights, strict=True):
    for source, weight in zip(layers[0], weights, strict=True):
        connect(source, unit, weight)
for source, weight in zip(layers[1], output_weights, strict=True):
    connect(source, layers[2][0], weight)
for layer, labels in zip(layers, names, strict=True):
    ax.scatter(*zip(*layer, strict=True), s=2600, c="white", edgecolor="black", zorder=2)
    for position, label in zip(layer, labels, strict=True):
        ax.text(*position, label, ha="center", va="center", zorder=3)
ax.set(
    xlim=(-0.5, 3.5),
    ylim=(-0.4, 1.4),
    title="XOR: OR, but not AND\nweights on the lines, intercepts in the circles",
)
ax.set_axis_off()
plt.show()
