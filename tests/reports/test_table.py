"""The result as CSV, read by Python's own reader."""

from __future__ import annotations

import csv
import io

import msgspec

from autograder.reports.ci import table
from autograder.result import CheckResult, Result, Status, SubmissionResult, Verdict

RESULT = Result(1, "hw", "", "", None, "", (), ())


def read(*submissions: SubmissionResult) -> list[dict[str, str]]:
    text = b"".join(table.streamed(RESULT, submissions)).decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


ADA = SubmissionResult(
    "ada",
    "",
    Status.GRADED,
    None,
    2.5,
    6.0,
    0.1,
    True,
    (
        CheckResult("one", "f", Verdict.PASSED, 2.0, 2.0),
        CheckResult("two", "f", Verdict.PARTIAL, 0.5, 1.0, 'It is "1,5",\nnot 2.'),
        CheckResult("three", "g", Verdict.GRADER_ERROR, None, 3.0, "=1+1"),
    ),
    (),
)


def test_there_is_a_line_for_each_student_and_check() -> None:
    one, two, three = read(ADA)
    assert list(one) == list(table.COLUMNS)
    assert one == {
        "student": "ada",
        "check": "one",
        "function": "f",
        "verdict": "passed",
        "points": "2.0",
        "max_points": "2.0",
        "message": "",
    }
    assert (two["points"], two["message"]) == ("0.5", 'It is "1,5",\nnot 2.')
    assert (three["points"], three["verdict"], three["message"]) == ("", "grader_error", "'=1+1")


def test_a_submission_that_was_rejected_is_a_line_with_its_reason() -> None:
    rejected = msgspec.structs.replace(
        ADA, student="=bob", status=Status.REJECTED, reason="It is cut off.", checks=()
    )
    ada, *_others, bob = read(ADA, rejected)
    assert ada["student"] == "ada"
    assert (bob["student"], bob["verdict"], bob["points"]) == ("'=bob", "rejected", "")
    assert (bob["max_points"], bob["message"]) == ("6.0", "It is cut off.")
