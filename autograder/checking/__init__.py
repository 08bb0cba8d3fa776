"""What the files of an assignment are written with."""

from autograder.checking import expect
from autograder.checking.checks import check
from autograder.checking.expect import Answer
from autograder.checking.memoize import remember
from autograder.checking.mistakes import mistake

__all__ = ["Answer", "check", "expect", "mistake", "remember"]
