from __future__ import annotations

import json
import subprocess
import textwrap
from pathlib import Path

import pytest
from rich.console import Console

from autograder.audit.findings import AnswerKind, Audit, callers
from autograder.audit.records import load_records
from autograder.audit.report import report
from autograder.audit.run import run
from autograder.checking.checks import BadAssignment, load_module
from autograder.course.assignment import Assignment
from autograder.grading.batch import default_workers
from tests.helpers.course import BIN, ENVIRONMENT, ROOT


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with one assignment: to double a number, and to double it twice."""
    files = {
        "reference/doubling.py": '''
            def double(x):
                """Twice x."""
                return 2.0 * x


            def quadruple(x):
                """Four times x."""
                return double(double(x))
        ''',
        "assignments/doubling/lesson.md": """
            # Doubling

            ```{runner}
            ```

            ```{function} double
            ```

            ```{function} quadruple
            ```
        """,
        "assignments/doubling/checks.py": '''
            from autograder.checking import check, expect


            @check(of="double", points=2, visible=True)
            def three_becomes_six(student):
                """Twice 3 is 6."""
                expect.that(expect.scalar(student.double(3.0)) == 6, "Twice 3 is 6.")


            @check(of="double", points=1)
            def it_is_a_number(student):
                """Twice anything is a number."""
                expect.scalar(student.double(1.0))


            @check(of="quadruple", points=2, visible=True)
            def one_becomes_four(student):
                """Four times 1 is 4."""
                expect.that(expect.scalar(student.quadruple(1.0)) == 4, "Four times 1 is 4.")
        ''',
        "assignments/doubling/mistakes.py": '''
            from autograder.checking import mistake


            @mistake(of="double", change=("2.0", "3.0"))
            def threefold():
                """That is three times x."""
        ''',
        "assignments/doubling/equivalents.py": """
            EQUIVALENTS = (("sum", {"double": "def double(x):\\n    return x + x\\n"}),)
        """,
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip())
    return tmp_path


def audit_of(course: Path) -> Audit:
    return run(Assignment(course, "doubling"), workers=1, seeds=1)


def changed(course: Path, name: str, old: str, new: str) -> None:
    path = course / "assignments" / "doubling" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def record(course: Path, table: str, *diffs: str) -> None:
    lines = "".join(f"'''\n{diff}\n''',\n" for diff in diffs)
    text = f'[[{table}]]\nfunction = "double"\nreason = "Near enough."\ndiffs = [\n{lines}]\n'
    with (course / "assignments" / "doubling" / "survivors.toml").open("a") as file:
        file.write(text)


MORE = "- return 2.0 * x\n+ return 2.2 * x"
BETWEEN = "5 < expect.scalar(student.double(3.0)) < 7"
LESS = "- return 2.0 * x\n+ return 1.8 * x"


def test_a_good_grader_holds(course: Path) -> None:
    done = subprocess.run(
        [BIN / "autograder", "audit", "doubling", "--seeds", "2", "--json", "audit.json"],
        cwd=course,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The audit passed." in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    found = json.loads((course / "audit.json").read_text())
    assert found["idle"] == ["it_is_a_number"]
    kinds = [each["kind"] for each in found["findings"]]
    assert [kinds.count(each) for each in ("reference", "stub", "equivalent", "mistake")] == [2] * 4
    assert kinds.count("mutant") == found["mutants"] > 10
    mistake = next(each for each in found["findings"] if each["kind"] == "mistake")
    assert mistake["caught_by"] == ["three_becomes_six"]
    assert mistake["right"]


def test_the_points_that_mistakes_keep_are_told_by_function(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = """

        @mistake(of="double")
        def nothing_for_small_numbers(x):
            \"\"\"That returns nothing for small numbers.\"\"\"
            return 2 * x if x > 1 else None


        @mistake(of="quadruple", change=("double(double(x))", "double(x)"))
        def only_once():
            \"\"\"That is double.\"\"\"
    """
    path = course / "assignments" / "doubling" / "mistakes.py"
    path.write_text(path.read_text() + textwrap.dedent(more))
    found = run(Assignment(course, "doubling"), workers=1, seeds=1, sample=3)
    double, quadruple = found.kept
    assert (double.function, double.points) == ("double", 3)
    assert double.shares == pytest.approx({"threefold": 1 / 3, "nothing_for_small_numbers": 2 / 3})
    assert double.median == pytest.approx(1 / 2)
    assert quadruple.shares == {"only_once": 0}
    report(Console(width=80), found)
    lines = capsys.readouterr().out.splitlines()
    rows = {tuple(line.split()[-2:]) for line in lines if line.startswith("double")}
    assert ("50%", "3") in rows
    assert any(line.split() == ["threefold", "33%"] for line in lines)
    assert any(line.startswith("median of all mistakes") and "33%" in line for line in lines)
    # 3 points of which half are kept, and 2 of which none is
    notebook = next(line for line in lines if line.startswith("a notebook with a mistake"))
    assert notebook.split()[-2:] == ["30%", "5"]


def test_a_mistake_that_passes_is_a_shortfall(course: Path) -> None:
    changed(course, "checks.py", "== 6", "> 8")
    changed(course, "checks.py", "== 4", "> 3")
    found = audit_of(course)
    wrong = {(each.kind, each.name) for each in found.findings if not each.right}
    assert (AnswerKind.MISTAKE, "threefold") in wrong
    assert (AnswerKind.REFERENCE, "reference") in wrong
    assert "Graded wrongly: mistake threefold." in found.shortfalls


def test_a_right_answer_that_fails_is_a_shortfall(course: Path) -> None:
    changed(course, "equivalents.py", "x + x", "x + x + 1")
    assert audit_of(course).shortfalls == ["Graded wrongly: equivalent sum."]


def test_a_check_that_cannot_decide_is_a_shortfall(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed(course, "checks.py", "expect.scalar(student.double(1.0))", "student.double(object())")
    found = audit_of(course)
    (reference,) = [each for each in found.findings if each.undecided]
    assert (reference.kind, reference.undecided) == (AnswerKind.REFERENCE, ("it_is_a_number",))
    assert "checks.py, line" in str(reference.why)
    assert not found.survivors
    report(Console(width=80), found)
    assert "not decided: it_is_a_number" in capsys.readouterr().out


def test_a_check_that_was_withdrawn_is_not_held_against_the_grader(course: Path) -> None:
    points = '@check(of="double", points=1'
    changed(course, "checks.py", points, f'{points}, void="Everything is a number."')
    assert audit_of(course).shortfalls == []


def test_a_survivor_is_listed_until_it_is_recorded_as_right(course: Path) -> None:
    changed(course, "checks.py", "expect.scalar(student.double(3.0)) == 6", BETWEEN)
    found = audit_of(course)
    assert {each.diff for each in found.survivors} == {MORE, LESS}
    assert "2 of" in found.shortfalls[0]
    assert "survived" in found.shortfalls[0]
    record(course, "equivalent", MORE, LESS)
    found = audit_of(course)
    assert not found.survivors
    assert not found.shortfalls


def test_a_wrong_mutant_that_is_accepted_still_counts_as_a_survivor(course: Path) -> None:
    changed(course, "checks.py", "expect.scalar(student.double(3.0)) == 6", BETWEEN)
    record(course, "equivalent", MORE)
    record(course, "accepted", LESS)
    found = audit_of(course)
    assert [(each.diff, each.reason) for each in found.survivors] == [(LESS, "Near enough.")]
    assert len(found.shortfalls) == 1


def test_a_stale_record_is_a_shortfall(course: Path) -> None:
    gone = "- return 2.0 * x\n+ return 2.5 * x"
    record(course, "equivalent", MORE, gone)
    found = audit_of(course)
    assert [each.diff for each in found.stale] == [MORE, gone]
    assert len(found.shortfalls) == 2
    assert all("stale" in sentence for sentence in found.shortfalls)


@pytest.mark.parametrize("text", ["[[equivalent]]\n", "[[", "equivalent = 3\n"])
def test_records_that_cannot_be_read_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "survivors.toml"
    path.write_text(text)
    with pytest.raises(BadAssignment, match="must contain tables"):
        load_records(path)


def test_who_calls_a_function_by_name_is_known() -> None:
    reference = load_module(ROOT / "reference" / "random_initialization.py")
    functions = Assignment(ROOT, "random_initialization").checks
    calling = callers(reference, sorted({each.of for each in functions}))
    assert calling["forward_propagation"] == {"nn_model", "predict"}
    assert calling["initialize_parameters"] == {"nn_model"}
    assert calling["mean_tanh_slope"] == frozenset()


@pytest.mark.parametrize(
    "name", sorted(path.parent.name for path in ROOT.glob("assignments/*/lesson.md"))
)
def test_a_sample_of_the_audit_finds_nothing_wrong(name: str) -> None:
    found = run(Assignment(ROOT, name), workers=default_workers(), seeds=1, sample=8)
    assert len(found.findings) == 2 + 3 * 8
    assert all(each.right or each.reason for each in found.findings)
    assert not found.stale
