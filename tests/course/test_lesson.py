"""The notebook that is built from a lesson."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from bs4 import BeautifulSoup

from autograder.course.assignment import BadAssignment, find_course
from autograder.course.builder import build, write_source
from autograder.course.lesson import Role
from tests.helpers.commands import autograder

if TYPE_CHECKING:
    from tests.helpers.course import Course


def nbgrader_metadata(course: Course) -> dict[str, dict[str, object]]:
    notebook = course.lesson.source_notebook()
    cells = [cell.metadata["nbgrader"] for cell in notebook.cells if "nbgrader" in cell.metadata]
    return {cell["grade_id"]: cell for cell in cells}


def test_each_function_has_a_solution_a_free_visible_and_a_hidden_cell_with_the_points(
    course: Course,
) -> None:
    cells = nbgrader_metadata(course)
    assert course.lesson.functions
    for function in course.lesson.functions:
        worth = sum(check.points for check in course.assignment.checks if check.of == function)
        solution, visible, hidden = (
            cells[function],
            cells[f"{function}_visible"],
            cells[f"{function}_hidden"],
        )
        assert (solution["solution"], solution["grade"], solution["locked"]) == (True, False, False)
        assert (visible["grade"], visible["locked"], visible["points"]) == (True, True, 0)
        assert (hidden["grade"], hidden["locked"], hidden["points"]) == (True, True, worth)
        assert worth > 0


def test_functions_and_written_answer_are_worth_a_hundred_points(course: Course) -> None:
    points = [cell["points"] for cell in nbgrader_metadata(course).values() if cell["grade"]]
    assert sum(float(str(each)) for each in points) == 100


def test_written_answer_is_a_text_cell_that_a_person_marks(course: Course) -> None:
    answers = [part for part in course.lesson.parts if part.role is Role.ANSWER]
    notebook = course.lesson.source_notebook()
    cells = {cell.id: cell for cell in notebook.cells}
    assert [part.id for part in answers] == ["proof"]
    assert cells["proof"].cell_type == "markdown"
    assert cells["proof"].metadata.nbgrader["solution"]
    assert cells["proof"].metadata.nbgrader["grade"]


def test_building_twice_gives_the_same_file_and_ids_that_are_unique(course: Course) -> None:
    first, second = build(course.assignment), build(course.assignment)
    assert nbformat.writes(first.source_notebook()) == nbformat.writes(second.source_notebook())
    ids = [cell.id for cell in first.source_notebook().cells]
    assert len(set(ids)) == len(ids)
    nbformat.validate(first.source_notebook())


def test_adding_a_check_changes_no_id(tiny: Course) -> None:
    before = list(tiny.lesson.by_id)
    checks = tiny.root / "assignments/doubling/checks.py"
    extra = (
        '\n\n@check(of="double", points=1)\ndef twice_zero_is_zero(student):\n'
        '    """Twice zero is zero."""\n    expect.close(student.double(0.0), 0.0)\n'
    )
    checks.write_text(checks.read_text() + extra)
    after = build(tiny.anew().assignment)
    assert list(after.by_id) == before
    assert after.by_id["double_hidden"].points == 5


def test_the_picture_of_a_visible_check_comes_with_it_and_so_does_what_it_needs(
    tiny: Course,
) -> None:
    checks = tiny.root / "assignments/doubling/checks.py"
    helper = "def rows_of(draw, found):\n    return draw.rows(found)\n\n\n"
    old = '@check(of="double", points=1, visible=True)\n'
    assert old in checks.read_text()
    new = old.replace("True)", "True, picture=lambda draw, student: rows_of(draw, student))")
    checks.write_text(checks.read_text().replace(old, helper + new))
    visible = build(tiny.anew().assignment).by_id["double_visible"].released
    assert "    def rows_of(draw, found):\n" in visible
    assert (
        "    @notebook.picture(lambda draw, student: rows_of(draw, student))\n"
        "    def twice_one_is_two(student):\n"
    ) in visible


def test_no_source_of_a_hidden_check_is_in_the_instructors_notebook_either(tiny: Course) -> None:
    text = write_source(tiny.assignment).read_text()
    assert "twice_one_is_two" in text
    assert "twice_any_number" not in text
    assert "large_number" not in text


def test_students_see_what_nbgrader_makes_of_the_instructors_notebook(
    released_course: Course,
) -> None:
    made = nbformat.read(released_course.released, as_version=4).cells
    ours = released_course.lesson.released_notebook().cells
    assert [cell.source for cell in made] == [cell.source for cell in ours]
    assert [cell.cell_type for cell in made] == [cell.cell_type for cell in ours]
    for theirs, own in zip(made, ours, strict=True):
        marked = dict(theirs.metadata.get("nbgrader", {}))
        marked.pop("checksum", None)
        marked.pop("cell_type", None)
        assert marked == dict(own.metadata.get("nbgrader", {}))
        assert theirs.get("outputs", []) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("lesson.md", "{function} double", "{function} treble", "treble"),
        ("lesson.md", "{answer} why 4", "{answer} why", "why"),
        ("lesson.md", "{setup} numbers", "{stepup} numbers", "{stepup}"),
        ("lesson.md", "{setup} numbers", "{setup} double", "double"),
        ("checks.py", "points=1, visible=True", "points=1", "double"),
        ("checks.py", "twice_one_is_two(student)", "twice_one_is_two(student, reference)", "ref"),
    ],
)
def test_a_lesson_that_does_not_fit_is_refused_with_the_name_of_what_to_mend(
    tiny: Course, file: str, old: str, new: str, says: str
) -> None:
    path = tiny.root / "assignments/doubling" / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(BadAssignment, match=says):
        build(tiny.assignment)


def test_limits_in_the_folder_of_an_assignment_are_refused(tiny: Course) -> None:
    """Only the course's own file is read."""
    (tiny.root / "assignments/doubling/limits.toml").write_text("[doubling]\nmemory_gb = 8\n")
    with pytest.raises(BadAssignment, match=r"assignments/doubling/limits.toml is not read. Move"):
        _ = tiny.assignment.beside


def test_a_course_with_another_source_directory_is_told_that_it_is_not_supported(
    tmp_path: Path,
) -> None:
    (tmp_path / "nbgrader_config.py").write_text("c.CourseDirectory.source_directory = 'src'\n")
    (tmp_path / "src/hw").mkdir(parents=True)
    with pytest.raises(BadAssignment, match="another source_directory is not supported"):
        find_course(tmp_path / "src/hw")
    (tmp_path / "source").mkdir()
    assert find_course(tmp_path / "src/hw") == tmp_path


def test_a_preview_shows_what_students_get_with_long_cells_folded(tiny: Course) -> None:
    lesson = tiny.root / "assignments/doubling/lesson.md"
    lesson.write_text(lesson.read_text().replace("the number and itself.", "$x + x$."))
    done = autograder(tiny, "preview", "doubling")
    assert done.stdout == "preview/doubling.html\n"
    page = BeautifulSoup((tiny.root / "preview/doubling.html").read_text(), "html.parser")
    text = page.get_text()
    for function in tiny.lesson.functions:
        assert f"def {function}(" in text
        assert f"Run this cell to check {function}; unfold it to see how." in text
    assert "NotImplementedError" in text
    assert tiny.lesson.canary not in text
    assert "PACKED" not in text
    assert "x+x" in [each.get_text() for each in page.find_all("math")]
    assert "visible_checks" not in text
