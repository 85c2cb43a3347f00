"""Every option works with every other, or is refused by name."""

import sys

import numpy as np
import pytest
from sklearn.base import clone

from skmlp import MLPClassifier, MLPRegressor, PerceptronClassifier
from skmlp.estimators.mlp import _options

X = np.random.RandomState(0).normal(size=(30, 3))
LABELS = np.arange(30) % 3
POSITIVE = np.random.RandomState(0).uniform(0.1, 0.9, 30)
WEIGHT = np.random.RandomState(0).uniform(0.5, 2, 30)

BOTH = [
    {"activation": "selu"},
    {"activation": "gelu"},
    {"activation": ["tanh"]},
    {"hidden_layer_sizes": ()},
    {"hidden_layer_sizes": 3, "n_hidden_layers": 1},
    *({"solver": name} for name in [*_options.OPTIMIZERS, "lbfgs"] if name != "adam"),
    *({"learning_rate": name} for name in _options.SCHEDULES if name != "constant"),
    {"warmup_iter": 2},
    {"dropout": 0.2},
    {"dropout": [0.2]},
    {"max_grad_norm": 1.0},
    {"averaging": 0.5},
    {"weight_init": "he_normal"},
    {"frozen_layers": 1},
    {"early_stopping": True},
    {"early_stopping": True, "scoring": "loss"},
    {"dtype": "float32"},
    {"dtype": "float64"},
    {"warm_start": True},
    {"shuffle": False},
    {"batch_size": 7},
]
OPTIONS = {
    MLPClassifier: [
        *BOTH,
        {"class_weight": "balanced"},
        {"class_weight": {0: 2.0}},
        {"label_smoothing": 0.1},
        {"scoring": "neg_log_loss", "early_stopping": True},
    ],
    MLPRegressor: [
        *BOTH,
        *({"loss": name} for name in _options.REGRESSION_LOSSES if name != "squared_error"),
        *({"out_activation": name} for name in _options.OUTPUT_ACTIVATIONS),
        {"scoring": "neg_mean_absolute_error", "early_stopping": True},
    ],
}

# What is refused: two arguments, each with the values for which they do not go together.
REFUSED = [
    {
        "solver": ["lbfgs"],
        "learning_rate": [
            name
            for name in _options.SCHEDULES
            if name not in ("constant", "invscaling", "adaptive")
        ],
    },
    {"solver": ["lbfgs"], "warmup_iter": [2]},
    {"solver": ["lbfgs"], "dropout": [0.2, [0.2]]},
    {"solver": ["lbfgs"], "max_grad_norm": [1.0]},
    {"solver": ["lbfgs"], "averaging": [0.5]},
    {"loss": ["poisson"], "out_activation": ["identity", "relu", "tanh"]},
    # One value per hidden layer, of which there is none.
    {"hidden_layer_sizes": [()], "activation": [["tanh"]]},
    {"hidden_layer_sizes": [()], "dropout": [[0.2]]},
    {"hidden_layer_sizes": [()], "frozen_layers": [1]},
]


def refused_argument(arguments):
    """Return the argument that an error must name, or None."""
    for rule in REFUSED:
        if all(name in arguments and arguments[name] in values for name, values in rule.items()):
            return list(rule)
    return None


def make(estimator, arguments):
    defaults = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0}
    return estimator(**{**defaults, **arguments})


def targets(estimator):
    return LABELS if estimator is MLPClassifier else POSITIVE


EACH_FIRST = [
    pytest.param(estimator, position, id=f"{estimator.__name__}-{options[position]}")
    for estimator, options in OPTIONS.items()
    for position in range(len(options) - 1)
]


@pytest.mark.parametrize("estimator, position", EACH_FIRST)
def test_two_options_work_together_or_are_refused_by_name(estimator, position):
    one, *others = OPTIONS[estimator][position:]
    for other in others:
        if not one.keys() & other.keys():
            assert_work_together_or_are_refused(estimator, {**one, **other})


