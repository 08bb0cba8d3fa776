from __future__ import annotations

import pytest

from tests.helpers.banks import bank, failed
from tests.helpers.in_process import take

BANK = bank("logistic_regression")


def test_the_points_of_each_function() -> None:
    assert BANK.points() == {
        "sigmoid": 6,
        "initialize_with_zeros": 4,
        "propagate": 14,
        "optimize": 11,
        "predict": 5,
    }


def test_answers_of_the_right_shape_alone_gain_the_points_for_shapes_alone() -> None:
    sources = {
        "sigmoid": "def sigmoid(z):\n    return np.full(np.shape(z), 0.5)\n",
        "initialize_with_zeros": (
            "def initialize_with_zeros(dim):\n    return np.full((dim, 1), 0.5), 0.5\n"
        ),
        "propagate": (
            "def propagate(w, b, X, Y):\n    return {'dw': np.full(w.shape, 0.5), 'db': 0.5}, 0.5\n"
        ),
        "optimize": (
            "def optimize(w, b, X, Y, **_):\n"
            "    return {'w': w, 'b': b}, {'dw': np.full(w.shape, 0.5), 'db': 0.5}, [0.5]\n"
        ),
        "predict": "def predict(w, b, X):\n    return np.ones((1, X.shape[1]))\n",
    }
    verdicts = take(BANK.checks, BANK.reference, sources, 3)
    assert {name for name, why in verdicts.items() if not why} == {
        "start_has_its_shape",
        "shape_follows_the_features",
        "bias_starts_as_a_single_number",
        "propagate_returns_gradients_and_cost",
        "dw_has_the_shape_of_w",
        "training_returns_three_things",
        "weights_keep_their_shape",
        "predictions_are_a_row",
    }


WHOLE = "gradients_and_cost_are_right_as_a_whole"

# A slip costs once: these lose the checks that are about them and WHOLE, and keep the rest.
COSTS = {
    "sigmoid_that_overflows": {"sigmoid_overflows_nowhere"},
    "z_cut_off_early": {"sigmoid_is_right_on_both_sides", "sigmoid_overflows_nowhere"},
    "sigmoid_in_place": {"sigmoid_leaves_its_argument_alone"},
    "random_weights": {"start_is_zero", "start_is_zero_for_every_size"},
    "flat_weights": {"start_has_its_shape", "shape_follows_the_features"},
    "bias_as_an_array": {"bias_starts_as_a_single_number"},
    "forgotten_minus": {
        "cost_of_one_example_by_hand",
        "cost_is_the_cross_entropy",
        WHOLE,
    },
    "squared_error": {
        "cost_of_one_example_by_hand",
        "cost_is_the_cross_entropy",
        WHOLE,
    },
    "summed_cost": {"cost_is_an_average", WHOLE},
    "cost_as_an_array": {"cost_is_a_single_number"},
    "gradients_not_averaged": {"gradients_are_averages", WHOLE},
    "bias_not_averaged": {"gradients_are_averages", WHOLE},
    "flat_gradient": {"dw_has_the_shape_of_w"},
    "gradient_of_the_bias_as_an_array": {"db_is_a_single_number"},
    "labels_in_place": {"propagate_leaves_its_arguments_alone"},
    "ascent": {"one_step_by_hand", "every_iteration_is_one_more_step"},
    "fixed_rate": {"one_step_by_hand", "every_iteration_is_one_more_step"},
    "one_step_too_few": {"one_step_by_hand", "every_iteration_is_one_more_step"},
    "another_default_rate": {"the_default_rate"},
    "another_default_number": {"the_default_number_of_steps"},
    "bias_stays": {"every_iteration_is_one_more_step"},
    "the_best_instead_of_the_last": {"every_iteration_is_one_more_step"},
    "weights_in_place": {"training_leaves_its_arguments_alone"},
    "only_the_last_cost": {"the_costs_begin_at_the_start"},
    "the_first_cost_over_and_over": {"the_costs_are_those_on_the_way"},
    "parameters_for_gradients": {"the_gradients_are_the_last"},
    "half_counts_as_one": {"a_half_is_not_above_a_half"},
    "half_of_the_score": {"predictions_say_which_side_of_a_half"},
}


@pytest.mark.parametrize("name", COSTS)
def test_a_mistake_costs_what_is_about_it(name: str) -> None:
    assert BANK.lost_by(name) == COSTS[name]


@pytest.mark.parametrize("change", ["w * 1.1", "w * 0.9", "w + 0.01"])
def test_a_way_that_is_a_little_off_is_found(change: str) -> None:
    source = f"""
right = optimize

def optimize(w, b, X, Y, *arguments, **keywords):
    parameters, grads, costs = right(w, b, X, Y, *arguments, **keywords)
    return {{"w": w + ({change.replace("w", "(parameters['w'] - w)")}), "b": b}}, grads, costs
"""
    for seed in range(3):
        verdicts = take(BANK.about("optimize"), BANK.reference, {"optimize": source}, seed)
        assert "every_iteration_is_one_more_step" in failed(verdicts)


def test_who_trains_nothing_gains_what_is_about_the_start_alone() -> None:
    source = """
def optimize(w, b, X, Y, **_):
    grads, cost = propagate(w, b, X, Y)
    return {"w": w, "b": b}, grads, [cost]
"""
    verdicts = take(BANK.about("optimize"), BANK.reference, {"optimize": source}, 3)
    assert {name for name, why in verdicts.items() if not why} == {
        "training_returns_three_things",
        "weights_keep_their_shape",
        "the_costs_begin_at_the_start",
    }
