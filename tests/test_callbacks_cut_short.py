"""A fit that is cut short ends as well with callbacks as without, those of the guide included."""

import doctest
import re
import sys
import textwrap
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from skmlp import Checkpoint, MLPClassifier, MLPRegressor, PerceptronClassifier, callbacks
from skmlp.callbacks import Callback, History, Prune, TensorBoard, TimeLimit

pytest.importorskip("sklearn.callback", reason="callbacks came with scikit-learn 1.9")

WATCHING = Path(__file__).parents[1] / "docs" / "user_guide" / "watching.rst"
X = np.random.default_rng(0).normal(size=(200, 5))
y = (X[:, 0] > 0).astype(int)
# Its loss is infinite in the sixth epoch; early stopping goes back to the first.
DIVERGING = MLPRegressor(
    solver="sgd",
    learning_rate_init=10.0,
    early_stopping=True,
    max_iter=50,
    hidden_layer_sizes=(5,),
    random_state=0,
)
WATCHED = [
    MLPClassifier((5,), early_stopping=True, random_state=0),
    MLPRegressor(hidden_layer_sizes=(5,), solver="lbfgs", early_stopping=True, random_state=0),
    PerceptronClassifier(early_stopping=True, tol=None, random_state=0),
]
each_estimator = pytest.mark.parametrize(
    "estimator", WATCHED, ids=lambda estimator: type(estimator).__name__
)


class CtrlC(Callback):
    """Interrupts the n-th epoch when it has begun."""

    def __init__(self, epoch):
        self.epoch = epoch

    def on_fit_task_begin(self, estimator, context):
        if context.task_name == "epoch" and context.task_id + 1 == self.epoch:
            raise KeyboardInterrupt


def interrupted(estimator, epoch, *watching):
    estimator = clone(estimator).set_callbacks(*watching, CtrlC(epoch))
    with pytest.warns(UserWarning, match=f"interrupted by user after {epoch - 1} epochs"):
        return estimator.fit(X, y)


def diverged(*watching):
    with pytest.warns(ConvergenceWarning, match="diverged in epoch 6"):
        return clone(DIVERGING).set_callbacks(*watching).fit(X, X[:, 0])


def class_in(source, **names):
    """Return the callback that an example defines, and what it needs beside."""
    exec(source, names)
    return next(names[name] for name in reversed(names) if isinstance(names[name], type))


def documented(text):
    (example,) = (
        example
        for example in doctest.DocTestParser().get_examples(text)
        if example.source.startswith("class ")
    )
    return class_in(example.source, Callback=Callback)


@pytest.fixture
def logger(monkeypatch):
    """The guide's logger for MLflow, and a record of what it logs."""
    mlflow = MagicMock()
    monkeypatch.setitem(sys.modules, "mlflow", mlflow)
    (block,) = re.findall(r"\n( {3}import mlflow\n.*?)\n {3}X, y", WATCHING.read_text(), re.DOTALL)
    return class_in(textwrap.dedent(block))(), mlflow


@pytest.fixture
def every_callback(tmp_path, monkeypatch):
    from sklearn.callback import ScoringMonitor

    writer = MagicMock()
    monkeypatch.setattr(callbacks._tensorboard, "_writer_class", lambda: lambda *_, **__: writer)
    trial = MagicMock(study=None)
    trial.should_prune.return_value = False
    return [
        History(),
        TensorBoard(tmp_path),
        TimeLimit(99),
        Prune(trial),
        ScoringMonitor(scoring={"zero": lambda *_: 0.0}),
        documented(Callback.__doc__)(1e-300),
        documented(WATCHING.read_text())(2.0),
    ]


def test_every_callback_is_tried(every_callback):
    assert set(callbacks.__all__) - {type(each).__name__ for each in every_callback} == {"Callback"}


@each_estimator
@pytest.mark.parametrize("epoch", [1, 3])
def test_ctrl_c_within_an_epoch_keeps_the_fit(estimator, epoch, every_callback, logger, tmp_path):
    if isinstance(estimator, PerceptronClassifier):
        # Of a loss that a perceptron has not.
        every_callback = [each for each in every_callback if type(each).__name__ != "StopAtLoss"]
    else:
        every_callback.append(logger[0])
        every_callback.append(Checkpoint(tmp_path / "fit.npz"))
    watched = interrupted(estimator, epoch, *every_callback)
    assert watched.n_iter_ == epoch - 1
    assert_array_equal(watched.predict(X), interrupted(estimator, epoch).predict(X))


def test_a_divergence_that_early_stopping_mends_keeps_the_fit(every_callback, logger, tmp_path):
    watched = diverged(*every_callback, logger[0], Checkpoint(tmp_path / "fit.npz"))
    assert_array_equal(watched.coefs_[0], diverged().coefs_[0])


@each_estimator
@pytest.mark.parametrize("epoch", [1, 3])
def test_an_epoch_that_broke_off_is_in_no_record(estimator, epoch):
    history = History()
    fitted = interrupted(estimator, epoch, history)
    assert [record["loss"] for record in history.records] == fitted.loss_curve_


def test_an_epoch_that_diverged_is_in_the_records_as_in_the_curves(logger):
    history, (to_mlflow, mlflow) = History(), logger
    fitted = diverged(history, to_mlflow)
    assert [record["loss"] for record in history.records] == fitted.loss_curve_
    logged = [call.args[1] for call in mlflow.log_metric.call_args_list[::3]]
    assert logged == fitted.loss_curve_


class Tasks(Callback):
    """Counts the tasks that have begun and not ended, and predicts by what it is shown."""

    n_open = 0

    def on_fit_task_begin(self, estimator, context):
        self.n_open += 1

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        assert fitted_estimator.predict(X).shape == y.shape
        self.n_open -= 1


@each_estimator
def test_the_epoch_that_is_cut_short_ends_as_a_task_with_the_fit_as_it_is(estimator):
    tasks = Tasks()
    interrupted(estimator, 3, tasks)
    assert tasks.n_open == 0
    diverged(tasks)
    assert tasks.n_open == 0
