"""skmlp, with the default `dtype`."""

import skmlp

NAME = "skmlp"


def train(case, n_epochs):
    kind = skmlp.MLPClassifier if case.is_classification else skmlp.MLPRegressor
    return case.fit(kind, n_epochs).loss_curve_[-1]
