"""The checks of `logistic_regression`, worth 40 points; the answer in words gives 10 more.

A mistake should cost points only in the function where it was made. So averages are checked against
the student's own answers to single examples, and recorded costs against the student's own steps.
Numbers in a wrong shape lose the points for the shape, but not the points for the numbers.

Visible checks are copied into the student's notebook with the helpers they call. They use only
numpy and `expect`, and their numbers are calculated by hand, so that they do not give the solution
away.

A check with several calls makes all of them before it looks at an answer, so that they are sent to
the student's process together.

Logistic regression draws no random numbers, so no check tests randomness.
"""

import numpy as np

from autograder.checking import check, expect

SIZES = ((3, 5), (2, 7), (4, 4), (1, 1), (5, 1), (1, 6))
"""n_x and m. As many features as examples, one feature and one example hide mistakes."""

MANY = 260
"""A number of examples that is not a multiple of any usual batch size."""


def model(rng, n_x):
    """Return weights and a bias that are neither small nor zero."""
    w = rng.choice([-1.0, 1.0], (n_x, 1)) * rng.uniform(0.3, 1.0, (n_x, 1))
    return w, float(rng.choice([-1.0, 1.0]) * rng.uniform(0.3, 0.8))


def labelled(rng, n_x, m):
    """Return m examples; the first has label 1, the second label 0."""
    Y = rng.integers(0, 2, (1, m))
    Y[0, :2] = (1, 0)[:m]
    return rng.normal(size=(n_x, m)), Y


# sigmoid: 6 points


@check(of="sigmoid", points=1, visible=True)
def sigmoid_by_hand(student):
    """The sigmoid is 1/2 at zero, and 3/4 where the odds e^z are 3 to 1."""
    z = np.log([[1.0, 3.0], [1 / 3, 7.0]])
    expect.right(student.sigmoid(z), np.array([[0.5, 0.75], [0.25, 0.875]]))


@check(of="sigmoid", points=1, visible=True)
def sigmoid_keeps_the_shape(student):
    """The sigmoid is computed entry by entry: the result has the shape of z."""
    for shape in ((1, 4), (3, 1), (2, 3), (5,)):
        z = np.linspace(-1.0, 1.0, int(np.prod(shape))).reshape(shape)
        answer = student.sigmoid(z)
        found = expect.array(answer, shape)
        expect.that(np.ptp(found) > 0, "Different numbers should have different sigmoids.", answer)


@check(of="sigmoid", points=1)
def sigmoid_of_a_single_number(student):
    """The sigmoid of a single number is a single number, equal to that for an array of it."""
    found = []
    for z in (0.0, float(np.log(3.0)), -2):
        alone, entry = student.sigmoid(z), student.sigmoid(np.array([float(z)]))
        found.append(expect.scalar(alone))
        expect.that(
            abs(found[-1] - expect.scalar(entry, size_one=True)) < expect.ROUNDING,
            f"The sigmoid of {z:.4g} is not the sigmoid of an array with this number.",
        )
    expect.that(np.ptp(found) > 0, "Different numbers should have different sigmoids.")


@check(of="sigmoid", points=1.5)
def sigmoid_is_right_on_both_sides(student, rng):
    """The sigmoid is right for small and large numbers, negative and positive.

    At -12 it is 6e-6: 1e-4 of that, and what float32 may be off beside 1, are left for rounding.
    """
    z = rng.uniform(-12.0, 12.0, (5, 8))
    z[0, :2] = -12.0, 12.0
    for each in (z, np.arange(-12, 13)):
        found = expect.numbers(student.sigmoid(each), each.shape)
        wanted = 1 / (1 + np.exp(-each))
        expect.that(
            np.all(np.abs(found - wanted) <= 1e-4 * wanted + 0.5 * expect.ROUNDING),
            "The sigmoid of some numbers between -12 and 12 is not right.",
        )


@check(of="sigmoid", points=1)
def sigmoid_overflows_nowhere(student):
    """Far from zero the sigmoid is 0 or 1, and there is neither nan nor infinity.

    At 20 it is 1 to nine digits, so z may be clipped there, but not earlier.
    """
    z = np.array([[-1e5, -1000.0, -750.0, -20.0], [20.0, 750.0, 1000.0, 1e5]])
    expect.right(student.sigmoid(z), z > 0, rtol=0, atol=expect.ROUNDING)


