"""A gradebook on a PostgreSQL server; `test_gradebook.py` holds a whole class against SQLite."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.helpers import postgresql
from tests.helpers.commands import WRONG
from tests.helpers.rounds import url_of
from tests.helpers.tables import Table, tables

if TYPE_CHECKING:
    from tests.helpers.course import Course

SECRET = {"AUTOGRADER_SECRET": "2a" * 32}
"""So that both courses ask on the same inputs."""


def graded(course: Course, url: str) -> dict[str, Table]:
    """Grade one submission into a gradebook, and tell what is in it."""
    path = course.submit("ada", course.handed_in({**course.solutions, "double": WRONG}))
    path.with_name("timestamp.txt").write_text("2030-01-01 12:00:00 UTC")
    course.run("autograder", "grade", course.name, "--gradebook", "--workers", "1", env=SECRET)
    return tables(url)


def test_a_submission_is_graded_into_a_server_as_into_a_file(
    released_tiny: Course, server: str, tmp_path: Path
) -> None:
    in_file = released_tiny.copy(tmp_path / "file").quick()
    wanted = graded(in_file, url_of(in_file))
    on_server = released_tiny.copy(tmp_path / "server")
    (on_server.root / "gradebook.db").unlink()
    url = postgresql.create("one_submission", server)
    config = on_server.root / "nbgrader_config.py"
    config.write_text(config.read_text() + f"c.CourseDirectory.db_url = {url!r}\n")
    on_server.run("nbgrader", "generate_assignment", on_server.name, "--force")
    found = graded(on_server, url)
    for name, table in wanted.items():
        assert found[name] == table, name
    assert len(found["submitted_assignment"]) == 1
    assert not (on_server.root / "gradebook.db").exists()
