"""The checks of `deep_initialization`, worth 60 points; the derivation gives 10 more.

A mistake should cost points only in the function where it was made. So averages are checked against
the student's own answers to single examples. Numbers in a wrong shape lose the points for the
shape, but not the points for the numbers.

The caches of the forward pass are the student's own, and no check looks into them. The backward
pass gets the caches of the student's forward pass. If that forward pass is wrong, the grader uses
the reference solution in its place.

Visible checks are copied into the student's notebook with the helpers they call. They use only
numpy and `expect`, and their numbers are calculated by hand, so that they do not give the solution
away.

All tests of randomness are exact for finite samples. LEVEL is the probability of a false alarm on
one side of a test. There are some 100 sides, which together stay near 1e-10.
"""

import numpy as np
import scipy  # which loads scipy.special when a check needs it; scipy.stats takes much longer

from autograder.checking import check, expect

LEVEL = 1e-12

DEEP = (
    ([3, 4, 1], 5),
    ([2, 5, 3, 1], 7),
    ([4, 4, 4, 1], 4),
    ([1, 1, 1], 1),
    ([2, 1], 3),
    ([3, 6, 5, 4, 3, 1], 6),
    ([*[4] * 11, 1], 1),
)
"""The layers and m. Equal sizes, single units, no hidden layer, one example and few layers hide
mistakes.
"""

MANY = 260
"""A number of examples that is not a multiple of any usual batch size."""


def shapes_of(layer_dims):
    """Return the shapes of the parameters by their names."""
    shapes = {}
    for l in range(1, len(layer_dims)):
        shapes[f"W{l}"] = (layer_dims[l], layer_dims[l - 1])
        shapes[f"b{l}"] = (layer_dims[l], 1)
    return shapes


def have_their_shapes(parameters, layer_dims):
    """Expect W1 and b1 to WL and bL with the right shapes."""
    for l in range(1, len(layer_dims)):
        expect.array(parameters[f"W{l}"], (layer_dims[l], layer_dims[l - 1]))
        expect.array(parameters[f"b{l}"], (layer_dims[l], 1))


def networks(rng):
    """Return the sizes of many networks: flat and deep, wide and narrow."""
    drawn = [rng.integers(1, 9, int(rng.integers(2, 8))).tolist() for _ in range(4)]
    deep = [2, 1, 3] * 4
    return [[1, 1], [4, 1], [3, 3, 3], [2, 5, 4], [1, 3, 1, 2], [5, 4, 3, 2, 1, 6], deep, *drawn]


def shapes_are_right(answers):
    """Expect the right shapes for each of these networks."""
    for layer_dims, parameters in answers:
        have_their_shapes(parameters, layer_dims)


def biases_are_zero(answers):
    """Expect all biases to be zero."""
    for layer_dims, parameters in answers:
        for l in range(1, len(layer_dims)):
            expect.numbers(parameters[f"b{l}"], (layer_dims[l], 1))
            expect.zeros(parameters[f"b{l}"])


# initialize_parameters_zeros: 4 points


@check(of="initialize_parameters_zeros", points=1, visible=True)
def zeros_have_their_shapes(student):
    """Every layer after the inputs has a W and a b. W has one row per unit of its layer and one
    column per unit of the layer before.
    """
    have_their_shapes(student.initialize_parameters_zeros([3, 4, 2, 1]), [3, 4, 2, 1])


@check(of="initialize_parameters_zeros", points=0.5, visible=True)
def all_is_zero(student):
    """Weights and biases are zero in every layer."""
    parameters = student.initialize_parameters_zeros([3, 4, 2])
    for key, shape in (("W1", (4, 3)), ("b1", (4, 1)), ("W2", (2, 4)), ("b2", (2, 1))):
        expect.numbers(parameters[key], shape)
        expect.zeros(parameters[key])


@check(of="initialize_parameters_zeros", points=1.5)
def zeros_for_any_depth(student, rng):
    """The shapes are right for any number of layers and any sizes."""
    shapes_are_right([(dims, student.initialize_parameters_zeros(dims)) for dims in networks(rng)])


@check(of="initialize_parameters_zeros", points=1)
def all_is_zero_at_any_depth(student, rng):
    """Weights and biases are zero for any number of layers."""
    asked = [(dims, student.initialize_parameters_zeros(dims)) for dims in networks(rng)]
    for layer_dims, parameters in asked:
        for key, shape in shapes_of(layer_dims).items():
            expect.numbers(parameters[key], shape)
            expect.zeros(parameters[key])


# checks of both random initializations