@check(of="sigmoid", points=0.5)
def sigmoid_leaves_its_argument_alone(student, rng):
    """Computing the sigmoid leaves z as it was."""
    answer = student.sigmoid(rng.normal(size=(2, 3)))
    found = expect.numbers(answer, (2, 3))
    expect.that(np.ptp(found) > 0, "Different numbers have different sigmoids.")
    expect.untouched(answer)


# initialize_with_zeros: 4 points


@check(of="initialize_with_zeros", points=0.5, visible=True)
def start_is_zero(student):
    """The weights and the bias start at zero: logistic regression needs no random start."""
    w, b = student.initialize_with_zeros(3).pair("w", "b")
    expect.numbers(w, (3, 1))
    expect.zeros(w)
    expect.zeros(b)


@check(of="initialize_with_zeros", points=1, visible=True)
def start_has_its_shape(student):
    """The weights are a column with one row per feature."""
    w, _ = student.initialize_with_zeros(3).pair("w", "b")
    expect.array(w, (3, 1))


@check(of="initialize_with_zeros", points=1)
def shape_follows_the_features(student, rng):
    """The weights are a column for any number of features."""
    dims = [1, 2, 64, *rng.integers(3, 40, 3).tolist()]
    for dim, answer in [(dim, student.initialize_with_zeros(dim)) for dim in dims]:
        expect.array(answer.pair("w", "b")[0], (dim, 1))


@check(of="initialize_with_zeros", points=0.5)
def start_is_zero_for_every_size(student, rng):
    """The weights and the bias are zero for any number of features."""
    dims = [1, 2, 64, *rng.integers(3, 40, 3).tolist()]
    for dim, answer in [(dim, student.initialize_with_zeros(dim)) for dim in dims]:
        w, b = answer.pair("w", "b")
        expect.numbers(w, (dim, 1))
        expect.zeros(w)
        expect.zeros(b)


@check(of="initialize_with_zeros", points=1)
def bias_starts_as_a_single_number(student):
    """The bias is a single number, not an array with one entry."""
    expect.scalar(student.initialize_with_zeros(2).pair("w", "b")[1])


# propagate: 14 points


def parts(answer):
    """Return the gradients and the cost of one pass."""
    grads, cost = answer.pair("grads", "cost")
    return grads["dw"], grads["db"], cost


@check(of="propagate", points=0.5, visible=True)
def propagate_returns_gradients_and_cost(student):
    """The function returns two values: a dict with dw and db, and the cost."""
    X, Y = np.array([[1.0, 2.0, -1.0], [3.0, -4.0, 0.5]]), np.array([[1, 0, 1]])
    dw, db, cost = parts(student.propagate(np.array([[0.1], [0.2]]), 0.3, X, Y))
    for part in (dw, db, cost):
        expect.array(part)


@check(of="propagate", points=0.5, visible=True, after=[propagate_returns_gradients_and_cost])
def dw_has_the_shape_of_w(student):
    """The gradient dw is a column, like w."""
    X, Y = np.array([[1.0, 2.0, -1.0], [3.0, -4.0, 0.5]]), np.array([[1, 0, 1]])
    dw, _, _ = parts(student.propagate(np.array([[0.1], [0.2]]), 0.3, X, Y))
    expect.array(dw, (2, 1))


def gradients_beside_slopes(draw, student, w, b, X, Y, answer):
    """Return the gradients, and the slopes of the student's own cost for w and b.

    If the cost is wrong, its slopes say nothing, and there is no picture.
    """

    def cost(moved_w, moved_b):
        return expect.scalar(parts(student.propagate(moved_w, moved_b, X, Y))[2], size_one=True)

    expect.close(expect.Answer(cost(w, b), "cost"), np.log(4.0))
    h, ways = 1e-5, np.eye(2).reshape(2, 2, 1)
    slopes = {
        "dw": [[(cost(w + h * way, b) - cost(w - h * way, b)) / (2 * h)] for way in ways],
        "db": (cost(w, b + h) - cost(w, b - h)) / (2 * h),
    }
    return draw.agreement(answer.pair("grads", "cost")[0], slopes, "slope of your cost")


@check(
    of="propagate",
    points=1,
    visible=True,
    after=[propagate_returns_gradients_and_cost],
    picture=gradients_beside_slopes,
)
def gradients_of_one_example_by_hand(student):
    """For one example, the gradients agree with a calculation by hand."""
    w, b = np.array([[1.0], [-2.0]]), float(np.log(3.0))
    X = np.array([[2.0], [1.0]])  # the score is log 3, so that the odds are 3 to 1
    Y = np.array([[0]])
    answer = student.propagate(w, b, X, Y)
    dw, db, _ = parts(answer)
    expect.right(dw, [[1.5], [0.75]])
    expect.right(db, 0.75)


