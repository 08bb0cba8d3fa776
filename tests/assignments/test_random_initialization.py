from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.helpers.banks import bank, failed
from tests.helpers.in_process import InProcess, take

BANK = bank("random_initialization")
REFERENCE, CHECKS = BANK.reference, BANK.checks


class TwoAlike:
    """A random generator whose whole numbers have two equal columns."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.normal = self.rng.normal

    def integers(self, low: int, high: int, size: tuple[int, int]) -> Any:
        """Draw whole numbers, and repeat the first column in the last one."""
        drawn = self.rng.integers(low, high, size)
        drawn[:, -1] = drawn[:, 0]
        return drawn


def test_equal_examples_do_not_lead_the_half_to_rounding() -> None:
    asks = next(each.asks for each in CHECKS if each.id == "predictions_say_which_side_of_a_half")
    for seed in range(40):
        asks(InProcess(REFERENCE, {}, 1), REFERENCE, TwoAlike(seed))


def test_the_points_of_each_function() -> None:
    assert BANK.points() == {
        "initialize_parameters": 24,
        "forward_propagation": 12,
        "compute_cost": 8,
        "backward_propagation": 16,
        "update_parameters": 6,
        "nn_model": 12,
        "predict": 4,
        "units_are_interchangeable": 4,
        "mean_tanh_slope": 4,
    }


@pytest.mark.parametrize(
    ("fill", "random"),
    [
        ("np.zeros(s)", False),
        ("np.full(s, 1e300)", False),
        ("np.full(s, 1e5)", False),
        ("np.random.rand(*s)", True),
    ],
)
def test_answers_of_the_right_shape_alone_gain_the_points_for_shapes_alone(
    fill: str, random: bool
) -> None:
    def gives(of: str, shapes: str) -> str:
        return f"def {of}:\n    return {{k: {fill} for k, s in {shapes}.items()}}\n"

    sources = {
        "initialize_parameters": gives(
            "initialize_parameters(n_x, n_h, n_y)",
            "dict(W1=(n_h, n_x), b1=(n_h, 1), W2=(n_y, n_h), b2=(n_y, 1))",
        ),
        "backward_propagation": gives(
            "backward_propagation(parameters, cache, X, Y)",
            "{'d' + k: v.shape for k, v in parameters.items()}",
        ),
        "nn_model": gives(
            "nn_model(X, Y, n_h, **_)",
            "dict(W1=(n_h, len(X)), b1=(n_h, 1), W2=(1, n_h), b2=(1, 1))",
        ),
        "forward_propagation": f"""
def forward_propagation(X, parameters):
    h, m = len(parameters['b1']), X.shape[1]
    shapes = dict(Z1=(h, m), A1=(h, m), Z2=(1, m), A2=(1, m))
    cache = {{k: {fill} for k, s in shapes.items()}}
    return cache['A2'], cache
