"""Where the core meets scikit-learn."""