@check(of="propagate", points=1, visible=True, after=[propagate_returns_gradients_and_cost])
def cost_of_one_example_by_hand(student):
    """The cost of one example is minus the natural logarithm of the probability given to its
    label.
    """
    w, X = np.array([[1.0], [-2.0]]), np.array([[2.0], [1.0]])
    for b, label, cost in (
        (0.0, 1, np.log(2.0)),
        (0.0, 0, np.log(2.0)),
        (float(np.log(3.0)), 1, np.log(4.0 / 3.0)),
        (float(np.log(3.0)), 0, np.log(4.0)),
    ):
        _, _, found = parts(student.propagate(w, b, X, np.array([[label]])))
        number = expect.scalar(found, size_one=True)
        expect.that(
            abs(number - cost) < 1e-5,
            f"The cost of an example with the score {b:.4f} and the label {label} is {number:.6g}; "
            f"by hand it is {cost:.6g}.",
            found,
        )


def single_examples(student, reference, rng):
    """Return the student's and the reference's answers to a single example, for many sizes.

    Some of the predictions are almost right and some almost wrong: they have gradients too.
    """
    asked = []
    for place, (n_x, _) in enumerate((*SIZES, *SIZES[:3])):
        X, Y = rng.normal(size=(n_x, 1)), np.array([[place % 2]])
        w, b = model(rng, n_x)
        if place >= len(SIZES):
            b += float((5.0 if place % 2 else -5.0) - (w.T @ X + b)[0, 0])
        asked.append((reference.propagate(w, b, X, Y), student.propagate(w, b, X, Y)))
    return [(parts(answer), wanted) for wanted, answer in asked]


@check(of="propagate", points=1, after=[propagate_returns_gradients_and_cost])
def dw_is_the_feature_times_the_error(student, reference, rng):
    """The gradient dw is right for a single example: each feature, times the error."""
    for (dw, _, _), (wanted, _) in single_examples(student, reference, rng):
        expect.right(dw, wanted["dw"], atol=expect.ROUNDING)


@check(of="propagate", points=0.5, after=[propagate_returns_gradients_and_cost])
def db_is_the_error(student, reference, rng):
    """The gradient db is right for a single example: it is the error itself."""
    for (_, db, _), (wanted, _) in single_examples(student, reference, rng):
        expect.right(db, wanted["db"], atol=expect.ROUNDING)


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


@check(of="propagate", points=1.5, after=[propagate_returns_gradients_and_cost])
def cost_is_the_cross_entropy(student, rng):
    """The cost is the cross-entropy, also for predictions that are very confident or very wrong.

    Float32, and a 1e-8 added in the logarithm, put 1e-7 on the probability and on 1 less it: as far
    as that moves the logarithm, it is right.
    """
    scores = [-13.0, -9.0, -3.5, *rng.uniform(-2.5, 2.5, 3), 3.5, 9.0, 13.0]
    asked = []
    for z in scores:
        for y in (0, 1):
            w, b = model(rng, 2)
            X = rng.normal(size=(2, 1))
            b += float(z - (w.T @ X + b)[0, 0])
            asked.append((z, y, student.propagate(w, b, X, np.array([[y]]))))
    costs = [expect.scalar(parts(answer)[2], size_one=True) for _, _, answer in asked]
    told = [1 / (1 + np.exp(-z if y else z)) for z, y, _ in asked]  # the probability of the label
    no_number_added(costs[::2], told[::2])  # label 0
    no_number_added(costs[1::2], told[1::2])
    for (z, y, _), cost, p in zip(asked, costs, told, strict=True):
        expect.that(
            abs(cost + np.log(p)) < 1e-5 + 2e-7 / p,
            f"The cost of a single example with the score {z:.3g} and the label {y} is not right.",
        )


