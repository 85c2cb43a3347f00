"""MLPClassifier and MLPRegressor: arguments to options, layers and loss; then `train`."""
