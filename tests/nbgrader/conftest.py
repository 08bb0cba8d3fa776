"""A class whose submissions went through nbgrader, shared by the tests of its books."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.helpers import postgresql
from tests.helpers.books import Books, grade, hand_in_the_class
from tests.helpers.shared import made_once

if TYPE_CHECKING:
    from tests.helpers.course import Course


@pytest.fixture(scope="session", name="grade")
def _grade() -> Callable[..., dict[str, Any]]:
    return grade


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A PostgreSQL server with nothing in it; the URL of its databases lacks a name."""
    with postgresql.server() as url:
        yield url


@pytest.fixture(scope="session")
def books(released_course: Course, tmp_path_factory: pytest.TempPathFactory) -> Books:
    """A class that nbgrader's commands have graded, from `submitted/` to `feedback/`."""

    def make(folder: Path) -> Books:
        course = released_course.copy(folder / "course")
        hand_in_the_class(course)
        before = grade(course)
        course.run("nbgrader", "autograde", course.name)
        course.run("nbgrader", "generate_feedback", course.name)
        course.run("nbgrader", "export", "--to", "grades.csv")
        return Books(course, before)

    return made_once(tmp_path_factory, "books", make)