def of_many_and_of_each(student, rng):
    """Return the student's answers to many examples and to each one alone, with their shares.

    The last time the last examples are repeated, so that there are MANY in all.
    """
    asked = []
    for n_x, m in ((3, 5), (4, 4), (2, 12), (2, 8)):
        (X, Y), (w, b) = labelled(rng, n_x, m), model(rng, n_x)
        times = np.ones(m, dtype=int) if m != 8 else np.array([1, 1, 1, 2, 5, 50, 80, MANY - 140])
        many = student.propagate(w, b, np.repeat(X, times, axis=1), np.repeat(Y, times, axis=1))
        each = [student.propagate(w, b, X[:, [i]], Y[:, [i]]) for i in range(m)]
        asked.append((n_x, times, many, each))
    return [(n_x, times, parts(many), list(map(parts, each))) for n_x, times, many, each in asked]


@check(of="propagate", points=1, after=[propagate_returns_gradients_and_cost])
def gradients_are_averages(student, rng):
    """For many examples, each gradient is the mean of your gradients for the single examples."""
    for n_x, times, many, each in of_many_and_of_each(student, rng):
        for place, name, shape in ((0, "dw", (n_x, 1)), (1, "db", ())):
            single = [expect.numbers(one[place], shape) for one in each]
            expect.that(
                np.any(np.ptp(single, axis=0)),
                f"{name} should be different for different examples.",
            )
            expect.right(
                many[place], np.average(single, axis=0, weights=times), atol=expect.ROUNDING
            )


@check(of="propagate", points=0.5, after=[propagate_returns_gradients_and_cost])
def cost_is_an_average(student, rng):
    """For many examples, the cost is the mean of your costs for the single examples."""
    for _, times, many, each in of_many_and_of_each(student, rng):
        single = [float(expect.numbers(one[2], ())) for one in each]
        expect.that(np.ptp(single) > 0, "Different examples should have different costs.")
        expect.right(many[2], np.average(single, weights=times))


@check(of="propagate", points=0.5, after=[propagate_returns_gradients_and_cost])
def cost_is_a_single_number(student, rng):
    """The cost is a single number, not an array with one entry."""
    asked = [student.propagate(*model(rng, 2), *labelled(rng, 2, 4)) for _ in range(2)]
    one, other = (expect.scalar(parts(answer)[2]) for answer in asked)
    expect.that(one != other, "Different models should have different costs.")


@check(of="propagate", points=0.5, after=[propagate_returns_gradients_and_cost])
def db_is_a_single_number(student, rng):
    """The gradient db is a single number, like b."""
    asked = [student.propagate(*model(rng, 2), *labelled(rng, 2, 4)) for _ in range(2)]
    one, other = (expect.scalar(parts(answer)[1]) for answer in asked)
    expect.that(one != other, "Different models should have different gradients.")


@check(of="propagate", points=0.5, after=[propagate_returns_gradients_and_cost])
def gradients_are_the_slopes_of_the_cost(student, reference, rng):
    """After a small step, the cost changes as the gradients predict.

    One random direction v, two evaluations: (J(θ + h v) - J(θ - h v)) / 2h is g·v up to 1e-9, and
    1e-4 of the largest that the sum g·v could be leaves room for rounding. One example, so that an
    average forgotten costs nothing here.
    """
    asked = []
    for n_x in (1, 2, 3, 4):
        X, Y = rng.normal(size=(n_x, 1)), rng.integers(0, 2, (1, 1))
        (w, b), (v, c) = model(rng, n_x), model(rng, n_x)
        up, down = (reference.propagate(w + h * v, b + h * c, X, Y)[1] for h in (1e-5, -1e-5))
        asked.append((v, c, (up - down) / 2e-5, student.propagate(w, b, X, Y)))
    for v, c, slope, answer in asked:
        dw, db, _ = parts(answer)
        terms = [*(expect.numbers(dw, v.shape) * v).ravel(), float(expect.numbers(db, ())) * c]
        expect.that(
            abs(np.sum(terms) - slope) < expect.ROUNDING + 1e-4 * np.sum(np.abs(terms)),
            "Along a random direction, the cost does not change as the gradients predict.",
        )


@check(of="propagate", points=0.5, after=[propagate_returns_gradients_and_cost])
def large_scores_break_no_gradient(student, rng):
    """The gradients are finite and right even where the model is extremely confident.

    The cost is not tested: it is the logarithm of 0 unless the probability is clipped.
    """
    asked = []
    for x, y, error in ((-1000.0, 0, 0), (800.0, 0, 1), (1000.0, 1, 0), (-900.0, 1, 1)):
        w, b = np.array([[3.0]]), float(rng.uniform(-1.0, 1.0))
        answer = student.propagate(w, b, np.array([[x]]), np.array([[y]]))
        asked.append((abs(x) * error, error, answer))
    for slope, error, answer in asked:
        dw, db, _ = parts(answer)
        # Another check tests the sign.
        expect.right(
            expect.Answer(np.abs(expect.numbers(dw, (1, 1))), dw.name), [[slope]], atol=1e-3
        )
        expect.right(
            expect.Answer(np.abs(expect.numbers(db, ())), db.name), error, atol=expect.ROUNDING
        )