def assert_work_together_or_are_refused(estimator, arguments):
    model, y = make(estimator, arguments), targets(estimator)
    names = refused_argument(arguments)
    if names is None:
        model.fit(X, y, WEIGHT)
        assert np.isfinite(model.predict(X).astype(float)).all(), arguments
        assert len(model.learning_rate_curve_) == len(model.loss_curve_), arguments
        return
    with pytest.raises(ValueError, match="; got ") as error:
        model.fit(X, y, WEIGHT)
    assert any(f"`{name}" in str(error.value) for name in names), arguments
    assert not hasattr(model, "coefs_"), arguments


@pytest.mark.parametrize("estimator", OPTIONS)
def test_partial_fit_takes_every_option_or_does_not_exist(estimator):
    y = targets(estimator)
    classes = {"classes": [0, 1, 2]} if estimator is MLPClassifier else {}
    for arguments in OPTIONS[estimator]:
        model = make(estimator, arguments)
        has_meaning = not (
            model.solver == "lbfgs"
            or model.early_stopping
            or model.averaging
            or arguments.get("class_weight") == "balanced"
        )
        assert hasattr(model, "partial_fit") == has_meaning, arguments
        if has_meaning:
            for part in (slice(0, 10), slice(10, 30)):
                model.partial_fit(X[part], y[part], WEIGHT[part], **classes)
            assert np.isfinite(model.loss_curve_).all()
            assert len(model.learning_rate_curve_) == 2


@pytest.mark.parametrize(
    "model, reason",
    [
        (MLPClassifier(class_weight="balanced"), "got 'balanced', which needs all samples at once"),
        (MLPClassifier(solver="lbfgs"), "with a stochastic solver and .*; got solver='lbfgs'"),
        (MLPRegressor(early_stopping=True), "without `early_stopping` and .*=True and averag"),
        (MLPRegressor(averaging=0.5), "and averaging=0.5. Call `fit`, or change them"),
        (PerceptronClassifier(early_stopping=True), "without `early_stopping`, which needs all"),
        (PerceptronClassifier(class_weight="balanced"), "Compute a dict with"),
    ],
    ids=str,
)
def test_a_missing_partial_fit_says_why(model, reason):
    assert not hasattr(model, "partial_fit")
    with pytest.raises(AttributeError, match=f"has no attribute 'partial_fit': it .*{reason}"):
        model.partial_fit(X, LABELS)


def test_python_makes_no_guess_beside_the_reason(capsys):
    with pytest.raises(AttributeError) as refusal:
        MLPRegressor(solver="lbfgs").partial_fit  # noqa: B018
    sys.__excepthook__(refusal.type, refusal.value, None)
    assert capsys.readouterr().err.endswith("Call `fit`, or change them.\n")


@pytest.mark.parametrize("estimator", OPTIONS)
@pytest.mark.parametrize(
    "given, answer",
    [
        ({"validation_data": (X, LABELS)}, "Pass the validation set as `X_val` and `y_val`."),
        ({"eval_set": [(X, LABELS)]}, "Pass the validation set as `X_val` and `y_val`."),
        ({"epochs": 5}, "Pass `max_iter` to the estimator."),
        ({"batch_size": 5}, "`batch_size` is an argument of {} itself."),
        ({"foo": 5, "bar": 6}, "got `foo`, `bar`."),
    ],
    ids=["validation_data", "eval_set", "epochs", "batch_size", "unknown"],
)
def test_a_keyword_of_another_library_is_answered(estimator, given, answer):
    with pytest.raises(TypeError, match="must be given arguments that it has; got") as error:
        estimator().fit(X, targets(estimator), **given)
    assert str(error.value).startswith(f"{estimator.__name__}.fit ")
    assert str(error.value).endswith(answer.format(estimator.__name__))


