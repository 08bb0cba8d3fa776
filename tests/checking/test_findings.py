"""Causes are found from the reference alone: each kind where it is, and none in a right answer."""

from __future__ import annotations

import ast
import re
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from traceback import extract_tb
from typing import Any

import numpy as np
import pytest

from autograder.checking.checks import load_module
from autograder.checking.diagnosis import form, lines, relations
from autograder.checking.diagnosis.comparison import (
    AnswerPath,
    Parts,
    RawAnswer,
    alike,
    flatten,
    without_tables,
)
from autograder.checking.diagnosis.evidence import Evidence
from autograder.checking.diagnosis.findings import KINDS, Level, found, sentence, told
from autograder.checking.diagnosis.matching import Recognised, decide
from autograder.checking.diagnosis.reference_slips import reference_slips
from autograder.checking.diagnosis.replay import AnswerSeries, CallSeries
from autograder.checking.diagnosis.source import facts
from autograder.checking.diagnosis.student_source import StudentSource
from autograder.checking.judge.reference_server import call_function
from autograder.checking.mistakes import Mistake, function_source
from autograder.i18n import use_language
from autograder.result import Finding
from autograder.sandbox.protocol import wire

REFERENCE = '''
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def step(w, dw, rate=0.5):
    """One step."""
    return {"w": w - rate * dw}


def layer(X, W, b):
    Z = W @ X + b
    return sigmoid(Z), {"Z": Z, "T": np.tanh(Z)}


def mean_error(A, Y):
    return float(np.mean(A - Y))


def gradients(X, E):
    return {"dW": E @ X.T / X.shape[1], "db": np.sum(E, axis=1, keepdims=True)}


def decide(A):
    return (A > 0.5).astype(int)


def spreads(X):
    return [float(np.std(row)) for row in X]


def same(x):
    return x * 1.0


def zeros(n):
    return np.zeros((n, 2))


def mixed(X, W, c):
    return np.tanh(W @ X + c)


def train(w, steps):
    for _ in range(steps):
        moved = step(w, w)
        w = moved["w"]
    return w


def grown(w, steps):
    new = same(w)
    for _ in range(steps):
        new = new + w
    return new


def chain(w, n):
    found = {}
    for l in range(n, 0, -1):
        w = np.tanh(w + 1)
        found[f"W{l}"] = 2 * w
    return found


def chosen(X, W):
    return (sigmoid(W @ X) > 0.5).astype(int)


def walk(w, steps):
    return {"w": w / 2.0**steps}


def climb(w, steps):
    return {"w": w / 2.0**steps, "v": w * 3.0**steps}


def numbered(n):
    return {f"W{l}": np.full((l, 2), float(l)) for l in range(1, n + 1)}


def cost(A, Y):
    return float(-np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A)))


def halved(x):
    return x / 2


def total(X):
    return np.sum(X, keepdims=True)


def outer(a, b):
    return a @ b


def trained(X, steps):
    w = np.random.randn(len(X), 1)
    for _ in range(steps):
        w = w - 0.3 * X @ (X.T @ w) / X.shape[1]
    return w


def trained_twice(w, v, steps):
    return {"w": w / 2.0**steps, "v": v / 2.0**steps}


def noisy(x):
    print("started")
    return x * 2.0


def even(M, b, tolerance=0.1):
    return bool(np.all(np.ptp(np.hstack([M, b]), axis=0) <= tolerance))


def fit(w, X, Y, steps):
    for _ in range(steps):
        w = w - 0.3 * np.mean((w.T @ X - Y) * X, axis=1, keepdims=True)
    return w


def watched(w, steps):
    for _ in range(steps):
        w = w / 2
    return w, [0.0, 0.0] if steps > 2 else [0.0]


def largest_row(M):
    return float(np.max(np.sum(M, axis=1)))


def counts(X):
    return np.sum(X > 0, axis=1)


def windows(x, n):
    return np.array([np.mean(x[i : i + n]) for i in range(len(x) - n + 1)])


def tally(labels, k):
    found = np.zeros((k, k), dtype=int)
    for one, other in zip(labels[:-1], labels[1:]):
        found[one, other] += 1
    return found


def scaled(X):
    return (X - X.mean(axis=0)) / X.std(axis=0)


def words(text):
    return {word: text.count(word) for word in text.split()}


def longest(text):
    return len(text), {word: [len(word), text.count(word)] for word in text.split()}


def cents(x):
    return np.round(x / 3, 2)


def relu(x):
    return np.maximum(x, 0)


def share(x, k):
    return x * k / np.sum(x)


def ranked(numbers):
    return [str(n) for n in sorted(numbers)]


def ordered(x):
    return np.sort(x)


def bias(E):
    return np.sum(E, axis=1, keepdims=True) / E.shape[1]


def positive(x):
    return bool(np.all(x > 0))


def columns(X):
    return {"low": X.min(axis=1), "high": X.max(axis=1)}


def firsts(x, n):
    return x[:n]


def walked(x, steps):
    found = []
    for _ in range(steps):
        found.append(float(np.sum(x**2)))
        x = x / 2
    return x, found


def error_gradient(X, Y):
    return (X - Y) @ X.T / X.shape[1]


def pair(X, E):
    return gradients(X, E), np.mean(X)


def power(M, k):
    return np.linalg.matrix_power(M, k)


def softmax(x):
    powers = np.exp(np.outer(x, x))
    return powers / powers.sum(axis=1, keepdims=True)


def normal_parts(x):
    return {"sum": x * x / np.sum(x * x), "unit": x / np.linalg.norm(x), "rows": softmax(x)}


def mixture(a, b, share):
    return share * a + (1 - share) * b


def squares(x):
    return [(n, n * n) for n in x]


def moment(A, Y, p):
    return float(np.mean(np.abs(A - Y) ** p))


def descend(w, steps):
    for _ in range(steps):
        change = -w / 2
        w = w + change
    return {"w": w, "change": change}


def start(n):
    return {"W": np.random.randn(n, 40), "b": np.zeros((n, 1))}


def start_small(n, k):
    return {f"W{l}": np.random.randn(k, 40) / k for l in range(1, n + 1)}


def blank(n, k):
    return {f"{name}{l}": np.zeros((l, k)) for l in range(1, n + 1) for name in "Wb"}
'''

RNG = np.random.default_rng(8)


def normal(*shape: int) -> Any:
    return RNG.normal(size=shape)


SIZES = ((2, 3, 4), (3, 2, 5), (2, 4, 7), (4, 4, 3), (1, 3, 6))


def uneven(columns: int, how: int) -> tuple[Any, ...]:
    """Return equal rows and a column of equal numbers, with one row above or below the others."""
    M, b = np.tile(normal(1, columns + 1), (3, 1)), np.full((3, 1), 0.5)
    M[how % 3, 0] += (0.0, 0.3, -0.3, 0.05)[how]
    return M, b