""",
    }
    about = tuple(check for check in CHECKS if check.of in sources)
    passed = {name for name, why in take(about, REFERENCE, sources, 3).items() if not why}
    for_shapes = {
        "parameters_have_their_names",
        "parameters_have_their_shapes",
        "shapes_follow_the_sizes",
        "forward_returns_A2_and_the_cache",
        "forward_has_its_shapes",
        "gradients_have_the_shapes_of_the_parameters",
        "model_returns_the_parameters",
    }
    for_zeros = {"biases_start_at_zero", "biases_are_zero_for_every_size"}
    for_randomness = {
        "weights_are_not_all_the_same",
        "hidden_units_start_different",
        "W2_is_no_copy_of_W1",
        "every_call_draws_anew",
        "gradient_descent_tells_the_units_apart",
        "forward_leaves_its_arguments_alone",
        "backward_leaves_its_arguments_alone",
    }
    assert passed <= for_shapes | (for_randomness if random else for_zeros)


WHOLE = "the_start_is_right_as_a_whole"

# A slip costs once: these lose the checks that are about them and WHOLE, and keep the rest.
COSTS = {
    "uniform_weights_around_zero": {
        "W1_has_standard_deviation_a_hundredth",
        "W2_has_standard_deviation_a_hundredth",
        "weights_are_gaussian",
        WHOLE,
    },
    "weights_cut_off_at_two_sigma": {"weights_are_gaussian", WHOLE},
    "scale_on_W1_alone": {
        "weights_are_about_a_hundredth",
        "W2_has_standard_deviation_a_hundredth",
        WHOLE,
    },
    "scale_on_W2_alone": {
        "weights_are_about_a_hundredth",
        "W1_has_standard_deviation_a_hundredth",
        WHOLE,
    },
    "random_biases": {"biases_start_at_zero", "biases_are_zero_for_every_size", WHOLE},
    "seed_inside": {"every_call_draws_anew", WHOLE},
    "same_seed_for_both": {"W2_is_no_copy_of_W1", WHOLE},
    "transposed_weights": {"parameters_have_their_shapes", "shapes_follow_the_sizes"},
    "flat_biases": {"parameters_have_their_shapes", "shapes_follow_the_sizes"},
    "sigmoid_hidden_layer": {
        "forward_agrees_with_a_pass_by_hand",
        "A1_follows_from_Z1",
        "A2_is_right",
    },
    "no_output_activation": {
        "forward_agrees_with_a_pass_by_hand",
        "A2_follows_from_Z2",
        "A2_is_right",
    },
    "forgotten_hidden_bias": {"forward_agrees_with_a_pass_by_hand", "Z1_is_right", "A2_is_right"},
    "forgotten_output_bias": {
        "forward_agrees_with_a_pass_by_hand",
        "Z2_follows_from_A1",
        "A2_is_right",
    },
    "summed_cost": {
        "cost_is_the_same_for_examples_given_twice",
        "cost_of_many_is_the_mean_of_the_costs_of_each",
    },
    "half_cross_entropy": {"cost_of_one_example_by_hand", "cost_is_the_cross_entropy"},
    "log_to_base_ten": {"cost_of_one_example_by_hand", "cost_is_the_cross_entropy"},
    "cost_as_an_array": {"cost_is_a_single_number"},
    "gradients_not_averaged": {"gradients_are_averages"},
    "biases_not_averaged": {"gradients_are_averages"},
    "flat_bias_gradients": {"gradients_have_the_shapes_of_the_parameters"},
    "sigmoid_slope_for_tanh": {
        "gradients_agree_with_a_pass_by_hand",
        "gradients_of_the_hidden_layer_are_right",
        "gradients_are_the_slopes_of_the_cost",
    },
    "ascent": {"update_goes_against_the_gradient"},
    "fixed_rate": {"update_steps_as_far_as_the_rate_says"},
    "another_default_rate": {"update_has_a_default_rate"},
    "in_place": {"update_leaves_its_arguments_alone"},
    "one_step_too_many": {"no_step_gives_the_start", "first_step_moves_the_output_bias"},
    "new_start_in_the_loop": {"one_iteration_is_one_step", "every_iteration_is_one_more_step"},
    "half_counts_as_one": {"a_half_is_not_above_a_half"},
    "only_the_first_two_units": {"every_unit_is_compared"},
    "no_tolerance": {"the_tolerance_counts"},
    "relative_tolerance_besides": {"the_tolerance_counts"},
}


@pytest.mark.parametrize("name", COSTS)
def test_a_mistake_costs_what_is_about_it(name: str) -> None:
    assert BANK.lost_by(name) == COSTS[name]


@pytest.mark.parametrize("factor", [0.9, 1.1])
@pytest.mark.parametrize("key", ["W1", "W2"])
def test_a_scale_that_is_a_tenth_off_is_found(key: str, factor: float) -> None:
    about = BANK.about("initialize_parameters")
    source = f"""
right = initialize_parameters

def initialize_parameters(*sizes):
    parameters = right(*sizes)
    parameters["{key}"] *= {factor}
    return parameters
"""
    for seed in range(5):
        verdicts = take(about, REFERENCE, {"initialize_parameters": source}, seed)
        assert set(failed(verdicts)) == {f"{key}_has_standard_deviation_a_hundredth", WHOLE}


@pytest.mark.parametrize(
    "start",
    [
        "np.full((n_h, n_x), 0.001), np.full((n_h, 1), 1e5), np.zeros((1, n_h)), [[logit]]",
        "np.full((n_h, n_x), 0.001), np.full((n_h, 1), 9e5), np.full((1, n_h), most), [[most]]",
        "np.zeros((n_h, n_x)), np.zeros((n_h, 1)), np.zeros((1, n_h)), [[logit]]",
    ],
    ids=["no slope", "beyond rounding", "zeros"],
)
def test_who_starts_where_nothing_moves_has_not_trained(start: str) -> None:
    source = f"""