@pytest.mark.parametrize("estimator", OPTIONS)
def test_a_call_without_targets_names_the_class(estimator):
    with pytest.raises(TypeError, match=rf"^{estimator.__name__}.fit\(\): missing .*: 'y'$"):
        estimator().fit(X)


# Without memory, and in the order of the rows: what two calls leave is what they did themselves.
FORGETFUL = {
    "hidden_layer_sizes": (4,),
    "solver": "sgd",
    "momentum": 0.0,
    "shuffle": False,
    "learning_rate_init": 0.05,
}


@pytest.mark.parametrize("estimator", OPTIONS)
def test_every_option_can_be_turned_on_between_two_calls_of_partial_fit(estimator):
    """The second call trains as a fit that had the option from the start, at that epoch's rate."""
    y = targets(estimator)
    classes = {"classes": [0, 1, 2]} if estimator is MLPClassifier else {}
    for arguments in OPTIONS[estimator]:
        turned, always = make(estimator, FORGETFUL), make(estimator, {**FORGETFUL, **arguments})
        if always.hidden_layer_sizes != (4,) or not hasattr(always, "partial_fit"):
            continue
        turned.partial_fit(X, y, **classes)
        start = {
            "coefs_init": [coef.copy() for coef in turned.coefs_],
            "intercepts_init": [intercept.copy() for intercept in turned.intercepts_],
        }
        turned.set_params(**arguments).partial_fit(X, y)
        always.partial_fit(X, y, **classes).partial_fit(X, y)
        rate = turned.learning_rate_curve_[-1]
        assert rate == always.learning_rate_curve_[-1], arguments
        one_epoch = {"learning_rate": "constant", "warmup_iter": 0, "max_iter": 1}
        fitted = clone(always).set_params(**one_epoch, learning_rate_init=rate).fit(X, y, **start)
        assert turned.loss_curve_[-1] == fitted.loss_, arguments
        for ours, theirs in zip(turned.coefs_, fitted.coefs_, strict=True):
            np.testing.assert_array_equal(ours, theirs, str(arguments))


def test_dropout_turned_on_between_two_calls_of_partial_fit_drops():
    models = []
    for dropout in (0.0, 0.5):
        model = make(MLPRegressor, {"learning_rate_init": 1e-9}).partial_fit(X, POSITIVE)
        models.append(model.set_params(dropout=dropout).partial_fit(X, POSITIVE))
    plain, noisy = (model.loss_curve_[-1] for model in models)
    assert plain == pytest.approx(models[0].loss_curve_[0], rel=1e-6)
    assert noisy != pytest.approx(plain, rel=1e-2)


@pytest.mark.parametrize("estimator", OPTIONS)
@pytest.mark.parametrize(
    "arguments",
    [
        {"learning_rate": "adaptive"},
        {"learning_rate": "invscaling"},
        {"momentum": 0.5},
        {"nesterovs_momentum": False},
        {"beta_1": 0.5},
        {"shuffle": False},
        {"batch_size": 10},
        {"power_t": 0.3},
        {"learning_rate_init": 0.1},
    ],
    ids=str,
)
def test_what_scikit_learn_ignores_with_lbfgs_is_ignored(estimator, arguments):
    """A swapped import must not fail."""
    y = targets(estimator)
    plain = make(estimator, {"solver": "lbfgs"}).fit(X, y)
    other = make(estimator, {"solver": "lbfgs", **arguments}).fit(X, y)
    np.testing.assert_allclose(other.coefs_[0], plain.coefs_[0], rtol=1e-6)


