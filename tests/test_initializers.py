"""The contract that every initializer keeps."""

import numpy as np
import pytest

from skmlp.initializers import INITIALIZERS, uniform_everywhere

FAN_IN, FAN_OUT = 400, 250
VARIANCES = {"glorot": 2 / (FAN_IN + FAN_OUT), "he": 2 / FAN_IN, "lecun": 1 / FAN_IN}
ALL = {
    **INITIALIZERS,
    "relu's auto": uniform_everywhere(6.0),
    "logistic's auto": uniform_everywhere(2.0),
}
every_initializer = pytest.mark.parametrize("name", ALL)
every_named_one = pytest.mark.parametrize("name", INITIALIZERS)


def draw(name, seed=0, fan_in=FAN_IN, fan_out=FAN_OUT):
    return ALL[name](np.random.RandomState(seed), fan_in, fan_out)


def test_the_names_are_those_of_the_api():
    assert set(INITIALIZERS) == {
        f"{scheme}_{distribution}"
        for scheme in ("glorot", "he", "lecun")
        for distribution in ("uniform", "normal")
    }


@every_initializer
@pytest.mark.parametrize("fan_in, fan_out", [(1, 1), (3, 7), (7, 3)])
def test_weights_and_biases_have_the_shape_of_the_layer(name, fan_in, fan_out):
    weights, biases = draw(name, 0, fan_in, fan_out)
    assert weights.shape == (fan_in, fan_out)
    assert biases.shape == (fan_out,)


@every_initializer
def test_the_same_seed_draws_the_same_and_another_seed_does_not(name):
    np.testing.assert_array_equal(draw(name, 3)[0], draw(name, 3)[0])
    assert not np.array_equal(draw(name, 3)[0], draw(name, 4)[0])


@every_initializer
def test_weights_have_mean_zero(name):
    weights, _ = draw(name)
    assert abs(weights.mean()) < 4 * weights.std() / np.sqrt(weights.size)


@every_named_one
def test_weights_have_the_variance_of_their_scheme(name):
    weights, _ = draw(name)
    assert weights.var() == pytest.approx(VARIANCES[name.split("_")[0]], rel=0.03)


@every_named_one
def test_weights_have_the_distribution_of_their_name(name):
    weights, _ = draw(name)
    kurtosis = ((weights / weights.std()) ** 4).mean()
    assert kurtosis == pytest.approx(1.8 if name.endswith("uniform") else 3.0, rel=0.03)


@every_named_one
def test_biases_start_at_zero(name):
    assert not draw(name)[1].any()


@pytest.mark.parametrize("factor", [2.0, 6.0])
def test_auto_draws_weights_then_biases_as_scikit_learn_does(factor):
    bound = np.sqrt(factor / 7)
    rng = np.random.RandomState(0)
    expected = rng.uniform(-bound, bound, (4, 3)), rng.uniform(-bound, bound, 3)
    drawn = uniform_everywhere(factor)(np.random.RandomState(0), 4, 3)
    np.testing.assert_array_equal(drawn[0], expected[0])
    np.testing.assert_array_equal(drawn[1], expected[1])
