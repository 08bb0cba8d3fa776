"""Wrong answers that people are known to give to NAME, and what a good tutor would say.

A mistake is a small change to one function of the reference: what stands there, which must be found
exactly once, and what the learner writes instead. Where that will not do, it has a body of its own.
Its docstring is told to who gives that answer. Add what your learners come up with.
"""

import numpy as np

from autograder.checking import mistake


@mistake(of="mean_and_spread", change=("np.mean(X, axis=1", "np.mean(X, axis=0"))
def mean_of_each_example():
    """Examples are columns. axis=0 averages down each of them; a feature is a row: axis=1."""


@mistake(of="mean_and_spread", change=("np.std(X, axis=1, keepdims=True)", "np.std(X)"))
def one_spread_for_all():
    """np.std without an axis gives one number for all features together: say axis=1."""


@mistake(
    of="mean_and_spread",
    change=("np.mean(X, axis=1, keepdims=True)", "np.mean(X, axis=1)"),
)
def flat_mean():
    """Your mean has the shape (n,), which numpy takes for a row. keepdims=True makes a column."""


@mistake(of="mean_and_spread", change=("np.std(", "np.var("))
def variance_for_spread():
    """That is the variance. The standard deviation is its square root."""


@mistake(of="mean_and_spread", change=("np.std(X, ", "np.std(X, ddof=1, "))
def divided_by_one_less():
    """You divide by m - 1, as an estimate from a sample does. Here the formula divides by m."""


@mistake(of="standardize", change=("X - mean", "X"))
def mean_forgotten():
    """You divide by the spread, and forget to subtract the mean before."""


@mistake(of="standardize", change=("np.where(spread > 0, spread, 1.0)", "spread"))
def divided_by_zero():
    """A feature that never changes has spread 0, and 0/0 is nan. Leave such a feature at 0."""


@mistake(
    of="standardize",
    change=(
        "return (X - mean) / np.where(spread > 0, spread, 1.0)",
        "X -= mean\n    X /= np.where(spread > 0, spread, 1.0)\n    return X",
    ),
)
def standardized_in_place():
    """`-=` changes the examples that you were given, and who gave them loses them."""


@mistake(of="standardize")
def put_between_0_and_1(X):
    """That puts each feature between 0 and 1. Subtract the mean, and divide by the spread."""
    low, high = X.min(axis=1, keepdims=True), X.max(axis=1, keepdims=True)
    return (X - low) / np.where(high > low, high - low, 1.0)
