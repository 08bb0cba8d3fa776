"""The functions and decorators with which assignments are written."""

from autograder.checking import expect
from autograder.checking.checks import check
from autograder.checking.expect import Answer
from autograder.checking.memoize import remember
from autograder.checking.mistakes import mistake

__all__ = ["Answer", "check", "expect", "mistake", "remember"]
