"""`train` is a function that a notebook can call, without any estimator."""

from dataclasses import replace

import numpy as np
import pytest

from skmlp import MLPRegressor
from skmlp.activations import ACTIVATIONS
from skmlp.dropout import InvertedDropout
from skmlp.estimators.mlp._options import training_options
from skmlp.layers.scale import Scale
from skmlp.losses import IdentitySquaredError, SoftmaxCrossEntropy
from skmlp.network import Network, perceptron_layers, raw_predictions
from skmlp.optimizers import SGD, Adam, DecoupledDecay
from skmlp.schedules import Constant, Cosine, Progress
from skmlp.training.data import Samples
from skmlp.training.objective import mean_loss
from skmlp.training.observer import Observer
from skmlp.training.options import LBFGS, TrainingOptions
from skmlp.training.result import EpochRecord, StopReason, TrainingResult
from skmlp.training.state import begin
from skmlp.training.train import train
from skmlp.training.validation import Validation

RNG = np.random.RandomState(0)
X = RNG.normal(size=(200, 3))
SAMPLES = Samples(X, X[:, :1] * X[:, 1:2])
LOSS = IdentitySquaredError()


def start(dropout=None, dtype=float, n_outputs=1, rate_factor=6.0):
    layers = perceptron_layers([3, 20, n_outputs], [ACTIVATIONS["tanh"]], [dropout])
    network = Network([Scale(3, rate_factor), *layers])
    parameters = network.parameters(np.dtype(dtype))
    network.draw(parameters, np.random.RandomState(0))
    return network, parameters


def test_the_options_of_who_says_nothing_are_those_of_the_estimators():
    ours, theirs = TrainingOptions(), training_options(MLPRegressor(alpha=0.0))
    assert isinstance(theirs.optimizer, type(ours.optimizer))
    assert theirs.schedule.rate(Progress()) == ours.schedule.rate(Progress())
    own = {"optimizer": None, "schedule": None}
    assert replace(theirs, **own) == replace(ours, **own)


@pytest.mark.parametrize(
    "optimizer, rate",
    [(LBFGS(), 1), (Adam(), 0.01), (SGD(0.9, True), 0.01)],
    ids=["lbfgs", "adam", "sgd"],
)
def test_a_network_of_several_kinds_of_layers_learns_a_product(optimizer, rate):
    network, parameters = start()
    options = TrainingOptions(optimizer, Constant(rate), max_epochs=300, batch_size=20, tol=1e-5)
    result = train(network, parameters, LOSS, SAMPLES, options)
    residual = raw_predictions(network, parameters.layers, X) - SAMPLES.y
    assert (residual**2).mean() < 0.05 * SAMPLES.y.var()
    assert result.loss == result.records[-1].loss < result.records[0].loss
    assert not (parameters.layers[0][0] == 1).any()


def test_an_irrelevant_feature_fades():
    network, parameters = start()
    options = TrainingOptions(DecoupledDecay(Adam(), 0.1), Constant(0.01), max_epochs=200)
    train(network, parameters, LOSS, SAMPLES, options)
    factors = np.abs(parameters.layers[0][0])
    assert factors[2] < 0.7 * factors[:2].min()


@pytest.mark.parametrize("dropout", [None, InvertedDropout(0.2)])
def test_a_training_in_two_calls_is_the_training_in_one(dropout):
    options = TrainingOptions(schedule=Cosine(0.01, 6), max_epochs=6, batch_size=32)

    def trained(*n_epochs):
        network, parameters = start(dropout)
        state = begin(network, parameters, options, np.random.RandomState(1))
        for n in n_epochs:
            part = TrainingOptions(**{**vars(options), "max_epochs": n})
            result = train(network, parameters, LOSS, SAMPLES, part, state=state)
        assert [record.epoch for record in result.records] == [1, 2, 3, 4, 5, 6]
        return parameters.vector

    np.testing.assert_array_equal(trained(6), trained(2, 6))


def test_early_stopping_brings_back_the_best_epoch():
    network, parameters = start()
    scores = iter([1.0, 3.0, 2.0, 2.0, 2.0])
    seen = []

    def validate(parameters):
        seen.append(parameters.vector.copy())
        return 0.0, next(scores)

    options = TrainingOptions(early_stopping=True, patience=2, max_epochs=50)
    result = train(network, parameters, LOSS, SAMPLES, options, validate)
    assert (result.reason, result.best_epoch) == (StopReason.VALIDATION_PLATEAU, 2)
    np.testing.assert_array_equal(parameters.vector, seen[1])


def test_a_validation_scores_by_minus_the_loss_unless_it_is_told_otherwise():
    network, parameters = start()
    loss, score = Validation(network, LOSS, SAMPLES)(parameters)
    expected = mean_loss(network, LOSS, parameters, SAMPLES)
    assert loss == pytest.approx(expected)
    assert score == -loss
    by_rows = Validation(network, LOSS, SAMPLES, lambda raw, parameters: len(raw))
    assert by_rows(parameters) == (loss, SAMPLES.n_samples)


class Restoring(Observer):
    def __init__(self, training):
        self._training = training

    def begin_training(self, state, parameters):
        state.restore(self._training, parameters)


