"""The checks of NAME, worth 10 points.

Each check is a function: its name is its id, and its docstring is the sentence that students read.
It takes what it needs by name:

student     has the student's functions. A call returns an answer, which `expect` tests.
reference   has the functions of reference/NAME.py.
rng         draws the inputs. They are the same for the whole class, and students cannot guess them.

A check passes if no `expect` fails. `visible=True` puts a check into the students' notebook. The
reference is not there, so use numbers that you have calculated by hand. Every function needs at
least one visible check; all other checks are hidden. `after=[...]` names checks that must pass
first. If one of them does not, the check is *not run* and gives no points.

`autograder audit NAME` shows whether the checks find all mistakes and accept all right answers.
"""

import numpy as np

from autograder.checking import check, expect


def examples(rng):
    """Return seven examples of four features, with spreads below and above 1."""
    scale = np.array([[0.2], [0.7], [2.0], [5.0]])
    return scale * (rng.uniform(1.0, 2.0, (4, 1)) + rng.normal(size=(4, 7)))


@check(of="mean_and_spread", points=1, visible=True)
def mean_and_spread_by_hand(student):
    """The mean of 1, 3, 5 and 7 is 4, and the spread is the square root of 5."""
    X = np.array([[1.0, 3.0, 5.0, 7.0]])
    mean, spread = student.mean_and_spread(X).pair("mean", "spread")
    expect.close(mean, np.array([[4.0]]))
    expect.close(spread, np.array([[np.sqrt(5.0)]]))


@check(of="mean_and_spread", points=3, after=[mean_and_spread_by_hand])
def every_feature_has_its_own_mean_and_spread(student, reference, rng):
    """Each feature has its own mean and spread, in columns of shape (n, 1)."""
    for X in (examples(rng), examples(rng)):  # a function may remember its first answer
        wanted_mean, wanted_spread = reference.mean_and_spread(X)
        mean, spread = student.mean_and_spread(X).pair("mean", "spread")
        expect.close(mean, wanted_mean)
        expect.close(spread, wanted_spread)


@check(of="standardize", points=1, visible=True)
def standardize_by_hand(student):
    """The numbers 1, 3, 5 and 7 become -3, -1, 1 and 3, divided by the square root of 5."""
    X = np.array([[1.0, 3.0, 5.0, 7.0]])
    expect.close(student.standardize(X), np.array([[-3.0, -1.0, 1.0, 3.0]]) / np.sqrt(5.0))


@check(of="standardize", points=3)
def every_feature_is_standardized(student, rng):
    """Every feature gets mean 0 and standard deviation 1, and the order of its examples stays."""
    for X in (examples(rng), examples(rng)):
        found = expect.array(student.standardize(X), X.shape)
        # A theorem takes the place of the reference. The bound 1e-6 allows for single precision.
        means, spreads = found.mean(axis=1), found.std(axis=1)
        expect.that(np.all(np.abs(means) < 1e-6), "The mean of a feature is not 0.")
        expect.that(np.all(np.abs(spreads - 1) < 1e-6), "The spread of a feature is not 1.")
        same_order = np.all(np.argsort(found, axis=1) == np.argsort(X, axis=1))
        expect.that(same_order, "The order of the examples has changed in a feature.")


@check(of="standardize", points=1)
def a_constant_feature_becomes_zero(student):
    """A constant feature becomes 0."""
    X = np.array([[2.0, 2.0, 2.0, 2.0], [1.0, 3.0, 5.0, 7.0]])
    found = expect.array(student.standardize(X), X.shape)
    expect.that(np.all(found[0] == 0), "A constant feature should become 0.")


@check(of="standardize", points=1)
def standardize_leaves_its_argument_alone(student, rng):
    """The function leaves X as it was."""
    answer = student.standardize(examples(rng))
    expect.array(answer)
    expect.untouched(answer)
