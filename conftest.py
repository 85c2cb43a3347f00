"""What pytest collects."""

import importlib.util

collect_ignore = []
# The example of `Checkpoint` needs scikit-learn's callbacks, which came with version 1.9.
if importlib.util.find_spec("sklearn.callback") is None:
    collect_ignore.append("skmlp/persistence/_checkpoint.py")
# The example of `register` needs the extra skmlp[onnx].
if importlib.util.find_spec("skl2onnx") is None:
    collect_ignore.append("skmlp/onnx/_converters.py")