@check(of="propagate", points=0.5, after=[propagate_returns_gradients_and_cost])
def propagate_leaves_its_arguments_alone(student, rng):
    """Computing the gradients leaves w, X and Y as they were."""
    asked = [student.propagate(*model(rng, 3), *labelled(rng, 3, 5)) for _ in range(2)]
    one, other = (expect.numbers(parts(answer)[0], (3, 1)) for answer in asked)
    expect.that(not np.array_equal(one, other), "Different models should have different gradients.")
    expect.untouched(asked[1])


@check(of="propagate", points=4, after=[propagate_returns_gradients_and_cost])
def gradients_and_cost_are_right_as_a_whole(student, reference, rng):
    """The gradients and the cost are right for any number of features and of examples.

    The product of 2,000 probabilities is 0. The last X has integers, in the shape of the first one.
    """
    asked = []
    for place, (n_x, m) in enumerate((*SIZES, (2, 2000), (3, 5))):
        (X, Y), (w, b) = labelled(rng, n_x, m), model(rng, n_x)
        X = rng.integers(-2, 3, X.shape) if place > len(SIZES) else X
        asked.append((reference.propagate(w, b, X, Y), student.propagate(w, b, X, Y)))
    for (wanted, wanted_cost), answer in asked:
        dw, db, cost = parts(answer)
        expect.right(dw, wanted["dw"], atol=expect.ROUNDING)
        expect.right(db, wanted["db"], atol=expect.ROUNDING)
        expect.right(cost, wanted_cost)


# optimize: 11 points


def training(answer, n_x):
    """Return the numbers of the parameters and of the gradients, and the costs."""
    parameters, grads, costs = three(answer)
    learned = (
        expect.numbers(parameters["w"], (n_x, 1)),
        float(expect.numbers(parameters["b"], ())),
    )
    last = (expect.numbers(grads["dw"], (n_x, 1)), float(expect.numbers(grads["db"], ())))
    return learned, last, costs


def three(answer):
    """Return the three values that training returns."""
    values = list(answer)
    expect.that(
        len(values) == 3,
        f"{answer.name} should return three values: the parameters, the gradients and the costs.",
    )
    return values


@check(of="optimize", points=0.5, visible=True)
def training_returns_three_things(student):
    """Training returns a dict of w and b, a dict of dw and db, and the costs."""
    X, Y = np.array([[1.0, 2.0, -1.0], [3.0, -4.0, 0.5]]), np.array([[1, 0, 1]])
    answer = student.optimize(np.zeros((2, 1)), 0.0, X, Y, num_iterations=2, learning_rate=0.1)
    parameters, grads, _ = three(answer)
    for part in (parameters["w"], parameters["b"], grads["dw"], grads["db"]):
        expect.array(part)


@check(of="optimize", points=0.5, visible=True, after=[training_returns_three_things])
def weights_keep_their_shape(student):
    """Training returns the weights as a column, and their gradient as a column too."""
    X, Y = np.array([[1.0, 2.0, -1.0], [3.0, -4.0, 0.5]]), np.array([[1, 0, 1]])
    answer = student.optimize(np.zeros((2, 1)), 0.0, X, Y, num_iterations=2, learning_rate=0.1)
    parameters, grads, _ = three(answer)
    expect.array(parameters["w"], (2, 1))
    expect.array(grads["dw"], (2, 1))


@check(of="optimize", points=1, visible=True, after=[training_returns_three_things])
def one_step_by_hand(student):
    """Starting from zero, the first step moves each weight against its gradient, as calculated by
    hand.
    """
    X, Y = np.array([[1.0, 2.0], [3.0, -4.0]]), np.array([[1, 0]])  # the errors are -1/2 and 1/2
    for rate, w in ((1.0, [[-0.25], [1.75]]), (0.5, [[-0.125], [0.875]])):
        answer = student.optimize(np.zeros((2, 1)), 0.0, X, Y, num_iterations=1, learning_rate=rate)
        found = three(answer)[0]["w"]
        expect.right(found, w)


