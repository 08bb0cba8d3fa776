"""Wrong answers in a course without known mistakes are told their cause."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import nbformat
import pytest

from autograder.checking.diagnosis.findings import sentence
from autograder.checking.mistakes import function_source
from autograder.course import secret
from autograder.course.assignment import Assignment
from autograder.grading.grader import Grader
from autograder.intake.find import SubmissionSource
from autograder.result import CheckResult
from autograder.sandbox.host.worker import Worker

REFERENCE = '''
"""Functions of an instructor's own."""

import numpy as np
import pandas as pd


def totals(table):
    """Return the sum of each shop."""
    sums = table.groupby("shop")["amount"].sum()
    return pd.DataFrame({"shop": sums.index, "total": sums.to_numpy()})


def descent(X, y, rate, steps):
    """Return the weights after some steps, and the loss before each."""
    w, losses = np.zeros(X.shape[1]), []
    for _ in range(steps):
        error = X @ w - y
        losses.append(np.mean(error**2))
        w = w - rate * 2 * X.T @ error / len(y)
    return w, losses


def spectrum(X, k):
    """Return the largest eigenvalues, and the matrix that projects on their vectors."""
    values, vectors = np.linalg.eigh(X.T @ X)
    order = np.argsort(values)[::-1][:k]
    return {"values": values[order], "projector": vectors[:, order] @ vectors[:, order].T}


def counted(text):
    """Count each word, in small letters."""
    words = text.lower().split()
    return {word: words.count(word) for word in words}


def area(f, a, b, n):
    """Return the integral by the trapezoid rule."""
    y = f(np.linspace(a, b, n + 1))
    return (b - a) / n * (y.sum() - (y[0] + y[-1]) / 2)


def ridge(w, X, y, strength):
    """Return the gradient of the mean squared error with a penalty on all weights but the first."""
    gradient = 2 * X.T @ (X @ w - y) / len(y)
    gradient[1:] += 2 * strength * w[1:]
    return gradient


def one_hot(labels, k):
    """Return a row for each label."""
    rows = np.zeros((len(labels), k))
    rows[np.arange(len(labels)), labels] = 1
    return rows


def transition(counts):
    """Return the share of each number in its row."""
    return counts / counts.sum(axis=1, keepdims=True)


def root(f, slope, x, tolerance):
    """Return a root by Newton's method."""
    while abs(f(x)) > tolerance:
        x = x - f(x) / slope(x)
    return x


def scaled(train, test):
    """Centre the training data, and scale the test data with it."""
    return train - train.mean(axis=0), (test - train.mean(axis=0)) / train.std(axis=0)


def entropy(p):
    """Return the entropy."""
    p = p[p > 0]
    return -np.sum(p * np.log(p))
'''

CALLS = {
    "totals": """
        for m in (8, 12, 15):
            shops = rng.choice(list("DCBA"), m)
            yield (pd.DataFrame({"shop": shops, "amount": rng.normal(size=m)}),)
    """,
    "descent": """
        for m, n, steps in ((2, 1, 1), (8, 2, 3), (9, 3, 9), (6, 3, 2), (5, 2, 4)):
            yield rng.normal(size=(m, n)), rng.normal(size=m), 0.1, steps
    """,
    "spectrum": """
        for m, n, k in ((9, 4, 2), (8, 5, 3), (7, 3, 1)):
            yield rng.normal(size=(m, n)), k
    """,
    "counted": """
        for text in ("The cat and the dog", "one Two three two", "a A a"):
            yield (text,)
    """,
    "area": """
        for f, n in ((np.sin, 4), (np.exp, 6), (np.cos, 5), (np.sqrt, 7)):
            a = rng.uniform(1, 2)
            yield f, a, a + rng.uniform(1, 2), n
    """,
    "ridge": """
        for m, d in ((7, 3), (5, 4), (6, 2)):
            yield rng.normal(size=d), rng.normal(size=(m, d)), rng.normal(size=m), 0.3 * m
    """,
    "one_hot": """
        for m, k in ((7, 4), (3, 6), (5, 3)):
            yield rng.integers(0, k, m), k
    """,
    "transition": """
        for n, turned in ((3, 1), (4, 1), (3, 0), (4, 0)):
            counts = rng.integers(1, 9, (n, n))
            yield ((counts + turned * counts.T) * 1.0,)
    """,
    "root": """
        for x in (1.0, 2.0, 3.0, 4.0):
            yield lambda x: x * x - 2, lambda x: 2 * x, x, 1e-9
    """,
    "scaled": """
        for m, n, d in ((8, 5, 3), (6, 4, 2)):
            yield rng.normal(2, 3, (m, d)), rng.normal(1, 2, (n, d))
    """,
    "entropy": """
        for n in (3, 4, 5):
            p = rng.uniform(1, 2, n)
            yield (np.append(p / p.sum(), 0.0),)
    """,
}
"""The arguments of the calls of each function's check."""

CHECKS = '''
@check(of="{name}", points=1, visible=True)
def {name}_is_there(student):
    """It is there."""