CALLS: dict[str, list[tuple[Any, ...]]] = {
    "step": [
        (normal(3, n), normal(3, n), *rate)
        for n, rate in ((2, ()), (2, (0.1,)), (3, (0.3,)), (4, ()), (5, (0.7,)))
    ],
    "layer": [(normal(n, m), normal(k, n), normal(k, 1)) for n, k, m in SIZES],
    "mean_error": [(RNG.uniform(size=(1, m)), RNG.integers(0, 2, (1, m))) for _, _, m in SIZES],
    "gradients": [(normal(n, m), normal(k, m)) for n, k, m in SIZES],
    "bias": [(normal(1, m),) for _, _, m in SIZES],
    "positive": [(sign * np.abs(normal(n + 2)),) for n, sign in enumerate((1, -1, 1, -1, 1))],
    "ordered": [(np.random.default_rng(n).normal(size=20_000),) for n in range(2)],
    "decide": [(RNG.uniform(size=(1, m)),) for _, _, m in SIZES],
    "spreads": [(normal(n + 1, m),) for n, _, m in SIZES],
    "same": [(normal(n, m) * 3,) for n, _, m in SIZES],
    "zeros": [(n,) for n in (1, 2, 3)],
    "mixed": [(normal(n, m), normal(k, n), normal(k, 1)) for n, k, m in SIZES],
    "train": [(normal(3, 2), n) for n in (1, 1, 2, 0, 5, 20)],
    "grown": [(normal(3, 2), n) for n in (0, 1, 2, 5)],
    "chain": [(normal(2, 3), n) for n in (1, 2, 2, 3)],
    "climb": [(normal(3, 2), n) for n in (5, 0, 1, 1, 2)],
    "chosen": [(normal(n, m), normal(k, n)) for n, k, m in SIZES],
    "walk": [(normal(3, 2), n) for n in (1, 1, 1, 2, 5)],
    "numbered": [(n,) for n in (1, 2, 3)],
    "cost": [
        (RNG.uniform(size=(1, m)), RNG.integers(0, 2, (1, m))) for m in (1, 1, 5, 6, 7, 8, 9, 9, 9)
    ],
    "counts": [(normal(n + 2, 3 * m),) for n, _, m in SIZES],
    "windows": [(normal(9 + m), m) for _, _, m in SIZES],
    "tally": [(RNG.integers(0, k, 40), k) for k in (2, 3, 4, 5)],
    "scaled": [(normal(5 + m, n + 2),) for n, _, m in SIZES],
    "words": [("a B a b",), ("C c C c",), ("d E",)],
    "longest": [("bee antelope bee",), ("ox ant ox hippo ox",), ("cat elephants",)],
    "cents": [(normal(n, m),) for n, _, m in SIZES],
    "relu": [(RNG.integers(-5, 6, n),) for n in (8, 9, 12)],
    "share": [(RNG.uniform(0.1, 1, (4, 3)), k) for k in (1, 1, 1, 2, 3)],
    "ranked": [(list(RNG.permutation(20)[:n]),) for n in (5, 6, 7)],
    "columns": [(normal(n + 4, m),) for n, _, m in SIZES],
    "normal_parts": [(normal(n),) for n in (3, 4, 5)],
    "mixture": [(normal(n), normal(n), share) for n, share in ((3, 0.3), (4, 0.6), (5, 0.1))],
    "squares": [(list(range(2, 4 + n)),) for n in range(3)],
    "firsts": [(normal(8), n) for n in (2, 3, 4, 5)],
    "walked": [(normal(3), n) for n in (1, 2, 3, 6)],
    "error_gradient": [(normal(n, m), RNG.integers(0, 2, (1, m))) for n, _, m in SIZES],
    "halved": [
        *((RNG.integers(-9, 9, (n, m)) * 2 + 1,) for n, _, m in SIZES),
        *((normal(n, m),) for n, _, m in SIZES),
    ],
    "fit": [
        (normal(n, 1), normal(n, m), RNG.integers(0, 2, (1, m)), steps)
        for n, m, steps in ((2, 5, 1), (3, 4, 1), (2, 6, 1), (2, 7, 2), (3, 5, 2), (2, 3, 2))
    ],
    "watched": [(normal(3, 2), n) for n in (1, 1, 2, 2, 3)],
    "largest_row": [(normal(n, m),) for n, _, m in SIZES],
    "pair": [(normal(n, m), normal(k, m)) for n, k, m in SIZES],
    "power": [(normal(3, 3), k) for k in (1, 1, 2, 2, 3)],
    "moment": [
        (RNG.uniform(size=(1, m)), RNG.integers(0, 2, (1, m)), p)
        for m, p in ((5, 1), (6, 1), (7, 1), (8, 2), (9, 2), (9, 3))
    ],
    "descend": [(normal(3, 2), n) for n in (1, 1, 2, 2, 3)],
    "start": [(n,) for n in (40, 40, 50, 60)],
    "start_small": [(1, 40), (1, 40), (1, 60), (2, 60), (2, 80), (3, 1)],
    "blank": [(1, 2), (1, 2), (3, 1), (3, 1)],
    "trained": [
        (normal(n, m), steps)
        for n, m, steps in ((2, 5, 0), (3, 4, 1), (2, 6, 1), (2, 7, 2), (3, 5, 2), (2, 3, 2))
    ],
    "trained_twice": [(normal(900, 1), normal(900, 1), n) for n in (1, 1, 1, 2, 2, 2)],
    "noisy": [(normal(2, 3),) for _ in range(3)],
    "total": [(normal(n, m),) for n, _, m in SIZES],
    "outer": [(normal(n, 1), normal(1, m)) for n, _, m in SIZES],
    "even": [uneven(n, n % 4) for n in range(24)],
}