def descend(reference, w, b, X, Y, steps, rate):
    """Return the weights and the bias after steps of gradient descent."""
    for _ in range(steps):
        grads, _ = reference.propagate(w, b, X, Y)
        w, b = w - rate * grads["dw"], b - rate * float(grads["db"])
    return w, b


def nearly_there(reference, rng):
    """Return a model that has almost learned its examples: its gradient is 0.003 at most."""
    (w, b), (X, Y) = model(rng, 2), labelled(rng, 2, 40)
    for _ in range(1000):
        grads, _ = reference.propagate(w, b, X, Y)
        if max(abs(grads["db"]), *np.abs(grads["dw"])) < 0.003:
            break
        w, b = descend(reference, w, b, X, Y, 1, 0.3)
    return w, b, X, Y


@check(of="optimize", points=4.5, after=[training_returns_three_things])
def every_iteration_is_one_more_step(student, reference, rng):
    """num_iterations is the number of steps, and each step starts where the last one ended.

    One round starts almost at its end, where training that stops when the cost no longer falls
    would stop: the cost falls by 5e-8 a step, and the change is still a hundred times the rounding.
    One round has MANY examples. In one round the steps are so long that the cost rises from log 2
    to 8 and then to 16.

    The bound allows for the rounding of each step, for 1e-3 of the change, and for ten times the
    effect of rounding the start to float32.
    """
    rounds = [
        (*model(rng, n_x), *labelled(rng, n_x, m), steps, rate)
        for (n_x, m), steps, rate in zip(
            (*SIZES, (2, 30), (2, MANY)),
            (1, 2, 3, 5, 1, 23, 200, 7),
            (0.1, 0.5, 1.0, 0.05, 0.3, 0.2, 0.4, 0.7),
            strict=True,
        )
    ]
    rounds += [
        (*model(rng, 3), rng.integers(-2, 3, (3, 5)), np.array([[0, 1, 0, 0, 1]]), 2, 0.3),
        (*nearly_there(reference, rng), 150, 0.005),
        (np.zeros((1, 1)), 0.0, np.array([[6.0, -6.0, 6.0]]), np.array([[1, 0, 0]]), 2, 4.0),
    ]
    asked = [
        (each, student.optimize(*each[:4], num_iterations=each[4], learning_rate=each[5]))
        for each in rounds
    ]
    for (w, b, X, Y, steps, rate), answer in asked:
        learned, _, _ = training(answer, len(w))
        end = descend(reference, w, b, X, Y, steps, rate)
        rounded = w.astype(np.float32).astype(float), float(np.float32(b))
        other_end = descend(reference, *rounded, X, Y, steps, rate)
        way, went, spread = (
            np.append(last[0] - first[0], last[1] - first[1])
            for last, first in ((end, (w, b)), (learned, (w, b)), (other_end, end))
        )
        bound = 1e-3 * np.max(np.abs(way)) + 10 * np.max(np.abs(spread)) + 1e-7 * (1 + steps)
        expect.that(
            np.all(np.abs(went - way) <= bound),
            "The parameters are not what gradient descent on all examples gives with "
            f"num_iterations={steps} and learning_rate={rate}.",
        )


def same_way(student, rng, told, left_out):
    """Expect that leaving an argument out is the same as giving it, and that the weights change.

    A rate that is a tenth off changes the result by a tenth, one step of 100 by half a percent.
    """
    w, b = model(rng, 3)
    X, Y = labelled(rng, 3, 12)
    answers = [student.optimize(w, b, X, Y, **keywords) for keywords in (told, left_out)]
    ways = [
        np.append(learned[0] - w, learned[1] - b)
        for learned, _, _ in (training(answer, 3) for answer in answers)
    ]
    length = float(np.max(np.abs(ways[0])))
    expect.that(length > 1e-4, "Training should change the weights.")
    name = ", ".join(f"{key}={value}" for key, value in told.items() if key not in left_out)
    expect.that(
        np.all(np.abs(ways[1] - ways[0]) < 3e-3 * length),
        f"Training without {name.partition('=')[0]} gives a different result than training with "
        f"{name}.",
    )


@check(of="optimize", points=0.5, after=[training_returns_three_things])
def the_default_rate(student, rng):
    """If no learning rate is given, it is 0.009."""
    told = {"num_iterations": 100, "learning_rate": 0.009}
    same_way(student, rng, told, {"num_iterations": 100})


