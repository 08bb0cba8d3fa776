"""What the files of an assignment are written with."""

from autograder.checking import expect
from autograder.checking.checks import check
from autograder.checking.expect import Answer
from autograder.checking.mistakes import mistake
from autograder.checking.remembering import remember

__all__ = ["Answer", "check", "expect", "mistake", "remember"]
