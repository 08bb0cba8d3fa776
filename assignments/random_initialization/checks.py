"""The checks of `random_initialization`, worth 90 points; the proof gives 10 more.

A mistake should cost points only in the function where it was made. So each step of the forward
pass is checked against the student's own previous step, and averages are checked against the
student's own answers to single examples. Numbers in a wrong shape lose the points for the shape,
but not the points for the numbers.

Visible checks are copied into the student's notebook with the helpers they call. They use only
numpy and `expect`. Their numbers are calculated by hand or with inverse functions, so that they do
not give the solution away.

A check with several calls makes all of them before it looks at an answer, so that they are sent to
the student's process together.

All tests of randomness are exact for finite samples unless a bound is stated. LEVEL is the
probability of a false alarm on one side of a test, so small that ten sides stay below 1e-9.
"""

import numpy as np
import scipy  # which loads scipy.special when a check needs it; scipy.stats takes much longer

from autograder.checking import check, expect, remember

LEVEL = 1e-11

SIZES = ((3, 4, 5), (2, 4, 7), (4, 4, 3), (3, 3, 3), (5, 2, 1), (2, 1, 6), (1, 3, 4), (1, 1, 1))
"""n_x, n_h and m. Square matrices, one input, one hidden unit and one example hide mistakes."""


MANY = 260
"""A number of examples that is not a multiple of any usual batch size."""


def network(rng, n_x, n_h):
    """Return parameters that are neither small, zero nor symmetric."""
    return {
        "W1": rng.normal(0.0, 0.7, (n_h, n_x)),
        "b1": rng.normal(0.0, 0.5, (n_h, 1)),
        "W2": rng.normal(0.0, 0.9, (1, n_h)),
        "b2": rng.normal(0.0, 0.5, (1, 1)),
    }


def turned(entries):
    """Return a dict with its keys in the opposite order, which should change nothing."""
    return dict(reversed(entries.items()))


# initialize_parameters: 24 points


def weights_in(parameters, rows, columns):
    """Return the numbers of W1 and W2 for a network with as many outputs as inputs."""
    shapes = {"W1": (rows, columns), "W2": (columns, rows)}
    return {key: expect.numbers(parameters[key], shape) for key, shape in shapes.items()}


def draws(student):
    """Return W1 and W2 of one call, with 15,000 weights each."""
    return weights_in(student.initialize_parameters(100, 150, 100), 150, 100)


def correlation(one, other):
    """Return Pearson's correlation; 1 if one set is constant, which is as bad as a copy."""
    one, other = one.ravel() - one.mean(), other.ravel() - other.mean()
    size = np.sqrt(np.sum(one**2) * np.sum(other**2))
    return float(np.sum(one * other) / size) if size > 0 else 1.0


def p_of_correlation(one, other):
    """Return the probability that independent Gaussian draws are at least this much alike.

    Exact: r * sqrt((n - 2) / (1 - r²)) is Student's t with n - 2 degrees of freedom. Of 15,000
    weights |r| above 0.055 is below 2 LEVEL, of 1,200 |r| above 0.19; a copy has r = 1.
    """
    r, n = correlation(one, other), one.size
    return 2 * scipy.special.stdtr(n - 2, -abs(r) * np.sqrt((n - 2) / max(1 - r**2, 1e-300)))


def correlated(one, other):
    """Return whether two sets of weights are too much alike for independent Gaussian draws."""
    return p_of_correlation(one, other) < 2 * LEVEL


@check(of="initialize_parameters", points=0.5, visible=True)
def parameters_have_their_names(student):
    """The parameters are a dict with the keys W1, b1, W2 and b2."""
    expect.keys(student.initialize_parameters(3, 4, 2), ["W1", "b1", "W2", "b2"])


@check(of="initialize_parameters", points=1.5, visible=True, after=[parameters_have_their_names])
def parameters_have_their_shapes(student):
    """Each W has one row per unit of its layer and one column per input. Each b has one row per
    unit and a single column.
    """
    parameters = student.initialize_parameters(3, 4, 2)
    expect.array(parameters["W1"], (4, 3))
    expect.array(parameters["b1"], (4, 1))
    expect.array(parameters["W2"], (2, 4))
    expect.array(parameters["b2"], (2, 1))


@check(of="initialize_parameters", points=1.5, visible=True, after=[parameters_have_their_names])
def biases_start_at_zero(student):
    """The biases start at zero: random weights already make the units different."""
    parameters = student.initialize_parameters(3, 4, 2)
    for key in ("b1", "b2"):
        b = expect.array(parameters[key])
        expect.that(b.ndim > 0 and b.size > 0, f"{key} is not an array of numbers.")
        expect.zeros(parameters[key])


@check(
    of="initialize_parameters",
    points=0.5,
    visible=True,
    after=[parameters_have_their_names],
    picture=lambda draw, parameters, key: draw.rows(parameters[key]),
)
def weights_are_not_all_the_same(student):
    """The weights differ from each other: units that start equal stay equal."""
    parameters = student.initialize_parameters(5, 6, 4)
    for key in ("W1", "W2"):
        W = expect.array(parameters[key])
        expect.that(
            W.size > 1 and np.ptp(W) > 0,
            f"All weights in {key} are the same: draw every weight separately.",
        )


@check(
    of="initialize_parameters",
    points=1,
    visible=True,
    after=[parameters_have_their_names],
    picture=lambda draw, parameters, key: draw.histogram(parameters[key], sd=0.01),
)
def weights_are_about_a_hundredth(student):
    """The weights are small, about 0.01: near zero the slope of tanh is close to 1, so learning is
    fast.

    1,200 weights each: a standard deviation outside 0.005 to 0.02 has a chance below 1e-100.
    """
    parameters = student.initialize_parameters(30, 40, 30)
    for key in ("W1", "W2"):
        W = np.clip(expect.array(parameters[key]), -1e6, 1e6)
        spread = float(np.std(W)) if W.size else 0.0
        expect.that(
            0.005 < spread < 0.02,
            f"The standard deviation of {key} is {spread:.3g}; it should be about 0.01.",
        )


@check(of="initialize_parameters", points=2, after=[parameters_have_their_names])
def shapes_follow_the_sizes(student, rng):
    """The shapes are right for any number of inputs, hidden units and outputs."""
    drawn = [tuple(int(n) for n in rng.integers(1, 12, 3)) for _ in range(6)]
    fixed = [(1, 1, 1), (1, 4, 1), (4, 1, 1), (3, 3, 3), (2, 5, 1), (5, 2, 3), (3, 3, 1), (1, 1, 4)]
    asked = [(sizes, student.initialize_parameters(*sizes)) for sizes in fixed + drawn]
    for (n_x, n_h, n_y), parameters in asked:
        expect.array(parameters["W1"], (n_h, n_x))
        expect.array(parameters["b1"], (n_h, 1))
        expect.array(parameters["W2"], (n_y, n_h))
        expect.array(parameters["b2"], (n_y, 1))


@check(of="initialize_parameters", points=0.5, after=[parameters_have_their_names])
def biases_are_zero_for_every_size(student, rng):
    """The biases are zero for every size of the network and on every call."""
    many = [(1, 1, 1), (3, 3, 3), *rng.integers(1, 40, (4, 3)).tolist()]
    asked = [student.initialize_parameters(*sizes) for sizes in many]
    for parameters in asked:
        for key in ("b1", "b2"):
            b = expect.array(parameters[key])
            expect.that(b.ndim > 0 and b.size > 0, f"{key} is not an array of numbers.")
            expect.zeros(parameters[key])


def p_of_mean(W):
    """Return the exact probability that the mean of Gaussian draws is this far from 0."""
    t = np.mean(W) / max(np.std(W, ddof=1), 1e-300) * np.sqrt(W.size)
    return 2 * scipy.special.stdtr(W.size - 1, -abs(t))


@check(of="initialize_parameters", points=1, after=[parameters_have_their_names])
def weights_have_mean_zero(student):
    """The weights have mean zero: about half of them are negative.

    Student's t, whatever the scale; n = 15,000, |t| > 6.7 at LEVEL on either side, in W1 and W2:
    4e-11 in all. A mean of 0.1 standard deviations gives t = 12, found with power 0.9999999.
    """
    for key, W in draws(student).items():
        expect.that(
            np.ptp(W) > 0, f"All weights in {key} are the same: draw every weight separately."
        )
        expect.that(
            p_of_mean(W) > 2 * LEVEL,
            f"The mean of the {W.size} weights in {key} is {np.mean(W):.2g}. It should be 0, and "
            "the difference is too large to be chance.",
        )


