"""Right answers to NAME in other forms: each must get full points.

An entry is a name and, for each function that is written another way, its source.
"""

EQUIVALENTS: tuple[tuple[str, dict[str, str]], ...] = (
    (
        "loops",
        {
            "mean_and_spread": """
def mean_and_spread(X):
    n, m = X.shape
    mean, spread = np.zeros((n, 1)), np.zeros((n, 1))
    for i in range(n):
        mean[i, 0] = sum(X[i]) / m
        spread[i, 0] = (sum((X[i] - mean[i, 0]) ** 2) / m) ** 0.5
    return mean, spread
""",
            "standardize": """
def standardize(X):
    mean, spread = mean_and_spread(X)
    Z = np.zeros(X.shape)
    for i in range(X.shape[0]):
        if spread[i, 0] > 0:
            Z[i] = (X[i] - mean[i, 0]) / spread[i, 0]
    return Z
""",
        },
    ),
    (
        "all_in_one",  # without calling the other function
        {
            "standardize": """
def standardize(X):
    centred = X - X.mean(axis=1).reshape(-1, 1)
    spread = np.sqrt((centred**2).mean(axis=1)).reshape(-1, 1)
    return np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 0)
""",
        },
    ),
)