def test_a_training_goes_on_from_where_an_observer_brings_it():
    options = TrainingOptions(schedule=Cosine(0.01, 6), max_epochs=6, batch_size=32)

    def trained(options, *observers):
        network, parameters = start()
        state = begin(network, parameters, options, np.random.RandomState(1))
        result = train(
            network, parameters, LOSS, SAMPLES, options, observers=observers, state=state
        )
        assert len(result.records) == options.max_epochs
        return state.to_plain(parameters), parameters.vector

    halfway, _ = trained(replace(options, max_epochs=3))
    np.testing.assert_array_equal(trained(options, Restoring(halfway))[1], trained(options)[1])


def test_a_diverging_training_is_an_outcome_and_no_error():
    network, parameters = start()
    options = TrainingOptions(SGD(0.9, False), Constant(1e200), max_epochs=5)
    assert train(network, parameters, LOSS, SAMPLES, options).reason is StopReason.DIVERGED


class StopAtStep(Observer):
    watches_steps = True

    def __init__(self, n_steps):
        self.values, self._n_steps = [], n_steps

    def end_step(self, value):
        self.values.append(value)
        return len(self.values) == self._n_steps


def test_an_observer_of_steps_may_end_a_training_within_an_epoch():
    network, parameters = start()
    watchers = [StopAtStep(13), StopAtStep(99)]
    result = train(
        network, parameters, LOSS, SAMPLES, TrainingOptions(batch_size=20), observers=watchers
    )
    assert (result.reason, len(result.records)) == (StopReason.CALLBACK, 1)
    assert [len(watcher.values) for watcher in watchers] == [13, 13]


class Interrupting(np.ndarray):
    """Is interrupted by the user where a share is taken of it."""

    def __rmul__(self, share):
        raise KeyboardInterrupt


def test_a_mean_of_epochs_that_is_interrupted_is_the_one_before():
    network, parameters = start(rate_factor=1.0)
    options = TrainingOptions(averaging=0.5)
    state = begin(network, parameters, options, np.random.RandomState(0))
    state.walker.trainable = state.walker.trainable.view(Interrupting)
    before = parameters.vector.copy()
    result = train(network, parameters, LOSS, SAMPLES, options, state=state)
    assert result.reason is StopReason.INTERRUPTED
    np.testing.assert_array_equal(parameters.vector, before)


@pytest.mark.parametrize("begun, going_on", [(LBFGS(), Adam()), (Adam(), LBFGS())])
def test_the_state_of_another_kind_of_training_is_refused(begun, going_on):
    network, parameters = start()
    state = begin(network, parameters, TrainingOptions(begun), np.random.RandomState(0))
    kinds = f"{type(state).__name__} and {type(going_on).__name__}"
    with pytest.raises(TypeError, match=rf"`state` must be .* got {kinds}\. Begin"):
        train(network, parameters, LOSS, SAMPLES, TrainingOptions(going_on), state=state)


def test_it_trains_in_the_dtype_of_the_parameters_and_leaves_the_samples_alone():
    network, parameters = start(dtype=np.float32, n_outputs=2)
    X32 = X.astype(np.float32)
    y = np.eye(2)[(X[:, 0] > 0).astype(int)]
    X32.flags.writeable = y.flags.writeable = False
    train(network, parameters, SoftmaxCrossEntropy(), Samples(X32, y), TrainingOptions())
    assert parameters.vector.dtype == np.float32
    assert (
        (raw_predictions(network, parameters.layers, X32).argmax(1)) == y.argmax(1)
    ).mean() > 0.9


def test_a_result_tells_how_long_ago_its_best_epoch_was():
    records = [EpochRecord(epoch, loss=1.0, learning_rate=0.1) for epoch in (4, 5, 6)]
    result = TrainingResult(StopReason.MAX_ITER, records, 5, -1.0, 1.0)
    assert result.n_since_best == 1
    assert replace(result, records=[]).n_since_best == 0


def test_a_training_begins_with_nothing_behind_it_unless_it_is_told():
    rng, options = np.random.RandomState(0), TrainingOptions()
    network, parameters = start()
    assert begin(network, parameters, options, rng).progress == Progress()
    assert begin(network, parameters, options, rng, 30).progress == Progress(n_samples=30)


def test_a_restored_lbfgs_can_be_restored_again_from_its_first_parameters():
    network, first = start()
    options, rng = TrainingOptions(LBFGS()), np.random.RandomState(0)
    told = begin(network, first, options, rng).to_plain(first)
    others = network.parameters(first.dtype)
    state = begin(network, others, options, rng)
    state.restore(told, others)
    np.testing.assert_array_equal(others.vector, first.vector)
    others.vector[:] = 7
    again = state.to_plain(others)
    np.testing.assert_array_equal(again["parameters"]["vector"], first.vector)


@pytest.mark.parametrize("optimizer", [Adam(), SGD(0.9, True)])
def test_a_batch_without_weight_takes_no_step(optimizer):
    vectors = []
    for n_samples in (40, 80):
        network, parameters = start()
        weight = np.r_[np.ones(40), np.zeros(40)][:n_samples]
        samples = Samples(X[:n_samples], SAMPLES.y[:n_samples], weight)
        options = TrainingOptions(optimizer, shuffle=False, batch_size=20, max_epochs=3)
        train(network, parameters, LOSS, samples, options)
        vectors.append(parameters.vector)
    np.testing.assert_array_equal(*vectors)
