"""The solution of NAME. It stands here once: the notebook is built from it.

The docstrings are in the learners' notebook too, and so are the heads of the functions. The rest
is hidden from learners, and is what their answers are compared with.
"""

import numpy as np


def mean_and_spread(X):
    """The mean and the standard deviation of each feature.

    Args:
        X: the examples, (n, m): one for each column.

    Returns:
        mean, spread: each of shape (n, 1).
    """
    mean = np.mean(X, axis=1, keepdims=True)
    spread = np.std(X, axis=1, keepdims=True)
    return mean, spread


def standardize(X):
    """The examples with mean 0 and standard deviation 1 in each feature.

    A feature that is the same in all examples becomes 0.

    Args:
        X: the examples, (n, m): one for each column.

    Returns:
        The same shape, in new numbers; X stays as it was.
    """
    mean, spread = mean_and_spread(X)
    return (X - mean) / np.where(spread > 0, spread, 1.0)