WRONG: list[tuple[str, str, str]] = [
    ("nothing_returned", "step", "def step(w, dw, rate=0.5):\n    w = w - rate * dw"),
    ("nothing_returned", "noisy", "def noisy(x):\n    print('started')\n    x = x * 2"),
    ("printed", "step", "def step(w, dw, rate=0.5):\n    print(w - rate * dw)"),
    ("other_order", "layer", "def layer(X, W, b):\n    Z = W @ X + b\n"
     '    return {"Z": Z, "T": np.tanh(Z)}, sigmoid(Z)'),
    ("values_for_dict", "layer", "def layer(X, W, b):\n    Z = W @ X + b\n"
     "    return sigmoid(Z), (Z, np.tanh(Z))"),
    ("other_container", "gradients", "def gradients(X, E):\n"
     "    return [E @ X.T / X.shape[1]], [np.sum(E, axis=1, keepdims=True)]"),
    ("dict_for_values", "layer", "def layer(X, W, b):\n    Z = W @ X + b\n"
     '    return {"A": sigmoid(Z), "cache": {"Z": Z, "T": np.tanh(Z)}}'),
    ("other_keys", "gradients", "def gradients(X, E):\n"
     '    return {"W": E @ X.T / X.shape[1], "b": np.sum(E, axis=1, keepdims=True)}'),
    ("missing_keys", "layer", "def layer(X, W, b):\n    Z = W @ X + b\n"
     '    return sigmoid(Z), {"Z": Z}'),
    ("missing_keys", "blank", "def blank(n, k):\n"
     '    return {f"W{l}": np.zeros((l, k)) for l in range(1, n + 1)}'),
    ("missing_keys", "gradients", 'def gradients(X, E):\n    return {"dW": E @ X.T / X.shape[1]}'),
    ("flat_list", "decide", "def decide(A):\n    return [int(a > 0.5) for a in A[0]]"),
    ("list_for_array", "decide", "def decide(A):\n    return [[int(a > 0.5) for a in A[0]]]"),
    ("other_keys", "numbered", "def numbered(n):\n"
     '    return {f"W{l - 1}": np.full((l, 2), float(l)) for l in range(1, n + 1)}'),
    ("other_container", "pair", "def pair(X, E):\n"
     "    return E @ X.T / X.shape[1], np.sum(E, axis=1, keepdims=True), np.mean(X)"),
    ("last_number_missing", "numbered", "def numbered(n):\n"
     '    return {f"W{l}": np.full((l, 2), float(l)) for l in range(1, n)}'),
    ("only_one_value", "layer", "def layer(X, W, b):\n    return sigmoid(W @ X + b)"),
    ("too_many_values", "step", 'def step(w, dw, rate=0.5):\n    return rate, {"w": w - rate * dw}'),
    ("last_values_missing", "spreads", "def spreads(X):\n    return [np.std(r) for r in X[:-1]]"),
    ("values_before", "spreads", "def spreads(X):\n    return [9.0, *(np.std(r) for r in X)]"),
    ("values_after", "spreads", "def spreads(X):\n    return [*(np.std(r) for r in X), 9.0]"),
    ("undefined_name", "same", "def same(x):\n    return y"),
    ("notebook_variable", "mean_error", "labels = np.ones((1, 1))\n\n\n"
     "def mean_error(A, Y):\n    return float(np.mean(A - labels))"),
    ("notebook_variable", "mean_error", "X = [[2.0]]\n\n\n"
     "def mean_error(A, Y):\n    return float(np.mean(np.dot(X, A - Y) * A))"),
    ("other_shape", "total", "def total(X):\n    return np.sum(X)[None]"),
    ("slip_reversed", "outer", "def outer(a, b):\n    return b @ a"),
    ("argument_unread", "mean_error", "def mean_error(A, Y):\n    return float(np.mean(A))"),
    ("argument_overwritten", "mean_error",
     "def mean_error(A, Y):\n    Y = np.zeros(A.shape)\n    return float(np.mean(A - Y))"),
    ("argument_order", "mean_error", "def mean_error(Y, A):\n    return float(np.mean(A - Y))"),
    ("other_default", "step", 'def step(w, dw, rate=0.6):\n    return {"w": w - rate * dw}'),
    ("return_in_loop", "spreads", "def spreads(X):\n    found = []\n    for row in X:\n"
     "        found.append(np.std(row))\n        return found"),
    ("result_not_kept", "train", "def train(w, steps):\n    for _ in range(steps):\n"
     "        step(w, w)\n    return w"),
    ("called_before_loop", "train", "def train(w, steps):\n    moved = step(w, w)\n"
     '    for _ in range(steps):\n        w = moved["w"]\n    return w'),
    ("called_in_loop", "grown", "def grown(w, steps):\n    for _ in range(steps):\n"
     "        new = same(w)\n        new = new + w\n    return new"),
    ("seed_inside", "start", "def start(n):\n    for l in range(1, 2):\n        np.random.seed(l)\n"
     '    return {"W": np.random.randn(n, 40), "b": np.zeros((n, 1))}'),
    ("seed_inside", "start", "def start(n):\n    np.random.seed(1)\n"
     '    return {"W": np.random.randn(n, 40), "b": np.zeros((n, 1))}'),
    ("as_if", "train", "def train(w, steps):\n    return w / 2.0 ** (2 + 0 * steps)"),
    ("as_if_less", "train", "def train(w, steps):\n    return w / 2.0 ** max(steps - 1, 0)"),
    ("as_if_more", "train", "def train(w, steps):\n    return w / 2.0 ** (steps + 1)"),
    ("as_if_at_most", "train", "def train(w, steps):\n    return w / 2.0 ** min(steps, 4)"),
    ("as_if_default", "step", 'def step(w, dw, rate=0.5):\n    rate = rate * 0 + 0.5\n    return {"w": w - rate * dw}'),
    ("as_if_centred", "layer", "def layer(X, W, b):\n    X = X - X.mean(axis=1, keepdims=True)\n"
     '    Z = W @ X + b\n    return sigmoid(Z), {"Z": Z, "T": np.tanh(Z)}'),
    ("as_if_zero", "mixed", "def mixed(X, W, c):\n    return np.tanh(W @ X + 0 * c)"),
    ("as_if_negative", "layer", "def layer(X, W, b):\n    Z = W @ X - b\n"
     '    return sigmoid(Z), {"Z": Z, "T": np.tanh(Z)}'),
    ("as_if_less", "train", "def train(w, steps):\n    for _ in range(steps - 1):\n"
     "        w = w / 2.0\n    return w"),
    ("place_as_if_less", "climb", 'def climb(w, steps):\n    n = max(steps - 1, 0)\n'
     '    return {"w": w / 2.0**n, "v": w * 3.0**steps}'),
    ("place_as_if_more", "climb",
     'def climb(w, steps):\n    return {"w": w / 2.0**steps, "v": 3 * w * 3.0**steps}'),
    ("as_if_times", "mixed", "def mixed(X, W, c):\n    return np.tanh(W @ X + 2 * c)"),
    ("as_if_transposed", "largest_row",
     "def largest_row(M):\n    return float(np.max(np.sum(M, axis=0)))"),
    ("as_if_labels_exchanged", "mean_error",
     "def mean_error(A, Y):\n    return float(np.mean(A - 1 + Y))"),
    ("transposed", "same", "def same(x):\n    return x.T"),
    ("other_shape", "same", "def same(x):\n    return x.ravel()"),
    ("other_shape", "bias", "def bias(E):\n    return np.mean(E)"),
    ("not_averaged", "mean_error", "def mean_error(A, Y):\n    return A - Y"),
    ("not_summed", "mean_error", "def mean_error(A, Y):\n    return (A - Y) / A.shape[1]"),
    ("other_shape", "mean_error",  # a single number is not an array that is not averaged
     "def mean_error(A, Y):\n    return np.mean(A - Y).reshape(1, 1)"),
    ("summed_up", "gradients", "def gradients(X, E):\n"
     '    return {"dW": E @ X.T / X.shape[1], "db": np.sum(E)}'),
    ("summed_up", "gradients", "def gradients(X, E):\n    db = np.full((len(E), 1), np.sum(E))\n"
     '    return {"dW": E @ X.T / X.shape[1], "db": db}'),
    ("averaged_up", "same", "def same(x):\n    return np.mean(x)"),
    ("class_missing", "cost", "def cost(A, Y):\n    return float(-np.mean(Y * np.log(A)))"),
    ("class_sign", "cost", "def cost(A, Y):\n"
     "    return float(-np.mean(Y * np.log(A) - (1 - Y) * np.log(1 - A)))"),
    ("class_factor", "cost", "def cost(A, Y):\n"
     "    return float(-np.mean(Y * np.log2(A) + (1 - Y) * np.log(1 - A)))"),
    ("wrong_sign", "mean_error", "def mean_error(A, Y):\n    return float(np.mean(Y - A))"),
    ("too_large", "mean_error", "def mean_error(A, Y):\n    return float(np.sum(A - Y))"),
    ("too_small", "gradients", "def gradients(X, E):\n    m = X.shape[1]\n"
     '    return {"dW": E @ X.T / m, "db": np.sum(E, axis=1, keepdims=True) / m}'),
    ("multiple", "mean_error", "def mean_error(A, Y):\n    return float(np.mean(A - Y)) / 2"),
    ("equals", "layer", 'def layer(X, W, b):\n    Z = W @ X + b\n    return sigmoid(Z), {"Z": Z, "T": Z}'),
    ("equals_transformed", "layer", "def layer(X, W, b):\n    Z = W @ X + b\n"
     '    return sigmoid(Z), {"Z": Z, "T": np.maximum(Z, 0)}'),
    ("transformed", "step", 'def step(w, dw, rate=0.5):\n    return {"w": np.tanh(w - rate * dw)}'),
    ("transform_missing", "mixed", "def mixed(X, W, c):\n    return W @ X + c"),
    ("complement", "decide", "def decide(A):\n    return (A <= 0.5).astype(int)"),
    ("decided", "layer", "def layer(X, W, b):\n    Z = W @ X + b\n"
     '    return (Z > 0).astype(int), {"Z": Z, "T": np.tanh(Z)}'),
    ("undecided", "decide", "def decide(A):\n    return A"),
    ("other_labels", "decide", "def decide(A):\n    return np.where(A > 0.5, 1, -1)"),
    ("sign_lost", "layer", "def layer(X, W, b):\n    Z = W @ X + b\n"
     '    return sigmoid(Z), {"Z": np.abs(Z), "T": np.tanh(Z)}'),
    ("rounded", "same", "def same(x):\n    return np.round(x, 1)"),
    ("no_decimals", "same", "def same(x):\n    y = np.zeros(x.shape, dtype=int)\n    y[:] = x\n    return y"),
    ("reverse_order", "same", "def same(x):\n    return x[::-1] * 1.0"),
    ("reverse_order", "spreads", "def spreads(X):\n    return np.array([np.std(row) for row in X])[::-1]"),
    ("transformed", "spreads", "def spreads(X):\n    return [np.var(row) for row in X]"),
    ("right_except", "same", "def same(x):\n    n = len(x)\n    rows = np.arange(n)[:, None]\n"
     "    return np.where((rows == 0) | (rows == n - 1), 7 + np.sin(x), x)"),
    ("right_only", "same", "def same(x):\n    rows = np.arange(len(x))[:, None]\n"
     "    return np.where(rows < 2, x, 7 + np.sin(x))"),
    ("right_except", "spreads", "def spreads(X):\n    return [*map(np.std, X[:-1]), np.ptp(X[-1])]"),
    ("any_factor", "walk", 'def walk(w, steps):\n    return {"w": w / 3.0 ** (steps - 1)}'),
    *((kind, "counts", f"def changed(f):\n    return lambda X: {of} f(X) {more}\n\n\n"
       "@changed\ndef counts(X):\n    return np.sum(X > 0, axis=1)") for kind, of, more in (
        ("one_more", "1 +", ""), ("one_less", "-1 +", ""),
        ("one_more", "(f(X) > 6) +", ""), ("one_less", "", "- (f(X) > 6)"))),
    ("counted_once", "tally", "def tally(labels, k):\n    found = np.zeros((k, k), dtype=int)\n"
     "    found[labels[:-1], labels[1:]] += 1\n    return found"),
    ("transposed", "tally", "def tally(labels, k):\n    found = np.zeros((k, k), dtype=int)\n"
     "    np.add.at(found, (labels[1:], labels[:-1]), 1)\n    return found"),
    ("last_missing", "windows", "def windows(x, n):\n"
     "    return np.array([np.sum(x[i : i + n]) / n for i in range(len(x))[: -n - 2]])"),
    ("first_missing", "windows", "def changed(f):\n    return lambda x, n: f(x, n)[2:]\n\n\n"
     "@changed\ndef windows(x, n):\n    return np.array([np.mean(x[i : i + n]) for i in range(len(x) - n + 1)])"),
    ("some_missing", "windows", "def windows(x, n):\n"
     "    return np.array([np.sum(x[i : i + n]) / n for i in range(0, len(x) - n + 1, n)])"),
    ("more_after", "windows", "def windows(x, n):\n"
     "    return np.array([np.mean(x[i : i + n]) for i in range(len(x))])"),
    ("more_before", "windows", "def windows(x, n):\n"
     "    return np.array([np.mean(x[max(0, i - n + 1) : i + 1]) for i in range(len(x))])"),
    ("more_around", "windows", "def windows(x, n):\n"
     "    sums = np.cumsum(np.r_[np.zeros(n), x, np.zeros(n)])\n"
     "    return (sums[n:] - sums[:-n]) / n"),
    ("slip_name", "windows", 'def windows(x, n):\n    return np.convolve(x, np.ones(n) / n, "full")'),
    ("members_order", "squares", "def squares(x):\n    return [(n * n, n) for n in x]"),
    ("only_in", "tally", "def tally(labels, k):\n    found = np.zeros((k, k))\n"
     "    np.add.at(found, (labels[:-1], labels[1:]), 1)\n    return np.diag(np.diag(found))"),
    *((kind, "normal_parts", "def changed(f):\n"
       f'    return lambda x: {{**f(x), "{key}": f(x)["{key}"] * {of}}}\n\n\n'
       "@changed\ndef normal_parts(x):\n    return {\n"
       '        "sum": x * x / np.sum(x * x), "unit": x / np.linalg.norm(x), "rows": softmax(x)\n    }')
      for kind, key, of in (("sum_not_one", "sum", "(2 + np.cos(x[0]))"),
        ("length_not_one", "unit", "(2 + np.cos(x[0]))"),
        ("sum_of_each", "rows", "(2 + np.cos(x))[:, None]"))),
    ("as_if_complement", "mixture", "def mixture(a, b, share):\n    return a * (1 - share) + b * share"),
    ("times_array", "step", 'def step(w, dw, rate=0.5):\n    return {"w": (w - rate * dw) * dw}'),
    ("over_array", "step", 'def step(w, dw, rate=0.5):\n    return {"w": (w - rate * dw) / dw}'),
    *((kind, "scaled", "def scaled(X):\n    Z = (X - X.mean(axis=0)) / X.std(axis=0)\n"
       f"    Z[:, 1] = {of}\n    return Z") for kind, of in (
        ("zero_divisor", "X[:, 1] / (0 * X[:, 1])"), ("zero_divisor", "0 * X[:, 1] / 0"),
        ("log_of_zero", "np.log(0 * X[:, 1])"), ("log_of_negative", "np.log2(-1 - X[:, 1] ** 2)"),
        ("root_of_negative", "np.sqrt(-1 - X[:, 1] ** 2)"),
        ("exp_overflows", "np.exp(1e4 + X[:, 1]) / np.exp(1e4)"),
        ("overflows", "(1e200 + X[:, 1]) ** 2"))),
    ("factor_of_each", "scaled", "def scaled(X):\n"
     "    return (X - X.mean(axis=0)) / np.ptp(X, axis=0)"),
    ("scale_of_each", "scaled", "def scaled(X):\n"
     "    return (X - X.min(axis=0)) / np.ptp(X, axis=0)"),
    ("not_finite", "scaled", "def scaled(X):\n    Z = (X - X.mean(axis=0)) / X.std(axis=0)\n"
     "    Z[:, 1] = np.inf\n    return Z"),
    ("shifted", "walked", "def walked(x, steps):\n    found = []\n    for _ in range(steps):\n"
     "        x = x / 2\n        found.append(float(np.dot(x, x)))\n    return x, found"),
    ("text_for_numbers", "columns", "def columns(X):\n"
     '    return {"low": X.min(axis=1).astype(str), "high": X.max(axis=1).astype(str)}'),
    ("pairs_for_dict", "words", "def words(text):\n"
     "    return [(word, text.count(word)) for word in sorted(set(text.split()))]"),
    ("members_in_tuples", "ranked", "def ranked(numbers):\n"
     "    return [(str(n), n) for n in sorted(numbers)]"),
    ("other_spaces", "ranked", 'def ranked(numbers):\n    return [f" {n}" for n in sorted(numbers)]'),
    ("other_case", "words", "def words(text):\n"
     "    return {word.upper(): text.count(word) for word in text.split()}"),
    ("other_order", "ranked", "def ranked(numbers):\n    return sorted(map(str, numbers))"),
    ("argument_changed", "same", "def same(x):\n    x *= np.abs(x) ** x\n    return x"),
    ("only_part", "error_gradient", "def error_gradient(X, Y):\n    m = Y.shape[1]\n    for i in range(m):\n"
     "        dw = (X[:, [i]] - Y[:, [i]]) @ X[:, [i]].T / m\n    return dw"),
    ("only_part", "error_gradient", "def error_gradient(X, Y):\n"
     "    return (X[:, :1] - Y[:, :1]) @ X[:, :1].T / Y.shape[1]"),
    ("cut_off", "same", "def same(x):\n    return np.clip(x, -2, 2)"),
    ("cut_above", "same", "def same(x):\n    return np.minimum(x, 2)"),
    ("cut_below", "same", "def same(x):\n    return np.maximum(x, -2)"),
    ("rounded", "same", "def same(x):\n    return np.round(x, 5)"),
    ("first_example", "same", "def same(x):\n    y = x * 1.0\n    y[:, 0] = 0\n    return y"),
    ("constant", "decide", "def decide(A):\n    return np.ones(A.shape)"),
    ("one_number", "same", "def same(x):\n    return np.full(x.shape, x[0, 0])"),
    ("last_example", "same", "def same(x):\n    y = x * 1.0\n    y[:, -1] = 0\n    return y"),
    ("term_missing", "layer", "def layer(X, W, b):\n    Z = W @ X + b\n"
     '    return sigmoid(Z), {"Z": W @ X, "T": np.tanh(Z)}'),
    ("term_added", "gradients", "def gradients(X, E):\n    db = np.sum(E, axis=1, keepdims=True)\n"
     '    return {"dW": E @ X.T / X.shape[1] + 0.1 * db, "db": db}'),
    ("slip_operation", "mixed", "def mixed(X, W, c):\n    return np.tanh(W @ X * c)"),
    ("slip_subtracted", "mean_error", "def mean_error(A, Y):\n    m = A.shape[1]\n"
     "    return float(np.sum(A - Y)) / (m - 1)"),
    ("slip_sign_of", "layer", "def layer(X, W, b):\n    Z = b - W @ X\n"
     '    return sigmoid(Z), {"Z": Z, "T": np.tanh(Z)}'),
    ("slip_multiplied", "same", "def same(x):\n    return x * x[0, 0]"),
    ("first_wrong", "layer", "def layer(X, W, b):\n    Z = W @ X + b\n    T = np.tan(Z)\n"
     '    return sigmoid(Z), {"Z": Z, "T": T}'),
    ("first_wrong_alone", "chain", "def chain(w, n):\n    found = {}\n"
     "    for l in range(n, 0, -1):\n        w = np.cos(w + l)\n"
     '        found["W" + str(l)] = 2 * w\n    return found'),
    ("first_wrong_alone", "layer", "def layer(X, W, b):\n    Z = W @ np.where(X > 0, X, 0.5) + b\n"
     '    return sigmoid(Z), {"Z": Z, "T": np.tanh(Z)}'),
    ("first_wrong_alone", "chain", "def chain(w, n):\n    found = {}\n"
     "    for l in range(n, 0, -1):\n        w = 2 * np.tanh(w + 1) if n == 1 else np.cos(w * w)\n"
     '        found["W" + str(l)] = 2 * w\n    return found'),
    ("stays", "step", 'def step(w, dw, rate=0.5):\n    return {"w": w + 0 * rate * dw}'),
    ("wrong_way", "step", 'def step(w, dw, rate=0.5):\n    return {"w": w + rate * dw}'),
    ("step_without", "step", 'def step(w, dw, rate=0.5):\n    return {"w": w - dw + 0 * rate}'),
    ("step_small", "step",
     'def step(w, dw, rate=0.5):\n    return {"w": w - rate * dw / w.shape[1]}'),
    ("step_divided", "step", 'def step(w, dw, rate=0.5):\n    return {"w": w - dw / rate}'),
    ("step_same", "step", 'def step(w, dw, rate=0.5):\n    return {"w": w - 0.2 * dw + 0 * rate}'),
    ("step_length", "step", 'def step(w, dw, rate=0.5):\n    return {"w": w - 2 * rate * dw}'),
    ("first_step", "train", "def train(w, steps):\n    return w * 0.8 ** steps"),
    ("no_decimals", "halved",
     "def halved(x):\n    y = np.zeros_like(x)\n    y[:] = x / 2\n    return y"),
    ("rounded_down", "halved", "def halved(x):\n    return x // 2"),
    ("rounded_too_far", "cents", "def cents(x):\n    return np.round(x / 3, 1)"),
    ("bound_varies", "decide", "def decide(A):\n    return (A > np.median(A)).astype(int)"),
    ("right_alone", "cost", "def cost(A, Y):\n    return -np.log(np.mean(np.where(Y, A, 1 - A)))"),
    ("part", "cost", "def cost(A, Y):\n    return -np.log(A if Y[0, 0] else 1 - A)[0, 0]"),
    ("start_times", "step", 'def step(w, dw, rate=0.5):\n    return {"w": rate * (w - dw)}'),
    ("start_changed", "step", 'def step(w, dw, rate=0.5):\n    return {"w": 0.9 * w - rate * dw}'),
    ("first_step_part", "fit", "def fit(w, X, Y, steps):\n    for i in range(steps):\n"
     "        x, y = X[:, i : i + 1], Y[:, i : i + 1]\n"
     "        w = w - 0.3 * (w.T @ x - y) * x\n    return w"),
    ("step_carried", "fit", "def fit(w, X, Y, steps):\n    v = 0 * w\n    for _ in range(steps):\n"
     "        v = 0.4 * v + 0.5 * v - 0.3 * np.mean((w.T @ X - Y) * X, axis=1, keepdims=True)\n"
     "        w = w + v\n    return w"),
    ("second_step", "fit", "def fit(w, X, Y, steps):\n    for i in range(steps):\n"
     "        g = np.mean((w.T @ X - Y) * X, axis=1, keepdims=True)\n"
     "        w = w - 0.3 * (g if i == 0 else np.sin(g) + 1)\n    return w"),
    ("second_step_length", "fit", "def fit(w, X, Y, steps):\n    for i in range(steps):\n"
     "        g = np.mean((w.T @ X - Y) * X, axis=1, keepdims=True)\n"
     "        w = w - 0.3 * 0.9**i * 0.8**i * g\n    return w"),
    ("second_step_short", "fit", "def fit(w, X, Y, steps):\n    for i in range(steps):\n"
     "        g = np.mean((w.T @ X - Y) * X, axis=1, keepdims=True)\n"
     "        w = w - 0.3 * g / (1 + i * np.sum(g * g)) / (1 + i)\n    return w"),
    ("second_step_long", "fit", "def fit(w, X, Y, steps):\n    for i in range(steps):\n"
     "        g = np.mean((w.T @ X - Y) * X, axis=1, keepdims=True)\n"
     "        w = w - 0.3 * g * (1 + i * np.sum(g * g)) * (1 + i)\n    return w"),
    ("first_step_same", "fit", "def fit(w, X, Y, steps):\n    for _ in range(steps):\n"
     "        g = np.mean((w.T @ X - Y) * X, axis=1, keepdims=True)\n"
     "        w = w - 0.2 * np.sign(g)\n    return w"),
    ("first_step_varies", "fit", "def fit(w, X, Y, steps):\n    for _ in range(steps):\n"
     "        g = np.mean((w.T @ X - Y) * X, axis=1, keepdims=True)\n"
     "        w = w - 0.2 * g / np.sqrt(np.sum(g * g))\n    return w"),
    ("fewer_steps", "train", "def train(w, steps):\n"
     "    return w / 2.0 ** (steps - (steps > 1) - (steps > 2))"),
    ("second_step_length", "trained", "def trained(X, steps):\n"
     "    w = np.random.randn(len(X), 1)\n    for i in range(steps):\n"
     "        w = w - 0.3 * X @ (X.T @ w) / X.shape[1] / (1 + 0.1 * i)\n    return w"),
    ("wrong_since", "layer", "def layer(X, W, b):\n    Z = W @ X + b\n    E = np.exp(Z)\n"
     '    T = E / E.sum()\n    return sigmoid(Z), {"Z": Z, "T": T}'),
    ("slip_transposed", "cost", "def cost(A, Y):\n"
     "    return float(-np.mean(Y * np.log(A).T + (1 - Y) * np.log(1 - A)))"),
    ("as_if_exchanged", "cost", "def cost(A, Y):\n"
     "    ones, zeros = np.log(Y + 1e-12), np.log(1 - Y + 1e-12)\n"
     "    return -np.mean(A * ones + (1 - A) * zeros)"),
    ("slip_no_function", "even", "def even(M, b, tolerance=0.1):\n"
     "    return np.all(M - M[0] <= tolerance) and np.all(np.abs(b - b[0]) <= tolerance)"),
    ("as_if_transposed", "even", "def even(M, b, tolerance=0.1):\n    rows = np.abs(M - M[:, :1])\n"
     "    return np.all(rows <= tolerance) and np.all(np.abs(b - b[0]) <= tolerance)"),
    ("part", "moment", "def moment(A, Y, p):\n    return np.abs(A - Y)[0, 0] ** p"),
    ("second_step", "descend", "def descend(w, steps):\n"
     '    return {"w": w / 2 + np.sin(9 * w) * (steps > 1), "change": -w / 2**steps}'),
    ("not_zero", "zeros", "def zeros(n):\n    return np.ones((n, 2))"),
    ("sizes_exchanged", "start", "def start(n):\n"
     '    return {"W": np.random.randn(40, n), "b": np.zeros((n, 1))}'),
    ("fixed_shape", "start", "def start(n):\n"
     '    return {"W": np.random.randn(n, 40), "b": np.zeros((1, 1))}'),
    ("all_zero", "start", 'def start(n):\n    return {"W": np.zeros((n, 40)), "b": np.zeros((n, 1))}'),
    ("all_equal", "start", 'def start(n):\n    return {"W": np.ones((n, 40)), "b": np.zeros((n, 1))}'),
    ("equal_rows", "start", "def start(n):\n    row = np.random.randn(1, 40)\n"
     '    return {"W": row.repeat(n, axis=0), "b": np.zeros((n, 1))}'),
    ("same_draws", "start", "SEED = 3\n\n\ndef start(n):\n    np.random.seed(SEED)\n"
     '    return {"W": np.random.randn(n, 40), "b": np.zeros((n, 1))}'),
    ("one_sign", "start", "def start(n):\n"
     '    return {"W": np.random.rand(n, 40), "b": np.zeros((n, 1))}'),
    ("spread_factor", "start", "def start(n):\n"
     '    return {"W": 3 * np.random.randn(n, 40), "b": np.zeros((n, 1))}'),
    ("spread_depends", "start", "def start(n):\n"
     '    return {"W": n / 9 * np.random.randn(n, 40), "b": np.zeros((n, 1))}'),
    ("spread_same", "start_small", "def start_small(n, k):\n"
     '    return {f"W{l}": np.random.randn(k, 40) / 9 for l in range(1, n + 1)}'),
    ("spread_varies", "start_small", "def start_small(n, k):\n"
     '    return {f"W{l}": np.random.randn(k, 40) * k for l in range(1, n + 1)}'),
    ("some_zero", "start", "def start(n):\n"
     '    return {"W": np.random.randn(n, 40) * np.sqrt(n // 50), "b": np.zeros((n, 1))}'),
    ("mean_shifted", "start", "def start(n):\n"
     '    return {"W": np.random.normal(0.5, 1, (n, 40)), "b": np.zeros((n, 1))}'),
    ("spread_factor", "start", "def start(n):\n"
     '    return {"W": np.random.normal(0.5, 2, (n, 40)), "b": np.zeros((n, 1))}'),
    ("bounded", "start", "def start(n):\n"
     '    return {"W": np.random.uniform(-2, 2, (n, 40)), "b": np.zeros((n, 1))}'),
]  # fmt: skip

