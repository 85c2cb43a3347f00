"""The blocks give what going through the samples one at a time gives."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import sparse

from skmlp.perceptron import penalised
from skmlp.perceptron.blocks import BLOCK_SIZE
from skmlp.perceptron.rule import PART_SIZE, Average, PerceptronRule, Units, mistaken
from skmlp.perceptron.training import OnlineTraining, accuracies
from skmlp.training.data import Samples
from skmlp.training.observer import Observer
from skmlp.training.result import StopReason


def one_at_a_time(X, y, n_epochs, *, rule, weight=None, class_weight=None, rng=None):
    """Return weights, intercepts and their averages by the rule as the textbook has it."""
    n_samples, n_outputs = y.shape
    W, b = np.zeros((n_outputs, X.shape[1])), np.zeros(n_outputs)
    history = []
    for _ in range(n_epochs):
        for i in range(n_samples) if rng is None else rng.permutation(n_samples):
            for k in range(n_outputs):
                score = W[k] @ X[i] + b[k]
                target = 1 if y[i, k] else -1
                step = 1 if rule.zero_is_positive and score == 0 else np.sign(score)
                if step != target:
                    eta = rule.eta * (1 if weight is None else weight[i])
                    eta *= 1 if class_weight is None else class_weight[int(y[i, k]), k]
                    W[k] += eta * target * X[i]
                    b[k] += rule.intercept_factor * eta * target
            history.append((W.copy(), b.copy()))
    first = max(rule.average_from - 1, 0)
    averages = [np.mean([entry[part] for entry in history[first:]], axis=0) for part in (0, 1)]
    return W, b, *averages


def in_blocks(X, y, n_epochs, *, rule, weight=None, class_weight=None, rng=None):
    coef = np.zeros((y.shape[1], X.shape[1]))
    average = Average.of_nothing(coef) if rule.average_from else None
    units = Units(coef, np.zeros(len(coef)), average)
    samples = Samples(X, y, weight)
    result = OnlineTraining(rule, samples, class_weight, rng=rng).run(units, n_epochs)
    return units, result


def noisy_problem(n_samples, seed=0, n_features=4, n_outputs=3):
    """Small integers: every product is exact, scores of zero are frequent, nothing is separable."""
    rng = np.random.RandomState(seed)
    X = rng.randint(-2, 3, (n_samples, n_features)).astype(float)
    return X, rng.randint(0, 2, (n_samples, n_outputs)).astype(np.uint8)


def assert_equal_to_one_at_a_time(X, y, n_epochs=3, seed=None, **options):
    slow_rng, fast_rng = (None if seed is None else np.random.default_rng(seed) for _ in range(2))
    dense = X.toarray() if sparse.issparse(X) else X
    W, b, W_mean, b_mean = one_at_a_time(dense, y, n_epochs, rng=slow_rng, **options)
    units, _ = in_blocks(X, y, n_epochs, rng=fast_rng, **options)
    assert_allclose(units.coef, W, rtol=1e-10, atol=1e-10)
    assert_allclose(units.intercept, b, rtol=1e-10, atol=1e-10)
    if units.average is not None:
        coef, intercept = units.published()
        assert_allclose(coef, W_mean, rtol=1e-10, atol=1e-10)
        assert_allclose(intercept, b_mean, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("zero_is_positive", [False, True])
@pytest.mark.parametrize("seed", [None, 7])
def test_blocks_are_the_rule_in_any_order_and_with_either_step_function(zero_is_positive, seed):
    X, y = noisy_problem(200)
    assert_equal_to_one_at_a_time(
        X, y, seed=seed, rule=PerceptronRule(zero_is_positive=zero_is_positive)
    )


@pytest.mark.parametrize("size", [BLOCK_SIZE, PART_SIZE])
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_blocks_are_the_rule_at_their_borders(size, more):
    X, y = noisy_problem(size + more)
    assert_equal_to_one_at_a_time(X, y, rule=PerceptronRule())


def test_what_the_first_of_like_samples_taught_the_others_need_not_learn():
    assert_equal_to_one_at_a_time(np.ones((5, 1)), np.ones((5, 1)), rule=PerceptronRule())


def test_the_rule_is_rosenblatts_unless_told_otherwise():
    rosenblatts = {"eta": 1.0, "zero_is_positive": False, "intercept_factor": 1.0}
    assert vars(PerceptronRule()) == {**rosenblatts, "l1": 0.0, "l2": 0.0, "average_from": 0}


def test_one_sample_is_a_block():
    X, y = noisy_problem(1)
    assert_equal_to_one_at_a_time(X, y, rule=PerceptronRule())


def test_blocks_are_the_rule_for_sparse_inputs():
    X, y = noisy_problem(150, n_features=40)
    X[np.abs(X) < 2] = 0
    X[5] = 0
    assert_equal_to_one_at_a_time(
        sparse.csr_array(X), y, rule=PerceptronRule(intercept_factor=0.01)
    )


def test_blocks_are_the_rule_with_weights():
    X, y = noisy_problem(150)
    rng = np.random.RandomState(1)
    weight = rng.randint(0, 3, 150).astype(float)
    class_weight = rng.randint(1, 4, (2, 3)).astype(float)
    assert_equal_to_one_at_a_time(
        X, y, rule=PerceptronRule(), weight=weight, class_weight=class_weight
    )


@pytest.mark.parametrize("average_from", [1, 2, BLOCK_SIZE + 1, PART_SIZE + 3, 500])
def test_the_average_is_that_of_the_weights_after_every_sample(average_from):
    X, y = noisy_problem(PART_SIZE + 20)
    assert_equal_to_one_at_a_time(X, y, rule=PerceptronRule(average_from=average_from))


@given(
    n_samples=st.integers(1, 90),
    n_outputs=st.integers(1, 4),
    n_features=st.integers(1, 6),
    zero_is_positive=st.booleans(),
    intercept_factor=st.sampled_from([0.0, 1.0]),
    seed=st.integers(0, 2**31),
)
@settings(max_examples=60, deadline=None)
def test_blocks_are_the_rule_whatever_the_problem(
    n_samples, n_outputs, n_features, zero_is_positive, intercept_factor, seed
):
    X, y = noisy_problem(n_samples, seed, n_features, n_outputs)
    rule = PerceptronRule(zero_is_positive=zero_is_positive, intercept_factor=intercept_factor)
    assert_equal_to_one_at_a_time(X, y, n_epochs=2, seed=seed, rule=rule)


@given(eta=st.sampled_from([0.25, 0.5, 2.0, 8.0]), seed=st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_without_penalty_the_learning_rate_only_scales_the_weights(eta, seed):
    X, y = noisy_problem(60, seed)
    (one, _), (other, _) = (in_blocks(X, y, 2, rule=PerceptronRule(eta=e)) for e in (1.0, eta))
    assert_allclose(other.coef, eta * one.coef, rtol=0, atol=0)


def test_a_penalty_of_nothing_is_no_penalty():
    X, y = noisy_problem(100)
    plain, _ = in_blocks(X, y, 3, rule=PerceptronRule())
    penalised, _ = in_blocks(X, y, 3, rule=PerceptronRule(l2=1e-300, l1=1e-300))
    assert_allclose(penalised.coef, plain.coef, rtol=0, atol=1e-12)


def penalised_one_at_a_time(X, signs, n_epochs, rule):
    """Return weights, intercept, their averages, losses and mistakes of one output, as in [1]_.

    .. [1] Tsuruoka, Tsujii, Ananiadou, ACL 2009.
    """
    w, b, owed, paid = np.zeros(X.shape[1]), 0.0, 0.0, np.zeros(X.shape[1])
    absolute = square = 0.0
    history, losses, mistakes = [], [], []
    decay = 1 - rule.eta * rule.l2
    for _ in range(n_epochs):
        loss, n_mistakes = 0.0, 0
        for x, sign in zip(X, signs, strict=True):
            score = w @ x + b
            loss += max(0, -sign * score) + rule.l1 * absolute + rule.l2 / 2 * square
            w, absolute, square = w * decay, absolute * decay, square * decay**2
            if sign * score <= 0:
                w = w + rule.eta * sign * x
                b += rule.eta * sign
                n_mistakes += 1
                absolute, square = np.abs(w).sum(), (w**2).sum()
            # As in scikit-learn, a sample's weights are averaged before they pay.
            history.append((w, b))
            owed, before = owed + rule.eta * rule.l1, w
            w = np.where(w > 0, np.maximum(w - owed - paid, 0), np.minimum(w + owed - paid, 0))
            paid = paid + w - before
        losses.append(loss / len(X))
        mistakes.append(n_mistakes)
    averaged = history[rule.average_from - 1 :]
    w_mean, b_mean = (np.mean([entry[part] for entry in averaged], axis=0) for part in (0, 1))
    return (w, b), (w_mean, b_mean), losses, mistakes


@pytest.mark.parametrize(
    "l1, l2, average_from", [(0.01, 0.0, 1), (0.0, 0.05, 30), (0.02, 0.03, 300), (0.02, 0.9, 900)]
)
def test_weights_averages_and_losses_with_a_penalty_are_those_of_the_textbook(l1, l2, average_from):
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(280, 3)), rng.randint(0, 2, (280, 1))
    rule = PerceptronRule(eta=0.5, l1=l1, l2=l2, average_from=average_from)
    (w, b), (w_mean, b_mean), losses, mistakes = penalised_one_at_a_time(
        X, 2 * y[:, 0] - 1, 4, rule
    )
    units, result = in_blocks(X, y, 4, rule=rule)
    coef, intercept = units.published()
    assert_allclose(units.coef[0], w, atol=1e-12)
    assert_allclose(units.intercept, b, atol=1e-12)
    assert_allclose(coef[0], w_mean, atol=1e-12)
    assert_allclose(intercept, b_mean, atol=1e-12)
    assert_allclose([record.loss for record in result.records], losses)
    assert [record.mistakes for record in result.records] == mistakes


@pytest.mark.parametrize("l1, l2, penalty", [(0.1, 0.0, 0.5), (0.0, 0.1, 0.65)])
def test_the_penalty_of_the_weights_that_a_training_starts_from_counts(l1, l2, penalty):
    units = Units(np.array([[3.0, -2.0]]), np.zeros(1), None)
    rightly_told = Samples(np.array([[1.0, 0.0]]), np.array([[1]], np.uint8))
    result = OnlineTraining(PerceptronRule(l1=l1, l2=l2), rightly_told, None).run(units, 1)
    assert result.records[0].loss == pytest.approx(penalty)


def test_the_loss_of_an_epoch_is_the_mean_of_what_each_mistake_lacked():
    X, y = noisy_problem(70)
    units, result = in_blocks(X, y, 1, rule=PerceptronRule())
    W, b, loss = np.zeros((3, 4)), np.zeros(3), 0.0
    for x, sign in zip(X, 2.0 * y - 1, strict=True):
        lacked = -sign * (W @ x + b)
        loss += np.maximum(lacked, 0).sum()
        W += np.outer((lacked >= 0) * sign, x)
        b += (lacked >= 0) * sign
    assert_allclose(units.coef, W)
    assert result.records[0].loss == pytest.approx(loss / y.size)


def test_a_separable_problem_is_learnt_with_no_more_mistakes_than_novikoff_allows():
    rng = np.random.RandomState(0)
    direction = np.array([3.0, -4.0]) / 5
    X = rng.uniform(-1, 1, (400, 2))
    X = X[np.abs(X @ direction) > 0.05]
    y = (X @ direction > 0).astype(np.uint8)[:, None]
    gamma, R = np.abs(X @ direction).min(), np.linalg.norm(X, axis=1).max()
    _, result = in_blocks(X, y, 1000, rule=PerceptronRule(intercept_factor=0.0), rng=rng)
    assert result.reason is StopReason.NO_MISTAKE
    assert 0 < sum(record.mistakes for record in result.records) <= (R / gamma) ** 2


def test_each_output_stops_on_its_own():
    X, y = noisy_problem(50)
    easy = (X[:, :1] > 0).astype(np.uint8)
    both, _ = in_blocks(X, np.hstack([easy, y[:, :1]]), 40, rule=PerceptronRule())
    alone, result = in_blocks(X, easy, 40, rule=PerceptronRule())
    assert result.reason is StopReason.NO_MISTAKE
    assert_allclose(both.coef[:1], alone.coef)


def test_no_mistake_is_the_reason_only_if_no_output_made_one():
    X = np.array([[1.0], [1.0], [-1.0], [-1.0]])
    learnt, noise = [1, 1, 0, 0], [1, 0, 1, 0]
    for y, reason in (([learnt, learnt], "NO_MISTAKE"), ([learnt, noise], "TRAINING_PLATEAU")):
        samples = Samples(X, np.array(y).T)
        training = OnlineTraining(PerceptronRule(), samples, tol=0.1)
        assert training.run(Units(np.zeros((2, 1)), np.zeros(2)), 100).reason.name == reason


@pytest.mark.parametrize(
    "zero_is_positive, of_all, of_some", [(False, 2 / 4, 1 / 11), (True, 3 / 4, 3 / 11)]
)
def test_the_accuracy_is_the_share_of_the_weight_that_is_predicted(
    zero_is_positive, of_all, of_some
):
    X = np.array([[2.0], [0.0], [-1.0], [-3.0]])
    y = np.array([[1, 1, 0, 1], [0, 0, 0, 0]]).T
    units, outputs = Units(np.array([[1.0]]), np.zeros(1)), np.array([0])
    rule = PerceptronRule(zero_is_positive=zero_is_positive)
    assert accuracies(rule, Samples(X, y), units, outputs) == [of_all]
    weight, rows = np.array([1.0, 2.0, 4.0, 8.0]), np.array([3, 1, 0])
    assert accuracies(rule, Samples(X, y, weight).of(rows), units, outputs) == [of_some]


class Watch(Observer):
    """Notes what an observer is told."""

    def __init__(self, last=None):
        self.told, self._last = [], last

    def begin_epoch(self, epoch):
        self.told.append(epoch)

    def end_epoch(self, record):
        self.told.append(record)
        return record.epoch == self._last


@pytest.mark.parametrize("rule", [PerceptronRule(), PerceptronRule(l2=0.01)], ids=["plain", "l2"])
def test_observers_are_shown_every_epoch_and_may_end_the_training(rule):
    X, y = noisy_problem(20)
    watches = Watch(last=3), Watch()
    training = OnlineTraining(rule, Samples(X, y), observers=watches)
    result = training.run(Units(np.zeros((3, 4)), np.zeros(3)), 10)
    assert result.reason is StopReason.CALLBACK
    assert [record.epoch for record in result.records] == [1, 2, 3]
    for watch in watches:
        assert watch.told[::2] == [1, 2, 3]
        assert watch.told[1::2] == result.records


def test_one_infinite_weight_is_a_divergence():
    X = np.array([[1e308, 1.0], [1e308, 1.0], [-1.0, 1e-3]])
    units = Units(np.zeros((1, 2)), np.zeros(1))
    result = OnlineTraining(PerceptronRule(eta=10.0), Samples(X, np.array([[1], [0], [0]]))).run(
        units, 5
    )
    assert np.isfinite(units.coef).any()
    assert result.reason is StopReason.DIVERGED
    assert len(result.records) == 1


def test_inputs_are_left_as_they_are():
    X, y = noisy_problem(100)
    X.flags.writeable = y.flags.writeable = False
    for rule in (PerceptronRule(), PerceptronRule(l1=0.01, l2=0.01)):
        in_blocks(X, y, 2, rule=rule)


def with_every_entry_in_two_parts(X):
    """Return the same matrix with the entries stored as two halves, the last column first."""
    X = sparse.csr_array(X)
    halves = np.repeat(X.data / 2, 2), np.repeat(X.indices, 2), 2 * X.indptr
    parts = sparse.csr_array(halves, shape=X.shape)
    for start, end in itertools.pairwise(parts.indptr):
        parts.indices[start:end] = parts.indices[start:end][::-1].copy()
        parts.data[start:end] = parts.data[start:end][::-1].copy()
    return parts


@pytest.mark.parametrize("rule", [PerceptronRule(), PerceptronRule(l1=0.01, l2=0.01)])
def test_a_sparse_entry_may_be_stored_in_parts(rule):
    X, y = noisy_problem(100)
    parts = with_every_entry_in_two_parts(X)
    data, indices = parts.data.copy(), parts.indices.copy()
    expected, _ = in_blocks(sparse.csr_array(X), y, 3, rule=rule)
    units, _ = in_blocks(parts, y, 3, rule=rule)
    assert_allclose(units.coef, expected.coef, rtol=1e-10, atol=1e-10)
    np.testing.assert_array_equal(parts.data, data)
    np.testing.assert_array_equal(parts.indices, indices)


def test_an_interrupted_epoch_that_had_diverged_is_on_record_as_the_last(monkeypatch):
    X, y = noisy_problem(10)
    samples = Samples(X, y)
    units = Units(np.full((3, 4), np.inf), np.zeros(3))

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(penalised, "mistaken", interrupted)
    result = OnlineTraining(PerceptronRule(l2=0.1), samples).run(units, 5)
    assert result.reason is StopReason.DIVERGED
    (record,) = result.records
    assert (record.epoch, record.mistakes) == (1, 0)
    assert np.isnan(record.loss)


def test_an_epoch_that_is_interrupted_leaves_the_weights_at_the_sample_it_came_to(monkeypatch):
    X, y = noisy_problem(100)
    rule = PerceptronRule(l1=0.01, l2=0.1)
    expected, _ = in_blocks(X[:40], y[:40], 1, rule=rule)
    scored = itertools.count()

    def interrupted(*arguments):
        if next(scored) == 40:
            raise KeyboardInterrupt
        return mistaken(*arguments)

    monkeypatch.setattr(penalised, "mistaken", interrupted)
    units, result = in_blocks(X, y, 1, rule=rule)
    assert result.reason is StopReason.INTERRUPTED
    assert_allclose(units.coef, expected.coef, rtol=1e-10, atol=1e-10)


def test_the_average_of_float32_weights_is_as_exact_as_they_are():
    X, y = np.ones((1000, 1), np.float32), np.ones((1000, 1), np.uint8)
    coef, intercept = np.full((1, 1), 0.1, np.float32), np.full(1, 0.7, np.float32)
    units = Units(coef, intercept, Average.of_nothing(coef))
    # The penalty changes no digit of the weights, which are right from the start on.
    rule = PerceptronRule(l1=1e-30, average_from=1)
    OnlineTraining(rule, Samples(X, y)).run(units, 3)
    for published, exact in zip(units.published(), (0.1, 0.7), strict=True):
        assert published.dtype == np.float32
        assert_allclose(published.ravel(), exact, rtol=1e-7)
