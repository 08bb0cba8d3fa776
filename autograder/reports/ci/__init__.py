"""Reports for programs, such as build servers and spreadsheets."""

from collections.abc import Callable, Iterable

from autograder.result import Result, SubmissionResult

Save = Callable[[Iterable[bytes]], None]
"""Writes the pieces of a result."""

Form = Callable[[Result, Iterable[SubmissionResult]], Iterable[bytes]]
"""Returns the pieces of a result in a format, from the result without submissions and these."""

Output = tuple[Save, Form]