RIGHT: list[tuple[str, str]] = [
    ("spreads", "def spreads(X):\n    return np.std(X, axis=1)"),
    ("step", 'def step(w, dw, rate=0.5):\n    return dict(w=np.subtract(w, dw * rate), more=1)'),
    ("mean_error", "def mean_error(A, Y):\n    return np.mean(A) - np.mean(Y)"),
    ("mean_error", "def mean_error(A, Y):\n    return np.array(np.mean(A - Y), dtype=np.float32)"),
    ("decide", "def decide(A):\n    return A > 0.5"),
    ("spreads", "def spreads(X):\n    return tuple(np.sqrt(np.var(row)) for row in X)"),
    ("start", "def start(n):\n    rng = np.random.default_rng()\n"
     '    return {"b": np.zeros((n, 1)), "W": rng.normal(size=(n, 40))}'),
    ("train", "def train(w, steps):\n    return w / 2.0 ** steps"),
]  # fmt: skip


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("reference") / "reference.py"
    path.write_text(REFERENCE)
    return load_module(path)


def called(names: dict[str, Any], call: wire.Call) -> RawAnswer:
    """Return what a function answers, or its exception."""
    if call.seed is not None:
        np.random.seed(np.frombuffer(call.seed, dtype=np.uint32))
    try:
        return call_function(call, names)
    except Exception as error:
        own = [each for each in extract_tb(error.__traceback__) if each.filename == "<string>"]
        name = own[-1].name if own else call.function
        return wire.Failed(0, wire.Raised(type(error).__name__, str(error), 2, "", name))


