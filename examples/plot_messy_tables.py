"""
Two tables as they come
=======================

Customers, of whom seven in a hundred leave: numbers on scales from 1 to 10,000, long tails, gaps,
150 cities, words. And houses whose prices a typist has got wrong by a factor of ten or a hundred,
three in two hundred of them. Neither table is prepared in any way, and no argument is chosen but
for the loss of the prices: their median takes no notice of the errors. Gradient boosting gets the
same, and the same loss. Both learn from 2,500 rows and are measured on 5,000 others.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

from skmlp import TabularMLPClassifier, TabularMLPRegressor

N_TRAINING, N_ROWS = 2500, 7500
rng = np.random.default_rng(0)


def customers():
    """Return a table of customers, and who leaves."""
    tenure = rng.exponential(30, N_ROWS).round()
    plan = rng.choice(["basic", "plus", "max"], N_ROWS, p=[0.5, 0.35, 0.15])
    dearness = np.select([plan == "basic", plan == "plus"], [1, 1.6], 2.5)
    fee = dearness * rng.lognormal(3, 0.4, N_ROWS)
    calls = rng.poisson(0.9, N_ROWS)
    days = rng.exponential(9, N_ROWS)
    age = rng.normal(45, 16, N_ROWS).clip(18, 95).round()
    payment = rng.choice(["card", "invoice", "wallet"], N_ROWS).astype(object)
    city = (150 * rng.random(N_ROWS) ** 2).astype(int)
    logit = -0.9 * np.log1p(tenure) + 0.8 * np.log(fee / 20) + 0.5 * calls * (1 + (plan == "max"))
    logit += 1.1 * np.sin(days / 5) + 0.9 * ((age < 27) & (payment == "wallet"))
    logit += rng.normal(0, 0.8, 150)[city] - 2.4
    leaves = rng.random(N_ROWS) < 1 / (1 + np.exp(-logit))
    total = fee * tenure * rng.lognormal(0, 0.1, N_ROWS)
    age[rng.random(N_ROWS) < 0.15] = np.nan
    # Who is about to leave tells less.
    total[rng.random(N_ROWS) < np.where(leaves, 0.2, 0.05)] = np.nan
    payment[rng.random(N_ROWS) < 0.05] = None
    table = {"tenure": tenure, "fee": fee, "total": total, "calls": calls, "days": days, "age": age}
    words = {"plan": plan, "payment": payment, "city": np.char.add("city ", city.astype(str))}
    return pd.DataFrame({**table, **words}).astype(dict.fromkeys(words, "category")), leaves


def houses():
    """Return a table of houses, the prices that were typed in, and the right ones."""
    area = rng.lognormal(4.7, 0.4, N_ROWS)
    year = rng.integers(1880, 2024, N_ROWS).astype(float)
    east, north = rng.uniform(-1, 1, (2, N_ROWS))
    state = rng.choice(["poor", "fair", "good", "new"], N_ROWS, p=[0.1, 0.4, 0.4, 0.1])
    log_price = 0.85 * np.log(area) + 0.5 * np.exp(-4 * ((east - 0.2) ** 2 + (north + 0.1) ** 2))
    log_price += 0.25 * np.sin(4 * east) * np.cos(3 * north) + 0.2 * np.abs((year - 1960) / 70)
    log_price += np.select([state == s for s in ("poor", "fair", "good")], [-0.25, 0, 0.1], 0.3)
    price = 20_000 * np.exp(log_price + rng.normal(0, 0.1, N_ROWS))
    is_wrong = rng.random(N_ROWS) < 0.015
    typed = np.where(is_wrong, price * rng.choice([0.1, 10, 100], N_ROWS), price)
    year[rng.random(N_ROWS) < 0.1] = np.nan
    table = {"area": area, "year": year, "east": east, "north": north}
    return pd.DataFrame({**table, "state": pd.Categorical(state)}), typed, price


BOOSTING, SKMLP = "gradient boosting", "skmlp"
COLORS = {BOOSTING: "0.55", SKMLP: "#d1603d"}
training, test = slice(N_TRAINING), slice(N_TRAINING, None)
as_it_is = {"categorical_features": "from_dtype", "random_state": 0}

# %%
# The curve on the left says how many of those who leave are among the customers that seem most
# likely to.
table, leaves = customers()
probability, scores = {}, {}
for name, classifier in {
    BOOSTING: HistGradientBoostingClassifier(**as_it_is),
    SKMLP: TabularMLPClassifier(random_state=0),
}.items():
    classifier.fit(table[training], leaves[training])
    probability[name] = classifier.predict_proba(table[test])[:, 1]
    scores[name] = {
        "AUC": roc_auc_score(leaves[test], probability[name]),
        "average precision": average_precision_score(leaves[test], probability[name]),
        "log loss": log_loss(leaves[test], probability[name]),
    }
    print(name, {score: round(value, 3) for score, value in scores[name].items()})

# %%
# On the right: how many houses are predicted to within some part of their right price.
table, typed, price = houses()
errors = {}
for name, regressor in {
    BOOSTING: HistGradientBoostingRegressor("absolute_error", **as_it_is),
    SKMLP: TabularMLPRegressor("absolute_error", random_state=0),
}.items():
    regressor.fit(table[training], typed[training])
    errors[name] = np.abs(regressor.predict(table[test]) - price[test])
    print(f"{name}: wrong by {errors[name].mean():,.0f} in the mean")

low, high = regressor.predict_quantiles(table[test]).T
coverage = np.mean((low <= typed[test]) & (typed[test] <= high))
print(f"{coverage:.3f} of the prices lie between the quantiles 0.05 and 0.95 of {name}")

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
n_test = N_ROWS - N_TRAINING
share = np.arange(1, n_test + 1) / n_test
for name, color in COLORS.items():
    found = np.cumsum(leaves[test][np.argsort(-probability[name])]) / leaves[test].sum()
    auc, loss = scores[name]["AUC"], scores[name]["log loss"]
    left.plot(share, found, color=color, lw=2, label=f"{name}: AUC {auc:.3f}, log loss {loss:.3f}")
    off = np.sort(errors[name] / price[test])
    label = f"{name}: {errors[name].mean():,.0f} in the mean"
    right.plot(off, share, color=color, lw=2, label=label)
left.plot([0, 1], [0, 1], color="0.8", ls=":", zorder=0)
left.set(
    title="Who leaves", xlabel="share of customers, most likely ones first",
    ylabel="share of those who leave", xlim=(0, 1), ylim=(0, 1),
)  # fmt: skip
right.set(
    title="Prices, some typed in wrongly", xlabel="error, as a part of the right price",
    ylabel="share of houses", xlim=(0, 0.4), ylim=(0, 1),
)  # fmt: skip
for ax in (left, right):
    ax.legend(loc="lower right", frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
plt.show()
