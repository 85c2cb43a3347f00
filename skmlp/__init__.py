"""Multilayer perceptrons for scikit-learn users."""

from skmlp import callbacks as callbacks
from skmlp import onnx as onnx
from skmlp._version import __version__ as __version__
from skmlp.estimators.mlp._classifier import MLPClassifier
from skmlp.estimators.mlp._regressor import MLPRegressor
from skmlp.estimators.perceptron._classifier import PerceptronClassifier
from skmlp.estimators.tabular._classifier import TabularMLPClassifier
from skmlp.estimators.tabular._encoder import TabularEncoder
from skmlp.estimators.tabular._regressor import TabularMLPRegressor
from skmlp.inspection._loss_curve import LossCurveDisplay
from skmlp.inspection._range_test import LearningRateRangeDisplay, learning_rate_range_test
from skmlp.inspection._versions import show_versions
from skmlp.inspection._versions import warn_if_stale as _warn_if_stale
from skmlp.persistence._checkpoint import Checkpoint
from skmlp.persistence._resume import resume

__all__ = [
    "Checkpoint",
    "LearningRateRangeDisplay",
    "LossCurveDisplay",
    "MLPClassifier",
    "MLPRegressor",
    "PerceptronClassifier",
    "TabularEncoder",
    "TabularMLPClassifier",
    "TabularMLPRegressor",
    "learning_rate_range_test",
    "resume",
    "show_versions",
]

_warn_if_stale()
