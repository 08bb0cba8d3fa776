"""Everybody is spoken to in the language of their notebook, or in the one that is asked for."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import nbformat
import pytest
from babel.messages.pofile import read_po, write_po

from autograder.course import secret
from autograder.course.assignment import Assignment
from autograder.course.builder import build
from autograder.course.translation import update
from autograder.grading.fingerprint import dependencies
from autograder.grading.grader import Grader
from autograder.grading.pool import RunConfig, SubmissionPayload
from autograder.i18n import use_language
from autograder.intake.files import rejecting
from autograder.intake.find import SubmissionSource, find, unpacked
from autograder.intake.reconcile import Rejected
from autograder.result import SubmissionResult, WrittenAnswer
from autograder.sandbox.host.worker import Worker
from autograder.sandbox.isolation import Isolation
from tests.helpers.course import Course, make_tiny

IN_CHINESE = {"Twice any number is that number and itself.": "任何数的两倍都是它加上自己。"}

THREE_TIMES = {"double": "def double(number):\n    return 3 * number\n"}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Course:
    """A course that is there in two languages."""
    course = make_tiny(tmp_path_factory.mktemp("languages") / "course", home)
    path, _ = update(course.assignment, "zh")
    with path.open("rb") as file:
        catalogue = read_po(file)
    for text, said in IN_CHINESE.items():
        catalogue[text].string = said
    with path.open("wb") as file:
        write_po(file, catalogue)
    return course


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as own:
        yield own
    grader.cache_clear()


@cache  # each has processes of its own
def grader(tiny: Course, worker: Worker, language: str, *, follows: bool = True) -> Grader:
    assignment = Assignment(tiny.root, tiny.name, language)
    return Grader(assignment, worker, secret.public(1), follows=follows)


def handed_in(tiny: Course, language: str) -> SubmissionSource:
    """Return a wrong answer in the notebook of a language."""
    notebook = build(Assignment(tiny.root, tiny.name, language)).filled(THREE_TIMES)
    return SubmissionSource(
        language, f"{language}.ipynb", lambda: nbformat.writes(notebook).encode()
    )


def said(result: SubmissionResult) -> list[str | None]:
    return [check.message for check in result.checks if check.function == "double"]


WRONG = {"en": "double(1.0) is 3, which is not right.", "zh": "double(1.0) 是 3，不对。"}
WAITS = {
    "en": "Not run, because an earlier check did not pass: “Twice one is two.”",
    "zh": "没有运行，因为前面的一项检查未通过：“Twice one is two.”",
}


def test_each_student_is_spoken_to_in_the_language_of_the_notebook(
    tiny: Course, worker: Worker
) -> None:
    one = grader(tiny, worker, "en")
    for language in ("en", "zh", "en", "zh"):  # nothing that is remembered is of the other one
        examined = one.examine(handed_in(tiny, language))
        assert said(examined.result) == [WRONG[language], WAITS[language]]
        assert examined.grader.assignment.language == language
        assert not examined.result.observations
    sentences = one.examine(handed_in(tiny, "zh")).grader.sentences
    assert sentences["twice_any_number"] == "任何数的两倍都是它加上自己。"


def test_the_language_that_is_asked_for_goes_before_that_of_the_notebook(
    tiny: Course, worker: Worker
) -> None:
    for language, other in (("en", "zh"), ("zh", "en")):
        one = grader(tiny, worker, language, follows=False)
        assert said(one.grade(handed_in(tiny, other))) == [WRONG[language], WAITS[language]]


def test_marks_and_verdicts_are_the_same_in_every_language(tiny: Course, worker: Worker) -> None:
    one = grader(tiny, worker, "en")
    english, chinese = (one.grade(handed_in(tiny, language)) for language in ("en", "zh"))
    assert [(each.id, each.verdict, each.points) for each in english.checks] == [
        (each.id, each.verdict, each.points) for each in chinese.checks
    ]


@pytest.mark.parametrize("language", ["fr", "../zh", "", 7, None, ["zh"]])
def test_a_language_that_is_none_is_that_of_the_course(
    tiny: Course, worker: Worker, language: object
) -> None:
    notebook = json.loads(handed_in(tiny, "zh").read())
    notebook["metadata"]["autograder"] = {"language": language}
    found = SubmissionSource("x", "x.ipynb", lambda: json.dumps(notebook).encode())
    assert said(grader(tiny, worker, "zh").grade(found)) == [WRONG["zh"], WAITS["zh"]]


def test_who_cannot_be_read_is_told_in_the_language_of_the_course(
    tiny: Course, worker: Worker
) -> None:
    broken = SubmissionSource("x", "x.ipynb", lambda: b"")
    assert grader(tiny, worker, "en").grade(broken).reason == "The file is empty."
    assert grader(tiny, worker, "zh").grade(broken).reason == "文件是空的。"


def test_what_is_known_in_one_language_is_not_taken_for_another(tiny: Course) -> None:
    key = secret.public(1)
    known = [
        dependencies(spoken, RunConfig.of(spoken, key, Isolation.FULL, follows=follows))
        for spoken in (Assignment(tiny.root, tiny.name, code) for code in ("en", "zh"))
        for follows in (True, False)
    ]
    assert len({json.dumps(dict(each)) for each in known}) == len(known)
    path = tiny.assignment.languages["zh"].relative_to(tiny.root).as_posix()
    assert path in known[0]


UNREADABLE = "The file cannot be read: {error}."


def test_why_a_file_was_rejected_is_said_in_the_language_of_the_judge(
    tiny: Course, worker: Worker
) -> None:
    """Who finds the file speaks another one, and writes why down for the ledger in none."""
    found = SubmissionSource("x", "x.ipynb", rejecting(UNREADABLE, error="Input/output error"))
    with use_language("zh"), pytest.raises(Rejected) as rejected:
        found.read()
    assert rejected.value.said(str) == "The file cannot be read: Input/output error."
    crossed = pickle.loads(pickle.dumps(SubmissionPayload.of(found))).source()  # noqa: S301  # our own
    for each in (found, crossed):
        for language, reason in (
            ("en", "The file cannot be read: Input/output error."),
            ("zh", "文件无法读取：Input/output error。"),
        ):
            assert grader(tiny, worker, language).grade(each).reason == reason


def test_which_of_several_notebooks_cannot_be_read_is_said_where_they_are_unpacked(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "submitted" / "ada" / "week1"
    (folder / "b.ipynb").mkdir(parents=True)
    (folder / "a.ipynb").write_bytes(b"{}")
    (found,) = find([tmp_path / "submitted"], "week1", (), ("a", "b", "c"))
    content = found.read()
    assert unpacked(content) == {"a": b"{}", "b": "The folder contains no notebook."}
    with use_language("zh"):
        assert found.read() == content
        assert unpacked(content)["b"] == "文件夹里没有笔记本。"


def test_what_was_seen_of_a_process_is_told_in_the_language_of_the_notebook(
    tiny: Course, worker: Worker
) -> None:
    leaves = "import os\nif not os.fork():\n    while True:\n        pass\n"
    notebook = build(Assignment(tiny.root, tiny.name, "zh")).filled(
        {"double": leaves + THREE_TIMES["double"]}
    )
    found = SubmissionSource("x", "x.ipynb", lambda: nbformat.writes(notebook).encode())
    observations = grader(tiny, worker, "en").grade(found).observations
    assert observations == ("这份笔记本留下了一个仍在运行的进程，已由评分程序终止。",)


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("import os\nos._exit(0)\n", "Crashed: 单元格终止了它所在的进程"),
        # What a student's own exception says stays as it is, be it a sentence of ours.
        ("raise ValueError('not run')\n", "ValueError: not run（第 1 行）"),
    ],
)
def test_what_stopped_a_cell_is_told_in_the_language_of_the_notebook(
    tiny: Course, worker: Worker, source: str, error: str
) -> None:
    notebook = build(Assignment(tiny.root, tiny.name, "zh")).filled({"double": source})
    found = SubmissionSource("x", "x.ipynb", lambda: nbformat.writes(notebook).encode())
    told = f"double 没有定义，因为它所在的单元格运行时出错：{error}。"
    assert said(grader(tiny, worker, "en").grade(found))[0] == told


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_answer_in_words_waits_for_a_person_unless_nothing_was_written(
    tiny: Course, worker: Worker, language: str
) -> None:
    lesson = build(Assignment(tiny.root, tiny.name, language))
    one = grader(tiny, worker, "en")
    for written, points in [({"why": "Both are the same."}, None), ({}, 0.0)]:
        data = nbformat.writes(lesson.filled({**THREE_TIMES, **written})).encode()
        result = one.grade(SubmissionSource("ada", "ada.ipynb", lambda data=data: data))  # type: ignore[misc]
        assert result.written == (WrittenAnswer("why", points, 4.0),)
        assert result.max_score == sum(check.max_points for check in result.checks)
        assert not result.provisional
