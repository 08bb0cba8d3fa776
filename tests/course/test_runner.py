"""The runner of a lone notebook, where nothing but Python shows what it says."""

from __future__ import annotations

import itertools
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from bs4 import BeautifulSoup
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from autograder.checking import expect
from autograder.course.embedded import runner

HOSTILE = "<img src=x onerror=alert(1)> & '\"`<b>`"


def right() -> None:
    """One is one.

    And more that nobody reads.
    """


def wrong() -> None:
    """Two is `two`, and < three."""
    raise expect.Unmet(HOSTILE)


def half() -> float:
    """A half is enough."""
    return 0.5


def after_wrong() -> None:
    """This needs two."""


CHECKS: dict[Any, list[Any]] = {right: [], wrong: [], half: [], after_wrong: [wrong]}

TEXT = f"""\
✓ passed: One is one.
✗ failed: Two is `two`, and < three.
    {HOSTILE}
✗ failed: A half is enough.
    Only part of this check passed.
– not run: This needs two.
    An earlier check must pass first.
"""


class Shown:
    """An IPython that keeps what it is to display."""

    def __init__(self) -> None:
        self.display = self
        self.bundles: list[dict[str, str]] = []

    def get_ipython(self) -> Shown:
        return self

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)

    def __call__(self, bundle: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.bundles.append(bundle)


@pytest.fixture(autouse=True)
def _no_ipython(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "IPython", raising=False)


def take(checks: dict[Any, list[Any]]) -> None:
    runner.Notebook({}).visible_checks("count")(lambda: checks)


def test_without_ipython_the_checks_are_lines_of_text(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(runner.VisibleChecksFailed, match=r"count: 1 of 4 visible checks passed\."):
        take(CHECKS)
    assert capsys.readouterr().out == TEXT
    take({right: []})
    assert capsys.readouterr().out == (
        "✓ passed: One is one.\ncount: 1 of 1 visible checks passed.\n"
    )


def test_in_a_notebook_they_are_a_table_and_the_same_text(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown()
    monkeypatch.setitem(sys.modules, "IPython", shown)
    with pytest.raises(runner.VisibleChecksFailed):
        take(CHECKS)
    (bundle,) = shown.bundles
    assert bundle["text/plain"] == TEXT.rstrip("\n")
    soup = BeautifulSoup(bundle["text/html"], "html.parser")
    assert {tag.name for tag in soup.find_all(True)} == {
        *("table", "caption", "thead", "tbody", "tr", "th", "td", "span", "div", "code"),
    }
    text = soup.get_text()
    assert "<img src=x onerror=alert(1)> & '\"<b>" in text
    assert "Visible checks of count" in text
    assert text.count("not run") == 1


def test_a_function_that_is_not_written_fails_no_check_and_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def step() -> None:
        raise NotImplementedError

    names: dict[str, Any] = {"step": step, "train": lambda: step()}

    def asks(student: Any) -> None:
        """It trains."""
        student.train()

    def asks_again(student: Any) -> None:
        """It trains again."""

    take = runner.Notebook(names).visible_checks("train")
    take(lambda: {asks: [], asks_again: [asks]})
    assert capsys.readouterr().out == (
        "– not run: It trains.\n– not run: It trains again.\n"
        "`step` still raises NotImplementedError: write it and run the check again.\n"
    )
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    with pytest.raises(runner.VisibleChecksFailed, match="0 of 2"):
        take(lambda: {asks: [], asks_again: [asks]})


def test_below_a_failure_are_the_call_the_answer_and_what_is_expected(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def step(p: dict[str, Any], rate: float, X: Any) -> tuple[Any, Any]:  # noqa: ARG001
        p["W"] -= rate
        return p["W"], "done"

    def compared(student: Any) -> None:
        """The step is right."""
        asked = [student.step({"W": np.array([1.0, W])}, 0.5, np.zeros(25)) for W in (1.0, 2.5)]
        expect.close(asked[0][0], [0.5, 0.5])
        expect.right(asked[1].pair("W", "word")[0], [2, 1.25])

    def said(student: Any) -> None:
        """It says a word."""
        W = student.step({"W": np.ones(1)}, 1.0, [])[0]
        expect.that(W == 1, "W should stay.", W)

    def raised(student: Any) -> None:
        """It takes a number."""
        student.step({"W": np.ones(1)}, 1.0, [])
        student.step({"W": "one"}, 1.0, [])

    with pytest.raises(runner.VisibleChecksFailed):
        runner.Notebook({"step": step}).visible_checks("step")(
            lambda: {compared: [], said: [], raised: []}
        )
    call = '        Call: step(p, {rate}, X)\n            p["W"] = {W}\n'
    out = capsys.readouterr().out
    assert out.startswith(
        "✗ failed: The step is right.\n"
        "    step(p, 0.5, X): W is wrong in both entries. The first entry, at index (0,), is 0.5.\n"
        + call.format(rate=0.5, W="[1.0, 2.5]")
        + "            X = an array of shape (25,) and type float64\n"
        "        Your answer: W = [0.5, 2.0]\n"
        "        Expected: [2.0, 1.25]\n"
        "✗ failed: It says a word.\n"
        "    W should stay.\n" + call.format(rate="1.0", W="[1.0]") + "            X = []\n"
        "        Your answer: [0] = [0.0]\n"
        "✗ failed: It takes a number.\n"
        "    step(p, 1.0, X) raised TypeError: "
    )
    assert out.endswith(call.format(rate="1.0", W="str 'one'") + "            X = []\n")


def test_what_goes_wrong_in_a_visible_check_is_one_line() -> None:
    failure = runner.VisibleChecksFailed("count: 0 of 1 visible checks passed.")
    assert failure._render_traceback_() == [str(failure)]


def test_everything_that_is_said_to_a_student_stands_in_one_place(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, sentence in runner.SENTENCES.items():
        monkeypatch.setitem(runner.SENTENCES, name, f"«{sentence}»")
    notebook = runner.Notebook({"broken": lambda: 1 / 0})
    with pytest.raises(runner.VisibleChecksFailed, match="«count"):
        take({wrong: [], half: [], after_wrong: [wrong]})
    notebook.experiment("missing")(lambda: None)
    notebook.experiment()(lambda: 1 / 0)

    @notebook.experiment()
    def waits() -> None:
        raise NotImplementedError

    for line in capsys.readouterr().out.splitlines():
        assert line.lstrip("✗– ").startswith("«") or line.strip() == HOSTILE, line
    with pytest.raises(expect.Unmet, match=r"«.*raised ZeroDivisionError"):
        runner.Student(notebook.names).broken()
    with pytest.raises(expect.Unmet, match="«missing is not defined"):
        runner.Student(notebook.names).missing()


def test_an_error_message_that_ends_with_a_space_ends_with_the_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def adds() -> object:
        return np.zeros(2) + np.zeros(3)

    def calls() -> object:
        return adds()

    notebook = runner.Notebook({"adds": adds, "calls": calls})
    with pytest.raises(expect.Unmet, match=r"shapes \(2,\) \(3,\) \(line \d+: "):
        runner.Student(notebook.names).adds()
    with pytest.raises(expect.Unmet, match=r"\(line \d+ of the cell of adds: "):
        runner.Student(notebook.names).calls()
    notebook.experiment("adds")(adds)
    assert " ".join(capsys.readouterr().out.split()).endswith("shapes (2,) (3,).")


WORDS = st.lists(
    st.sampled_from(
        ["a", "weight", "x" * 90, "  ", "3.14,", "(see", "里", "边。", "“引", "（图", "号”"]
    )
)


@example("", ["a"] * 5 + ["weight"] * 10 + ["  ", "weight"], "")
@given(st.sampled_from(["", " ", "    "]), WORDS, st.sampled_from(["", "    "]))
def test_a_printed_line_is_broken_between_words_alone(
    start: str, words: list[str], indent: str
) -> None:
    line = start + " ".join(words)
    lines = runner.wrapped(line, indent).split("\n")
    assert "".join(lines).replace(" ", "") == line.replace(" ", "")
    assert all(each.startswith(indent) and not each.endswith(" ") for each in lines[1:-1])
    left = line
    for one, other in itertools.pairwise(lines):
        first = other.lstrip().split(" ")[0]
        assert left.lstrip().startswith(one.strip())
        left = left.lstrip().removeprefix(one.strip())
        spaces = left[: len(left) - len(left.lstrip())]
        assert other.strip()
        assert first[0] not in "。”"
        assert one[-1] not in "“（"
        assert cell_len(f"{one}{spaces}{first}") > runner.COLUMNS or not first.isascii()
    long = [each for each in lines if cell_len(each.rstrip()) > runner.COLUMNS]
    assert all("x" * 90 in each for each in long)


def test_what_fits_is_printed_as_it_is() -> None:
    table = f"step{' ' * 40}cost  "
    assert runner.wrapped(table) == table


def test_a_line_that_is_written_over_is_printed_at_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen: list[str] = []

    @runner.Notebook({}).experiment()
    def counts() -> None:
        for step in range(3):
            sys.stdout.write(f"step {step}\r")
            seen.append(capsys.readouterr().out)

    assert seen == ["step 0\r", "step 1\r", "step 2\r"]


def test_an_experiment_prints_no_line_that_a_window_would_break_and_keeps_the_order(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen: list[str] = []

    @runner.Notebook({}).experiment()
    def long() -> None:
        sys.stdout.write("word " * 40 + "\nbegun, ")
        seen.append(capsys.readouterr().out)
        sys.stdout.flush()  # as who shows a figure does
        seen.append(capsys.readouterr().out)
        sys.stdout.write("ended\n")
        raise ValueError("twice " * 40)

    assert seen[0].split() == ["word"] * 40
    assert max(map(len, seen[0].splitlines())) <= runner.COLUMNS
    assert seen[1] == "begun, "
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "ended"
    assert max(map(len, lines)) <= runner.COLUMNS
    assert " ".join(lines).count("twice") == 40


def test_no_sentence_about_a_figure_stays_where_no_figure_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    display = SimpleNamespace(clear_output=capsys.readouterr)
    monkeypatch.setitem(
        sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: True, display=display)
    )

    def unwritten() -> None:
        raise NotImplementedError

    notebook = runner.Notebook(
        {"unwritten": unwritten, "broken": lambda: 1 / 0}, figures="class Figure: ..."
    )

    @notebook.experiment("unwritten")
    def waits(plot: Any) -> None:  # noqa: ARG001
        print("The figure shows a line.")  # noqa: T201
        notebook.names["unwritten"]()

    assert capsys.readouterr().out.startswith("This experiment needs unwritten.")

    @notebook.experiment("broken")
    def stops(plot: Any) -> None:  # noqa: ARG001
        print("The figure shows a line.")  # noqa: T201
        notebook.names["broken"]()

    assert capsys.readouterr().out.endswith("division by zero.\nSo it shows no figure.\n")


def test_a_function_is_replaced_for_a_while_and_comes_back() -> None:
    names: dict[str, Any] = {"start": lambda: 1, "train": lambda: names["start"]() + 1}
    mine, notebook = names["start"], runner.Notebook(names)
    with notebook.replaced("start", lambda: 10):
        assert names["train"]() == 11
    assert names["start"] is mine
    with (
        pytest.raises(RuntimeError, match="does not call start"),
        notebook.replaced("start", lambda: 10),
    ):
        names["train"] = lambda: 2
    with pytest.raises(ZeroDivisionError), notebook.replaced("end", lambda: 1 / 0):
        names["end"]()
    assert names["start"] is mine
    assert "end" not in names
