from __future__ import annotations

import pytest

from tests.helpers.banks import bank, failed
from tests.helpers.in_process import take

BANK = bank("deep_initialization")


def test_the_points_of_each_function() -> None:
    assert BANK.points() == {
        "initialize_parameters_zeros": 4,
        "initialize_parameters_random": 12,
        "initialize_parameters_he": 14,
        "L_model_forward": 12,
        "L_model_backward": 14,
        "activation_stds": 4,
    }


START = """
def {name}(layer_dims, **_):
    start = {{}}
    for l in range(1, len(layer_dims)):
        start[f"W{{l}}"] = np.full((layer_dims[l], layer_dims[l - 1]), 0.1)
        start[f"b{{l}}"] = np.full((layer_dims[l], 1), 0.1)
    return start
"""


def test_answers_of_the_right_shape_alone_gain_the_points_for_shapes_alone() -> None:
    starts = [f"initialize_parameters_{kind}" for kind in ("zeros", "random", "he")]
    sources = {name: START.format(name=name) for name in starts} | {
        "L_model_forward": (
            "def L_model_forward(X, parameters):\n"
            "    return np.full((1, X.shape[1]), 0.5), parameters\n"
        ),
        "L_model_backward": (
            "def L_model_backward(AL, Y, caches):\n"
            "    return {'d' + key: np.full(value.shape, 0.1) for key, value in caches.items()}\n"
        ),
        "activation_stds": (
            "def activation_stds(X, parameters):\n    return [0.1] * (len(parameters) // 2)\n"
        ),
    }
    verdicts = take(BANK.checks, BANK.reference, sources, 3, together=True)
    assert {name for name, why in verdicts.items() if not why} == {
        "zeros_have_their_shapes",
        "zeros_for_any_depth",
        "random_start_has_its_shapes",
        "random_start_for_any_depth",
        "he_start_has_its_shapes",
        "he_start_for_any_depth",
        "forward_returns_AL_and_caches",
        "gradients_have_the_shapes_of_the_parameters",
        "there_is_a_spread_for_each_layer",
    }


# A slip costs once: these lose the checks that are about them, and keep the rest.
COSTS = {
    "transposed_zeros": {"zeros_have_their_shapes", "zeros_for_any_depth"},
    "ones_for_zeros": {"all_is_zero", "all_is_zero_at_any_depth"},
    "fixed_scale": {"random_weights_are_about_the_scale", "the_scale_is_what_is_given"},
    "another_default_scale": {
        "random_weights_are_about_the_scale",
        "the_scale_is_a_hundredth_by_default",
    },
    "random_biases": {"random_biases_are_zero", "random_biases_are_zero_at_any_depth"},
    "seed_inside": {"random_weights_are_drawn_anew"},
    "seed_in_the_loop": {"random_weights_are_drawn_one_by_one", "random_weights_are_drawn_anew"},
    "transposed_weights": {"random_start_has_its_shapes", "random_start_for_any_depth"},
    "root_of_one_over_the_inputs": {
        "he_weights_are_about_as_large_as_they_should",
        "he_weights_keep_the_size_of_the_signal",
    },
    "outputs_for_inputs": {
        "he_weights_are_about_as_large_as_they_should",
        "he_weights_keep_the_size_of_the_signal",
    },
    "inputs_of_the_first_layer": {"he_weights_keep_the_size_of_the_signal"},
    "he_uniform": {"he_weights_are_gaussian"},
    "he_seed_inside": {"he_weights_are_drawn_anew"},
    "leaky_relu": {"forward_agrees_with_a_pass_by_hand", "forward_is_right_at_any_depth"},
    "forgotten_biases": {"forward_agrees_with_a_pass_by_hand", "forward_is_right_at_any_depth"},
    "squeezed_answer": {"there_is_an_answer_for_each_example"},
    "sigmoid_that_overflows": {"large_numbers_overflow_nowhere"},
    "inputs_in_the_parameters": {"forward_leaves_its_arguments_alone"},
    "forgotten_slope": {
        "gradients_agree_with_a_pass_by_hand",
        "gradients_of_the_hidden_layers_are_right",
        "gradients_are_the_slopes_of_the_cost",
    },
    "gradients_not_averaged": {"gradients_are_averages"},
    "biases_not_averaged": {"gradients_are_averages"},
    "averaged_again_in_every_layer": {"gradients_are_averages"},
    "flat_bias_gradients": {"gradients_have_the_shapes_of_the_parameters"},
    "answer_in_place": {"backward_leaves_its_arguments_alone"},
    "root_mean_square": {"spreads_by_hand", "spreads_are_right_at_any_depth"},
}


@pytest.mark.parametrize("name", COSTS)
def test_a_mistake_costs_what_is_about_it(name: str) -> None:
    assert BANK.lost_by(name) == COSTS[name]


@pytest.mark.parametrize("factor", [0.9, 1.1])
@pytest.mark.parametrize("layer", [1, 2, 3])
@pytest.mark.parametrize(
    ("function", "found_by"),
    [
        (
            "initialize_parameters_random",
            {"the_scale_is_a_hundredth_by_default", "the_scale_is_what_is_given"},
        ),
        ("initialize_parameters_he", {"he_weights_keep_the_size_of_the_signal"}),
    ],
)
def test_a_scale_that_is_a_tenth_off_is_found(
    function: str, found_by: set[str], layer: int, factor: float
) -> None:
    source = f"""
right = {function}

def {function}(*arguments, **keywords):
    parameters = right(*arguments, **keywords)
    if "W{layer}" in parameters:
        parameters["W{layer}"] *= {factor}
    return parameters
"""
    verdicts = take(BANK.about(function), BANK.reference, {function: source}, 0)
    assert set(failed(verdicts)) == found_by