def evidence(reference: Any, function: str, source: str) -> Evidence:
    """Collect what is known of a function of a student; its code is ours and runs here."""
    names: dict[str, Any] = dict(vars(reference))
    exec(source, names)  # noqa: S102  # the code above
    calls = [
        wire.Call(0, function, tuple(wire.pack(a, _refuse) for a in arguments), (), seed)
        for arguments, seed in zip(CALLS[function], [bytes(32), *[None] * 29], strict=False)
    ]
    raw = [called(names, call) for call in calls]
    right = AnswerSeries([flatten(called(vars(reference), call)) for call in calls])

    def answers_to(series: CallSeries) -> Iterator[Parts]:
        return (flatten(called(vars(reference), call)) for each in series.calls for call in each)

    student = AnswerSeries([flatten(each) for each in raw], right)
    series = CallSeries(function, [calls])
    random = function in ("start", "start_small", "trained", "trained_twice")

    def slipped(series: CallSeries, source: str) -> Iterator[Parts]:
        changed = dict(vars(reference))
        exec(source, changed)  # noqa: S102  # a mutant of the reference above
        return (flatten(called(changed, call)) for each in series.calls for call in each)

    return Evidence(
        *(reference, series, student, right, raw, StudentSource([source]), random, answers_to),
        lambda: slipped,
        calls,
        lambda cell, _: InProcess(names, cell),  # type: ignore[arg-type, return-value]
    )


