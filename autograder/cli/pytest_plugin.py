"""The pytest plugin: `pytest --submission FILE assignments/NAME` shows each check as a test.

The notebook is graded once, by the same judge and in the same sandbox as with `autograder grade`.
pytest loads this module in every run, so it imports nothing heavy before a submission is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from autograder.i18n import _

if TYPE_CHECKING:
    from autograder.checking.checks import Check
    from autograder.course.assignment import Assignment
    from autograder.result import CheckResult, SubmissionResult

CHECKS = "checks.py"
"""The file of an assignment whose checks are collected."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names the submission."""
    parser.getgroup("autograder").addoption(
        "--submission",
        type=Path,
        metavar="FILE",
        help="Grade this notebook: each check of the assignments on the command line is a test.",
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ChecksFile | None:
    """Collect the checks of an assignment if a submission is named."""
    is_assignment = file_path.name == CHECKS and file_path.with_name("lesson.md").is_file()
    if not is_assignment or parent.config.getoption("submission") is None:
        return None
    collected: ChecksFile = ChecksFile.from_parent(parent, path=file_path)
    return collected


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse to run if a submission is named and no assignment."""
    submission = config.getoption("submission")
    if submission is not None and not any(isinstance(each, CheckItem) for each in items):
        raise pytest.UsageError(
            _(
                "--submission needs the folder of an assignment with checks: "
                "pytest --submission {path} assignments/NAME"
            ).format(path=submission)
        )


class ChecksFile(pytest.File):
    """The checks of one assignment, and the result of grading the submission with them."""

    @cached_property
    def assignment(self) -> Assignment:
        """The assignment whose folder contains the file."""
        from autograder.cli.options import in_language
        from autograder.course.assignment import Assignment

        folder = self.path.parent
        return in_language(Assignment(folder.parent.parent, folder.name), None)

    @cached_property
    def graded(self) -> SubmissionResult:
        """The result of the submission; it is graded when the first test needs it."""
        from autograder.cli.options import only_submission
        from autograder.course import secret
        from autograder.course.assignment import BadAssignment
        from autograder.grading.grader import Grader
        from autograder.sandbox.host.worker import Worker
        from autograder.sandbox.isolation import SandboxError

        path = self.config.getoption("submission")
        try:
            source = only_submission(path, self.assignment.name)
            with Worker() as worker:
                key = secret.of_course(self.assignment.root)
                return Grader(self.assignment, worker, key).grade(source)
        except (BadAssignment, SandboxError, OSError, ValueError) as error:
            pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)  # all tests need it

    def collect(self) -> Iterable[pytest.Collector]:
        """Return a collector for each function, in the order of the assignment."""
        functions = dict.fromkeys(check.of for check in self.assignment.checks)
        for function in functions:
            yield FunctionChecks.from_parent(self, name=function)


class FunctionChecks(pytest.Collector):
    """The checks of one function of the student."""

    parent: ChecksFile

    def collect(self) -> Iterator[pytest.Item]:
        """Return a test for each check of the function."""
        for check in self.parent.assignment.checks:
            if check.of == self.name:
                yield CheckItem.from_parent(self, name=check.id, check=check)


class CheckItem(pytest.Item):
    """One check; it passes, fails or is skipped like the check of the graded submission."""

    def __init__(self, *, check: Check, **rest: Any) -> None:
        super().__init__(**rest)
        self.check = check

    def setup(self) -> None:
        """Grade the submission, unless an earlier test has done so.

        pytest counts a failure here as an error: the submission or the check could not be graded.
        """
        from autograder.result import JUnitOutcome, Status

        file = self.getparent(ChecksFile)
        assert file is not None  # noqa: S101  # its grandparent
        graded = file.graded
        if graded.status is Status.REJECTED:
            pytest.fail(graded.reason or "", pytrace=False)
        (self.result,) = (each for each in graded.checks if each.id == self.check.id)
        self.user_properties += [
            ("points", self.result.points),
            ("max_points", self.result.max_points),
            ("verdict", self.result.verdict.value),
            *([("mistake", self.result.mistake)] if self.result.mistake else []),
        ]
        if self.result.verdict.junit is JUnitOutcome.ERROR:
            pytest.fail(self._text(self.result), pytrace=False)

    def runtest(self) -> None:
        """Report the check's verdict."""
        from autograder.reports.ci.junit import outcome
        from autograder.result import JUnitOutcome

        reported = outcome(self.result)
        if reported is JUnitOutcome.SKIPPED:
            pytest.skip(self.result.message or self.result.verdict.label)
        if reported is JUnitOutcome.FAILURE:
            raise CheckFailed(self._text(self.result))

    def _text(self, result: CheckResult) -> str:
        from autograder.reports.labels import points

        worth = _("{points} of {most} points").format(
            points=points(result.points), most=points(result.max_points)
        )
        reason = result.message or result.verdict.label
        return "\n".join([self.check.sentence, reason, *result.notes, worth])

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *_more: object) -> str:
        """Return the sentences alone: a traceback would show the grader, not the student's code."""
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the place of the check in the assignment's file."""
        return self.path, self.check.asks.__code__.co_firstlineno - 1, self.name


class CheckFailed(Exception):
    """The student's function did not pass the check."""
