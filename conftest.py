"""What pytest collects."""

import importlib.util

# The example of `Checkpoint` needs scikit-learn's callbacks, which came with version 1.9.
if importlib.util.find_spec("sklearn.callback") is None:
    collect_ignore = ["skmlp/persistence/_checkpoint.py"]