class InProcess:
    """Stands for a session and its fork; the code that it runs is ours."""

    used = 0.0

    def __init__(self, names: dict[str, Any], cell: str) -> None:
        self.names = dict(names)
        exec(cell, self.names)  # noqa: S102  # copies of the code above

    def __enter__(self) -> InProcess:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def fork(self) -> InProcess:
        return self

    def end(self) -> None:
        pass

    def note(self, _: object) -> None:
        pass

    def ask(self, calls: Sequence[wire.Call]) -> None:
        pass

    def opened_answer(self, call: wire.Call, _: object) -> RawAnswer:
        return called(self.names, call)


METHODS = (
    *(
        form.form,
        facts,
        relations.as_if,
        relations.relations,
        relations.as_if_other,
        relations.last_resort,
        relations.where_wrong,
    ),
    *(relations.changed_arguments, relations.rounding, lines.lines, reference_slips),
)


def _refuse(value: object) -> wire.Handle:
    raise TypeError(value)


def findings(found_in: Evidence) -> Sequence[Finding]:
    return decide(found_in, Recognised(found_in.student))[1]


def test_every_kind_has_an_example() -> None:
    kinds = {kind for kind, (level, _) in KINDS.items() if level is not Level.SLIP}
    assert {kind for kind, _, _ in WRONG if not kind.startswith("slip_")} == kinds


