"""PerceptronClassifier."""
