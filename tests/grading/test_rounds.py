"""Rounds of grading: what has not changed is not graded again, and no mark changes unseen."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import autograder
from autograder.grading import fingerprint
from autograder.grading.grader import Grader
from autograder.grading.incremental import IncrementalRun, Record
from autograder.grading.outcome import GradedWork
from autograder.grading.pool import SubmissionPayload
from autograder.grading.store import Ledger
from autograder.intake.find import SubmissionSource, find
from autograder.intake.reconcile import Submission
from autograder.result import CheckResult, Status, SubmissionResult, Verdict
from autograder.sandbox.isolation import InForce, SandboxError
from tests.helpers.commands import WRONG, Said, grade, log, notebook, one_line, result
from tests.helpers.rounds import killed_before_cleo

if TYPE_CHECKING:
    from tests.helpers.course import Course

CHECKS = "assignments/doubling/checks.py"

MENDED = ("total_of_doubles([]), 0.0", "total_of_doubles([]), 0.5")
"""Makes of a check that all pass one that all fail."""

Graded = list[str]


@pytest.fixture
def submitted(tiny: Course) -> Course:
    """A course in which Ada has handed in what is right, Bob and Cleo what is wrong."""
    texts = {"ada": {}, "bob": {"double": WRONG}, "cleo": {"double": WRONG}}
    for student, written in texts.items():
        tiny.submit(student, notebook(tiny, **written).encode())
    return tiny


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch) -> Graded:
    """The students who are graded, in order; the trial of the author's solution is none."""
    names: Graded = []
    true = Grader.examine

    def seen(self: Grader, found: SubmissionSource) -> GradedWork[Grader]:
        if found.student != "source":
            names.append(found.student)
        return true(self, found)

    monkeypatch.setattr(Grader, "examine", seen)
    return names


def edit(course: Course, path: str, old: str, new: str) -> None:
    text = (course.root / path).read_text()
    assert old in text
    (course.root / path).write_text(text.replace(old, new))


def rows(course: Course, query: str, *values: object) -> list[Any]:
    """Return what is in the ledger of a course."""
    with sqlite3.connect(course.root / ".autograder/doubling/ledger.db") as base:
        found = base.execute(query, values).fetchall()
    base.close()
    return found


def timeless(found: dict[str, Any]) -> dict[str, Any]:
    """Return a result but for how long it took."""
    return {**found, "submissions": [{**each, "seconds": 0} for each in found["submissions"]]}


def test_what_has_not_changed_is_not_graded_again(submitted: Course, graded: Graded) -> None:
    first = result(submitted, "submitted")
    assert graded == ["ada", "bob", "cleo"]
    assert result(submitted, "submitted") == first
    assert graded == ["ada", "bob", "cleo"]
    done = grade(submitted, "submitted", "--fail-under", "100", status=1)
    assert "ada  11/11 points" in done.stdout
    assert "3 of 3 submissions are unchanged and were not regraded" in done.stdout


def test_one_who_hands_in_anew_is_graded_alone(submitted: Course, graded: Graded) -> None:
    result(submitted, "submitted")
    submitted.submit("bob", notebook(submitted).encode())
    graded.clear()
    scores = [each["score"] for each in result(submitted, "submitted")["submissions"]]
    assert graded == ["bob"]
    assert scores == [11.0, 11.0, 8.0]


@pytest.mark.parametrize(
    "path",
    [
        CHECKS,
        "assignments/doubling/lesson.md",
        "assignments/doubling/mistakes.py",
        "assignments/doubling/data/more/numbers.txt",
        "reference/doubling.py",
    ],
)
def test_a_file_that_marks_depend_on_makes_all_be_graded_again(
    submitted: Course, graded: Graded, path: str
) -> None:
    result(submitted, "submitted")
    file = submitted.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as end:
        end.write("\n# changed\n" if path.endswith(".py") else "\nChanged.\n")
    graded.clear()
    result(submitted, "submitted")
    assert graded == ["ada", "bob", "cleo"]
    graded.clear()
    result(submitted, "submitted")
    assert graded == []