WIDE = [100, 150, 100, 120]
"""Three layers of 15,000, 15,000 and 12,000 weights."""


def draws(answer, layer_dims):
    """Return the initial weights, layer by layer."""
    count = len(layer_dims)
    return [
        expect.numbers(answer[f"W{l}"], (layer_dims[l], layer_dims[l - 1])) for l in range(1, count)
    ]


def have_mean_zero(answer):
    """Expect weights of mean zero.

    Exact, by Student's t, whatever the scale, both sides at LEVEL: 6 LEVEL in all for three layers.
    A mean of 0.1 standard deviations gives t above 10.9, where 7.1 fails: power above 0.999.
    """
    for l, W in enumerate(draws(answer, WIDE), start=1):
        t = np.mean(W) / max(np.std(W, ddof=1), 1e-300) * np.sqrt(W.size)
        expect.that(
            scipy.special.stdtr(W.size - 1, -abs(t)) > LEVEL,
            f"The mean of the {W.size} weights in W{l} is {np.mean(W):.2g}. It should be 0, and "
            "the difference is too large to be chance.",
        )


def have_standard_deviations(answer, wanted):
    """Expect these standard deviations, layer by layer.

    Exact: (n - 1) s² / σ² is chi-square with n - 1 degrees of freedom, for Gaussian draws. Both
    sides at LEVEL, 6 LEVEL in all for three layers; s that is 5 % off fails, and a scale that is a
    tenth off is found with power above 0.999999.
    """
    for l, (W, scale) in enumerate(zip(draws(answer, WIDE), wanted, strict=True), start=1):
        spread = (W.size - 1) * (np.std(W, ddof=1) / scale) ** 2
        tails = (scipy.special.chdtr, scipy.special.chdtrc)
        expect.that(
            min(tail(W.size - 1, spread) for tail in tails) > LEVEL,
            f"The standard deviation of the {W.size} weights in W{l} is {np.std(W, ddof=1):.4g}. "
            "It is too far from the right value to be chance.",
        )


