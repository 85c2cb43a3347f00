"""Tables as they come: generated, with gaps, many cities, few positives, typing errors."""

import numpy as np
import pandas as pd

# Part of the house prices that were typed in wrongly.
SHARE_OF_ERRORS = 0.015


def churn(n_rows=40_000, seed=0):
    """Return customers, of whom 6 % leave, and who does."""
    rng = np.random.default_rng(seed)
    city = rng.choice(150, n_rows, p=_zipf(150))
    plan = rng.choice(["basic", "plus", "max"], n_rows, p=[0.5, 0.35, 0.15])
    payment = rng.choice(["card", "invoice", "debit", "wallet"], n_rows)
    tenure = rng.exponential(30, n_rows).round()
    charge = np.exp(rng.normal(3, 0.4, n_rows)) * np.select(
        [plan == "basic", plan == "plus"], [1, 1.6], 2.5
    )
    calls = rng.poisson(0.8 + 1.2 * (rng.random(n_rows) < 0.1))
    days = rng.exponential(9, n_rows)
    age = rng.normal(45, 16, n_rows).clip(18, 95).round()
    contract = rng.random(n_rows) < 0.4
    logit = (
        -0.9 * np.log1p(tenure)
        + 0.8 * np.log(charge / 20)
        + 0.5 * calls * (1 + (plan == "max"))
        + 1.1 * np.sin(days / 5)
        - 1.5 * contract * (tenure < 24)
        + 0.9 * ((age < 27) & (payment == "wallet"))
        + np.random.default_rng(1).normal(0, 0.8, 150)[city]
    )
    leaves = rng.random(n_rows) < _share(logit, 0.06)
    age[rng.random(n_rows) < 0.15] = np.nan
    # Who is about to leave tells less.
    total = charge * tenure * rng.lognormal(0, 0.1, n_rows)
    total[rng.random(n_rows) < np.where(leaves, 0.2, 0.05)] = np.nan
    payment = payment.astype(object)
    payment[rng.random(n_rows) < 0.05] = None
    table = pd.DataFrame(
        {
            "tenure": tenure,
            "charge": charge,
            "total": total,
            "calls": calls,
            "days_since_login": days,
            "age": age,
            "plan": pd.Categorical(plan),
            "payment": payment,
            "city": np.array([f"city {i:03}" for i in range(150)], dtype=object)[city],
            "contract": contract,
        }
    )
    return table, leaves.astype(int)


def houses(n_rows=30_000, seed=0):
    """Return houses, the prices that were typed in, and the right ones, 1.3 million in the mean."""
    rng = np.random.default_rng(seed)
    area = rng.lognormal(4.7, 0.4, n_rows)
    rooms = (area / 28 + rng.normal(0, 0.8, n_rows)).round().clip(1)
    year = rng.integers(1880, 2024, n_rows).astype(float)
    x, y = rng.uniform(-1, 1, (2, n_rows))
    district = ((x + 1) * 3).astype(int) * 6 + ((y + 1) * 3).astype(int)
    state = rng.choice(["poor", "fair", "good", "new"], n_rows, p=[0.1, 0.4, 0.4, 0.1])
    garden = rng.random(n_rows) < 0.3
    log_price = (
        0.85 * np.log(area)
        + 0.5 * np.exp(-4 * ((x - 0.2) ** 2 + (y + 0.1) ** 2))
        + 0.25 * np.sin(4 * x) * np.cos(3 * y)
        + np.select([state == "poor", state == "fair", state == "good"], [-0.25, 0, 0.1], 0.3)
        + 0.12 * garden * (1 + x)
        + 0.2 * np.abs((year - 1960) / 70)
        + np.random.default_rng(1).normal(0, 0.15, 36)[district]
        + rng.normal(0, 0.1, n_rows)
    )
    price = np.exp(log_price)
    price *= 1.3e6 / price.mean()
    typed = price.copy()
    wrong = rng.random(n_rows) < SHARE_OF_ERRORS
    typed[wrong] *= rng.choice([0.1, 10, 100], wrong.sum())
    year[rng.random(n_rows) < 0.1] = np.nan
    table = pd.DataFrame(
        {
            "area": area,
            "rooms": rooms,
            "year": year,
            "x": x,
            "y": y,
            "district": pd.Categorical(district),
            "state": state,
            "garden": garden,
        }
    )
    return table, typed, price


def _zipf(n):
    share = 1 / np.arange(1, n + 1) ** 0.7
    return share / share.sum()


def _share(logit, share):
    """Return probabilities with these logits, but for a constant, and this mean."""
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _logistic(logit + middle).mean() < share else (low, middle)
    return _logistic(logit + low)


def _logistic(z):
    return 1 / (1 + np.exp(-z))