def calls_of_{name}(rng):
    {calls}


@check(of="{name}", points=1)
def {name}_is_right(student, reference, rng):
    """It is right."""
    for arguments in calls_of_{name}(rng):
        expect.equal(student.{name}(*arguments), reference.{name}(*arguments))
'''


class Course:
    """The course, whose notebooks are graded by one worker."""

    def __init__(self, root: Path, worker: Worker) -> None:
        imports = "import numpy as np\nimport pandas as pd\n"
        blocks = [f"# Own\n\n```{{setup}} tools\n{imports}```\n\n```{{runner}}\n```\n"]
        checks = [imports, "from autograder.checking import check, expect\n"]
        for name, calls in CALLS.items():
            blocks.append(f"```{{function}} {name}\n```\n")
            lines = dedent(calls).strip().replace("\n", "\n    ")
            checks.append(CHECKS.format(name=name, calls=lines))
        for place, text in {
            "reference/own.py": REFERENCE,
            "assignments/own/lesson.md": "\n".join(blocks),
            "assignments/own/checks.py": "\n".join(checks),
        }.items():
            (root / place).parent.mkdir(parents=True, exist_ok=True)
            (root / place).write_text(text, encoding="utf-8")
        self.grader = Grader(Assignment(root, "own"), worker, secret.public(5))

    def grade(self, name: str, code: str) -> CheckResult:
        """Return the result of the check of a function, in a notebook that is right but for it."""
        reference = self.grader.assignment.reference
        written = {each: function_source(reference, each) for each in CALLS}
        cells = self.grader.lesson.filled({**written, name: dedent(code).strip() + "\n"})
        data = nbformat.writes(cells).encode()
        graded = self.grader.grade(SubmissionSource("ada", "ada.ipynb", lambda: data))
        (result,) = (each for each in graded.checks if each.id == f"{name}_is_right")
        return result

    def told(self, name: str, code: str) -> str | None:
        """Return the sentence that a wrong function is told."""
        result = self.grade(name, code)
        assert result.points == 0
        return sentence(result.finding) if result.finding is not None else None


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, worker: Worker) -> Course:
    return Course(tmp_path_factory.mktemp("own"), worker)


def test_a_wrong_table_fails_and_the_grader_goes_on(own: Course) -> None:
    code = """
        def totals(table):
            return table.groupby("shop")["amount"].mean().reset_index(name="total")
    """
    result = own.grade("totals", code)
    assert result.verdict == "failed"
    assert result.message is not None
    assert "['total']" in result.message


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            "totals",
            "[amount].sum()",
            "[amount].mean()",
            "the mean is taken, where something else is needed",
        ),
        (
            "totals",
            "{shop: sums.index, total:",
            "{shop: sums.index, sum:",
            "sum → total.",
        ),
        ("totals", "sums = ", "sums = -", "total: the sign is wrong"),
        ("descent", "losses.append(np.mean(error**2))", "pass", None),
        ("descent", "/ len(y)", "", "as if `rate` were X.shape[0] times what it is"),
        ("descent", "np.zeros", "np.ones", "an array of ones is taken"),
        ("spectrum", "[::-1]", "", "the order is the reverse"),
        ("spectrum", "[:k]", "[-k:]", "the entries at the wrong end are taken"),
        ("spectrum", "values[order]", "list(values[order])", "in a list; an array is asked for"),
        ("counted", "{word:", "{word.upper():", "right but for capital and small letters"),
        ("counted", "words.count(word)", "words.count(word) - 1", "1 is wrongly subtracted"),
    ],
)
def test_the_cause_is_told(own: Course, name: str, old: str, new: str, said: str | None) -> None:
    code = function_source(own.grader.assignment.reference, name)
    old, new = (re.sub(r"\b(amount|shop|total|sum)\b(?!\()", r'"\1"', each) for each in (old, new))
    assert code.count(old) == 1
    told = own.told(name, code.replace(old, new))
    assert (said or "") in (told or "")
    assert (told is None) == (said is None)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("area", "n + 1", "n", "n is taken, where one more is needed"),
        ("area", "(b - a) / n * ", "", "too small by the factor (b - a) / n"),
        ("area", " - (y[0] + y[-1]) / 2", "", "a term is left out of the formula"),
        ("ridge", " / len(y)", "", "the division by `X.shape[0]` is left out"),
        ("ridge", "[1:] += 2 * strength * w[1:]", " += 2 * strength * w", "should be left out"),
        ("ridge", "strength * w", "strength / len(y) * w", "were 1 / X.shape[0] times what it is"),
        ("one_hot", "np.arange(len(labels)), labels", ":, labels", "each of its numbers belongs"),
        ("one_hot", "] = 1", "] = labels", "each number is multiplied by labels"),
        ("root", "abs(f(x))", "f(x)", "the absolute value is left out"),
        ("scaled", "- train.mean(axis=0)) / train", "- test.mean(axis=0)) / test", "test is used"),
        ("entropy", "p = p[p > 0]", "p = p * 1", "Line 3 takes the logarithm of 0"),
    ],
)
def test_the_cause_is_told_of_first_functions(
    own: Course, name: str, old: str, new: str, said: str
) -> None:
    code = function_source(own.grader.assignment.reference, name)
    assert code.count(old) == 1
    code = re.sub(r'    """.*"""\n', "", code).replace(old, new)
    assert said in (own.told(name, code) or "")


def test_an_argument_in_a_form_of_the_students_own_is_not_called_wrong(own: Course) -> None:
    code = """
        def area(f, a, b, n):
            b = b - a
            y = f(a + b * np.linspace(0, 1, n + 1))
            return b * np.median(y)
    """
    assert "`b`" not in (own.told("area", code) or "")


def test_a_change_that_is_no_python_hides_no_other_change(own: Course) -> None:
    code = """
        def root(f, slope, x, tolerance):
            for k in range(60):
                x = x + f(x) / slope(x)
                if abs(f(x)) < tolerance:
                    break
            return x
    """
    assert "`f(x) / slope(x)` has the wrong sign" in (own.told("root", code) or "")


def test_a_relation_that_more_calls_refute_is_not_told(own: Course) -> None:
    code = """
        def transition(counts):
            return counts / counts.sum(axis=0)
    """
    assert "the sum is taken along the wrong axis" in (own.told("transition", code) or "")


def test_answers_that_more_calls_refute_are_not_called_constant(own: Course) -> None:
    code = """
        def one_hot(labels, k):
            rows = np.zeros((len(labels), k))
            rows[:, sorted(set(labels))] = 1
            return rows
    """
    assert "in every call" not in (own.told("one_hot", code) or "")


def test_a_change_that_makes_a_part_of_a_list_right_is_not_told(own: Course) -> None:
    code = function_source(own.grader.assignment.reference, "descent")
    other_start = code.replace("np.zeros(X.shape[1])", "np.array(y[: X.shape[1]])")
    assert "would be right" not in (own.told("descent", other_start) or "")


def test_a_key_that_should_not_be_there_is_named(own: Course) -> None:
    code = "def counted(text):\n    return {w: text.split().count(w) for w in text.split()}"
    message = own.grade("counted", code).message
    assert message is not None
    assert message.endswith("['The'] should not be there.")
    code = "def counted(text):\n    return {w: 1 for w in text.lower().split() if w > 'b'}"
    message = own.grade("counted", code).message
    assert message is not None
    assert message.endswith(" lacks a key.")
