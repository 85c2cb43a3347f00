"""What pytest collects."""

import importlib.util

collect_ignore = []
# The examples of callbacks need scikit-learn 1.9.
if importlib.util.find_spec("sklearn.callback") is None:
    collect_ignore += [
        "skmlp/callbacks",
        "skmlp/estimators/common/_callbacks.py",
        "skmlp/persistence/_checkpoint.py",
    ]
if importlib.util.find_spec("optuna") is None:
    collect_ignore.append("skmlp/callbacks/_prune.py")
# The example of `TensorBoard` needs the extra skmlp[tensorboard].
if importlib.util.find_spec("tensorboardX") is None:
    collect_ignore.append("skmlp/callbacks/_tensorboard.py")
# The example of `register` needs the extra skmlp[onnx].
if importlib.util.find_spec("skl2onnx") is None:
    collect_ignore.append("skmlp/onnx/_converters.py")
