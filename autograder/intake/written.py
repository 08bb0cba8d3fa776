"""Tell a notebook that a student has worked on from the released one.

Students keep the original beside a copy, and submit both.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from autograder.course.asserts_assignment import PlainAssignment
from autograder.course.assignment import Assignment, BadAssignment
from autograder.course.builder import build
from autograder.course.lesson import Lesson
from autograder.intake.find import IsWritten
from autograder.intake.opening import open_notebook
from autograder.intake.reconcile import (
    Rejected,
    has_own_cell,
    is_written,
    reconcile,
    said_language,
)


def written_in(assignment: Assignment | PlainAssignment) -> IsWritten:
    """Return a function that tells whether a student has written in a notebook of an assignment."""

    @cache
    def lessons(language: str) -> dict[str, Lesson]:
        try:
            if isinstance(assignment, PlainAssignment):
                return {lesson.name: lesson for lesson in assignment.lessons}
            return {assignment.name: build(assignment.spoken(language))}
        except BadAssignment:  # grading says what is wrong
            return {}

    def is_one(name: str, data: bytes, others: Collection[str] = ()) -> bool | None:
        lesson = lessons("").get(name)
        if lesson is None:
            return None
        try:
            notebook, _said = open_notebook(data, lesson)
            lesson = lessons(said_language(notebook) or "")[name]
            apart_from = [lessons("")[each] for each in others]
            if others and not has_own_cell(notebook, lesson, apart_from):
                return None
            return is_written(reconcile(notebook, lesson), lesson)
        except Rejected:
            return None

    return is_one
