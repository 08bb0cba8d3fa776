"""The result as JUnit XML, read back with the library that others read it with."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml, Skipped, TestSuite

from autograder.reports import atomic_write
from autograder.reports.ci import junit
from autograder.result import (
    CheckResult,
    SubmissionResult,
    Verdict,
)
from tests.helpers.commands import FAULT, grade, one_line
from tests.helpers.results import HEAD, HOSTILE, PASSED, of

if TYPE_CHECKING:
    from tests.helpers.course import Course


def xml(*submissions: SubmissionResult) -> bytes:
    return b"".join(junit.streamed({"a_check": "It doubles."}, HEAD, submissions))


def suites(text: bytes) -> list[TestSuite]:
    return list(JUnitXml.fromstring(text))


@pytest.mark.parametrize(
    ("verdict", "points", "kind"),
    [
        (Verdict.PARTIAL, 1.0, Failure),
        (Verdict.FAILED, 0.0, Failure),
        (Verdict.MISSING, 0.0, Failure),
        (Verdict.TIMED_OUT, 0.0, Failure),
        (Verdict.CRASHED, 0.0, Failure),
        (Verdict.NOT_RUN, 0.0, Skipped),
        (Verdict.NOT_RUN, None, Skipped),
        (Verdict.FAILED, None, Skipped),
        (Verdict.GRADER_ERROR, None, Error),
    ],
)
def test_every_verdict_is_what_a_build_server_calls_it(
    verdict: Verdict, points: float | None, kind: type
) -> None:
    check = CheckResult("a_check", "double", verdict, points, 2.0, "It is 3.", notes=("A hint.",))
    (suite,) = suites(xml(of("ada", PASSED, check)))
    passed, other = suite
    assert passed.is_passed
    assert (other.classname, other.name) == ("ada.double", "a_check")
    (said,) = other.result
    assert type(said) is kind
    assert (said.type, said.message) == (verdict.value, "It is 3.")
    worth = {None: "–", 0.0: "0", 1.0: "1"}[points]
    assert said.text.split("\n") == ["It doubles.", "It is 3.", "A hint.", f"{worth} of 2 points"]
    counts = {Failure: suite.failures, Error: suite.errors, Skipped: suite.skipped}
    assert {each for each, count in counts.items() if count} == {kind}
    assert suite.tests == 2


def test_a_check_that_says_nothing_is_told_by_its_verdict() -> None:
    silent = CheckResult("a_check", "double", Verdict.TIMED_OUT, 0.0, 2.0)
    withdrawn = CheckResult("a_check", "double", Verdict.NOT_RUN, 2.0, 2.0, notes=("Withdrawn.",))
    (suite,) = suites(xml(of("ada", silent, withdrawn)))
    assert [case.result[0].message for case in suite] == ["timed out", "Withdrawn."]


def test_who_was_rejected_is_an_error_and_never_vanishes() -> None:
    (suite,) = suites(xml(of("ada", reason="The file is empty.")))
    (case,) = suite
    (said,) = case.result
    assert isinstance(said, Error)
    assert (said.type, said.message) == (
        "rejected",
        "The file is empty.",
    )
    assert (suite.name, suite.tests, suite.errors) == ("ada", 1, 1)


def test_nothing_that_is_for_the_instructor_alone_is_in_it() -> None:
    text = xml(of("ada", PASSED, observations=("It opened /etc/passwd.",)))
    assert b"passwd" not in text


@given(st.text())
def test_any_text_of_a_student_stays_text(text: str) -> None:
    failed = CheckResult("a_check", "double", Verdict.FAILED, 0.0, 2.0, text, notes=(text,))
    written = xml(of(text, failed), of(text, reason=text))
    assert [suite.tests for suite in suites(written)] == [1, 1]
    tags = Counter(element.tag for element in ElementTree.fromstring(written).iter())  # noqa: S314
    assert tags == {
        "testsuites": 1,
        "testsuite": 2,
        "properties": 2,
        "property": 8,
        "testcase": 2,
        "failure": 1,
        "error": 1,
    }


def test_what_xml_does_not_allow_is_shown_as_a_sign_and_the_rest_as_it_is() -> None:
    failed = CheckResult("a_check", "double", Verdict.FAILED, 0.0, 2.0, f"<![CDATA[{HOSTILE}]]>")
    (suite,) = suites(xml(of("\ud800 & \x00", failed)))
    assert suite.name == "� & �"
    (case,) = suite
    assert "<![CDATA[�[2J" in case.result[0].message
    assert case.result[0].message.endswith("end]]>")


def test_the_file_has_every_submission_and_every_check(
    tiny: Course, right: Path, wrong: Path
) -> None:
    broken = tiny.root / "carl.ipynb"
    broken.write_bytes(b"")
    checks = tiny.root / "assignments/doubling/checks.py"
    checks.write_text(checks.read_text().replace(FAULT, f"    1 / 0\n{FAULT}"))
    file = tiny.root / "junit.xml"
    words = (right, wrong, broken, "--junit", file, "--json", tiny.root / "result.json")
    grade(tiny, *words, "--force", status=3)
    every = JUnitXml.fromfile(str(file))
    found = {
        suite.name: {case.name: [type(said) for said in case.result] for case in suite}
        for suite in every
    }
    passed: list[type] = []
    assert found == {
        "ada": {
            "twice_one_is_two": passed,
            "twice_any_number": passed,
            "nothing_makes_nothing": passed,
            "every_number_counts": [Error],
        },
        "bob": {
            "twice_one_is_two": passed,
            "twice_any_number": [Failure],
            "nothing_makes_nothing": passed,
            "every_number_counts": [Error],
        },
        "carl": {"submission": [Error]},
    }
    text = file.read_text()
    assert "Twice any number is that number and itself." in text
    assert re.findall(r'name="path" value="(.*?)"', text) == [str(right), str(wrong), str(broken)]


def test_it_is_written_whole_or_not_at_all_and_never_by_a_dry_run(
    tiny: Course, right: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tiny.root / "junit.xml"
    file.write_text("before")
    done = grade(tiny, right, "--junit", "nowhere/junit.xml", status=2)
    assert "existing folder" in one_line(done)
    assert "leave out" in one_line(grade(tiny, right, "--junit", file, "--dry-run", status=2))

    def fails(path: Path, _pieces: object) -> None:
        path.write_bytes(b"<testsuites>")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(atomic_write, "_write", fails)
        done = grade(tiny, right, "--junit", file, status=2)
    assert "No space left" in one_line(done)
    assert "ada  11/11 points" in done.stdout
    assert file.read_text() == "before"
