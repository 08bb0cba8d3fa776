"""Causes are found from the reference alone: each kind where it is, and none in a right answer."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from autograder.checking.checks import load_module
from autograder.checking.diagnosis.comparison import Parts, RawAnswer, flatten
from autograder.checking.diagnosis.evidence import Evidence
from autograder.checking.diagnosis.findings import KINDS, Level, found, sentence, told
from autograder.checking.diagnosis.matching import Recognised, decide
from autograder.checking.diagnosis.replay import AnswerSeries, CallSeries
from autograder.checking.diagnosis.student_source import StudentSource
from autograder.checking.judge.reference_server import call_function
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


def start(n):
    return {"W": np.random.randn(n, 40), "b": np.zeros((n, 1))}
'''

RNG = np.random.default_rng(8)


def normal(*shape: int) -> Any:
    return RNG.normal(size=shape)


SIZES = ((2, 3, 4), (3, 2, 5), (2, 4, 7), (4, 4, 3), (1, 3, 6))

CALLS: dict[str, list[tuple[Any, ...]]] = {
    "step": [(normal(3, 2), normal(3, 2), *rate) for rate in ((), (0.1,), (0.3,), (), (0.7,))],
    "layer": [(normal(n, m), normal(k, n), normal(k, 1)) for n, k, m in SIZES],
    "mean_error": [(RNG.uniform(size=(1, m)), RNG.integers(0, 2, (1, m))) for _, _, m in SIZES],
    "gradients": [(normal(n, m), normal(k, m)) for n, k, m in SIZES],
    "decide": [(RNG.uniform(size=(1, m)),) for _, _, m in SIZES],
    "spreads": [(normal(n + 1, m),) for n, _, m in SIZES],
    "same": [(normal(n, m) * 3,) for n, _, m in SIZES],
    "zeros": [(n,) for n in (1, 2, 3)],
    "mixed": [(normal(n, m), normal(k, n), normal(k, 1)) for n, k, m in SIZES],
    "train": [(normal(3, 2), n) for n in (1, 1, 2, 0, 5, 20)],
    "start": [(n,) for n in (40, 40, 50, 60)],
}

WRONG: list[tuple[str, str, str]] = [
    ("nothing_returned", "step", "def step(w, dw, rate=0.5):\n    w = w - rate * dw"),
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
    ("missing_keys", "gradients", 'def gradients(X, E):\n    return {"dW": E @ X.T / X.shape[1]}'),
    ("only_one_value", "layer", "def layer(X, W, b):\n    return sigmoid(W @ X + b)"),
    ("too_many_values", "step", 'def step(w, dw, rate=0.5):\n    return rate, {"w": w - rate * dw}'),
    ("last_values_missing", "spreads", "def spreads(X):\n    return [np.std(r) for r in X[:-1]]"),
    ("values_before", "spreads", "def spreads(X):\n    return [9.0, *(np.std(r) for r in X)]"),
    ("values_after", "spreads", "def spreads(X):\n    return [*(np.std(r) for r in X), 9.0]"),
    ("undefined_name", "same", "def same(x):\n    return y"),
    ("notebook_variable", "mean_error", "labels = np.ones((1, 1))\n\n\n"
     "def mean_error(A, Y):\n    return float(np.mean(A - labels))"),
    ("argument_unread", "mean_error", "def mean_error(A, Y):\n    return float(np.mean(A))"),
    ("argument_order", "mean_error", "def mean_error(Y, A):\n    return float(np.mean(A - Y))"),
    ("other_default", "step", 'def step(w, dw, rate=0.6):\n    return {"w": w - rate * dw}'),
    ("return_in_loop", "spreads", "def spreads(X):\n    found = []\n    for row in X:\n"
     "        found.append(np.std(row))\n        return found"),
    ("result_not_kept", "train", "def train(w, steps):\n    for _ in range(steps):\n"
     "        step(w, w)\n    return w"),
    ("seed_inside", "start", "def start(n):\n    np.random.seed(1)\n"
     '    return {"W": np.random.randn(n, 40), "b": np.zeros((n, 1))}'),
    ("as_if", "train", "def train(w, steps):\n    return w / 2.0 ** (2 + 0 * steps)"),
    ("as_if_less", "train", "def train(w, steps):\n    return w / 2.0 ** max(steps - 1, 0)"),
    ("as_if_more", "train", "def train(w, steps):\n    return w / 2.0 ** (steps + 1)"),
    ("as_if_at_most", "train", "def train(w, steps):\n    return w / 2.0 ** min(steps, 4)"),
    ("as_if_default", "step", 'def step(w, dw, rate=0.5):\n    rate = 0.5\n    return {"w": w - rate * dw}'),
    ("as_if_centred", "layer", "def layer(X, W, b):\n    X = X - X.mean(axis=1, keepdims=True)\n"
     '    Z = W @ X + b\n    return sigmoid(Z), {"Z": Z, "T": np.tanh(Z)}'),
    ("as_if_zero", "mixed", "def mixed(X, W, c):\n    return np.tanh(W @ X + 0 * c)"),
    ("as_if_negative", "layer", "def layer(X, W, b):\n    Z = W @ X - b\n"
     '    return sigmoid(Z), {"Z": Z, "T": np.tanh(Z)}'),
    ("as_if_labels_exchanged", "mean_error",
     "def mean_error(A, Y):\n    return float(np.mean(A - 1 + Y))"),
    ("transposed", "same", "def same(x):\n    return x.T"),
    ("other_shape", "same", "def same(x):\n    return x.ravel()"),
    ("not_averaged", "mean_error", "def mean_error(A, Y):\n    return A - Y"),
    ("not_summed", "mean_error", "def mean_error(A, Y):\n    return (A - Y) / A.shape[1]"),
    ("summed_up", "gradients", "def gradients(X, E):\n"
     '    return {"dW": E @ X.T / X.shape[1], "db": np.sum(E)}'),
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
    ("cut_off", "same", "def same(x):\n    return np.clip(x, -2, 2)"),
    ("constant", "decide", "def decide(A):\n    return np.ones(A.shape)"),
    ("one_number", "same", "def same(x):\n    return np.full(x.shape, x[0, 0])"),
    ("last_example", "same", "def same(x):\n    y = x * 1.0\n    y[:, -1] = 0\n    return y"),
    ("term_missing", "layer", "def layer(X, W, b):\n    Z = W @ X + b\n"
     '    return sigmoid(Z), {"Z": W @ X, "T": np.tanh(Z)}'),
    ("term_added", "gradients", "def gradients(X, E):\n    db = np.sum(E, axis=1, keepdims=True)\n"
     '    return {"dW": E @ X.T / X.shape[1] + 0.1 * db, "db": db}'),
    ("slip_multiplied", "mixed", "def mixed(X, W, c):\n    return np.tanh(W @ X * c)"),
    ("slip_subtracted", "mean_error", "def mean_error(A, Y):\n    m = A.shape[1]\n"
     "    return float(np.sum(A - Y)) / (m - 1)"),
    ("slip_subtracted", "layer", "def layer(X, W, b):\n    Z = b - W @ X\n"
     '    return sigmoid(Z), {"Z": Z, "T": np.tanh(Z)}'),
    ("slip_multiplied", "same", "def same(x):\n    return x * x[0, 0]"),
    ("first_wrong", "layer", "def layer(X, W, b):\n    Z = W @ X + b\n    T = np.tan(Z)\n"
     '    return sigmoid(Z), {"Z": Z, "T": T}'),
    ("first_wrong_alone", "layer", "def layer(X, W, b):\n    Z = W @ np.where(X > 0, X, 0.5) + b\n"
     '    return sigmoid(Z), {"Z": Z, "T": np.tanh(Z)}'),
    ("stays", "step", 'def step(w, dw, rate=0.5):\n    return {"w": w + 0 * rate * dw}'),
    ("wrong_way", "step", 'def step(w, dw, rate=0.5):\n    return {"w": w + rate * dw}'),
    ("step_without", "step", 'def step(w, dw, rate=0.5):\n    return {"w": w - dw + 0 * rate}'),
    ("step_length", "step", 'def step(w, dw, rate=0.5):\n    return {"w": w - 2 * rate * dw}'),
    ("first_step", "train", "def train(w, steps):\n    return w * 0.8 ** steps"),
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
    ("spread_varies", "start", "def start(n):\n"
     '    return {"W": n / 9 * np.random.randn(n, 40), "b": np.zeros((n, 1))}'),
    ("bounded", "start", "def start(n):\n"
     '    return {"W": np.random.uniform(-2, 2, (n, 40)), "b": np.zeros((n, 1))}'),
]  # fmt: skip

RIGHT: list[tuple[str, str]] = [
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
        return wire.Failed(0, wire.Raised(type(error).__name__, str(error), 2, "", call.function))


def evidence(reference: Any, function: str, source: str) -> Evidence:
    """Collect what is known of a function of a student; its code is ours and runs here."""
    names: dict[str, Any] = dict(vars(reference))
    exec(source, names)  # noqa: S102  # the code above
    calls = [
        wire.Call(0, function, tuple(wire.pack(a, _refuse) for a in arguments), (), seed)
        for arguments, seed in zip(CALLS[function], [bytes(32), *[None] * 9], strict=False)
    ]
    raw = [called(names, call) for call in calls]
    right = AnswerSeries([flatten(called(vars(reference), call)) for call in calls])

    def answers_to(series: CallSeries) -> Iterator[Parts]:
        return (flatten(called(vars(reference), call)) for each in series.calls for call in each)

    student = AnswerSeries([flatten(each) for each in raw], right)
    series = CallSeries(function, [calls])
    random = function == "start"

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

    def call(self, function: str, arguments: Any, keywords: Any, **_: Any) -> RawAnswer:
        return called(self.names, wire.Call(0, function, arguments, keywords))


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
    for value in values:
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
        ("same", "def same(x):\n    return str(x)"),
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


def test_an_author_can_switch_off_a_level_a_kind_and_a_place() -> None:
    finding = found("too_large", "db1", factor="X.shape[1]")
    assert told(finding, ())
    for name in ("relation", "too_large", "db1"):
        assert not told(finding, {name})
