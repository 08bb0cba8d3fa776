"""What the functions of NAME are asked, worth 10 points.

Each check is a function: its name is its id, and its docstring is the sentence that the learner
reads. It takes by name what it needs:

student     has the learner's functions. What a call returns is an answer, for `expect` to look at.
reference   has those of reference/NAME.py.
rng         makes the numbers: the same for the whole class, and nobody can guess them.

It passes where nothing objects. `visible=True` puts a check into the learners' notebook, where no
reference is: let it use numbers that you have worked out by hand. Each function needs at least one
of these. All others are hidden. `after=[...]` names the checks that must pass before it is worth
asking; where one of them did not, it is *not run*, and gives no points.

`autograder audit NAME` tells whether the checks find what is wrong, and nothing else.
"""

import numpy as np

from autograder.checking import check, expect


def examples(rng):
    """Four features, of smaller and larger spread than 1, and another number of examples."""
    scale = np.array([[0.2], [0.7], [2.0], [5.0]])
    return scale * (rng.uniform(1.0, 2.0, (4, 1)) + rng.normal(size=(4, 7)))


@check(of="mean_and_spread", points=1, visible=True)
def mean_and_spread_by_hand(student):
    """Of the numbers 1, 3, 5 and 7 the mean is 4, and the spread is the root of 5."""
    X = np.array([[1.0, 3.0, 5.0, 7.0]])
    mean, spread = student.mean_and_spread(X).pair("mean", "spread")
    expect.close(mean, [[4.0]])
    expect.close(spread, [[np.sqrt(5.0)]])


@check(of="mean_and_spread", points=3, after=[mean_and_spread_by_hand])
def every_feature_has_its_own_mean_and_spread(student, reference, rng):
    """Each feature has a mean and a spread of its own, in columns of shape (n, 1)."""
    X = examples(rng)
    wanted_mean, wanted_spread = reference.mean_and_spread(X)
    mean, spread = student.mean_and_spread(X).pair("mean", "spread")
    expect.close(mean, wanted_mean)
    expect.close(spread, wanted_spread)


@check(of="standardize", points=1, visible=True)
def standardize_by_hand(student):
    """The numbers 1, 3, 5 and 7 become -3, -1, 1 and 3, divided by the root of 5."""
    X = np.array([[1.0, 3.0, 5.0, 7.0]])
    expect.close(student.standardize(X), np.array([[-3.0, -1.0, 1.0, 3.0]]) / np.sqrt(5.0))


@check(of="standardize", points=3)
def every_feature_is_standardized(student, rng):
    """Afterwards every feature has mean 0 and standard deviation 1, and its examples' order."""
    X = examples(rng)
    found = expect.array(student.standardize(X), X.shape)
    # This needs no reference: a theorem will do. 1e-6 is what single precision may be off.
    expect.that(np.all(np.abs(found.mean(axis=1)) < 1e-6), "A feature has another mean than 0.")
    expect.that(np.all(np.abs(found.std(axis=1) - 1) < 1e-6), "A feature's spread is not 1.")
    same_order = np.all(np.argsort(found, axis=1) == np.argsort(X, axis=1))
    expect.that(same_order, "In a feature the examples have changed their order.")


@check(of="standardize", points=1)
def a_constant_feature_becomes_zero(student):
    """A feature that is the same in all examples becomes 0, and the others are as ever."""
    X = np.array([[2.0, 2.0, 2.0, 2.0], [1.0, 3.0, 5.0, 7.0]])
    found = expect.array(student.standardize(X), X.shape)
    expect.that(np.all(found[0] == 0), "A constant feature has not become 0.")


@check(of="standardize", points=1)
def standardize_leaves_its_argument_alone(student, rng):
    """The examples that were given stay as they were."""
    answer = student.standardize(examples(rng))
    expect.array(answer)
    expect.untouched(answer)
