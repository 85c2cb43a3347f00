"""Multilayer perceptrons for scikit-learn users."""

from skmlp.estimators._mlp_classifier import MLPClassifier
from skmlp.estimators._mlp_regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]

__version__ = "0.1.0"
