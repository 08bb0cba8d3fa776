"""Known mistakes in NAME, each with a hint for the students who make it.

A mistake is a small change to one function of the reference: the text to replace, which must occur
exactly once, and the text that students write instead. If no small change describes the mistake,
write the function's body. The docstring is the hint. Add the mistakes that your students make.
"""

import numpy as np

from autograder.checking import mistake


@mistake(of="mean_and_spread", change=("np.mean(X, axis=1", "np.mean(X, axis=0"))
def mean_of_each_example():
    """You took the mean of each example. Features are rows: use axis=1."""


@mistake(of="mean_and_spread", change=("np.std(X, axis=1, keepdims=True)", "np.std(X)"))
def one_spread_for_all():
    """np.std without an axis gives one number for all features together: use axis=1."""


@mistake(
    of="mean_and_spread",
    change=("np.mean(X, axis=1, keepdims=True)", "np.mean(X, axis=1)"),
)
def flat_mean():
    """Your mean has the shape (n,), which numpy treats as a row. keepdims=True keeps a column."""


@mistake(of="mean_and_spread", change=("np.std(", "np.var("))
def variance_for_spread():
    """This is the variance. The standard deviation is its square root."""


@mistake(of="mean_and_spread", change=("np.std(X, ", "np.std(X, ddof=1, "))
def divided_by_one_less():
    """You divide by m - 1. The formula here divides by m."""


@mistake(of="standardize", change=("X - mean", "X"))
def mean_forgotten():
    """You divide by the spread, but do not subtract the mean first."""


@mistake(of="standardize", change=("np.where(spread > 0, spread, 1.0)", "spread"))
def divided_by_zero():
    """A constant feature has spread 0, and 0 / 0 is nan. Return 0 for such a feature."""


@mistake(
    of="standardize",
    change=(
        "return (X - mean) / np.where(spread > 0, spread, 1.0)",
        "X -= mean\n    X /= np.where(spread > 0, spread, 1.0)\n    return X",
    ),
)
def standardized_in_place():
    """Your function changes its argument X. Make a new array."""


@mistake(of="standardize")
def put_between_0_and_1(X):
    """You put each feature between 0 and 1. Subtract the mean, and divide by the spread."""
    low, high = X.min(axis=1, keepdims=True), X.max(axis=1, keepdims=True)
    return (X - low) / np.where(high > low, high - low, 1.0)