def p_of_spread(W):
    """Return the exact probability that draws of standard deviation 0.01 spread so little or much.

    (n - 1) s² / 0.01² is chi-square with n - 1 degrees of freedom, for Gaussian draws.
    """
    spread = (W.size - 1) * (np.std(W, ddof=1) / 0.01) ** 2
    return 2 * min(
        scipy.special.chdtr(W.size - 1, spread), scipy.special.chdtrc(W.size - 1, spread)
    )


def has_standard_deviation(key, W):
    """Expect the standard deviation 0.01.

    n = 15,000, both sides at LEVEL, 2e-11 in all: s outside 0.00961 to 0.01039 fails. A scale of
    0.009 or of 0.011 is found with power 1 - 1e-16.
    """
    expect.that(
        p_of_spread(W) > 2 * LEVEL,
        f"The standard deviation of the {W.size} weights in {key} is {np.std(W, ddof=1):.4g}. It "
        "should be 0.01, and the difference is too large to be chance.",
    )


@check(of="initialize_parameters", points=1.5, after=[parameters_have_their_names])
def W1_has_standard_deviation_a_hundredth(student):
    """The weights of the hidden layer, W1, have standard deviation 0.01."""
    has_standard_deviation("W1", draws(student)["W1"])


@check(of="initialize_parameters", points=1.5, after=[parameters_have_their_names])
def W2_has_standard_deviation_a_hundredth(student):
    """The weights of the output layer, W2, have standard deviation 0.01."""
    has_standard_deviation("W2", draws(student)["W2"])