@check(of="optimize", points=0.5, after=[training_returns_three_things])
def the_default_number_of_steps(student, rng):
    """If no number of steps is given, training takes 100 steps."""
    told = {"num_iterations": 100, "learning_rate": 0.009}
    same_way(student, rng, told, {"learning_rate": 0.009})


@check(of="optimize", points=1, after=[training_returns_three_things])
def the_gradients_are_the_last(student, reference, rng):
    """Training returns the last gradients: those before its last step, or those after it.

    They are compared with the gradients at the parameters of the student's own training after so
    many steps. Training without any steps would always have the right gradients.
    """
    for n_x, m, steps in ((3, 8, 6), (1, 5, 4), (2, 3, 3)):
        w, b = model(rng, n_x)
        X, Y = labelled(rng, n_x, m)
        before, after = (
            training(student.optimize(w, b, X, Y, num_iterations=n, learning_rate=0.8), n_x)
            for n in (steps - 1, steps)
        )
        expect.that(
            np.any(np.append(*after[0]) != np.append(w, b)), "Training should change the weights."
        )
        found = np.append(*after[1])
        wanted = [
            np.append(grads["dw"], grads["db"])
            for grads, _ in (reference.propagate(*each[0], X, Y) for each in (before, after))
        ]
        expect.that(
            any(
                np.all(np.abs(found - each) < expect.ROUNDING + 1e-3 * np.max(np.abs(each)))
                for each in wanted
            ),
            "The gradients that training returned are neither those before its last step nor those "
            "after it.",
        )


def costs_in(costs):
    """Return the numbers of a list or an array of costs."""
    value = costs.value
    if isinstance(value, np.ndarray):
        return expect.array(costs).ravel()
    expect.that(
        isinstance(value, (list, tuple)),
        f"{costs.name} should be a list; it is {expect.kind(value)}.",
    )
    return np.array([expect.scalar(cost, size_one=True) for cost in costs])


@check(of="optimize", points=0.5, after=[training_returns_three_things])
def the_costs_begin_at_the_start(student, rng):
    """The first cost is the cost at the start. From zero it is log 2."""
    X, Y = labelled(rng, 2, 10)
    answer = student.optimize(np.zeros((2, 1)), 0.0, X, Y, num_iterations=101, learning_rate=0.1)
    costs = costs_in(three(answer)[2])
    expect.that(costs.size > 0, "In 101 steps no cost was recorded.")
    expect.that(
        abs(costs[0] - np.log(2.0)) < 1e-5,
        "Starting from zero, the first recorded cost is not log 2.",
    )


@check(of="optimize", points=1, after=[training_returns_three_things])
def the_costs_are_those_on_the_way(student, reference, rng):
    """The costs are costs during training, in order. You decide how often to record one.

    They are compared with the student's own training. For a few steps, the costs after every step
    are computed, and the recorded costs must be among them. For 201 steps, the recorded costs must
    be between the first and the last cost, and fall.
    """
    w, b = np.array([[2.0], [1.0]]), 1.5
    X = rng.normal(size=(2, 15))
    Y = (rng.normal(size=(1, 15)) - X[:1] > 0).astype(int)
    few, many = 8, 201
    asked = [
        student.optimize(w, b, X, Y, num_iterations=n, learning_rate=0.1)
        for n in (*range(2, few + 1), many)
    ]
    ways = [training(answer, 2) for answer in asked]
    seen = [reference.propagate(*each, X, Y)[1] for each in ((w, b), *(way[0] for way in ways))]
    place = 0
    for cost in costs_in(ways[few - 2][2]):
        if place == 1 and min(seen[:2]) < cost < max(seen[:2]):
            continue  # after a single step, perhaps
        while place < few and abs(cost - seen[place]) > expect.ROUNDING + 1e-4 * abs(seen[place]):
            place += 1
        expect.that(
            place < few,
            f"In {few} steps a cost was recorded that is not the cost of any of these steps.",
        )
        place += 1
    costs, end = costs_in(ways[-1][2]), seen[-1]
    expect.that(costs.size > 0, f"In {many} steps no cost was recorded.")
    expect.that(
        abs(end - seen[0]) > 0.01,
        f"In {many} steps the cost hardly changed, so the check cannot see whether the recorded "
        "costs are right.",
    )
    low, high = min(seen[0], end), max(seen[0], end)
    expect.that(
        np.all((costs > low - 1e-5) & (costs < high + 1e-5)),
        f"In {many} steps a cost was recorded that is not between the costs at the start and at "
        "the end.",
    )
    falls = np.diff(costs) * np.sign(end - seen[0])
    expect.that(
        np.all(falls > -1e-6) and (costs.size == 1 or abs(costs[-1] - costs[0]) > 0.01),
        f"In {many} steps the recorded costs are not in the order of the steps.",
    )