def test_options_at_their_default_are_not_refused():
    defaults = {
        **{"dropout": 0, "max_grad_norm": None, "averaging": 0, "warmup_iter": 0},
        "learning_rate": "constant",
    }
    make(MLPClassifier, {"solver": "lbfgs", **defaults}).fit(X, LABELS)
    make(MLPClassifier, {"solver": "lbfgs", "dropout": [0.0]}).fit(X, LABELS)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (
            {"n_hidden_layers": 2, "hidden_layer_sizes": (4, 3)},
            r"`n_hidden_layers` must be None where `hidden_layer_sizes` names 2 layers",
        ),
        (
            {"activation": ["relu", "tanh"]},
            r"`activation` must have one entry per hidden layer, 1 of them",
        ),
        ({"dropout": [0.1, 0.2]}, r"`dropout` must have one entry per hidden layer, 1 of them"),
        ({"activation": "reluu"}, "Did you mean 'relu'"),
        ({"activation": ["reluu"]}, "`activation` must be"),
        ({"solver": "adamax"}, "Did you mean 'adam"),
        ({"learning_rate": "cosin"}, "Did you mean 'cosine'"),
        ({"weight_init": "he"}, "`weight_init` must be one of 'auto'"),
        ({"dropout": 1.0}, r"`dropout` must be a number in \[0, 1\)"),
        ({"dropout": [-0.1]}, "`dropout` must be"),
        ({"max_grad_norm": 0}, r"`max_grad_norm` must be None or a number in \(0, inf\)"),
        ({"warmup_iter": -1}, "`warmup_iter` must be an integer of at least 0"),
        (
            {"dtype": "float16"},
            "`dtype` must be one of 'auto', 'float32', 'float64' or one of these",
        ),
        (
            {"dtype": np.float16},
            "`dtype` must be one of 'auto', 'float32', 'float64' or one of these",
        ),
    ],
    ids=str,
)
@pytest.mark.parametrize("estimator", OPTIONS)
def test_bad_values_are_refused_with_the_rule(estimator, arguments, message):
    with pytest.raises(ValueError, match=message):
        make(estimator, arguments).fit(X, targets(estimator))


@pytest.mark.parametrize(
    "estimator, arguments, message",
    [
        (
            MLPClassifier,
            {"label_smoothing": 1.0},
            r"`label_smoothing` must be a number in \[0, 1\)",
        ),
        (MLPRegressor, {"loss": "mse"}, "`loss` must be one of 'squared_error'"),
        (MLPRegressor, {"loss": "absolute_eror"}, "Did you mean 'absolute_error'"),
        (MLPRegressor, {"huber_delta": 0}, r"`huber_delta` must be a number in \(0, inf\)"),
        (MLPRegressor, {"quantile": 1}, r"`quantile` must be a number in \(0, 1\)"),
        (MLPRegressor, {"out_activation": "softmax"}, "`out_activation` must be one of 'auto'"),
    ],
)
def test_bad_values_of_one_estimator_are_refused_with_the_rule(estimator, arguments, message):
    with pytest.raises(ValueError, match=message):
        make(estimator, arguments).fit(X, targets(estimator))


@pytest.mark.parametrize("estimator", OPTIONS)
def test_a_decay_of_more_than_all_is_refused(estimator):
    """Weights would change their sign in every step, and grow."""
    y = targets(estimator)
    arguments = {"solver": "adamw", "alpha": 150.0, "learning_rate_init": 0.02}
    with pytest.raises(ValueError, match=r"`alpha` times `learning_rate_init` must .*; got 3\."):
        make(estimator, arguments).fit(X, y)
    make(estimator, {**arguments, "alpha": 50.0}).fit(X, y)
    make(estimator, {**arguments, "solver": "adam"}).fit(X, y)


@pytest.mark.parametrize(
    "arguments",
    [{"dropout": "0.1"}, {"warmup_iter": 1.5}, {"frozen_layers": 1.0}, {"n_hidden_layers": 2.0}],
    ids=str,
)
def test_values_of_a_wrong_type_are_a_type_error(arguments):
    with pytest.raises(TypeError, match=f"`{next(iter(arguments))}` must be"):
        make(MLPClassifier, arguments).fit(X, LABELS)