def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False):
    n_x, mean = len(X), np.clip(Y.mean(), 1e-16, 1 - 1e-16)
    logit, most = np.log(mean / (1 - mean)), np.copysign(9e5, mean - 0.5)
    W1, b1, W2, b2 = {start}
    return {{"W1": W1, "b1": b1, "W2": W2, "b2": np.array(b2)}}
"""
    verdicts = take(BANK.about("nn_model"), REFERENCE, {"nn_model": source}, 3)
    for check in ("one_iteration_is_one_step", "every_iteration_is_one_more_step"):
        assert verdicts[check]


@pytest.mark.parametrize("added", ["1e-6", "1e-4"])
@pytest.mark.parametrize("other", ["1 - A2", "1 - A2 + {c}"])
def test_a_number_inside_the_logarithm_is_named(added: str, other: str) -> None:
    second = other.format(c=added)
    cost = f"-np.mean(Y * np.log(A2 + {added}) + (1 - Y) * np.log({second}))"
    source = f"def compute_cost(A2, Y):\n    return float({cost})\n"
    verdicts = take(BANK.about("compute_cost"), REFERENCE, {"compute_cost": source}, 3)
    assert "inside the logarithm" in verdicts["cost_is_the_cross_entropy"]
    assert f"about {float(added):.2g}" in verdicts["cost_is_the_cross_entropy"]


def test_a_wrong_shape_or_container_costs_its_own_points_alone() -> None:
    flat = "W1, b1, W2, b2 = (parameters[key] for key in ('W1', 'b1', 'W2', 'b2'))\n"
    flat += (
        "    Z1 = W1 @ X + b1\n    A1 = np.tanh(Z1)\n    Z2 = W2 @ A1 + b2\n    A2 = sigmoid(Z2)"
    )
    forward = f"def forward_propagation(X, parameters):\n    {flat}\n    return {{answer}}\n"
    cases = {
        'A2[0], {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}': {"forward_has_its_shapes"},
        'A2, {"Z1": Z1, "A1": A1, "Z2": Z2[0], "A2": A2[0]}': {"forward_has_its_shapes"},
    }
    for answer, lost in cases.items():
        sources = {"forward_propagation": forward.replace("{answer}", answer)}
        verdicts = take(BANK.about("forward_propagation"), REFERENCE, sources, 3)
        assert set(failed(verdicts)) == lost
    sources = {"forward_propagation": forward.replace("{answer}", "A2, (Z1, A1, Z2, A2)")}
    verdicts = take(BANK.about("forward_propagation"), REFERENCE, sources, 3)
    assert not verdicts["A2_is_right"]


@pytest.mark.parametrize(
    ("sigmoid", "said"),
    [
        ("1 / (1 + np.exp(-np.clip(Z2, -5, 5)))", "A2 is 0.993307. It should be closer to 1. Do"),
        ("1 / (1 + np.exp(-30 * np.clip(Z2, -20, 20)))", "A2 is 4.50803e-157, which is not"),
        ("1 / (1 + np.exp(np.clip(Z2, -20, 20)))", "A2 is 6.14417e-06, which is not right."),
    ],
)
def test_only_an_answer_that_is_too_near_to_a_half_is_asked_about_clipping(
    sigmoid: str, said: str
) -> None:
    source = f"""
def forward_propagation(X, parameters):
    Z1 = parameters["W1"] @ X + parameters["b1"]
    A1 = np.tanh(Z1)
    Z2 = parameters["W2"] @ A1 + parameters["b2"]
    A2 = {sigmoid}
    return A2, dict(Z1=Z1, A1=A1, Z2=Z2, A2=A2)
"""
    verdicts = take(
        BANK.about("forward_propagation"), REFERENCE, {"forward_propagation": source}, 3
    )
    message = str(verdicts["large_numbers_overflow_nowhere"])
    assert said in message
    assert ("clip" in message) == ("closer" in said)
