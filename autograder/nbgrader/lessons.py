"""The assignments of a course and their lessons, built once for a whole run of nbgrader."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from autograder.course.assignment import Assignment
from autograder.course.builder import build
from autograder.course.lesson import Lesson, built_language


@lru_cache(maxsize=8)
def lesson(root: Path, name: str, language: str) -> Lesson:
    """Return the lesson of an assignment in a language."""
    return build(Assignment(root, name, language))


@lru_cache(maxsize=8)
def assignment(root: Path, name: str) -> Assignment:
    """Return an assignment in the language in which the course was built."""
    made = Assignment(root, name)
    return made.spoken(built_language(made))