def p_of_tail(W, c):
    """Return the probabilities that so few, and that so many, draws are beyond c times the spread.

    Exact, whatever the scale. The spread s is the root mean square of the first half, and of the
    other half those beyond c s are counted. n s² / σ² is chi-square with n degrees of freedom;
    given s / σ the count is binomial; and that is averaged over s / σ, out to 9 of its deviations.
    """
    half, counted = np.split(W.ravel(), [W.size // 2])
    n = half.size
    ratio = 1 + np.linspace(-9, 9, 91) / np.sqrt(2 * n)
    weight = np.exp((n - 1) * np.log(ratio) - n * (ratio**2 - 1) / 2)  # up to a factor
    weight, beyond_p = weight / weight.sum(), 2 * scipy.special.ndtr(-c * ratio)
    beyond = int(np.sum(np.abs(counted) > c * np.sqrt(np.mean(half**2))))
    few = scipy.special.bdtr(beyond, counted.size, beyond_p)
    many = scipy.special.bdtrc(beyond - 1, counted.size, beyond_p)
    return float(weight @ few), float(weight @ many)


@check(of="initialize_parameters", points=1, after=[parameters_have_their_names])
def weights_are_gaussian(student):
    """The weights are Gaussian: most are near zero, a few are far out, and nothing cuts them off.

    Whatever the scale: of n = 7,500 weights those beyond 0.5 s and beyond 2.5 s are counted (see
    `p_of_tail`), each side at LEVEL: with W1 and W2 8 LEVEL = 8e-11 in all. Wanted are 4,309 to
    4,943 and 32 to 179 weights; a uniform draw has none of the latter, nor a Gaussian cut off at 2
    sigma, while a Laplace draw has 3,698 of the former, give or take 43: power above 0.99999 each.
    """
    for key, W in draws(student).items():
        for c in (0.5, 2.5):
            few, many = p_of_tail(W, c)
            expect.that(
                few > LEVEL and many > LEVEL,
                f"The weights in {key} are not Gaussian: too {'few' if few <= LEVEL else 'many'} "
                f"of them are more than {c} standard deviations away from 0. np.random.randn "
                "draws Gaussian numbers.",
            )


def p_of_common(W):
    """Return the exact probabilities that independent rows agree so much, and so little.

    As in an analysis of variance, F is the mean square between the means of the columns over that
    within the columns.
    """
    rows, columns = W.shape
    between = rows * np.var(W.mean(axis=0), ddof=1)
    within = np.sum((W - W.mean(axis=0)) ** 2) / (columns * (rows - 1))
    degrees = columns - 1, columns * (rows - 1)
    F = between / max(within, 1e-300)
    return 2 * min(scipy.special.fdtr(*degrees, F), scipy.special.fdtrc(*degrees, F))


@check(of="initialize_parameters", points=1.5, after=[parameters_have_their_names])
def hidden_units_start_different(student):
    """Every weight is drawn separately: no hidden unit is a copy of another one or has its weights
    in a different order.

    True of independent draws with certainty but for rounding: two float32 rows of 5 agree with a
    chance below 1e-30, and a matrix of 5 columns lacks full rank, to 1e-15, below 1e-13. Of 15,000
    draws in float32 some 5 are equal, never 1,500. That units have nothing in common is tested in
    W1 and W2, both at 2 LEVEL (see `p_of_common`): 4e-11 in all; of 150 units a correlation of 0.03
    between any two is found, with power above 0.9999.
    """
    parameters, large = student.initialize_parameters(5, 8, 3), draws(student)
    for key, W in large.items():
        expect.that(
            np.unique(W).size > 0.9 * W.size,
            f"The number of different weights in {key} is {np.unique(W).size}, of {W.size}. Draw "
            "every weight separately, and do not round.",
        )
        expect.that(
            p_of_common(W if key == "W1" else W.T) > 2 * LEVEL,
            f"The weights of different hidden units in {key} are related more than chance allows: "
            "they share a common part, or they cancel each other. Draw every weight separately.",
        )
    W1, W2 = expect.numbers(parameters["W1"], (8, 5)), expect.numbers(parameters["W2"], (3, 8))
    for name, units in (("row", W1), ("column", W2.T)):
        key = "W1" if units is W1 else "W2"
        ordered = np.sort(units, axis=1)
        for i in range(8):
            for j in range(i):
                expect.that(
                    not np.array_equal(ordered[i], ordered[j]),
                    f"Hidden units {j} and {i} have the same weights: look at {name}s {j} and {i} "
                    f"of {key}.",
                )
        expect.that(
            np.linalg.matrix_rank(units) == min(units.shape),
            f"Some {name}s of {key} are multiples or sums of other {name}s. Draw every weight "
            "separately.",
        )


@check(of="initialize_parameters", points=1, after=[parameters_have_their_names])
def W2_is_no_copy_of_W1(student):
    """W1 and W2 contain different numbers: the same seed before each of them would repeat the
    numbers.

    Two correlations, each exact at 2 LEVEL (see `correlated`): 4e-11 in all.
    """
    W1, W2 = draws(student).values()
    for key, W in (("W1", W1), ("W2", W2)):
        expect.that(
            np.ptp(W) > 0, f"All weights in {key} are the same: draw every weight separately."
        )
    alike = correlated(W1, W2) or correlated(W1.T, W2)
    expect.that(
        not alike and not np.array_equal(np.sort(W1, axis=None), np.sort(W2, axis=None)),
        "W2 repeats the numbers of W1. Do you set the same seed before each of them?",
    )


@check(of="initialize_parameters", points=1.5, after=[parameters_have_their_names])
def every_call_draws_anew(student):
    """Every call draws new weights: do not set a seed inside the function.

    In 30 calls for a network of 12 weights in each matrix none comes twice; in float32 two of 360
    agree with a chance of 1e-3, five with one below 1e-12. Their means, times the root of 12 over
    0.01, are standard Gaussian, and the sum of their squares chi-square: below half of its LEVEL,
    so that it does not matter that 0.01 is taken from the draws. Three calls, 1,200 weights each
    in W1 and W2: six correlations at 2 LEVEL (see `correlated`) are 1.2e-10 in all, and a spread
    that changes by half has a chance below 1e-40.
    """
    small = [student.initialize_parameters(3, 4, 3) for _ in range(30)]
    asked = [student.initialize_parameters(30, 40, 30) for _ in range(3)]
    calls = [weights_in(answer, 40, 30) for answer in asked]
    for key, shape in (("W1", (4, 3)), ("W2", (3, 4))):
        each = np.array([expect.numbers(answer[key], shape) for answer in small])
        expect.that(
            np.unique(each).size > each.size - 5,
            f"Some numbers in {key} come up again in later calls. Draw new numbers in every call.",
        )
        sizes = np.sum(each.mean(axis=(1, 2)) ** 2) * 12 / max(np.mean(each**2), 1e-300)
        expect.that(
            sizes > scipy.special.gammaincinv(30 / 2, LEVEL),
            f"The mean of {key} is closer to 0 in every call than chance allows. Do not change "
            "the numbers after drawing them.",
        )
        for one, other in ((0, 1), (0, 2), (1, 2)):
            first, second = calls[one][key], calls[other][key]
            expect.that(
                not correlated(first, second),
                f"Two calls gave the same {key}. Do you set a seed inside the function?",
            )
            expect.that(
                np.std(first) / 1.5 < np.std(second) < np.std(first) * 1.5,
                f"The standard deviation of {key} is not the same on every call.",
            )


@check(of="initialize_parameters", points=0.5, after=[parameters_have_their_names])
def gradient_descent_tells_the_units_apart(student, reference, rng):
    """Starting from these parameters, gradient descent makes the hidden units different.

    Two units that start apart in 5 numbers of size 0.01 come within 1e-7 with a chance below 1e-20.
    """
    answer = student.initialize_parameters(3, 4, 1)
    shapes = {"W1": (4, 3), "b1": (4, 1), "W2": (1, 4), "b2": (1, 1)}
    parameters = {key: expect.numbers(answer[key], shape) for key, shape in shapes.items()}
    X, Y = rng.normal(size=(3, 20)), np.arange(20).reshape(1, 20) % 2
    parameters = descend(reference, parameters, X, Y, steps=10)
    units = np.hstack([parameters["W1"], parameters["b1"], parameters["W2"].T])
    for i in range(4):
        for j in range(i):
            expect.that(
                np.max(np.abs(units[i] - units[j])) > 1e-7,
                f"After ten steps of gradient descent, hidden units {j} and {i} are still the "
                "same, because they started the same.",
            )


@check(of="initialize_parameters", points=7, after=[parameters_have_their_names])
def the_start_is_right_as_a_whole(student):
    """The whole start is right: in two calls, all weights have the right distribution, none comes
    twice, and the biases are zero.

    For W1 and W2 the mean, the spread and the tails, each as in the check about it: 16 LEVEL in
    all. Any mistake in the numbers fails here, so that a single one costs about half of the points.
    """
    answers = [student.initialize_parameters(100, 150, 100) for _ in range(2)]
    calls = [weights_in(answer, 150, 100) for answer in answers]
    for answer in answers:
        for key in ("b1", "b2"):
            expect.zeros(answer[key])
    for key, W in calls[0].items():
        tails = [p for c in (0.5, 2.5) for p in p_of_tail(W, c)]
        expect.that(
            min(p_of_mean(W) / 2, p_of_spread(W) / 2, *tails) > LEVEL,
            f"The weights in {key} are not as Gaussian numbers of mean 0 and standard deviation "
            "0.01 would be.",
        )
    every = np.concatenate([W.ravel() for call in calls for W in call.values()])
    expect.that(
        np.unique(every).size > 0.9 * every.size,
        f"Of the {every.size} weights in two calls, only {np.unique(every).size} are different.",
    )


# forward_propagation: 12 points


@check(of="forward_propagation", points=0.5, visible=True)
def forward_returns_A2_and_the_cache(student, rng):
    """The forward pass returns A2, and a cache of Z1, A1, Z2 and A2."""
    parameters = network(rng, 2, 3)
    A2, cache = student.forward_propagation(rng.normal(size=(2, 5)), parameters).pair("A2", "cache")
    expect.array(A2)
    expect.keys(cache, ["Z1", "A1", "Z2", "A2"])


@check(
    of="forward_propagation",
    points=0.5,
    visible=True,
    after=[forward_returns_A2_and_the_cache],
)
def forward_has_its_shapes(student, rng):
    """There is one column for each example. A2 and Z2 have one row, and Z1 and A1 have one row per
    hidden unit.
    """
    answer = student.forward_propagation(rng.normal(size=(2, 5)), network(rng, 2, 3))
    A2, cache = answer.pair("A2", "cache")
    for each, rows in ((A2, 1), (cache["Z1"], 3), (cache["A1"], 3), (cache["Z2"], 1)):
        found = expect.array(each, (rows, 5))
        expect.that(np.ptp(found) > 0, "Different inputs should give different answers.")
    expect.array(cache["A2"], (1, 5))


@check(
    of="forward_propagation",
    points=1.5,
    visible=True,
    after=[forward_returns_A2_and_the_cache],
)
def forward_agrees_with_a_pass_by_hand(student):
    """For one example, the forward pass agrees with a calculation by hand."""
    half = np.arctanh(0.5)  # so that tanh gives 0.5 and -0.5
    parameters = {
        "W1": np.array([[1.0, 1.0], [0.0, -1.0]]),
        "b1": np.array([[half - 3.0], [2.0 - half]]),
        "W2": np.array([[4.0, 2.0]]),
        "b2": np.array([[np.log(3.0) - 1.0]]),  # the odds are 3 to 1
    }
    X = np.array([[1.0], [2.0]])
    A2, cache = student.forward_propagation(X, parameters).pair("A2", "cache")
    expect.right(cache["Z1"], np.array([[half], [-half]]))
    expect.right(cache["A1"], np.array([[0.5], [-0.5]]))
    expect.right(cache["Z2"], np.array([[np.log(3.0)]]))
    expect.right(A2, np.array([[0.75]]))


def passes(student, rng):
    """Return X, the parameters, and the student's A2 and cache for many sizes.

    The last X has the shape of the first one, and integers.
    """
    asked = []
    for place, (n_x, n_h, m) in enumerate((*SIZES, (2, 3, MANY), (3, 4, 5))):
        X, parameters = rng.normal(size=(n_x, m)), network(rng, n_x, n_h)
        if place > len(SIZES):
            X, parameters = rng.integers(-3, 4, (n_x, m)), turned(parameters)
        asked.append(((n_h, m), X, parameters, student.forward_propagation(X, parameters)))
    for hidden, X, parameters, answer in asked:
        A2, cache = answer.pair("A2", "cache")
        yield hidden, X, parameters, A2, cache


@check(of="forward_propagation", points=1.5, after=[forward_returns_A2_and_the_cache])
def Z1_is_right(student, reference, rng):
    """Z1 is W1 times X, plus b1 for every example."""
    for _, X, parameters, _, cache in passes(student, rng):
        wanted = reference.forward_propagation(X, parameters)[1]["Z1"]
        expect.right(cache["Z1"], wanted, atol=expect.ROUNDING)


@check(of="forward_propagation", points=1.5, after=[forward_returns_A2_and_the_cache])
def A1_follows_from_Z1(student, rng):
    """A1 is the tanh of your Z1."""
    for hidden, _, _, _, cache in passes(student, rng):
        Z1 = expect.numbers(cache["Z1"], hidden)
        expect.that(
            np.any(Z1), "Your Z1 should not be zero everywhere."
        )  # otherwise any A1 would be right
        expect.right(cache["A1"], np.tanh(Z1), atol=expect.ROUNDING)


@check(of="forward_propagation", points=1, after=[forward_returns_A2_and_the_cache])
def Z2_follows_from_A1(student, rng):
    """Z2 is W2 times your A1, plus b2 for every example."""
    for hidden, _, parameters, _, cache in passes(student, rng):
        A1 = expect.numbers(cache["A1"], hidden)
        expect.right(cache["Z2"], parameters["W2"] @ A1 + parameters["b2"], atol=expect.ROUNDING)


@check(of="forward_propagation", points=1, after=[forward_returns_A2_and_the_cache])
def A2_follows_from_Z2(student, reference, rng):
    """A2 is the sigmoid of your Z2, and the cache contains the A2 that is returned."""
    for (_, m), _, _, A2, cache in passes(student, rng):
        wanted = reference.sigmoid(expect.numbers(cache["Z2"], (1, m)))
        expect.right(A2, wanted)
        expect.right(cache["A2"], wanted)


@check(of="forward_propagation", points=3)
def A2_is_right(student, reference, rng):
    """A2 is right for any network and any number of examples, whatever the cache contains."""
    for _, X, parameters, A2, _ in passes(student, rng):
        expect.right(A2, reference.forward_propagation(X, parameters)[0])


@check(of="forward_propagation", points=1, after=[forward_returns_A2_and_the_cache])
def large_numbers_overflow_nowhere(student, reference, rng):
    """Large inputs give neither nan nor infinity."""
    X = np.array([[-1e4, -800.0, 0.0, 800.0, 1e4]])
    parameters = network(rng, 1, 3)
    parameters["W1"] = np.array([[1.0], [-1.0], [0.5]])
    parameters["W2"] = np.array([[3e3, -2e3, 1e3]])
    sure = {key: np.full((1, 1), w) for key, w in (("W1", 1.0), ("W2", 12.0))}
    sure |= {"b1": np.zeros((1, 1)), "b2": np.zeros((1, 1))}
    asked = [
        student.forward_propagation(X, parameters),
        student.forward_propagation(np.array([[30.0, -30.0]]), sure),
    ]
    (A2, cache), (A2_sure, cache_sure) = (answer.pair("A2", "cache") for answer in asked)
    for part in (A2, cache["A1"], cache["Z2"], cache["A2"]):
        expect.array(part)
    # So far out Z2 decides, and it may be bounded where A2 is 0 or 1 to seven digits, no earlier.
    Z2 = 12 * expect.numbers(cache_sure["A1"], (1, 2))
    wanted = reference.sigmoid(Z2)
    found = expect.numbers(A2_sure, (1, 2))
    wrong = (found > 0) & (found < 1) & (np.abs(found - wanted) > expect.ROUNDING)
    if wrong.any():
        z, a, right = Z2[wrong][0], found[wrong][0], wanted[wrong][0]
        expect.that(
            not min(right, 0.5) < a < max(right, 0.5),
            f"For Z2 = {z:.6g}, A2 is {a:.6g}. It should be closer to {right:.0f}. Do you clip Z2?",
        )
        expect.that(False, f"For Z2 = {z:.6g}, A2 is {a:.6g}, which is not right.")
    # A bias is too small to matter here: another check tests it.
    expect.right(cache["Z1"], reference.forward_propagation(X, parameters)[1]["Z1"], rtol=1e-3)


@check(of="forward_propagation", points=0.5)
def forward_leaves_its_arguments_alone(student, rng):
    """The forward pass leaves X and the parameters as they were."""
    parameters = network(rng, 3, 4)
    answer = student.forward_propagation(rng.normal(size=(3, 6)), parameters)
    A2 = expect.numbers(answer.pair("A2", "cache")[0], (1, 6))
    expect.that(np.ptp(A2) > 0, "Different inputs should give different answers.")
    expect.untouched(answer)


# compute_cost: 8 points


@check(of="compute_cost", points=1, visible=True)
def cost_of_one_example_by_hand(student):
    """The cost of one example is minus the natural logarithm of the probability given to its
    label.
    """
    wanted = (
        (0.5, 1, np.log(2.0)),
        (np.exp(-1.0), 1, 1.0),
        (0.5, 0, np.log(2.0)),
        (1.0 - np.exp(-2.0), 0, 2.0),
    )
    asked = [student.compute_cost(np.array([[each[0]]]), np.array([[each[1]]])) for each in wanted]
    for found, (probability, label, cost) in zip(asked, wanted, strict=True):
        number = expect.scalar(found, size_one=True)
        expect.that(
            abs(number - cost) < 1e-5,
            f"For A2 = [[{probability:.4f}]] and Y = [[{label}]], {found.name} is {number:.6g}; by "
            f"hand it is {cost:.6g}.",
            found,
        )


@check(of="compute_cost", points=1, visible=True)
def cost_is_a_single_number(student):
    """The cost is a single number, not an array with one entry."""
    Y = np.array([[1, 0, 1]])
    asked = [student.compute_cost(np.array([A2]), Y) for A2 in ([0.8, 0.3, 0.6], [0.7, 0.4, 0.9])]
    one, other = map(expect.scalar, asked)
    expect.that(one != other, "Different answers should have different costs.")


@check(of="compute_cost", points=1, visible=True)
def cost_is_the_same_for_examples_given_twice(student):
    """The cost is an average: repeating all examples does not change it."""
    A2, Y = np.array([[0.8, 0.3, 0.6]]), np.array([[1, 0, 1]])
    asked = [
        student.compute_cost(A2, Y),
        student.compute_cost(np.hstack([A2, A2]), np.hstack([Y, Y])),
        student.compute_cost(A2[:, :1], Y[:, :1]),
    ]
    once, twice, first = (expect.scalar(cost, size_one=True) for cost in asked)
    expect.that(once != first, "Different examples should have different costs.")
    expect.that(
        abs(once - twice) < 1e-4 * abs(once),
        "Repeating all examples changes the cost. Do you divide by the number of examples?",
    )


def no_number_added(costs, told):
    """Expect that the costs are not -log(p + c) with a c that can be seen, p being each of `told`.

    1e-7 is what float32 puts on p, and more than the usual c of 1e-8.
    """
    added = np.exp(-np.clip(costs, -1.0, 50.0)) - told
    c = float(np.median(added))
    expect.that(
        c < 2e-7 or np.max(np.abs(added - c)) > 0.01 * c,
        f"Your cost is as if the probability of the label were larger by about {c:.2g}. Do you add "
        "this number inside the logarithm? It changes the cost of predictions that are very wrong: "
        "add 1e-8 or nothing.",
    )


@check(of="compute_cost", points=2.5)
def cost_is_the_cross_entropy(student, rng):
    """The cost is the cross-entropy, also for predictions that are very confident or very wrong.

    A float32 A2, and a 1e-8 added in the logarithm, put 1e-7 on A2 and on 1 - A2: as far as that
    moves the logarithm, it is right.
    """
    sure = np.array([1e-6, 1e-4, 0.03, *rng.uniform(0.05, 0.5, 2)])
    asked = [
        (a, y, student.compute_cost(np.array([[a]]), np.array([[y]])))
        for a in [*sure, *(1 - sure)]
        for y in (0, 1)
    ]
    costs = [expect.scalar(cost, size_one=True) for _, _, cost in asked]
    told = [a if y else 1 - a for a, y, _ in asked]
    no_number_added(costs[::2], told[::2])  # label 0
    no_number_added(costs[1::2], told[1::2])
    for (a, y, _), cost, p in zip(asked, costs, told, strict=True):
        expect.that(
            abs(cost + np.log(p)) < 1e-5 + 1.5e-7 / p,
            f"The cost of a single example with A2 = {a:.3g} and Y = {y} is not right.",
        )


@check(of="compute_cost", points=2)
def cost_of_many_is_the_mean_of_the_costs_of_each(student, rng):
    """For many examples, the cost is the mean of your costs for the single examples."""
    asked = []
    for m in (2, 3, 10, 2000):  # the product of 2,000 probabilities is 0
        A2, Y = rng.uniform(0.05, 0.95, (1, m)), rng.integers(0, 2, (1, m))
        Y[0, :2] = 0, 1
        alone = min(m, 10)
        each = [student.compute_cost(A2[:, [i]], Y[:, [i]]) for i in range(alone)]
        many = student.compute_cost(
            np.tile(A2[:, :alone], m // alone), np.tile(Y[:, :alone], m // alone)
        )
        asked.append((m, each, many))
    for m, each, many in asked:
        single = [expect.scalar(cost, size_one=True) for cost in each]
        mean = float(np.mean(np.clip(single, -1e6, 1e6)))
        expect.that(np.ptp(single) > 0, "Different examples should have different costs.")
        expect.that(
            abs(expect.scalar(many, size_one=True) - mean) < 1e-4 * abs(mean),
            f"The cost of {m} examples is not the mean of their costs.",
        )


@check(of="compute_cost", points=0.5)
def cost_leaves_its_arguments_alone(student, rng):
    """Computing the cost leaves A2 and Y as they were."""
    Y = np.array([[1, 0, 1, 1]])
    low = student.compute_cost(rng.uniform(0.1, 0.4, (1, 4)), Y)
    high = student.compute_cost(rng.uniform(0.6, 0.9, (1, 4)), Y)
    expect.that(
        expect.scalar(low, size_one=True) != expect.scalar(high, size_one=True),
        "Different answers should have different costs.",
    )
    expect.untouched(high)


# backward_propagation: 16 points

GRADIENTS = ("dW1", "db1", "dW2", "db2")


def labelled(rng, n_x, m):
    """Return m examples; the first has label 1, the second label 0."""
    Y = rng.integers(0, 2, (1, m))
    Y[0, :2] = (1, 0)[:m]
    return rng.normal(size=(n_x, m)), Y


@check(of="backward_propagation", points=2, visible=True)
def gradients_have_the_shapes_of_the_parameters(student, rng):
    """The gradients dW1, db1, dW2 and db2 have the shapes of the parameters."""
    parameters = network(rng, 2, 3)
    cache = {
        "Z1": np.full((3, 4), np.arctanh(0.5)),
        "A1": np.full((3, 4), 0.5),
        "Z2": np.full((1, 4), np.log(3.0)),
        "A2": np.full((1, 4), 0.75),
    }
    Y = np.array([[1, 0, 0, 1]])
    grads = student.backward_propagation(parameters, cache, rng.normal(size=(2, 4)), Y)
    for key in ("W1", "b1", "W2", "b2"):
        expect.array(grads["d" + key], parameters[key].shape)


def gradients_beside_slopes(draw, student, parameters, X, Y, grads):
    """Return the gradients, and the slopes of the student's own cost for each parameter.

    If the forward pass or the cost is wrong, its slopes say nothing, and there is no picture.
    """

    def cost(moved):
        A2, _ = student.forward_propagation(X, moved).pair("A2", "cache")
        return expect.scalar(student.compute_cost(A2, Y), size_one=True)

    expect.close(expect.Answer(cost(parameters), "cost"), np.log(4.0))
    slopes = {}
    for key, value in parameters.items():
        slopes["d" + key] = np.zeros_like(value)
        for i in np.ndindex(value.shape):
            step = np.zeros_like(value)
            step[i] = 1e-5
            up, down = (cost(parameters | {key: value + way}) for way in (step, -step))
            slopes["d" + key][i] = (up - down) / 2e-5
    return draw.agreement(grads, slopes, "slope of your cost")


@check(of="backward_propagation", points=2, visible=True, picture=gradients_beside_slopes)
def gradients_agree_with_a_pass_by_hand(student):
    """For one example, the gradients agree with a calculation by hand."""
    half = np.arctanh(0.5)
    parameters = {
        "W1": np.array([[half], [0.0]]),
        "b1": np.array([[-half], [-half]]),
        "W2": np.array([[2.0, 4.0]]),
        "b2": np.array([[np.log(3.0) + 1.0]]),
    }
    cache = {
        "Z1": np.array([[half], [-half]]),
        "A1": np.array([[0.5], [-0.5]]),
        "Z2": np.array([[np.log(3.0)]]),
        "A2": np.array([[0.75]]),
    }
    X, Y = np.array([[2.0]]), np.array([[0]])
    grads = student.backward_propagation(parameters, cache, X, Y)
    by_hand = {
        "dW2": [[0.375, -0.375]],
        "db2": [[0.75]],
        "dW1": [[2.25], [4.5]],
        "db1": [[1.125], [2.25]],
    }
    for key, wanted in by_hand.items():
        expect.right(grads[key], wanted)


def gradients_for_one_example(student, reference, rng, keys):
    """Expect these gradients to be right for single examples, where nothing is averaged."""
    asked = []
    for place, (n_x, n_h, sure) in enumerate((*SIZES, (2, 3, 0))):
        X, Y = rng.normal(size=(n_x, 1)), rng.integers(0, 2, (1, 1))
        parameters = network(rng, n_x, n_h)
        if not sure:  # an answer that is almost right has a gradient too
            Z2 = reference.forward_propagation(X, parameters)[1]["Z2"]
            parameters["b2"] = parameters["b2"] - Z2 + 5.0 * (2 * Y - 1)
        if place == 1:
            X, parameters = rng.integers(1, 4, (n_x, 1)), turned(parameters)
        _, cache = reference.forward_propagation(X, parameters)
        cache = turned(cache) if place == 1 else cache
        wanted = reference.backward_propagation(parameters, cache, X, Y)
        asked.append((wanted, student.backward_propagation(parameters, cache, X, Y)))
    for wanted, grads in asked:
        for key in keys:
            expect.right(grads[key], wanted[key], atol=expect.ROUNDING)


@check(of="backward_propagation", points=3)
def gradients_of_the_output_layer_are_right(student, reference, rng):
    """dW2 and db2 are right for a single example."""
    gradients_for_one_example(student, reference, rng, ("dW2", "db2"))


@check(of="backward_propagation", points=3)
def gradients_of_the_hidden_layer_are_right(student, reference, rng):
    """dW1 and db1 are right for a single example: the error goes back through W2 and the slope of
    tanh.
    """
    gradients_for_one_example(student, reference, rng, ("dW1", "db1"))


@check(of="backward_propagation", points=3)
def gradients_are_averages(student, reference, rng):
    """For many examples, each gradient is the mean of your gradients for the single examples."""
    asked = []
    for n_x, n_h, m in ((3, 4, 5), (4, 4, 3), (2, 3, 12), (2, 3, 8)):
        X, Y = labelled(rng, n_x, m)
        parameters = network(rng, n_x, n_h)
        _, cache = reference.forward_propagation(X, parameters)
        # The last examples are repeated so often that there are MANY in all.
        times = np.ones(m, dtype=int) if m != 8 else np.array([1, 1, 1, 2, 5, 50, 80, MANY - 140])
        grads = student.backward_propagation(
            parameters,
            {key: np.repeat(value, times, axis=1) for key, value in cache.items()},
            np.repeat(X, times, axis=1),
            np.repeat(Y, times, axis=1),
        )
        single = []
        for i in range(m):
            of_one = {key: value[:, [i]] for key, value in cache.items()}
            single.append(student.backward_propagation(parameters, of_one, X[:, [i]], Y[:, [i]]))
        asked.append((parameters, times, grads, single))
    for parameters, times, grads, single in asked:
        for key in GRADIENTS:
            shape = parameters[key[1:]].shape
            each = [expect.numbers(grad[key], shape) for grad in single]
            expect.that(
                np.any(each) and np.any(np.ptp(each, axis=0)),
                f"{key} should be different for different examples.",
            )
            expect.right(grads[key], np.average(each, axis=0, weights=times), atol=expect.ROUNDING)


@check(of="backward_propagation", points=2)
def gradients_are_the_slopes_of_the_cost(student, reference, rng):
    """After a small step, the cost changes as the gradients predict.

    One random direction v, two evaluations: (J(θ + h v) - J(θ - h v)) / 2h is g·v up to 1e-9, and
    1e-4 of the largest that the sum g·v could be leaves room for rounding. One example, so that an
    average forgotten costs nothing here.
    """
    asked = []
    for n_x, n_h in ((3, 4), (3, 3), (1, 2), (2, 1)):
        X, Y = rng.normal(size=(n_x, 1)), rng.integers(0, 2, (1, 1))
        parameters = network(rng, n_x, n_h)
        _, cache = reference.forward_propagation(X, parameters)
        grads = student.backward_propagation(parameters, cache, X, Y)
        towards = {key: rng.normal(size=value.shape) for key, value in parameters.items()}
        asked.append((X, Y, parameters, grads, towards))
    for X, Y, parameters, grads, towards in asked:
        costs = []
        for h in (1e-5, -1e-5):
            moved = {key: value + h * towards[key] for key, value in parameters.items()}
            costs.append(reference.compute_cost(reference.forward_propagation(X, moved)[0], Y))
        terms = [
            (expect.numbers(grads["d" + key], value.shape) * towards[key]).ravel()
            for key, value in parameters.items()
        ]
        foretold = float(np.sum(np.concatenate(terms)))
        most = float(np.sum(np.abs(np.concatenate(terms))))
        expect.that(
            abs(foretold - (costs[0] - costs[1]) / 2e-5) < expect.ROUNDING + 1e-4 * most,
            "Along a random direction, the cost does not change as the gradients predict.",
        )


@check(of="backward_propagation", points=1)
def backward_leaves_its_arguments_alone(student, reference, rng):
    """The backward pass leaves the parameters, the cache, X and Y as they were."""
    parameters = network(rng, 3, 4)
    answers = []
    for _ in range(2):
        X, Y = labelled(rng, 3, 5)
        _, cache = reference.forward_propagation(X, parameters)
        answers.append(student.backward_propagation(parameters, cache, X, Y))
    for key in GRADIENTS:
        first, second = (expect.array(each[key]) for each in answers)
        expect.that(not np.array_equal(first, second), f"{key} is the same for different examples.")
    expect.untouched(answers[1])


# update_parameters: 6 points

PARAMETERS = ("W1", "b1", "W2", "b2")

RATES = (0.003, 0.5, 1.0, 7.0, 0.0, 0.5, 1.0, 7.0)
"""A learning rate for each of SIZES; with rate 0 nothing changes."""


def updates(rng):
    """Return parameters, and gradients of the same shapes, for many sizes."""
    for n_x, n_h, _ in SIZES:
        parameters, slopes = network(rng, n_x, n_h), network(rng, n_x, n_h)
        yield parameters, turned({"d" + key: value for key, value in slopes.items()})


@check(of="update_parameters", points=0.5, visible=True)
def update_returns_all_parameters(student, rng):
    """An update returns W1, b1, W2 and b2 with unchanged shapes."""
    parameters = network(rng, 2, 3)
    grads = {"d" + key: value for key, value in network(rng, 2, 3).items()}
    stepped = student.update_parameters(parameters, grads)
    for key, value in parameters.items():
        expect.array(stepped[key], value.shape)


@check(of="update_parameters", points=2, visible=True)
def update_goes_against_the_gradient(student):
    """An update goes against the gradient: a parameter with a positive gradient gets smaller."""
    parameters = {
        "W1": np.array([[1.0, -1.0]]),
        "b1": np.array([[0.0]]),
        "W2": np.array([[2.0]]),
        "b2": np.array([[-3.0]]),
    }
    grads = {
        "dW1": np.array([[0.5, -0.5]]),
        "db1": np.array([[1.0]]),
        "dW2": np.array([[-2.0]]),
        "db2": np.array([[4.0]]),
    }
    stepped = student.update_parameters(parameters, grads, learning_rate=0.1)
    for key, value in parameters.items():
        went = expect.numbers(stepped[key], value.shape) - value
        expect.that(
            np.all(went * grads["d" + key] < 0),
            f"{key} should get smaller where its gradient is positive, and larger where it is "
            "negative.",
            stepped[key],
        )


@check(of="update_parameters", points=1, visible=True)
def update_leaves_its_arguments_alone(student):
    """An update makes new arrays and leaves the old parameters and the gradients as they were."""
    parameters = {
        "W1": np.array([[1.0, -1.0]]),
        "b1": np.array([[0.5]]),
        "W2": np.array([[2.0]]),
        "b2": np.array([[-3.0]]),
    }
    grads = {"d" + key: value / 8 + 1 for key, value in parameters.items()}
    stepped = student.update_parameters(parameters, grads)
    same = [
        np.array_equal(expect.numbers(stepped[key], value.shape), value)
        for key, value in parameters.items()
    ]
    expect.that(not all(same), "All parameters are the same as before the update.", stepped)
    expect.untouched(stepped)


@check(of="update_parameters", points=2)
def update_steps_as_far_as_the_rate_says(student, rng):
    """An update changes each parameter by the learning rate times its gradient, for any learning
    rate.
    """
    asked = [
        (student.update_parameters(parameters, grads, learning_rate=rate), parameters, grads, rate)
        for rate, (parameters, grads) in zip(RATES, updates(rng), strict=True)
    ]
    for each in asked:
        expects_steps(*each)


@check(of="update_parameters", points=0.5)
def update_has_a_default_rate(student, rng):
    """If no learning rate is given, an update uses 1.2."""
    asked = [
        (
            student.update_parameters(parameters, grads),
            student.update_parameters(parameters, grads, learning_rate=1.2),
            parameters,
            grads,
        )
        for parameters, grads in updates(rng)
    ]
    for by_default, told, parameters, grads in asked:
        expects_steps(by_default, parameters, grads, 1.2)
        for key, old in parameters.items():
            ways = [
                np.sign(expect.numbers(each[key], old.shape) - old) for each in (by_default, told)
            ]
            expect.that(
                np.array_equal(*ways),
                f"Without a learning rate, {key} moves in a different direction than with "
                "learning_rate=1.2.",
            )


def expects_steps(stepped, parameters, grads, rate):
    """Expect updates of the right size; another check tests their direction."""
    for key in PARAMETERS:
        old, step = parameters[key], rate * np.abs(grads["d" + key])
        went = np.abs(expect.numbers(stepped[key], old.shape) - old)
        # The bound allows for float32: 1e-7 of each parameter and of the step.
        expect.that(
            np.all(np.abs(went - step) <= 1e-6 * (np.abs(old) + step) + 1e-9),
            f"{key} did not change by the learning rate times its gradient.",
        )


# nn_model: 12 points


@remember
def descend(reference, parameters, X, Y, *, steps):
    """The parameters after steps of gradient descent at the default rate."""
    for _ in range(steps):
        _, cache = reference.forward_propagation(X, parameters)
        grads = reference.backward_propagation(parameters, cache, X, Y)
        parameters = reference.update_parameters(parameters, grads)
    return parameters


def parameters_in(answer, n_x, n_h):
    """Return the numbers of the parameters that training returned."""
    shapes = {"W1": (n_h, n_x), "b1": (n_h, 1), "W2": (1, n_h), "b2": (1, 1)}
    return {key: expect.numbers(answer[key], shape) for key, shape in shapes.items()}


@check(of="nn_model", points=1.5, visible=True)
def model_returns_the_parameters(student, rng):
    """Training returns the parameters W1, b1, W2 and b2 with the right shapes."""
    X, Y = rng.normal(size=(2, 6)), np.array([[0, 1, 1, 0, 1, 0]])
    learned = student.nn_model(X, Y, 3, num_iterations=2)
    expect.array(learned["W1"], (3, 2))
    expect.array(learned["b1"], (3, 1))
    expect.array(learned["W2"], (1, 3))
    expect.array(learned["b2"], (1, 1))


@check(of="nn_model", points=1.5, visible=True)
def first_step_moves_the_output_bias(student):
    """At the start A2 is about 0.5, so the first step moves b2 to about 0.6 if all labels are 1,
    and to about -0.6 if all labels are 0.

    |Z2| is below 0.1, and b2 within 0.05 of that, unless a weight is 10 standard deviations out.
    """
    X = np.array([[1.0, -1.0, 0.5, -0.5], [0.5, 1.0, -1.0, -0.5]])
    ways = ((1, "up"), (0, "down"))
    asked = [student.nn_model(X, np.full((1, 4), label), 3, num_iterations=1) for label, _ in ways]
    for learned, (label, way) in zip(asked, ways, strict=True):
        b2 = float(expect.numbers(learned["b2"], (1, 1))[0, 0])
        expect.that(
            abs(b2 - 1.2 * (label - 0.5)) < 0.05,
            f"If all labels are {label}, one step should move b2 {way} from 0 by about 0.6. After "
            f"the step it is {b2:.3g}.",
            learned["b2"],
        )


@check(of="nn_model", points=1.5)
def no_step_gives_the_start(student, rng):
    """With num_iterations=0, training returns the initial parameters: small weights and zero
    biases.

    A Gaussian weight beyond 0.1 is 10 standard deviations out: 1e-22. The root mean square
    of the 22 weights in all W2 is below 0.002 with a chance of 2e-12.
    """
    asked = [
        (n_x, n_h, student.nn_model(*labelled(rng, n_x, m), n_h, num_iterations=0))
        for n_x, n_h, m in SIZES
    ]
    seen: dict[str, list[np.ndarray]] = {"W1": [], "W2": []}
    for n_x, n_h, answer in asked:
        start = parameters_in(answer, n_x, n_h)
        for key in ("b1", "b2"):
            expect.that(not np.any(start[key]), f"{key} is not zero before the first step.")
        for key in ("W1", "W2"):
            expect.that(np.all(start[key] != 0), f"{key} contains zeros before the first step.")
            expect.that(np.all(np.abs(start[key]) < 0.1), f"{key} is large before the first step.")
            seen[key].append(start[key].ravel())
    for key, weights in seen.items():
        expect.that(
            np.sqrt(np.mean(np.concatenate(weights) ** 2)) > 0.002,
            f"{key} is almost zero before the first step.",
        )


@check(of="nn_model", points=1.5)
def training_lowers_the_cost(student, reference, rng):
    """Training lowers the cost, whatever the initial parameters are.

    Three labels in four are 1, so b2 alone lowers the cost by 0.13, whatever the weights become:
    no luck is needed for 0.05.
    """
    X = rng.uniform(-1.0, 1.0, (2, 40))
    Y = (np.arange(40) % 4 > 0).astype(int).reshape(1, 40)
    asked = [student.rewound().nn_model(X, Y, 4, num_iterations=steps) for steps in (0, 40)]
    start, learned = (parameters_in(answer, 2, 4) for answer in asked)
    before, after = (
        reference.compute_cost(reference.forward_propagation(X, parameters)[0], Y)
        for parameters in (start, learned)
    )
    expect.that(after < before - 0.05, "40 steps of training did not lower the cost.")


def takes_steps(student, reference, rounds):
    """Expect training to end where the reference ends after as many steps from the same start.

    Two copies of the student get the same calls in the same order, one of them with no iterations,
    so that both start from the same random numbers each time. The changes are compared. The bound
    allows for the rounding of each step, for 1e-3 of the change, and for ten times the effect of
    rounding the start to float32.

    The start is the student's own. If nothing changes from it, or if it is so large that a step is
    lost in rounding, any end would pass. So every parameter must change by ten times the rounding
    in at least three rounds. From small Gaussian weights it changes less in rounds with one hidden
    unit or with balanced labels; the chance that this happens in all but two rounds is below 1e-11.
    """
    still, moving = student.rewound(), student.rewound()
    asked = []
    for X, Y, n_h, iterations in rounds:
        first = still.nn_model(X, Y, n_h, num_iterations=0)
        last = moving.nn_model(X, Y, n_h, num_iterations=iterations)
        asked.append((X, Y, n_h, iterations, first, last))
    seen = dict.fromkeys(PARAMETERS, 0)
    for X, Y, n_h, iterations, first, last in asked:
        start, learned = (parameters_in(answer, X.shape[0], n_h) for answer in (first, last))
        end = descend(reference, start, X, Y, steps=iterations)
        rounded = {key: value.astype(np.float32).astype(float) for key, value in start.items()}
        other_end = descend(reference, rounded, X, Y, steps=iterations)
        for key, value in start.items():
            way, went = end[key] - value, learned[key] - value
            rounding = expect.ROUNDING * (iterations + np.max(np.abs(value)))
            rounding += 10 * np.max(np.abs(other_end[key] - end[key]))
            bound = rounding + 1e-3 * np.max(np.abs(way))
            expect.that(
                np.all(np.abs(went - way) <= bound),
                f"After num_iterations={iterations}, {key} is not what gradient descent on all "
                "examples gives from your initial parameters.",
            )
            seen[key] += int(np.max(np.abs(way)) > 10 * rounding)
    for key, rounds_seen in seen.items():
        expect.that(
            rounds_seen >= 3,
            f"From your initial parameters, gradient descent hardly changes {key}, so the check "
            "cannot see whether your training is right. Start with the small random weights of "
            "initialize_parameters.",
        )


@check(of="nn_model", points=2)
def one_iteration_is_one_step(student, reference, rng):
    """One iteration is one step of gradient descent on all examples with learning rate 1.2."""
    rounds = [(*labelled(rng, n_x, m), n_h, 1) for n_x, n_h, m in SIZES]
    whole = rng.integers(-3, 4, (3, 5)), labelled(rng, 3, 5)[1], 4, 1  # in the shape of the first
    takes_steps(student, reference, [*rounds, whole])


def plateau(rng, n_x, m):
    """Return examples on which the cost hardly falls at first.

    There are as many labels 0 as 1, and the mean of (y - 1/2) x is 0.003. So the first steps change
    the weights by 4e-5, hundreds of times the rounding, and the cost by some 1e-8.
    """
    Y = np.arange(m).reshape(1, m) % 2
    signs = Y - 0.5
    X = rng.normal(size=(n_x, m))
    return X + (0.003 * m - X @ signs.T) @ signs / np.sum(signs**2), Y


@check(of="nn_model", points=3)
def every_iteration_is_one_more_step(student, reference, rng):
    """num_iterations is the number of steps, and each step starts where the last one ended.

    The longest round has more than a hundred iterations, so that it includes whatever is done every
    hundred iterations. One round starts on a plateau, where training that stops when the cost no
    longer falls would stop. One round has MANY examples, some of them repeated. In one round the
    first step is too long: X saturates 30 units, Z2 goes from 0 to about 8, far beyond log 3 = 1.1
    where the cost is lowest, and the cost rises.
    """
    sizes = ((2, 4, 12), (1, 1, 3), (3, 3, 1), (3, 3, 9), (2, 5, 20), (2, 4, 30))
    rounds = [
        (*labelled(rng, n_x, m), n_h, steps)
        for (n_x, n_h, m), steps in zip(sizes, (2, 2, 3, 5, 23, 105), strict=True)
    ]
    few = labelled(rng, 2, 6)
    times = np.array([1, 2, 7, 30, 80, MANY - 120])
    rounds += [
        (*plateau(rng, 2, 10), 4, 40),
        (*(np.repeat(each, times, axis=1) for each in few), 3, 5),
        (np.full((1, 4), 2000.0), np.array([[1, 1, 0, 1]]), 30, 1),
    ]
    takes_steps(student, reference, rounds)


def trained_on_one_label(student, X):
    """Return the results of training with all labels 0, and with all labels 1."""
    labels = (np.full((1, X.shape[1]), label) for label in (0, 1))
    return [student.nn_model(X, Y, 3, num_iterations=3) for Y in labels]


def labels_matter(asked):
    """Expect the output bias to follow the labels, which shows that training was done."""
    low, high = (expect.numbers(learned["b2"], (1, 1)) for learned in asked)
    expect.that(
        np.all(low < 0) and np.all(high > 0),
        "Training with different labels should give different parameters.",
    )


@check(of="nn_model", points=0.5)
def printing_changes_nothing(student, rng):
    """print_cost=True does not change the parameters that training returns."""
    X, Y = labelled(rng, 2, 9)
    one, other = student.rewound(), student.rewound()
    quiet = one.nn_model(X, Y, 3, num_iterations=3)
    loud = other.nn_model(X, Y, 3, num_iterations=3, print_cost=True)
    labels_matter(trained_on_one_label(one, X))
    for key in PARAMETERS:
        expect.right(loud[key], expect.array(quiet[key]))


@check(of="nn_model", points=0.5)
def training_leaves_its_arguments_alone(student, rng):
    """Training leaves X and Y as they were."""
    X, Y = labelled(rng, 2, 9)
    asked = trained_on_one_label(student, X)
    learned = student.nn_model(X, Y, 3, num_iterations=3)
    labels_matter(asked)
    expect.untouched(learned)


# predict: 4 points


@check(of="predict", points=0.5, visible=True)
def predictions_are_zeros_and_ones(student):
    """There is one prediction for each example, and it is 0 or 1."""
    parameters = {
        "W1": np.array([[1.0], [1.0]]),
        "b1": np.array([[0.0], [0.0]]),
        "W2": np.array([[2.0, 1.0]]),
        "b2": np.array([[0.0]]),
    }
    several = student.predict(parameters, np.array([[-2.0, 3.0, 1.0]]))
    one = student.predict(parameters, np.array([[-1.0]]))
    for answer, shape in ((several, (1, 3)), (one, (1, 1))):
        found = expect.array(answer, shape)
        expect.that(np.all((found == 0) | (found == 1)), "A prediction is 0 or 1.")


@check(of="predict", points=0.5, visible=True)
def predictions_by_hand(student):
    """The prediction is 1 where A2 is large, and 0 where it is small."""
    parameters = {
        "W1": np.array([[1.0], [1.0]]),
        "b1": np.array([[0.0], [0.0]]),
        "W2": np.array([[2.0, 1.0]]),
        "b2": np.array([[0.0]]),
    }
    several = student.predict(parameters, np.array([[-2.0, 3.0, 1.0]]))
    one = student.predict(parameters, np.array([[-1.0]]))
    expect.right(several, np.array([[0, 1, 1]]))
    expect.right(one, np.array([[0]]))


@check(of="predict", points=1.5)
def predictions_say_which_side_of_a_half(student, reference, rng):
    """A prediction is 1 where A2 is above 0.5, even by very little, and 0 where A2 is below 0.5."""
    asked = []
    for n_x, n_h, m in SIZES:
        X, parameters = rng.normal(size=(n_x, m)), network(rng, n_x, n_h)
        Z2 = reference.forward_propagation(X, parameters)[1]["Z2"]
        for place in Z2[0, [0, -1]]:
            for little in (-1e-4, 1e-4):  # A2 is 0.5 + little / 4; float32 tells 1e-7
                near = parameters | {"b2": parameters["b2"] - place + little}
                asked.append((student.predict(near, X), Z2 - place + little > 0))
    X, parameters = rng.integers(-3, 4, (3, 5)), turned(network(rng, 3, 4))
    Z2 = reference.forward_propagation(X, parameters)[1]["Z2"]
    ordered = np.sort(Z2[0])
    place = np.argmax(np.diff(ordered))  # two examples may be equal, and rounding would decide
    middle = ordered[place] / 2 + ordered[place + 1] / 2
    near = parameters | {"b2": parameters["b2"] - middle}
    asked.append((student.predict(near, X), Z2 - middle > 0))
    for found, wanted in asked:
        expect.right(found, wanted)


@check(of="predict", points=1)
def a_half_is_not_above_a_half(student):
    """Where A2 is exactly 0.5, the prediction is 0."""
    parameters = {
        "W1": np.array([[1.0], [1.0]]),
        "b1": np.zeros((2, 1)),
        "W2": np.array([[2.0, 1.0]]),
        "b2": np.zeros((1, 1)),
    }
    expect.right(student.predict(parameters, np.array([[0.0, 1.0, 0.0, -1.0]])), [[0, 1, 0, 0]])


@check(of="predict", points=0.5)
def predict_leaves_its_arguments_alone(student, rng):
    """Predicting leaves the parameters and X as they were."""
    parameters = network(rng, 1, 2)
    parameters["W1"] = np.abs(parameters["W1"]) + 1
    parameters["W2"] = np.abs(parameters["W2"]) + 1
    parameters["b1"] = np.zeros((2, 1))
    parameters["b2"] = np.zeros((1, 1))
    answer = student.predict(parameters, np.array([[-3.0, 3.0]]))
    found = expect.numbers(answer, (1, 2))
    expect.that(found[0, 0] != found[0, 1], "These two inputs should have different predictions.")
    expect.untouched(answer)


# units_are_interchangeable: 4 points


def twins(n_x, n_h):
    """Return parameters whose hidden units are all the same."""
    return {
        "W1": np.tile(np.linspace(-1.0, 2.0, n_x), (n_h, 1)),
        "b1": np.full((n_h, 1), 0.25),
        "W2": np.full((1, n_h), -1.5),
        "b2": np.array([[0.5]]),
    }


@check(of="units_are_interchangeable", points=0.5, visible=True)
def twins_are_interchangeable_and_strangers_are_not(student, rng):
    """Units that are all the same are interchangeable, and random units are not."""
    strangers = {key: rng.normal(size=value.shape) for key, value in twins(2, 3).items()}
    asked = [student.units_are_interchangeable(units) for units in (twins(2, 3), strangers)]
    alike, different = map(expect.truth, asked)
    expect.that(alike, "Three units that are the same should be interchangeable.", asked[0])
    expect.that(not different, "Three random units should not be interchangeable.", asked[1])


@check(of="units_are_interchangeable", points=2)
def all_that_makes_a_unit_is_compared(student):
    """Units are the same only if their rows of W1, their entries of b1 and their columns of W2 are
    the same.

    Equal units are tested too, so that no constant answer is right. With one input, all numbers in
    W1 are equal.
    """
    asked = []
    for n_x, n_h in ((3, 3), (2, 4), (1, 4)):
        units = twins(n_x, n_h)
        should = "Units that are all the same should be interchangeable."
        asked.append((student.units_are_interchangeable(units), True, should))
        for key, what in (("W1", "row of W1"), ("b1", "entry of b1"), ("W2", "column of W2")):
            one_apart = twins(n_x, n_h)
            one_apart[key].flat[0] += 0.5
            one_apart = turned(one_apart) if n_h == 3 else one_apart
            should = (
                f"A unit whose {what} is different from the others is not interchangeable "
                "with them."
            )
            asked.append((student.units_are_interchangeable(one_apart), False, should))
        if n_x > 1:
            reordered = twins(n_x, n_h)
            reordered["W1"][0] = reordered["W1"][0, ::-1]
            should = (
                "A unit that has the weights of the others in a different order is not "
                "interchangeable with them: each weight belongs to one input."
            )
            asked.append((student.units_are_interchangeable(reordered), False, should))
    for found, wanted, should in asked:
        expect.that(expect.truth(found) == wanted, should)


@check(of="units_are_interchangeable", points=0.5)
def every_unit_is_compared(student):
    """All units are compared, from the first to the last. A single hidden unit always counts as
    interchangeable.
    """
    single = student.units_are_interchangeable(twins(3, 1))
    asked = []
    for last in (1, 2, 3):
        one_apart = twins(2, 4)
        for key in ("W1", "b1"):
            one_apart[key][last] += 0.5
        one_apart["W2"][:, last] += 0.5
        asked.append(student.units_are_interchangeable(one_apart))
    stairs = twins(2, 20)
    for key in ("W1", "b1"):
        stairs[key] += 0.6 * np.arange(20.0).reshape(20, 1)
    staggered = student.units_are_interchangeable(stairs, tolerance=1.0)
    expect.that(expect.truth(single), "For a single hidden unit the answer should be True.")
    for found in asked:
        expect.that(
            not expect.truth(found),
            "One of the units is different, but your function says that they are interchangeable.",
        )
    expect.that(
        not expect.truth(staggered),
        "Every unit is close to the next one, but the first and the last differ by more than ten "
        "times the tolerance. Your function says that they are interchangeable.",
    )


@check(of="units_are_interchangeable", points=1)
def the_tolerance_counts(student):
    """Numbers that differ by at most the tolerance count as equal. The default tolerance is 1e-9.

    The differences are a tenth of it or 5 times as much, so that it may bound a gap or a distance
    from the mean. Among 200 units one that is apart hardly moves their standard deviation.
    """
    asked = []
    for tolerance, keywords in ((1e-9, {}), (1e-3, {"tolerance": 1e-3}), (1, {"tolerance": 1})):
        for n_h, gap in ((3, 0.1 * tolerance), (3, 5 * tolerance), (200, 5 * tolerance)):
            parameters = twins(2, n_h)
            for key in ("W1", "b1", "W2"):
                parameters[key].flat[0] += gap
            found = student.units_are_interchangeable(parameters, **keywords)
            asked.append((found, tolerance, gap))
    for found, tolerance, gap in asked:
        expect.that(
            expect.truth(found) == (gap < tolerance),
            f"With a tolerance of {tolerance:g}, your function says that units that differ by "
            f"{gap:g} are {'not ' if gap < tolerance else ''}interchangeable.",
        )


# mean_tanh_slope: 4 points


@check(of="mean_tanh_slope", points=1, visible=True)
def slope_by_hand(student):
    """The slope of tanh is 1 at zero, and 0.75 where tanh is 0.5. The mean is a single number."""
    half = np.arctanh(0.5)
    wanted = (([[0.0, 0.0]], 1.0), ([[half], [-half]], 0.75), ([[0.0, half]], 0.875))
    asked = [student.mean_tanh_slope(np.array(Z)) for Z, _ in wanted]
    for found, (Z, slope) in zip(asked, wanted, strict=True):
        number = expect.scalar(found)
        expect.that(
            abs(number - slope) < 1e-5,
            f"For Z = {np.round(Z, 4).tolist()}, {found.name} is {number:.6g}; by hand it is "
            f"{slope}.",
            found,
        )


@check(of="mean_tanh_slope", points=1)
def slope_of_a_single_entry_is_right(student, rng):
    """For an array with a single entry, the result is the slope there."""
    drawn = [-3.0, -0.01, 0.02, 3.0, *rng.normal(0.0, 1.5, 6), -1, 2]
    asked = [student.mean_tanh_slope(np.array([[z]])) for z in drawn]
    for found, z in zip(asked, drawn, strict=True):
        expect.that(
            abs(expect.scalar(found, size_one=True) - (1 - np.tanh(z) ** 2)) < 1e-5,
            f"The slope of tanh at {z:.4g} is not right.",
        )


@check(of="mean_tanh_slope", points=1)
def slope_is_the_mean_over_all_entries(student, rng):
    """For many entries, the result is the mean of your results for the single entries."""
    drawn = [rng.normal(0.0, 1.5, shape) for shape in ((2, 1), (1, 6), (5, 1), (4, 4), (3, 7))]
    asked = [
        (Z, student.mean_tanh_slope(Z), [student.mean_tanh_slope(z.reshape(1, 1)) for z in Z.flat])
        for Z in drawn
    ]
    for Z, found, each in asked:
        single = [expect.numbers(one, ()) for one in each]
        expect.that(np.ptp(single) > 0, "Different entries should have different slopes.")
        expect.that(
            abs(expect.scalar(found, size_one=True) - np.mean(single)) < 1e-5,
            f"The result for an array of shape {Z.shape} is not the mean of the results for its "
            "entries.",
        )


@check(of="mean_tanh_slope", points=0.5)
def slope_vanishes_far_out(student):
    """Far from zero the slope of tanh is 0, and nothing overflows."""
    near = student.mean_tanh_slope(np.array([[0.5]]))
    asked = [(z, student.mean_tanh_slope(np.array([[z]]))) for z in (30.0, -30.0, -1e3, 1e5)]
    expect.that(
        abs(expect.scalar(near, size_one=True)) > 0.01, "The slope of tanh at 0.5 is not 0."
    )
    for z, found in asked:
        expect.that(
            abs(expect.scalar(found, size_one=True)) < 1e-5, f"The slope at {z:g} is not right."
        )


@check(of="mean_tanh_slope", points=0.5)
def slope_leaves_its_argument_alone(student, rng):
    """Computing the mean slope leaves Z as it was."""
    near = student.mean_tanh_slope(rng.uniform(0.1, 0.2, (1, 3)))
    far = student.mean_tanh_slope(rng.uniform(1.0, 2.0, (1, 3)))
    expect.that(
        expect.scalar(near, size_one=True) != expect.scalar(far, size_one=True),
        "The mean slope near zero should be different from the mean slope far from zero.",
    )
    expect.untouched(far)
