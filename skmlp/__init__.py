"""Multilayer perceptrons for scikit-learn users."""

from skmlp.estimators._mlp_classifier import MLPClassifier
from skmlp.estimators._mlp_regressor import MLPRegressor
from skmlp.estimators._perceptron import PerceptronClassifier

__all__ = ["MLPClassifier", "MLPRegressor", "PerceptronClassifier"]

__version__ = "0.1.0"
