"""scikit-learn's MLP."""

from sklearn import neural_network

NAME = "scikit-learn"


def train(case, n_epochs):
    is_classification = case.is_classification
    kind = neural_network.MLPClassifier if is_classification else neural_network.MLPRegressor
    return case.fit(kind, n_epochs).loss_curve_[-1]