@check(of="optimize", points=0.5, after=[training_returns_three_things])
def printing_changes_nothing(student, rng):
    """print_cost=True does not change what training returns."""
    w, b = model(rng, 2)
    X, Y = labelled(rng, 2, 9)
    quiet, loud = (
        training(student.optimize(w, b, X, Y, num_iterations=3, print_cost=prints), 2)
        for prints in (False, True)
    )
    expect.that(np.any(quiet[0][0] != w), "Training should change the weights.")
    expect.that(
        np.allclose(quiet[0][0], loud[0][0], rtol=0, atol=expect.ROUNDING)
        and abs(quiet[0][1] - loud[0][1]) < expect.ROUNDING,
        "With print_cost=True, training gives a different result.",
    )


@check(of="optimize", points=0.5, after=[training_returns_three_things])
def training_leaves_its_arguments_alone(student, rng):
    """Training leaves w, X and Y as they were."""
    w, b = model(rng, 2)
    answer = student.optimize(w, b, *labelled(rng, 2, 9), num_iterations=3, learning_rate=0.5)
    expect.that(np.any(training(answer, 2)[0][0] != w), "Training should change the weights.")
    expect.untouched(answer)


# predict: 5 points


@check(of="predict", points=1, visible=True)
def predictions_are_zeros_and_ones(student):
    """There is one prediction for each example: 1 where the score is high, 0 where it is low."""
    w, X = np.array([[1.0], [-1.0]]), np.array([[3.0, -2.0, 5.0], [1.0, 1.0, 1.0]])
    expect.close(student.predict(w, 0.5, X), np.array([[1, 0, 1]]))
    expect.close(student.predict(w, 0.5, X[:, 1:2]), np.array([[0]]))


@check(of="predict", points=2)
def predictions_say_which_side_of_a_half(student, rng):
    """A prediction is 1 where the probability of label 1 is above 0.5, even by very little, and 0
    elsewhere.
    """
    asked = []
    for n_x, m in (*SIZES, (2, MANY)):
        X, (w, b) = rng.normal(size=(n_x, m)), model(rng, n_x)
        scores = w.T @ X + b
        for place in scores[0, [0, -1]]:
            for little in (-1e-4, 1e-4):  # A is 0.5 + little / 4; float32 tells 1e-7
                wanted = scores - place + little > 0
                asked.append((student.predict(w, float(b - place + little), X), wanted))
    # Integers, in the shape of the first X: scores are not cut off to integers.
    X = np.array([[1, 2, 0, -1, 3], [1, 0, 2, 1, -1], [0, 0, 0, 1, 2]])
    asked.append((student.predict(np.full((3, 1), 0.3), -0.5, X), [X.sum(axis=0) > 1]))
    for found, wanted in asked:
        expect.right(found, wanted)


@check(of="predict", points=1)
def a_half_is_not_above_a_half(student):
    """Where the probability is exactly 0.5, the prediction is 0."""
    w, X = np.array([[1.0], [2.0]]), np.array([[2.0, 2.0, 2.0, 0.0], [-1.0, 0.0, -2.0, 0.0]])
    expect.right(student.predict(w, 0.0, X), [[0, 1, 0, 0]])


@check(of="predict", points=0.5)
def predictions_are_a_row(student, rng):
    """The predictions are a row, of shape (1, m), for one example and for many."""
    asked = [(m, student.predict(*model(rng, n_x), rng.normal(size=(n_x, m)))) for n_x, m in SIZES]
    for m, answer in asked:
        found = expect.array(answer, (1, m))
        expect.that(np.all((found == 0) | (found == 1)), "A prediction is 0 or 1.")


@check(of="predict", points=0.5)
def predict_leaves_its_arguments_alone(student):
    """Predicting leaves w and X as they were."""
    answer = student.predict(np.array([[2.0]]), 0.0, np.array([[-3.0, 3.0]]))
    found = expect.numbers(answer, (1, 2))
    expect.that(found[0, 0] != found[0, 1], "These two inputs should have different predictions.")
    expect.untouched(answer)