def are_gaussian(answer):
    """Expect Gaussian weights of any scale.

    The spread s of each layer is taken from half of its weights, and of the others those beyond
    0.5 s and beyond 2.5 s are counted, all layers together: 21,000. s is within 7 % of the scale,
    but for a chance of 6 LEVEL; and given that, the counts are binomial with a chance between those
    at 0.93 and 1.07 of these bounds: 4 LEVEL more. Beyond 2.5 s must be 78 to 572: of a
    uniform draw there are none, and none of a Gaussian that is cut off at 2 sigma. Beyond 0.5 s
    must be 11,943 to 13,967; a Laplace draw has 10,350, give or take 72.
    """
    halves = [np.split(W.ravel(), [W.size // 2]) for W in draws(answer, WIDE)]
    spreads = [max(float(np.sqrt(np.mean(half**2))), 1e-300) for half, _ in halves]
    counted = np.concatenate(
        [np.abs(other) / s for s, (_, other) in zip(spreads, halves, strict=True)]
    )
    for c in (0.5, 2.5):
        beyond = int(np.sum(counted > c))
        most, least = (2 * scipy.special.ndtr(-c * by) for by in (0.93, 1.07))
        few = scipy.special.bdtr(beyond, counted.size, least) < LEVEL
        many = scipy.special.bdtrc(beyond - 1, counted.size, most) < LEVEL
        expect.that(
            not few and not many,
            f"The weights are not Gaussian: too {'few' if few else 'many'} of them are more than "
            f"{c} standard deviations away from 0. np.random.randn draws Gaussian numbers.",
        )


def alike(one, other):
    """Return whether two sets of weights are too much alike for independent Gaussian draws.

    Exact: r * sqrt((n - 2) / (1 - r²)) is Student's t with n - 2 degrees of freedom; both sides at
    LEVEL. A copy has r = 1, a constant is as good as one.
    """
    one, other = one.ravel() - one.mean(), other.ravel() - other.mean()
    size = np.sqrt(np.sum(one**2) * np.sum(other**2))
    r, n = (float(np.sum(one * other) / size) if size > 0 else 1.0), one.size
    return scipy.special.stdtr(n - 2, -abs(r) * np.sqrt((n - 2) / max(1 - r**2, 1e-300))) < LEVEL


def are_drawn_one_by_one(answer):
    """Expect that no two units of a layer and no two layers share weights.

    Of 15,000 draws in float32 some 5 are equal, never 1,500. That units have nothing in common is
    tested by the analysis of variance of the columns and of the rows: Fisher's F, exact, both sides
    at LEVEL. Layers are held against each other by the numbers that they begin with: with three
    layers 12 + 6 LEVEL in all.
    """
    layers = draws(answer, WIDE)
    for l, W in enumerate(layers, start=1):
        expect.that(
            np.unique(W).size > 0.9 * W.size,
            f"The number of different weights in W{l} is {np.unique(W).size}, of {W.size}. Draw "
            "every weight separately, and do not round.",
        )
        for units in (W, W.T):
            rows, columns = units.shape
            between = rows * np.var(units.mean(axis=0), ddof=1)
            within = np.sum((units - units.mean(axis=0)) ** 2) / (columns * (rows - 1))
            degrees = columns - 1, columns * (rows - 1)
            F = between / max(within, 1e-300)
            expect.that(
                min(scipy.special.fdtr(*degrees, F), scipy.special.fdtrc(*degrees, F)) > LEVEL,
                f"The weights in W{l} are related along a row or a column more than chance "
                "allows: they share a common part, or they cancel each other. Draw every weight "
                "separately.",
            )
    for first in range(len(layers)):
        for second in range(first):
            one, other = (layers[at].ravel()[:12000] for at in (first, second))
            expect.that(
                not alike(one, other),
                f"W{first + 1} repeats the numbers of W{second + 1}. Do you set the same seed "
                "before each layer?",
            )


def are_drawn_anew(calls):
    """Expect new weights of the same size in each call: 6 LEVEL for three layers."""
    for l, (one, other) in enumerate(zip(*(draws(call, WIDE) for call in calls), strict=True), 1):
        expect.that(
            not alike(one, other),
            f"Two calls gave the same W{l}. Do you set a seed inside the function?",
        )
        expect.that(
            np.std(one) / 1.5 < np.std(other) < np.std(one) * 1.5,
            f"The standard deviation of W{l} is not the same on every call.",
        )


# initialize_parameters_random: 12 points


@check(of="initialize_parameters_random", points=1, visible=True)
def random_start_has_its_shapes(student):
    """The random parameters have the names and the shapes of the zero parameters."""
    have_their_shapes(student.initialize_parameters_random([3, 4, 2, 1]), [3, 4, 2, 1])


@check(of="initialize_parameters_random", points=0.5, visible=True)
def random_biases_are_zero(student):
    """The biases start at zero: random weights already make the units different."""
    parameters = student.initialize_parameters_random([3, 4, 2])
    for key, units in (("b1", 4), ("b2", 2)):
        expect.numbers(parameters[key], (units, 1))
        expect.zeros(parameters[key])


@check(
    of="initialize_parameters_random",
    points=0.5,
    visible=True,
    picture=lambda draw, parameters, key, scale: draw.histogram(parameters[key], sd=scale),
)
def random_weights_are_about_the_scale(student):
    """The standard deviation of the weights is about `scale`, which is 0.01 by default.

    1,200 weights each: outside half and double of it with a chance below 1e-100.
    """
    for scale, parameters in (
        (0.01, student.initialize_parameters_random([40, 30, 40])),
        (0.5, student.initialize_parameters_random([40, 30, 40], scale=0.5)),
    ):
        for key, shape in (("W1", (30, 40)), ("W2", (40, 30))):
            spread = float(np.std(expect.numbers(parameters[key], shape)))
            expect.that(
                scale / 2 < spread < 2 * scale,
                f"The standard deviation of {key} is {spread:.3g}; it should be about {scale}.",
                parameters[key],
            )


@check(of="initialize_parameters_random", points=1)
def random_start_for_any_depth(student, rng):
    """The shapes are right for any number of layers and any sizes."""
    shapes_are_right([(dims, student.initialize_parameters_random(dims)) for dims in networks(rng)])


@check(of="initialize_parameters_random", points=0.5)
def random_biases_are_zero_at_any_depth(student, rng):
    """The biases are zero for any number of layers and any scale."""
    biases_are_zero(
        [(dims, student.initialize_parameters_random(dims, scale=3.0)) for dims in networks(rng)]
    )


@check(of="initialize_parameters_random", points=1)
def random_weights_have_mean_zero(student):
    """The weights have mean zero: about half of them are negative."""
    have_mean_zero(student.initialize_parameters_random(WIDE))


@check(of="initialize_parameters_random", points=2)
def the_scale_is_a_hundredth_by_default(student):
    """If no scale is given, the standard deviation is 0.01 in every layer."""
    have_standard_deviations(student.initialize_parameters_random(WIDE), [0.01] * 3)


@check(of="initialize_parameters_random", points=2.5)
def the_scale_is_what_is_given(student):
    """The standard deviation in every layer is the scale that is given."""
    asked = [(s, student.initialize_parameters_random(WIDE, scale=s)) for s in (0.1, 3.0)]
    for scale, answer in asked:
        have_standard_deviations(answer, [scale] * 3)


@check(of="initialize_parameters_random", points=1)
def random_weights_are_gaussian(student):
    """The weights are Gaussian: most are near zero, a few are far out, and nothing cuts them
    off.
    """
    are_gaussian(student.initialize_parameters_random(WIDE))


@check(of="initialize_parameters_random", points=1)
def random_weights_are_drawn_one_by_one(student):
    """Every weight is drawn separately: no unit and no layer repeats another."""
    are_drawn_one_by_one(student.initialize_parameters_random(WIDE))


@check(of="initialize_parameters_random", points=1)
def random_weights_are_drawn_anew(student):
    """Every call draws new weights: do not set a seed inside the function."""
    are_drawn_anew([student.initialize_parameters_random(WIDE) for _ in range(2)])


# initialize_parameters_he: 14 points


def he(layer_dims):
    """Return He's standard deviations, layer by layer."""
    return [np.sqrt(2 / n) for n in layer_dims[:-1]]


@check(of="initialize_parameters_he", points=1, visible=True)
def he_start_has_its_shapes(student):
    """He's parameters have the names and the shapes of the other parameters."""
    have_their_shapes(student.initialize_parameters_he([3, 4, 2, 1]), [3, 4, 2, 1])


@check(of="initialize_parameters_he", points=0.5, visible=True)
def he_biases_are_zero(student):
    """The biases start at zero."""
    parameters = student.initialize_parameters_he([3, 4, 2])
    for key, units in (("b1", 4), ("b2", 2)):
        expect.numbers(parameters[key], (units, 1))
        expect.zeros(parameters[key])


@check(
    of="initialize_parameters_he",
    points=1.5,
    visible=True,
    picture=lambda draw, W1, scale: draw.histogram(W1, sd=scale),
)
def he_weights_are_about_as_large_as_they_should(student):
    """The number of inputs of a layer decides how large its weights are: about 1 for 2 inputs, 0.1
    for 200.

    600 weights each: outside 0.8 and 1.25 times it with a chance below 2e-12 in all.
    """
    for layer_dims, scale in (([2, 300], 1.0), ([200, 3], 0.1), ([50, 12], 0.2)):
        W1 = student.initialize_parameters_he(layer_dims)["W1"]
        spread = float(np.std(expect.numbers(W1, (layer_dims[1], layer_dims[0]))))
        expect.that(
            0.8 * scale < spread < 1.25 * scale,
            f"With {layer_dims[0]} inputs the standard deviation of W1 is {spread:.3g}; it should "
            f"be about {scale}.",
            W1,
        )


@check(of="initialize_parameters_he", points=1)
def he_start_for_any_depth(student, rng):
    """The shapes are right for any number of layers and any sizes."""
    shapes_are_right([(dims, student.initialize_parameters_he(dims)) for dims in networks(rng)])


@check(of="initialize_parameters_he", points=0.5)
def he_biases_are_zero_at_any_depth(student, rng):
    """The biases are zero for any number of layers."""
    biases_are_zero([(dims, student.initialize_parameters_he(dims)) for dims in networks(rng)])


@check(of="initialize_parameters_he", points=1)
def he_weights_have_mean_zero(student):
    """The weights have mean zero: about half of them are negative."""
    have_mean_zero(student.initialize_parameters_he(WIDE))


@check(of="initialize_parameters_he", points=5)
def he_weights_keep_the_size_of_the_signal(student):
    """The standard deviation in every layer is the square root of 2 divided by its number of
    inputs.
    """
    have_standard_deviations(student.initialize_parameters_he(WIDE), he(WIDE))


@check(of="initialize_parameters_he", points=1)
def he_weights_are_gaussian(student):
    """The weights are Gaussian: most are near zero, a few are far out, and nothing cuts them
    off.
    """
    are_gaussian(student.initialize_parameters_he(WIDE))


@check(of="initialize_parameters_he", points=1)
def he_weights_are_drawn_one_by_one(student):
    """Every weight is drawn separately: no unit and no layer repeats another."""
    are_drawn_one_by_one(student.initialize_parameters_he(WIDE))


@check(of="initialize_parameters_he", points=1.5)
def he_weights_are_drawn_anew(student):
    """Every call draws new weights: do not set a seed inside the function."""
    are_drawn_anew([student.initialize_parameters_he(WIDE) for _ in range(2)])


# L_model_forward: 12 points


def network(rng, layer_dims):
    """Return parameters that are neither small nor zero and keep the size of the signal."""
    parameters = {}
    for l in range(1, len(layer_dims)):
        shape = (layer_dims[l], layer_dims[l - 1])
        parameters[f"W{l}"] = rng.normal(0.0, np.sqrt(2 / shape[1]), shape)
        parameters[f"b{l}"] = rng.normal(0.0, 0.4, (shape[0], 1))
    return parameters


def alive(AL, grads):
    """Return whether answers differ and gradients are not zero."""
    return (AL.size == 1 or np.ptp(AL) > 0.01) and all(np.any(grad) for grad in grads.values())


def awake(reference, rng, layer_dims, m, first=0):
    """Return a network without a dead layer, and examples away from the kinks of its relus.

    Every hidden z is at least 0.02 from 0, no gradient is zero, and the answers differ. The first
    example has this label, and the second one, if there is one, has the other label.
    """
    for _ in range(10_000):
        parameters, X = network(rng, layer_dims), rng.normal(size=(layer_dims[0], m))
        Y = rng.integers(0, 2, (1, m))
        Y[0, :2] = (first, 1 - first)[:m]
        AL, caches = reference.L_model_forward(X, parameters)
        grads = reference.L_model_backward(AL, Y, caches)
        hidden = [np.min(np.abs(cache["Z"])) for cache in caches[:-1]]
        if min(hidden, default=1.0) > 0.02 and alive(AL, grads):
            return X, Y, parameters
    raise RuntimeError("no network is awake")


def answers_in(answer):
    """Return AL, also from a forward pass that returns nothing else."""
    try:
        return answer.pair("AL", "caches")[0]
    except expect.Unmet:
        return answer


@check(of="L_model_forward", points=1, visible=True)
def forward_returns_AL_and_caches(student):
    """The forward pass returns two things: AL, and the caches."""
    parameters = {
        "W1": np.array([[1.0, -1.0], [0.5, 2.0]]),
        "b1": np.array([[0.5], [0.0]]),
        "W2": np.array([[1.0, -2.0]]),
        "b2": np.array([[0.25]]),
    }
    X = np.array([[1.0, -1.0, 0.5, 2.0], [0.5, 1.0, -1.0, 0.0]])
    AL, _ = student.L_model_forward(X, parameters).pair("AL", "caches")
    expect.array(AL)


@check(of="L_model_forward", points=0.5, visible=True)
def there_is_an_answer_for_each_example(student):
    """AL is a row, with one number for each example."""
    parameters = {
        "W1": np.array([[1.0, -1.0], [0.5, 2.0], [-1.0, 1.0]]),
        "b1": np.array([[0.5], [0.0], [-0.5]]),
        "W2": np.array([[1.0, -2.0, 0.5]]),
        "b2": np.array([[0.25]]),
    }
    X = np.array([[1.0, -1.0, 0.5, 2.0], [0.5, 1.0, -1.0, 0.0]])
    AL = expect.array(answers_in(student.L_model_forward(X, parameters)), (1, 4))
    expect.that(np.ptp(AL) > 0, "Different examples should give different answers.")


@check(of="L_model_forward", points=1.5, visible=True)
def forward_agrees_with_a_pass_by_hand(student):
    """For one example, the forward pass agrees with a calculation by hand: one unit is active, one
    is silent.
    """
    parameters = {
        "W1": np.array([[1.0, 1.0], [-1.0, 0.0]]),
        "b1": np.array([[-2.0], [0.5]]),
        "W2": np.array([[np.log(3.0), 7.0]]),
        "b2": np.array([[0.0]]),
    }
    X = np.array([[1.0], [2.0]])  # Z1 is 1 and -1/2, and the odds are 3 to 1
    expect.right(answers_in(student.L_model_forward(X, parameters)), [[0.75]])


@check(of="L_model_forward", points=5)
def forward_is_right_at_any_depth(student, reference, rng):
    """The answer is right for any number of layers, even without a hidden layer."""
    asked = []
    for layer_dims, m in DEEP:
        X, _, parameters = awake(reference, rng, layer_dims, m)
        wanted, _ = reference.L_model_forward(X, parameters)
        asked.append((wanted, student.L_model_forward(X, parameters)))
    # Integers, in the shape of the first X, and the parameters in another order.
    X, parameters = rng.integers(-3, 4, (3, 5)), network(rng, [3, 4, 1])
    parameters = dict(reversed(parameters.items()))
    wanted, _ = reference.L_model_forward(X, parameters)
    asked.append((wanted, student.L_model_forward(X, parameters)))
    for wanted, answer in asked:
        expect.right(answers_in(answer), wanted)


@check(of="L_model_forward", points=1.5)
def examples_do_not_meet(student, reference, rng):
    """The answer to an example does not depend on the other examples."""
    for layer_dims, m in (([3, 3, 1], 3), ([2, 4, 4, 1], 4), ([2, 3, 1], 5)):
        X, _, parameters = awake(reference, rng, layer_dims, m)
        times = [1] * m if m != 5 else [1, 2, 7, 50, MANY - 60]
        together = student.L_model_forward(np.repeat(X, times, axis=1), parameters)
        alone = [student.L_model_forward(X[:, [i]], parameters) for i in range(m)]
        AL = expect.numbers(answers_in(together), (1, sum(times)))
        single = [expect.numbers(answers_in(each), (1, 1))[0, 0] for each in alone]
        expect.that(np.ptp(single) > 0, "Different examples should give different answers.")
        expect.that(
            np.allclose(np.repeat(single, times), AL, rtol=0, atol=expect.ROUNDING),
            f"An example gives a different answer together with {sum(times) - 1} others than "
            "alone.",
        )


@check(of="L_model_forward", points=1.5)
def large_numbers_overflow_nowhere(student):
    """Large numbers give answers near 0 or 1, and neither nan nor infinity."""
    parameters = {
        "W1": np.array([[30.0], [-20.0]]),
        "b1": np.zeros((2, 1)),
        "W2": np.array([[40.0, -50.0]]),
        "b2": np.zeros((1, 1)),
    }
    X = np.array([[-100.0, -1.0, 1.0, 100.0]])
    expect.right(answers_in(student.L_model_forward(X, parameters)), [[0, 0, 1, 1]])


@check(of="L_model_forward", points=1)
def forward_leaves_its_arguments_alone(student, reference, rng):
    """The forward pass leaves X and the parameters as they were."""
    X, _, parameters = awake(reference, rng, [3, 4, 4, 1], 5)
    answer = student.L_model_forward(X, parameters)
    found = expect.numbers(answers_in(answer), (1, 5))
    expect.that(np.ptp(found) > 0, "Different examples should give different answers.")
    expect.untouched(answer)


# L_model_backward: 14 points


def backward(student, X, Y, parameters):
    """Return the student's gradients, computed from the student's own caches."""
    AL, caches = student.L_model_forward(X, parameters).pair("AL", "caches")
    return student.L_model_backward(AL, Y, caches)


@check(of="L_model_backward", points=2, visible=True)
def gradients_have_the_shapes_of_the_parameters(student):
    """The gradients dW1 and db1 to dWL and dbL have the shapes of the parameters."""
    parameters = {
        "W1": np.array([[1.0, -1.0], [0.5, 2.0], [-1.0, 1.0]]),
        "b1": np.array([[0.5], [0.0], [-0.5]]),
        "W2": np.array([[1.0, -2.0, 0.5]]),
        "b2": np.array([[0.25]]),
    }
    X = np.array([[1.0, -1.0, 0.5, 2.0], [0.5, 1.0, -1.0, 0.0]])
    grads = backward(student, X, np.array([[1, 0, 0, 1]]), parameters)
    for key, value in parameters.items():
        expect.array(grads["d" + key], value.shape)


@check(
    of="L_model_backward",
    points=2,
    visible=True,
    picture=lambda draw, grads, by_hand: draw.agreement(grads, by_hand, "calculation by hand"),
)
def gradients_agree_with_a_pass_by_hand(student):
    """For one example, the gradients agree with a calculation by hand: they are zero for the silent
    unit.
    """
    parameters = {
        "W1": np.array([[1.0, 1.0], [-1.0, 0.0]]),
        "b1": np.array([[-2.0], [0.5]]),
        "W2": np.array([[4.0, 7.0]]),
        "b2": np.array([[np.log(3.0) - 4.0]]),
    }
    grads = backward(student, np.array([[1.0], [2.0]]), np.array([[0]]), parameters)
    by_hand = {
        "dW2": [[0.75, 0.0]],
        "db2": [[0.75]],
        "dW1": [[3.0, 6.0], [0.0, 0.0]],
        "db1": [[3.0], [0.0]],
    }
    for key, wanted in by_hand.items():
        expect.right(grads[key], wanted)


def for_one_example(student, reference, rng, last):
    """Expect right gradients of the last layer, or of the others, for single examples.

    All forward passes come first, so that nothing they leave behind elsewhere is of any use.
    """
    asked = []
    for place, (layer_dims, _) in enumerate(DEEP):
        X, Y, parameters = awake(reference, rng, layer_dims, 1, first=place % 2)
        wanted = reference.L_model_backward(*swapped(reference.L_model_forward(X, parameters), Y))
        AL, caches = student.L_model_forward(X, parameters).pair("AL", "caches")
        asked.append((len(parameters) // 2, wanted, AL, Y, caches))
    for L, wanted, AL, Y, caches in asked:
        grads = student.L_model_backward(AL, Y, caches)
        for l in [L] if last else range(1, L):
            for key in (f"dW{l}", f"db{l}"):
                expect.right(grads[key], wanted[key], atol=expect.ROUNDING)


def swapped(forward, Y):
    """Return the arguments of a backward pass from the results of a forward pass."""
    AL, caches = forward
    return AL, Y, caches


@check(of="L_model_backward", points=2)
def gradients_of_the_last_layer_are_right(student, reference, rng):
    """The gradients dWL and dbL are right for a single example, at any depth."""
    for_one_example(student, reference, rng, last=True)


@check(of="L_model_backward", points=3)
def gradients_of_the_hidden_layers_are_right(student, reference, rng):
    """All other gradients are right for a single example: the error goes back through the weights,
    and a relu passes it on where it is active.
    """
    for_one_example(student, reference, rng, last=False)


@check(of="L_model_backward", points=2)
def gradients_are_averages(student, reference, rng):
    """For many examples, each gradient is the mean of your gradients for the single examples."""
    for layer_dims, m in (([3, 4, 1], 5), ([4, 4, 4, 1], 4), ([2, 3, 1], 8)):
        X, Y, parameters = awake(reference, rng, layer_dims, m)
        # The last examples are repeated so often that there are MANY in all.
        times = np.ones(m, dtype=int) if m != 8 else np.array([1, 1, 1, 2, 5, 50, 80, MANY - 140])
        grads = backward(
            student, np.repeat(X, times, axis=1), np.repeat(Y, times, axis=1), parameters
        )
        single = [backward(student, X[:, [i]], Y[:, [i]], parameters) for i in range(m)]
        for key, value in parameters.items():
            each = [expect.numbers(grad["d" + key], value.shape) for grad in single]
            expect.that(np.any(np.ptp(each, axis=0)), f"d{key} should not always be the same.")
            expect.right(
                grads["d" + key], np.average(each, axis=0, weights=times), atol=expect.ROUNDING
            )


@check(of="L_model_backward", points=2)
def gradients_are_the_slopes_of_the_cost(student, reference, rng):
    """After a small step, the cost changes as the gradients predict.

    One random direction v, two evaluations, all of them on one side of every kink: the steps move
    no z by as much as 0.02. (J(θ + h v) - J(θ - h v)) / 2h is g·v up to 1e-8, and 1e-4 of the
    largest that the sum g·v could be leaves room for rounding. One example, so that an average
    forgotten costs nothing here.
    """

    def cost(X, Y, parameters):
        AL, _ = reference.L_model_forward(X, parameters)
        return -float(np.sum(np.log(np.where(Y == 1, AL, 1 - AL))))

    for place, layer_dims in enumerate(([3, 4, 1], [2, 5, 3, 1], [3, 3, 3, 3, 3, 1])):
        X, Y, parameters = awake(reference, rng, layer_dims, 1, first=place % 2)
        grads = backward(student, X, Y, parameters)
        towards = {key: rng.normal(size=value.shape) for key, value in parameters.items()}
        up, down = (
            cost(X, Y, {key: value + h * towards[key] for key, value in parameters.items()})
            for h in (1e-6, -1e-6)
        )
        terms = [
            (expect.numbers(grads["d" + key], value.shape) * towards[key]).ravel()
            for key, value in parameters.items()
        ]
        expect.that(
            abs(np.sum(np.concatenate(terms)) - (up - down) / 2e-6)
            < expect.ROUNDING + 1e-4 * np.sum(np.abs(np.concatenate(terms))),
            "Along a random direction, the cost does not change as the gradients predict.",
        )


@check(of="L_model_backward", points=1)
def backward_leaves_its_arguments_alone(student, reference, rng):
    """The backward pass leaves AL, Y and the caches as they were."""
    answers = []
    for _ in range(2):
        X, Y, parameters = awake(reference, rng, [3, 4, 1], 5)
        answers.append(backward(student, X, Y, parameters))
    one, other = (expect.numbers(answer["dW2"], (1, 4)) for answer in answers)
    expect.that(not np.array_equal(one, other), "dW2 is the same for different networks.")
    expect.untouched(answers[1])


# activation_stds: 4 points


def spreads(answer):
    """Return the numbers of an answer, which is a list, a tuple or an array."""
    value = answer.value
    if isinstance(value, (list, tuple)):
        found = [expect.scalar(part, size_one=True) for part in answer]
    else:
        found = expect.array(answer).ravel().tolist()
    return found


@check(of="activation_stds", points=1, visible=True)
def there_is_a_spread_for_each_layer(student):
    """There is one number for each layer, from A1 to AL. X does not count."""
    X = np.array([[1.0, -1.0, 0.5], [0.5, 1.0, -1.0]])
    W1 = {"W1": np.array([[1.0, -1.0]]), "b1": np.array([[0.5]])}
    W2 = {"W2": np.array([[2.0]]), "b2": np.array([[-0.5]])}
    W3 = {"W3": np.array([[1.0]]), "b3": np.array([[0.5]])}
    two = student.activation_stds(X, {**W1, **W2})
    three = student.activation_stds(X, {**W1, **W2, **W3})
    for answer, L in ((two, 2), (three, 3)):
        found = len(spreads(answer))
        expect.that(
            found == L,
            f"{answer.name} should return {L} numbers, one for each layer; it returned {found}.",
        )


def is_spread(found, A):
    """Return whether a number is an array's standard deviation, with divisor n or n - 1."""
    return any(abs(found - np.std(A, ddof=n)) <= 1e-4 * np.std(A) + 1e-7 for n in (0, 1))


@check(of="activation_stds", points=0.5, visible=True)
def spreads_by_hand(student):
    """The number for a layer is the standard deviation of all of its activations together."""
    W1 = {"W1": np.array([[1.0], [-1.0]]), "b1": np.zeros((2, 1))}
    W2 = {"W2": np.array([[np.log(3.0), 0.0]]), "b2": np.zeros((1, 1))}
    answer = student.activation_stds(np.array([[1.0, -1.0, 0.0]]), {**W1, **W2})
    A1, A2 = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], [[0.75, 0.5, 0.5]]
    found = spreads(answer)
    expect.that(len(found) == 2, f"There should be two numbers; there are {len(found)}.")
    for l, (number, A) in enumerate(zip(found, (A1, A2), strict=True), start=1):
        expect.that(
            is_spread(number, A),
            f"The standard deviation of A{l} is {number:.4g}; by hand it is {np.std(A):.4g}.",
        )


@check(of="activation_stds", points=1.5)
def spreads_are_right_at_any_depth(student, reference, rng):
    """The standard deviations are right for any number of layers.

    A number for X before them, or none for AL, costs the points of another check.
    """
    asked = []
    sizes = (([3, 8, 1], 9), ([2, 5, 3, 1], 7), ([2, 1], 5), ([4] * 11 + [1], 2), ([3, 8, 1], 9))
    for place, (layer_dims, m) in enumerate(sizes):
        X, _, parameters = awake(reference, rng, layer_dims, m)
        if place == 4:  # integers, in the shape of the first X
            X = rng.integers(-3, 4, X.shape)
            parameters = dict(reversed(parameters.items()))
        AL, caches = reference.L_model_forward(X, parameters)
        layers = [*(cache["A_prev"] for cache in caches[1:]), AL]
        asked.append((layers, student.activation_stds(X, parameters)))
    for layers, answer in asked:
        found = spreads(answer)
        found = found[1:] if len(found) == len(layers) + 1 else found
        expect.that(
            len(layers) - 1 <= len(found) <= len(layers),
            f"In a network of {len(layers)} layers there are {len(found)} numbers.",
        )
        for l, (number, A) in enumerate(zip(found, layers, strict=False), 1):
            expect.that(
                is_spread(number, A),
                f"In a network of {len(layers)} layers, the standard "
                f"deviation of A{l} is not right.",
            )


@check(of="activation_stds", points=1)
def spreads_leave_their_arguments_alone(student, reference, rng):
    """Computing the standard deviations leaves X and the parameters as they were."""
    answers = []
    for _ in range(2):
        X, _, parameters = awake(reference, rng, [3, 4, 1], 5)
        answers.append(student.activation_stds(X, parameters))
    one, other = map(spreads, answers)
    expect.that(one != other, "Different networks should have different standard deviations.")
    expect.untouched(answers[1])