@pytest.mark.parametrize(("kind", "function", "source"), WRONG, ids=[kind for kind, _, _ in WRONG])
def test_a_cause_is_found_and_its_sentence_gives_nothing_away(
    reference: Any, kind: str, function: str, source: str
) -> None:
    known = evidence(reference, function, source)
    told_here = findings(known)
    assert kind in {each.kind for each in told_here}
    texts = []
    for language in ("en", "zh"):
        with use_language(language):
            texts += [sentence(each) for each in told_here]
    hidden = {f"{number:.3g}" for number in _numbers(known)} - {"0", "1", "-1", "2", "3"}
    code = {line.strip() for line in REFERENCE.splitlines() if "=" in line or "return" in line}
    for text in texts:
        assert not hidden & set(re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", text))
        assert not any(line in text for line in code)


def _numbers(known: Evidence) -> Iterator[float]:
    """Yield the numbers in the arguments and in the right answers."""
    values = [value for each in known.arguments for value in each.values()]
    values += [value for each in known.right.answers for value in each.values()]
    for value in values if not any(isinstance(value, str) for value in values) else ():
        yield from np.asarray(value, dtype=np.float64).ravel()


@pytest.mark.parametrize(("function", "source"), RIGHT)
def test_a_right_answer_is_told_nothing(reference: Any, function: str, source: str) -> None:
    assert not findings(evidence(reference, function, source))


@pytest.mark.parametrize(
    ("function", "source"),
    [
        ("mean_error", "def mean_error(A, Y):\n    return float(np.sum(A - Y)) * (1 + A.size % 2)"),
        (
            "mixed",
            "def mixed(X, W, c):\n    n = X.shape[1]\n"
            "    return np.tanh(W @ X * c if n > 4 else W @ X + 2 * c)",
        ),
        (  # the columns are no examples
            "gradients",
            "def gradients(X, E):\n    dW = E @ X.T / X.shape[1]\n    more = (dW[:, -1:] + 7) * 5 - dW[:, -1:] ** 3\n"
            '    return {"dW": np.hstack([dW[:, :-1], more]), "db": np.sum(E, axis=1, keepdims=True)}',
        ),
        (  # Z is not wrong where it is not complete
            "layer",
            "def layer(X, W, b):\n    Z = W @ X\n    Z = Z + b\n"
            '    return sigmoid(Z), {"Z": Z, "T": np.tan(Z + 0.5) - X[0, 0]}',
        ),
        (  # no bound of the right numbers gives these decisions
            "chosen",
            "def chosen(X, W):\n    return (0.6 * (W @ X) - 3 * X[0] > 0.5).astype(int)",
        ),
        (  # each round needs the function anew
            "grown",
            "def grown(w, steps):\n    z = [[9.0]]\n    for _ in range(steps):\n"
            "        z = same(np.cos(z) + 7 + w)\n    return z",
        ),
        (  # another number for each call is no mean of the examples
            "decide",
            "def decide(A):\n    return (A > (A[0, 0] * 1e6) % 1).astype(int)",
        ),
        (  # single precision: rounding grows from step to step
            "fit",
            "def fit(w, X, Y, steps):\n    for _ in range(steps):\n"
            "        w = w - 0.3 * np.mean((w.T @ X - Y) * X, axis=1, keepdims=True)\n"
            "    return w * (1 + 1e-5 * (steps > 1))",
        ),
        (  # costs that are recorded more often are no wrong step
            "watched",
            "def watched(w, steps):\n    found = [0.0]\n    for _ in range(steps):\n"
            "        w = w / 2\n        found.append(float(steps > 1))\n    return w, found",
        ),
        ("positive", "def positive(x):\n    return x > 0"),
        (  # W3 has the right size by chance
            "blank",
            "def blank(n, k):\n"
            '    return {f"{name}{l}": np.zeros((k + 1) // 2 * l) for l in range(1, n + 1) for name in "Wb"}',
        ),
        (  # the right ones come first in some calls, and last in others
            "firsts",
            "def firsts(x, n):\n    more = [9.0, 9.0]\n"
            "    return np.r_[x[:n], more] if n % 2 else np.r_[more, x[:n]]",
        ),
        ("power", "def power(M, k):\n    return M**k"),  # a power is no number of steps
        ("same", 'def same(x):\n    return str(x) + "!"'),
        ("same", "def same(x):\n    return np.full(x.shape, np.nan)"),
        ("gradients", 'def gradients(X, E):\n    return {"dW": {}, "db": [None, X, E]}'),
        ("spreads", "def spreads(X):\n    return [[]] * len(X)"),
        ("layer", "def layer(X, W, b):\n    return (X, W), (b,)"),
    ],
)
def test_what_no_method_explains_is_told_no_cause(
    reference: Any, function: str, source: str
) -> None:
    assert not findings(evidence(reference, function, source))


@pytest.mark.parametrize(
    "source",
    [
        "(" * 5000,
        "-" * 20_000 + "1",
        "1" + "+1" * 9000,
        "f" + "(f" * 90 + ")" * 90,
        "x = '\0'",
        "def same(x):\n" + "    x = x\n" * 3000,
        "x" * 10**6,
    ],
    ids=range(7),
)
def test_source_that_cannot_be_parsed_gives_no_facts_and_costs_little(
    reference: Any, source: str
) -> None:
    known = evidence(reference, "same", "def same(x):\n    return x + 5.0 * x**3")
    start = time.process_time()
    hostile = Evidence(**{**vars_of(known), "source": StudentSource([source])})
    assert not findings(hostile)
    assert time.process_time() - start < 2


def vars_of(known: Evidence) -> dict[str, Any]:
    return {name: getattr(known, name) for name in Evidence.__dataclass_fields__}


def test_a_value_is_not_told_if_others_give_the_same(reference: Any) -> None:
    known = evidence(reference, "firsts", "def firsts(x, n):\n    return x[: n + 20]")
    assert not [each for each in findings(known) if each.kind == "as_if"]


def test_an_answer_that_is_always_false_is_not_called_0(reference: Any) -> None:
    source = "def mean_error(A, Y):\n    return bool(np.sum(A * Y) < -1)"
    never = evidence(reference, "mean_error", source)
    (told,) = findings(never)
    assert sentence(told) == "The answer: False in every call that was made."


def test_a_shape_that_should_stay_is_not_said_to_be_always_the_same(
    reference: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CALLS, "start", [(40,)] * 3)
    source = "def start(n):\n"
    source += '    return {"W": np.random.randn(n, 40), "b": np.zeros((n, 2))}'
    assert not findings(evidence(reference, "start", source))


@pytest.mark.parametrize(
    ("wrong", "told_instead"),
    [("E = E.mean(axis=0, keepdims=True) * E", True), ("E = np.sin(E)[[0] * len(E)]", False)],
    ids=["multiplied", "a step"],
)
def test_one_change_that_makes_more_right_is_told_before_a_known_mistake(
    reference: Any, wrong: str, *, told_instead: bool
) -> None:
    source = (
        f"def gradients(X, E):\n    {wrong}\n"
        '    return {"dW": E @ X.T / X.shape[1], "db": np.sum(E, axis=1, keepdims=True)}'
    )
    known = evidence(reference, "gradients", source)
    mistake = Mistake("of_db", "gradients", "Something is wrong with db.", None, "")
    explained = frozenset({("returned", "db")})
    mistakes, told_here = decide(known, Recognised(known.student, [mistake], explained))
    assert [each.places for each in told_here] == ([("dW", "db")] if told_instead else [])
    assert mistakes == (() if told_instead else [mistake])


@pytest.mark.parametrize(
    "source",
    [
        "def mean_error(P, T):\n    Y = np.asarray(T)\n    return float(np.mean(P - 2 * Y))",
        "def mean_error(*args):\n    A, Y = args\n    return float(np.mean(A - 2 * Y))",
        "def mean_error(A, Y):\n    none = [0 for Y in range(3)]\n    return np.mean(A - 2 * Y)",
    ],
)
def test_only_an_argument_of_the_students_own_is_overwritten(reference: Any, source: str) -> None:
    assert not facts(evidence(reference, "mean_error", source))


def test_a_line_that_calls_another_wrong_function_is_not_blamed(reference: Any) -> None:
    own = (
        "def outer(a, b):\n    return a @ b + (a @ b) ** 3\n\n\n"
        "def layer(X, W, b):\n    Z = outer(W, X)\n"
        '    return sigmoid(Z), {"Z": Z, "T": np.tanh(Z)}\n'
    )
    assert not lines.lines(evidence(reference, "layer", own))
    inside = own.replace("outer(W, X)", "(W @ X) ** 3")
    told_here = lines.lines(evidence(reference, "layer", inside))
    assert [each.parameters["name"] for each in told_here] == ["Z"]


@pytest.mark.parametrize(
    ("kind", "function", "source"),
    [
        ("counted_once", "relu", "def relu(x):\n    return (x > 0).astype(int)"),
        ("one_less", "decide", "def decide(A):\n    return (A > 0.7) * (A < 0.9) * 1"),
        ("first_step_varies", "share", "def share(x, k):\n    return x * k / np.max(x)"),
        (
            "first_step_same",
            "share",
            "def share(x, k):\n    return np.ones_like(x) * k * (1 if k == 1 else np.mean(x))",
        ),
    ],
)
def test_what_only_looks_like_a_count_or_a_step_is_not_called_one(
    reference: Any, kind: str, function: str, source: str
) -> None:
    known = evidence(reference, function, source)
    assert known.wrong
    every = [
        *relations.relations(known),
        *relations.last_resort(known),
        *relations.where_wrong(known),
    ]
    assert kind not in {each.kind for each in every}


def test_lines_that_a_process_makes_up_take_no_time() -> None:
    (definition,) = ast.parse("def same(x):\n    return x").body
    assert isinstance(definition, ast.FunctionDef)
    notes = [lines.Note(line, "x", 1.0) for line in (1, 2, 2**62)]
    assert [each.line for each in lines._settled(notes, definition)] == [2**62]


def test_calls_with_many_rounds_do_not_use_up_the_time(
    reference: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer_slowly(process: InProcess, call: wire.Call, _: object) -> RawAnswer:
        process.used += 0.01 * wire.unpack(call.arguments[-1])
        return called(process.names, call)

    monkeypatch.setattr(InProcess, "opened_answer", answer_slowly)
    source = (
        "def climb(w, steps):\n    v = w * 3.0**steps * w[0, 0]\n"
        '    return {"w": w / 2.0**steps, "v": v}'
    )
    (told_here,) = lines.lines(evidence(reference, "climb", source))
    assert (told_here.kind, told_here.line) == ("slip_multiplied", 2)


def test_a_list_may_be_longer_than_asked_for_with_a_change_too() -> None:
    number: AnswerPath = ("returned", 0)
    first, more, most = (("returned", 1, n) for n in range(3))
    trial = lines.CopyTrial(1, "", frozenset({number, more}))
    right: Parts = {number: 2.0, first: 1.0}
    changed: Parts = {number: 2.0, first: 1.0, more: 1.0, most: 1.0}
    assert trial.goes_on(changed, right, {number, more}, 0)
    assert trial.mended == {number}
    assert not trial.goes_on(changed, right, {number}, 0)


def test_a_list_of_long_texts_becomes_no_array() -> None:
    tracemalloc.start()
    texts = [""] * 9_999 + ["x" * 20_000]
    assert not form._holds_numbers(texts, np.ones(len(texts)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * 1024**2


@pytest.mark.parametrize(
    "source",
    ["def ordered(x):\n    return x + 1e-12", "def ordered(x):\n    return x.tolist()[::-1]"],
)
def test_20_000_numbers_in_another_order_are_recognised(reference: Any, source: str) -> None:
    (told_here,) = form.form(evidence(reference, "ordered", source))
    assert told_here.kind == "other_order"


@pytest.mark.parametrize(
    ("mine", "wanted", "same"),
    [
        ([1.00005, 1.0, 2.0], [2.0, 1.0, 1.00014], True),  # 1.0 is near to both, 1.00014 to one
        ([1e9, 1.0, 2.0], [1e9, 3.0, 1.0], False),
        ([True, 2, np.float32(3)], [3, 1, 2], True),
        ([10**400, 1], [1, 10**400], True),
        (["b", 1], [1, "b"], True),
        (list(map(str, range(20_000))), list(map(str, range(20_000)))[::-1], True),
        (["a", "b", "b"], ["a", "a", "b"], False),
        ([np.array([1.0, 2]), np.array([0.0, 2])], [np.array([0.0, 2]), np.array([1.0, 2])], True),
        ([1.0, 2.0], [1.0, 2.0, 2.0], False),
        ([np.str_("b"), np.str_("a")], [np.str_("a"), np.str_("b")], True),
    ],
)
def test_values_in_another_order(mine: list[Any], wanted: list[Any], same: bool) -> None:
    assert form._holds_all(mine, wanted) is same


def test_many_rows_are_not_compared_each_with_each(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[object] = []
    monkeypatch.setattr(form, "alike", lambda one, _: compared.append(one))
    rows = [(n, str(n)) for n in range(20_000)]
    assert not form._holds_all(rows, rows[::-1])
    assert not compared


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1.0, 1.0 + 1e-9, True),
        (0.0, 1e-10, True),
        (1.0, 1.1, False),
        (1.0, np.inf, False),
        (-np.inf, np.inf, False),
        (np.nan, np.nan, True),
        (True, 1, True),
        ("1", 1, False),
    ],
)
def test_numbers_alone_are_compared_like_arrays(one: object, other: object, same: bool) -> None:
    assert alike(one, other) is same
    assert alike([one], [other]) is same
    if not isinstance(one, str):
        assert alike(np.array([one]), np.array([other])) is same


@pytest.mark.parametrize("size", [5_000, 20])
def test_many_keys_are_not_compared_each_with_each(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    compared: list[object] = []
    monkeypatch.setattr(form, "alike", lambda one, _: compared.append(one))
    wanted, mine = ({f"{letter}{n}": n for n in range(5_000)} for letter in "kq")
    wanted = dict(list(wanted.items())[:size])
    assert form._distinct(wanted) == size
    assert list(form._for_dict(mine, wanted))
    assert not compared


def test_missing_rows_are_looked_for_at_a_bounded_number_of_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[object] = []

    def differ(one: Any, _: Any) -> bool:
        tried.append(one)
        return False

    monkeypatch.setattr(relations, "alike", differ)
    short, long = np.arange(2.0), np.arange(20_000.0)
    for one, other in ((short, long), (long, short)):
        assert not list(relations._of_length("", [(n, one, other) for n in range(2)]))
    assert 0 < len(tried) < 10_000


def test_after_the_first_explanation_no_other_is_tried(
    reference: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "def firsts(x, n):\n    return np.r_[9.0, x[:n]]"
    monkeypatch.delitem(relations.LENGTHS, "more_around")
    monkeypatch.setitem(relations.LENGTHS, "never", pytest.fail)
    (told_here,) = relations.where_wrong(evidence(reference, "firsts", source))
    assert told_here.kind == "more_before"


@pytest.mark.parametrize("shape", [(5,), (5, 3), (5, 1)])
def test_all_rows_are_compared_at_once_as_one_by_one(shape: tuple[int, ...]) -> None:
    right = np.random.default_rng(1).normal(size=shape)
    right[0] = np.inf
    right[3] = 0
    for change in (0, 1e-12, 1e-5, 0.01, np.nan):
        mine = right + change * (np.random.default_rng(2).random(shape) > 0.5)
        wrong = [not alike(a, b) for a, b in zip(mine, right, strict=True)]
        assert relations._wrong_rows(mine, right).tolist() == wrong


def test_the_index_of_a_table_is_written_out_only_if_it_must_be() -> None:
    pd = pytest.importorskip("pandas")
    numbered = pd.DataFrame({"a": [1, 2]})
    assert list(without_tables(numbered)) == ["a"]
    assert list(without_tables(pd.DataFrame({"a": [1, 2]}, index=[0, 1]))) == ["a"]
    assert without_tables(numbered[::-1])["index"].tolist() == [1, 0]
    assert without_tables(pd.DataFrame(index=range(10**12))) == {}
    with pytest.raises(wire.TooLong):
        without_tables(pd.DataFrame(index=range(1, 10**12)))
    many = [pd.DataFrame(index=range(1, 99_999))] * 100
    tracemalloc.start()
    with pytest.raises(wire.TooLong):
        without_tables([many, many])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * 1024**2


def test_of_many_places_a_sentence_names_the_first() -> None:
    many = found("wrong_sign", *(f"dW{l}" for l in range(20, 0, -1)))
    assert sentence(many).startswith("dW20, dW19, dW18, dW17, dW16, dW15 and others: ")
    with use_language("zh"):
        assert sentence(many).startswith("dW20、dW19、dW18、dW17、dW16、dW15 等：")


def test_the_missing_keys_are_those_of_the_largest_answer(reference: Any) -> None:
    source = "def blank(n, k):\n    return {f'W{l}': np.zeros((l, k)) for l in range(1, n + 1)}"
    (told_here,) = findings(evidence(reference, "blank", source))
    assert told_here == found("missing_keys", keys="b1, b2, b3")


def test_a_value_at_the_place_of_another_is_no_form_of_the_students_own() -> None:
    w, dw, costs = np.ones(2), np.zeros(2), np.ones(3)
    right: Parts = {("returned", 0, "w"): w, ("returned", 1, "dw"): dw, ("returned", 2): costs}
    without_w: Parts = {("returned", 0, "dw"): dw, ("returned", 1): costs}
    tuples: Parts = {("returned", 0, "w"): w, ("returned", 1, 0): dw, ("returned", 2): costs}
    forms = [AnswerSeries([mine], AnswerSeries([right])).own_forms for mine in (without_w, tuples)]
    assert forms == [{("returned", 1, "dw")}] * 2


def test_a_first_step_is_not_called_right_if_its_draws_only_may_be(reference: Any) -> None:
    source = (
        "def trained_twice(w, v, steps):\n"
        "    return {'w': w / 2.0 ** (9 * steps - 8), 'v': np.sort(v, axis=0) / 2.0**steps}"
    )
    assert not findings(evidence(reference, "trained_twice", source))


def test_a_tuple_is_not_told_to_be_a_step_that_is_left_out(reference: Any) -> None:
    source = function_source(reference, "numbered").replace("np.full((l, 2), float(l))", "(l, 2)")
    known = evidence(reference, "numbered", source)
    assert not [each for each in findings(known) if each.kind == "slip_no_step"]


def test_a_weight_that_is_always_zero_is_told_with_those_that_are_zero_in_some_calls(
    reference: Any,
) -> None:
    source = (
        "def start_small(n, k):\n    return {f'W{l}': np.random.randn(k, 40) * (60 // k % 2) / k"
        " for l in range(1, n + 1)}"
    )
    told_here = findings(evidence(reference, "start_small", source))
    assert told_here == [found("some_zero", "W1", "W2", "W3")]


@pytest.mark.parametrize(
    ("function", "old", "new"),
    [
        ("words", "text.count(word)", "text.count(word) + 1"),
        ("words", "text.count(word)", "text.count(word) * 2"),
        ("words", "text.count(word)", "(text[1:]).count(word)"),
        ("words", "text.count(word)", "1"),
        ("words", "text.count(word)", "text.count(text)"),
        ("words", "text.count(word)", "text.count(word) / len(text)"),
        ("words", "text.count(word)", "text.count(word) if word > 'b' else np.nan"),
        ("words", "word: ", "word.upper(): "),
        ("longest", "len(word)", "len(text)"),
        ("longest", "[len(word), text.count(word)]", "(text.count(word), len(word))"),
        ("longest", "text.count(word)", "text.count(word) + 1"),
        ("longest", "text.count(word)", "-text.count(word)"),
    ],
)
def test_no_method_names_a_key_of_data(reference: Any, function: str, old: str, new: str) -> None:
    source = function_source(reference, function)
    known = evidence(reference, function, source.replace(old, new))
    keys = {key for (words,) in CALLS[function] for key in words.split()}
    assert known.wrong
    assert known.data_keys == keys
    every = [*findings(known), *(each for method in METHODS for each in method(known))]
    for each in every:
        assert not keys & {*each.places, *re.findall(r"\w+", " ".join(each.parameters.values()))}


def test_a_change_of_a_line_that_counts_is_told_without_the_words(reference: Any) -> None:
    source = function_source(reference, "longest").replace("[len(word)", "[len(word) + 1")
    told_here = lines.lines(evidence(reference, "longest", source))
    assert [each.places for each in told_here] == [("The second value",)]


@pytest.mark.parametrize(
    ("language", "digits", "words"),
    [
        ("en", 0, "rounded to whole numbers;"),
        ("en", 1, "rounded to 1 decimal;"),
        ("en", 2, "rounded to 2 decimals;"),
        ("zh", 0, "舍入到了整数；"),
        ("zh", 2, "舍入到了 2 位小数；"),
    ],
)
def test_a_number_of_decimals_has_its_plural(language: str, digits: int, words: str) -> None:
    with use_language(language):
        assert words in sentence(found("rounded", "dW", digits=digits))


@pytest.mark.parametrize("transform", ["the sigmoid", "the mean"])
def test_a_space_stands_only_between_chinese_and_other_words(transform: str) -> None:
    with use_language("zh"):
        texts = [sentence(found("equals_transformed", "dW", transform=transform, other="Z"))]
        texts.append(sentence(found("slip_function", "The answer", line=3, function=transform)))
    for text in texts:
        assert not re.search(r"[\u4e00-\u9fff]( [\u4e00-\u9fff]|[A-Za-z])", text)


def test_an_author_can_switch_off_a_level_a_kind_and_a_place() -> None:
    finding = found("too_large", "db1", factor="X.shape[1]")
    assert told(finding, ())
    for name in ("relation", "too_large", "db1"):
        assert not told(finding, {name})