@pytest.mark.parametrize(
    "path", ["assignments/doubling/equivalents.py", "assignments/doubling/.checks.py.swp"]
)
def test_a_file_that_no_mark_depends_on_makes_nobody_be_graded_again(
    submitted: Course, graded: Graded, path: str
) -> None:
    result(submitted, "submitted")
    (submitted.root / path).write_text("# only for the audit\n")
    graded.clear()
    result(submitted, "submitted")
    assert graded == []


@pytest.mark.parametrize("part", ["grader", "packages", "blas", "processor"])
def test_another_grader_or_machine_grades_all_again(
    submitted: Course, graded: Graded, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    result(submitted, "submitted")
    graded.clear()
    monkeypatch.setattr(fingerprint, part, lambda: "another one")
    result(submitted, "submitted")
    assert graded == ["ada", "bob", "cleo"]


@pytest.mark.parametrize("words", [["--seed", "1"], ["--isolation", "process"], ["--again"]])
def test_another_seed_or_isolation_or_who_asks_for_it_grades_all_again(
    submitted: Course, graded: Graded, words: list[str]
) -> None:
    result(submitted, "submitted")
    graded.clear()
    result(submitted, "submitted", *words)
    assert graded == ["ada", "bob", "cleo"]


def test_the_digest_of_the_grader_is_one_of_its_files(tmp_path: Path) -> None:
    package = Path(str(autograder.__file__)).parent
    copy = shutil.copytree(package, tmp_path / "autograder")
    code = (
        "import autograder; from autograder.grading import fingerprint; "
        "print(fingerprint.grader(), autograder.__file__)"
    )

    def of_the_copy() -> str:
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        digest, file = done.stdout.split()
        assert Path(file).parent == copy
        return digest

    assert of_the_copy() == fingerprint.grader()
    with (copy / "checking/expect.py").open("a") as file:
        file.write("# changed\n")
    assert of_the_copy() != fingerprint.grader()


def test_going_back_to_earlier_checks_grades_nobody(submitted: Course, graded: Graded) -> None:
    before = timeless(result(submitted, "submitted"))
    edit(submitted, CHECKS, *MENDED)
    assert timeless(result(submitted, "submitted", "--force")) != before
    graded.clear()
    edit(submitted, CHECKS, *reversed(MENDED))
    assert timeless(result(submitted, "submitted")) == before
    assert graded == []


def test_a_fault_of_a_check_is_never_taken_from_the_ledger(
    submitted: Course, graded: Graded
) -> None:
    edit(submitted, CHECKS, "    large_number =", "    1 / 0\n    large_number =")
    grade(submitted, "submitted", "--force", status=3)
    graded.clear()
    grade(submitted, "submitted", "--force", status=3)
    assert graded == ["ada", "bob", "cleo"]


def test_whom_the_sandbox_broke_under_is_graded_by_the_next_run(
    submitted: Course, graded: Graded, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = Grader.take

    def take(self: Grader, submission: Submission, *more: Any) -> Any:
        if graded and graded[-1] == "bob":
            raise SandboxError("It broke.")
        return true(self, submission, *more)

    with monkeypatch.context() as patched:
        patched.setattr(Grader, "take", take)
        done = grade(submitted, "submitted", status=2)
        assert one_line(done).endswith("Run the command again to grade the others: bob.")
        file = submitted.root / "result.json"
        done = grade(submitted, "submitted", "--json", file, status=2)
        assert "2 of 3 submissions were graded before that" in one_line(done)
        assert one_line(done).endswith("Run the command again to grade the others: bob.")
        kept = json.loads(file.read_bytes())["submissions"]
        assert [each["student"] for each in kept] == ["ada", "cleo"]
    graded.clear()
    result(submitted, "submitted")
    assert graded == ["bob"]


def test_after_a_kill_only_the_rest_is_graded_and_the_result_is_the_same(
    submitted: Course, graded: Graded
) -> None:
    killed_before_cleo(submitted, "grade", "doubling", "submitted", "--json", "result.json")
    assert not (submitted.root / "result.json").exists()
    resumed = result(submitted, "submitted")
    assert graded == ["cleo"]
    assert timeless(result(submitted, "submitted", "--again")) == timeless(resumed)
    assert graded == ["cleo", "ada", "bob", "cleo"]


def test_a_kill_in_the_middle_of_a_write_costs_that_entry_alone(
    submitted: Course, graded: Graded
) -> None:
    killed_before_cleo(submitted, "grade", "doubling", "submitted")
    file = submitted.root / ".autograder/doubling/ledger.db-wal"
    os.truncate(file, file.stat().st_size - 100)
    scores = [each["score"] for each in result(submitted, "submitted")["submissions"]]
    assert graded == ["bob", "cleo"]
    assert scores == [11.0, 8.0, 8.0]


def test_an_entry_with_a_wrong_byte_is_not_believed(submitted: Course, graded: Graded) -> None:
    result(submitted, "submitted")
    ((entry,),) = rows(submitted, "SELECT entry FROM results WHERE student = 'bob'")
    for place in (2, len(entry) // 2, len(entry) - 1):
        wrong = bytearray(entry)
        wrong[place] ^= 1
        rows(submitted, "UPDATE results SET entry = ? WHERE student = 'bob'", bytes(wrong))
        graded.clear()
        assert result(submitted, "submitted")["submissions"][1]["score"] == 8.0
        assert graded == ["bob"]


def test_a_recorded_mark_that_cannot_be_read_is_told(submitted: Course) -> None:
    grade(submitted, "submitted")
    rows(submitted, "UPDATE marks SET entry = x'00' WHERE student = 'bob'")
    done = grade(submitted, "submitted")
    assert "The stored result of bob can no longer be read" in " ".join(done.stdout.split())
    assert "cannot be read" not in grade(submitted, "submitted").stdout


@pytest.mark.parametrize("place", [0, 2048, 4096])
def test_a_damaged_ledger_is_put_aside_and_all_are_graded(
    submitted: Course, graded: Graded, place: int
) -> None:
    first = result(submitted, "submitted")
    path = submitted.root / ".autograder/doubling/ledger.db"
    with path.open("r+b") as file:
        file.seek(place)
        file.write(b"\xa5" * 2000)
    graded.clear()
    done = grade(submitted, "submitted")
    assert graded == ["ada", "bob", "cleo"]
    assert "could not be read and were moved to" in " ".join(done.stdout.split())
    assert (submitted.root / ".autograder/doubling.damaged-1/ledger.db").exists()
    assert timeless(result(submitted, "submitted")) == timeless(first)
    assert graded == ["ada", "bob", "cleo"]


def test_two_runs_at_once_are_one_too_many(submitted: Course, graded: Graded) -> None:
    with Ledger(submitted.assignment):
        done = grade(submitted, "submitted", status=2)
        assert "Another process is grading doubling" in one_line(done)
        done = submitted.run("autograder", "grade", "doubling", "submitted", status=2)
        assert "Another process is grading doubling" in done.stderr
    assert graded == []
    grade(submitted, "submitted")
    assert graded == ["ada", "bob", "cleo"]


def test_the_ledger_is_for_its_owner_alone_and_not_for_git(submitted: Course) -> None:
    grade(submitted, "submitted")
    folder = submitted.root / ".autograder"
    assert {path.stat().st_mode & 0o777 for path in (folder, folder / "doubling")} == {0o700}
    assert (folder / "doubling/ledger.db").stat().st_mode & 0o777 == 0o600
    git = ["git", "-C", str(submitted.root)]
    subprocess.run([*git, "init", "-q"], check=True)
    said = subprocess.run([*git, "status", "-s", ".autograder"], capture_output=True, check=True)
    assert said.stdout == b""


def test_a_few_results_of_each_student_are_kept(submitted: Course) -> None:
    for seed in range(6):
        result(submitted, "submitted", "--seed", str(seed))
    kept = rows(submitted, "SELECT student, count(*) FROM results GROUP BY student")
    assert kept == [("ada", 4), ("bob", 4), ("cleo", 4)]


def texts(course: Course) -> dict[str, bytes]:
    """Return every file of a course but the results that are kept."""
    return {
        str(path): path.read_bytes()
        for path in course.root.rglob("*")
        if path.is_file() and path.name != "ledger.db"
    }


def test_a_dry_run_says_whose_marks_would_change_and_why_and_writes_nothing(
    submitted: Course, graded: Graded
) -> None:
    result(submitted, "submitted")
    edit(submitted, CHECKS, *MENDED)
    submitted.submit("bob", notebook(submitted).encode())
    before, marks = texts(submitted), rows(submitted, "SELECT * FROM marks")
    done = grade(submitted, "submitted", "--dry-run", "--force")
    lines = done.stdout.splitlines()
    assert lines[0] == "3 scores would change, 2 of them lower."
    assert "  ada  11 → 9/11  lower" in lines
    assert "    2/2 → 0/2  nothing_makes_nothing  failed" in lines
    assert "  bob  8 → 9/11" in lines
    assert "    0/3 → 3/3  twice_any_number  passed" in lines
    assert "  cleo  8 → 6/11  lower" in lines
    assert f"Because of a change in {CHECKS}:" in lines
    assert f"Because of a change in the notebook and {CHECKS}:" in lines
    assert max(map(len, lines)) <= 80
    assert texts(submitted) == before
    assert rows(submitted, "SELECT * FROM marks") == marks
    graded.clear()
    assert "3 scores changed, 2 of them" in grade(submitted, "submitted", "--force").stdout
    assert graded == []


def test_a_dry_run_writes_no_result_file_and_says_so(submitted: Course) -> None:
    done = grade(submitted, "submitted", "--dry-run", "--json", "r.json", status=2)
    assert "leave out --json" in one_line(done)


def test_a_dry_run_says_where_nothing_is_recorded_or_would_change(submitted: Course) -> None:
    assert "No scores have been recorded" in grade(submitted, "submitted", "--dry-run").stdout
    assert "No scores have been recorded" in grade(submitted, "submitted", "--dry-run").stdout
    grade(submitted, "submitted")
    assert "No score would change." in grade(submitted, "submitted", "--dry-run").stdout


def test_a_mark_that_falls_is_told_by_name_and_every_change_is_logged(submitted: Course) -> None:
    grade(submitted, "submitted")
    edit(submitted, CHECKS, *MENDED)
    submitted.submit("bob", notebook(submitted).encode())
    done = grade(submitted, "submitted", "--force")
    lines = done.stdout.splitlines()
    assert "3 scores changed, 2 of them lower." in lines
    assert "  ada  11 → 9/11  lower" in lines
    assert "  cleo  8 → 6/11  lower" in lines
    assert not any(line.startswith("  bob") and "→" in line for line in lines)
    assert "Changed, but not lower: bob." in lines
    ada, bob, _cleo = log(submitted)
    assert ada["student"] == "ada"
    assert (ada["before"]["score"], ada["now"]["score"]) == (11.0, 9.0)
    (check,) = ada["checks"]
    assert check["id"] == "nothing_makes_nothing"
    assert (check["before"]["points"], check["now"]["points"]) == (2.0, 0.0)
    assert [each["what"] for each in ada["why"]] == [CHECKS]
    assert [each["what"] for each in bob["why"]] == ["the notebook", CHECKS]
    assert ada["why"][0]["now"] == submitted.anew().assignment.files[CHECKS]
    assert ada["why"][0]["before"] != ada["why"][0]["now"]
    assert "scores changed" not in grade(submitted, "submitted", "--force").stdout
    assert len(log(submitted)) == 3


def test_points_that_are_weighed_anew_count_by_their_share_too(submitted: Course) -> None:
    grade(submitted, "submitted")
    edit(submitted, CHECKS, "points=3", "points=6")
    lines = grade(submitted, "submitted").stdout.splitlines()
    assert "  bob  8/11 → 8/14  lower" in lines
    assert not any(line.startswith("  ada  11") and "→" in line for line in lines)
    assert [each["student"] for each in log(submitted)] == ["ada", "bob", "cleo"]
    edit(submitted, CHECKS, "points=6", "points=1")
    lines = grade(submitted, "submitted").stdout.splitlines()
    assert "  ada  14/14 → 9/9  lower" in lines


def test_a_verdict_that_does_not_come_out_the_same_again_is_told(
    submitted: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    grade(submitted, "submitted")
    true = Grader.examine

    def fluke(self: Grader, found: SubmissionSource) -> GradedWork[Grader]:
        return true(
            self, SubmissionSource(found.student, found.path, lambda: b"", found.observations)
        )

    monkeypatch.setattr(Grader, "examine", fluke)
    said = " ".join(grade(submitted, "submitted", "--again").stdout.split())
    assert "Regraded, although nothing that a score depends on has changed:" in said
    assert "ada 11 → 0/11 lower rejected" in said


# From here on nobody is really graded: what counts is what a round makes of it.


def stub(found: SubmissionSource) -> SubmissionResult:
    """Return a result whose score is what stands in the file."""
    score = float(found.read())
    check = CheckResult("a_check", "double", Verdict.PASSED, score, 10.0)
    return SubmissionResult(
        found.student, found.path, Status.GRADED, None, score, 10.0, 0.1, False, (check,),
        (*found.observations, "Of the notebook."),
    )  # fmt: skip


def stubs(found: Sequence[SubmissionSource], _record: Record) -> Iterator[SubmissionResult]:
    yield from map(stub, found)


def unwatched(results: Iterator[SubmissionResult], _total: int) -> Iterator[SubmissionResult]:
    return results


def handed_in(student: str, *contents: bytes, path: str = "", beside: str = "") -> SubmissionSource:
    """Return a file that holds one thing after the other, each time it is read."""
    left = list(contents)
    return SubmissionSource(
        student,
        path or f"{student}.ipynb",
        lambda: left.pop(0) if len(left) > 1 else left[0],
        (beside,) if beside else (),
    )


def test_a_notebook_that_changes_while_it_is_looked_up_is_kept_as_what_was_graded(
    tiny: Course,
) -> None:
    with Ledger(tiny.assignment) as ledger:
        this = IncrementalRun(ledger, [handed_in("ada", b"3", b"5")], {}, again=False)
        assert this.grade(stubs, InForce(), unwatched) is None
        assert [each.score for each in this.results()] == [5.0]
        later = IncrementalRun(ledger, [handed_in("ada", b"5")], {}, again=False)
        assert [each.score for each in later.results()] == [5.0]
        assert IncrementalRun(ledger, [handed_in("ada", b"3")], {}, again=False).left == [0]


def test_the_own_files_of_a_rejected_notebook_are_let_go_of(tiny: Course) -> None:
    data = bytes(1000)
    ada = replace(handed_in("ada", b"5"), files=(("data.csv", lambda: data),))
    before = sys.getrefcount(data)

    def reject(found: Sequence[SubmissionSource], _: Record) -> Iterator[SubmissionResult]:
        for source in found:
            yield stub(source)  # reads the notebook, and not the files beside it again
            assert sys.getrefcount(data) == before

    with Ledger(tiny.assignment) as ledger:
        run = IncrementalRun(ledger, [ada], {}, again=False)
        assert run.grade(reject, InForce(), unwatched) is None
    assert run.done == 1


def test_the_own_files_that_are_graded_are_those_that_the_result_is_stored_for(
    tiny: Course,
) -> None:
    reads = iter([b"looked up", b"graded"])
    ada = replace(handed_in("ada", b"5"), files=(("data.csv", lambda: next(reads)),))
    graded: list[bytes] = []

    def grade_it(found: Sequence[SubmissionSource], _: Record) -> Iterator[SubmissionResult]:
        for payload in map(SubmissionPayload.of, found):
            graded.append(payload.files["data.csv"])
            yield stub(payload.source())

    with Ledger(tiny.assignment) as ledger:
        IncrementalRun(ledger, [ada], {}, again=False).grade(grade_it, InForce(), unwatched)
        assert graded == [b"graded"]
        same = replace(ada, files=(("data.csv", lambda: b"graded"),))
        assert IncrementalRun(ledger, [same], {}, again=False).left == []


def test_two_own_files_of_one_name_are_not_mixed_up(tiny: Course, tmp_path: Path) -> None:
    home = tmp_path / "class" / "ada" / tiny.name
    (home / "work").mkdir(parents=True)
    (home / "work" / f"{tiny.name}.ipynb").write_text(notebook(tiny))
    (home / "work" / "helpers.py").write_text("near")
    (home / "helpers.py").write_text("far")
    (home / "work" / "20261103101010_helpers.py").write_text("of Ilias")
    (ada,) = find([home.parent.parent], tiny.name)
    assert len(dict(ada.files)) == len(ada.files)
    twice = (("x.csv", lambda: b"first"), ("x.csv", lambda: b"last"))
    graded: list[bytes] = []

    def grade_it(found: Sequence[SubmissionSource], _: Record) -> Iterator[SubmissionResult]:
        for payload in map(SubmissionPayload.of, found):
            graded.extend(payload.files[name] for name in ("helpers.py", "x.csv"))
            yield stub(payload.source())

    ada = replace(ada, read=lambda: b"5", files=(*ada.files, *twice))
    with Ledger(tiny.assignment) as ledger:
        IncrementalRun(ledger, [ada], {}, again=False).grade(grade_it, InForce(), unwatched)
    assert graded == [b"near", b"last"]


def test_where_a_notebook_lies_is_told_as_it_is_now(tiny: Course) -> None:
    with Ledger(tiny.assignment) as ledger:
        before = handed_in("ada", b"5", path="here.ipynb", beside="Another one lay there.")
        this = IncrementalRun(ledger, [before], {}, again=False)
        this.grade(stubs, InForce(), unwatched)
        now = handed_in("ada", b"5", path="there.ipynb", beside="Two others lie there.")
        (found,) = IncrementalRun(ledger, [now], {}, again=False).results()
        assert found.path == "there.ipynb"
        assert found.observations == ("Two others lie there.", "Of the notebook.")


def test_the_same_notebook_of_another_student_is_graded_for_itself(tiny: Course) -> None:
    with Ledger(tiny.assignment) as ledger:
        IncrementalRun(ledger, [handed_in("ada", b"5")], {}, again=False).grade(
            stubs, InForce(), unwatched
        )
        assert IncrementalRun(ledger, [handed_in("bob", b"5")], {}, again=False).left == [0]


def test_what_kept_students_code_in_is_what_all_had_then_and_now(tiny: Course) -> None:
    def grading(*layers: str) -> tuple[Any, InForce]:
        in_force = InForce()

        def grade_them(
            found: Sequence[SubmissionSource], _record: Record
        ) -> Iterator[SubmissionResult]:
            in_force.note(layers)
            return stubs(found, _record)

        return grade_them, in_force

    with Ledger(tiny.assignment) as ledger:
        ada, bob = handed_in("ada", b"5"), handed_in("bob", b"5")
        IncrementalRun(ledger, [ada], {}, again=False).grade(
            *grading("seccomp", "landlock"), unwatched
        )
        both = IncrementalRun(ledger, [ada, bob], {}, again=False)
        assert both.left == [1]
        both.grade(*grading("seccomp", "net"), unwatched)
        assert both.in_force.layers == ("seccomp",)


def test_those_that_were_left_out_leave_the_others_their_own_results(tiny: Course) -> None:
    def some(found: Sequence[SubmissionSource], _record: Record) -> Iterator[SubmissionResult]:
        yield from stubs([found[1], found[3]], _record)
        raise SandboxError("It broke.")

    found = [handed_in(name, str(score).encode()) for score, name in enumerate("abcd")]
    with Ledger(tiny.assignment) as ledger:
        this = IncrementalRun(ledger, found, {}, again=False)
        assert isinstance(this.grade(some, InForce(), unwatched), SandboxError)
        assert [(each.student, each.score) for each in this.results()] == [("b", 1.0), ("d", 3.0)]
        assert IncrementalRun(ledger, found, {}, again=False).left == [0, 2]


def test_a_disk_that_fills_up_costs_no_mark(tiny: Course) -> None:
    with Ledger(tiny.assignment) as ledger:
        ledger._base.execute("PRAGMA query_only = ON")  # nothing can be written any more
        this = IncrementalRun(
            ledger, [handed_in("ada", b"5"), handed_in("bob", b"6")], {}, again=False
        )
        assert this.grade(stubs, InForce(), unwatched) is None
        assert [each.score for each in this.results()] == [5.0, 6.0]
        this.record()
        (trouble,) = ledger.troubles
        assert trouble.startswith("No results can be stored")


def test_where_no_ledger_can_be_made_marks_are_given_all_the_same(
    submitted: Course, graded: Graded
) -> None:
    shutil.rmtree(submitted.root / ".autograder")
    (submitted.root / ".autograder").write_text("in the way")
    for _ in range(2):
        graded.clear()
        said: Said = grade(submitted, "submitted")
        assert "ada  11/11 points" in said.stdout
        assert "No results can be stored" in said.stdout
        assert graded == ["ada", "bob", "cleo"]
