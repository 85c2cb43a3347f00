"""The callback that writes what is known of every epoch for TensorBoard."""

import os
from importlib import import_module
from pathlib import Path
from typing import Any

from skmlp.callbacks._epochs import EpochCallback, epoch_values, is_whole_epoch, n_epochs

# Who can write for TensorBoard, the lighter one first.
_WRITERS = ("tensorboardX", "torch.utils.tensorboard")
# What is lost with a process that is killed, and how late a page shows it.
_FLUSH_SECONDS = 10


class TensorBoard(EpochCallback):
    """Callback that writes loss, learning rate, validation loss and score for TensorBoard.

    Every fit is a run, in a folder of its own: a refit, a fold of a cross-validation and a
    candidate of a search, in other processes, too. The text of a run is a table of the
    constructor arguments.

    Parameters
    ----------
    log_dir : str or path-like
        The folder for the runs, which `tensorboard --logdir` is given. It is made where it is
        missing.

    See Also
    --------
    History : Keeps the same in memory.

    Notes
    -----
    Callbacks need scikit-learn 1.9 or later. The writer is that of tensorboardX, or of PyTorch
    where there is no tensorboardX. A run is called by the time and the class of the outermost
    estimator; behind a slash there are scikit-learn's numbers of the tasks within that.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn.datasets import load_iris
    >>> from skmlp import MLPClassifier
    >>> from skmlp.callbacks import TensorBoard
    >>> X, y = load_iris(return_X_y=True)
    >>> folder = Path(tempfile.mkdtemp())
    >>> network = MLPClassifier(max_iter=3, random_state=0)
    >>> network = network.set_callbacks(TensorBoard(folder)).fit(X, y)
    >>> [run.name for run in folder.iterdir()]
    ['...-MLPClassifier-...']
    """

    def __init__(self, log_dir: str | os.PathLike):
        # A string: a path has another class on another system.
        self.log_dir = str(Path(log_dir))
        self._writers: dict[Any, Any] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_writers": {}}

    def setup(self, estimator: Any, context: Any) -> None:
        """Open the files of a run."""
        super().setup(estimator, context)
        if Path(self.log_dir).exists() and not Path(self.log_dir).is_dir():
            raise ValueError(
                f"`log_dir` must be a folder; got {self.log_dir!r}, which is none. Choose a name "
                "that is free."
            )
        folder = Path(self.log_dir, *_run(context))
        writer = _writer_class()(str(folder), flush_secs=_FLUSH_SECONDS)
        writer.add_text("arguments", _table(estimator.get_params()))
        self._writers[context] = writer

    def on_fit_task_end(
        self, estimator: Any, context: Any, *, fitted_estimator: Any = None
    ) -> None:
        """Write what is known of an epoch."""
        if is_whole_epoch(context, fitted_estimator):
            for name, value in epoch_values(fitted_estimator).items():
                self._writers[context.parent].add_scalar(name, value, n_epochs(fitted_estimator))

    def teardown(self, estimator: Any, context: Any) -> None:
        """Close the files of a run."""
        # A run that could not be opened has none.
        if context in self._writers:
            self._writers.pop(context).close()


def _table(arguments: dict[str, Any]) -> str:
    """Return arguments and their values as a table, in Markdown."""
    rows = ["| argument | value |", "|---|---|"]
    for name, value in arguments.items():
        # An array has several lines, a cell one.
        text = " ".join(repr(value).split()).replace("|", "\\|")
        rows.append(f"| {name} | {text} |")
    return "\n".join(rows)


def _writer_class() -> Any:
    for name in _WRITERS:
        try:
            return import_module(name).SummaryWriter
        except ImportError:
            continue
    raise ImportError(
        "`TensorBoard` needs a writer of its files, and none of them is here: "
        f"{', '.join(_WRITERS)}. Run `pip install tensorboardX`."
    )


def _run(context: Any) -> list[str]:
    """Return the folders of a fit: the outermost one, and the numbers of the tasks within it."""
    numbers: list[str] = []
    while context.parent is not None:
        numbers.insert(0, str(context.task_id))
        context = context.parent
    time = context.init_time.astimezone().strftime("%Y%m%d-%H%M%S")
    # Two fits may begin in one second.
    outermost = f"{time}-{context.estimator_name}-{context.root_uuid.hex[:8]}"
    return [outermost, "-".join(numbers)] if numbers else [outermost]
