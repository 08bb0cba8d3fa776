"""A release: what nbgrader makes of the source, and the proof that nothing hidden is in it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from autograder.course.builder import write_source
from autograder.course.embedded import packing
from autograder.course.release import find_leaks, hidden_statements

if TYPE_CHECKING:
    from tests.helpers.course import Course


def leaks(course: Course, folder: Path) -> list[str]:
    hidden, _ = hidden_statements(course.assignment, course.lesson)
    return list(find_leaks(folder, course.lesson, hidden))


@pytest.fixture
def folder(tiny: Course, tmp_path: Path) -> Path:
    """What would be released of the tiny course, with nothing planted in it yet."""
    folder = tmp_path / "release"
    folder.mkdir()
    nbformat.write(tiny.lesson.released_notebook(), folder / "doubling.ipynb")
    return folder


def in_a_text_cell(notebook: Any, _folder: Path, text: str) -> None:
    notebook.cells[0].source += f"\n\nSee here: {text} and so on."


def in_a_code_cell(notebook: Any, _folder: Path, text: str) -> None:
    notebook.cells.append(nbformat.v4.new_code_cell(f"if True:\n    {text}"))


def in_the_metadata(notebook: Any, _folder: Path, text: str) -> None:
    notebook.metadata["authors"] = [{"name": "me", "notes": {"kept": text}}]


def in_a_key_of_the_metadata(notebook: Any, _folder: Path, text: str) -> None:
    notebook.cells[1].metadata[text] = True


def in_an_output(notebook: Any, _folder: Path, text: str) -> None:
    output = nbformat.v4.new_output("display_data", {"text/html": f"<pre>\n{text}\n</pre>"})
    notebook.cells[1].outputs = [output]


def in_the_packed_modules(notebook: Any, _folder: Path, text: str) -> None:
    (runner,) = (cell for cell in notebook.cells if cell.id == "runner")
    sources = packing.unpack(runner.source)
    sources["runner"] += f"\n\ndef helper():\n    {text}\n"
    before, _packed, after = runner.source.split('"""')
    runner.source = before.removesuffix("PACKED = ") + packing.pack(sources) + after


def in_an_attached_file(_notebook: Any, folder: Path, text: str) -> None:
    (folder / "helpers").mkdir()
    (folder / "helpers" / "data.py").write_text(f"def helper():\n    {text}\n")


@pytest.mark.parametrize(
    "text",
    [
        "twice_as_much = number + number",
        "twice_as_much=number+number",
        "twice_as_much  =  number +\tnumber",
        "running_total = running_total+2.0*number",
        "wanted_total = reference.total_of_doubles(several_numbers)",
        "large_number = float(rng.integers(10 ** 6, 10 ** 7))",
        "return running_total",
    ],
)
@pytest.mark.parametrize(
    "plant",
    [
        in_a_text_cell,
        in_a_code_cell,
        in_the_metadata,
        in_a_key_of_the_metadata,
        in_an_output,
        in_the_packed_modules,
        in_an_attached_file,
    ],
)
def test_a_hidden_statement_is_found_wherever_and_however_it_is_written(
    tiny: Course, folder: Path, plant: Callable[[Any, Path, str], None], text: str
) -> None:
    notebook = nbformat.read(folder / "doubling.ipynb", as_version=4)
    assert leaks(tiny, folder) == []
    plant(notebook, folder, text)
    nbformat.write(notebook, folder / "doubling.ipynb")
    assert leaks(tiny, folder)


@pytest.mark.parametrize("plant", [in_a_code_cell, in_an_attached_file])
def test_a_hidden_statement_is_found_in_code_behind_other_brackets(
    tiny: Course, folder: Path, plant: Callable[[Any, Path, str], None]
) -> None:
    notebook = nbformat.read(folder / "doubling.ipynb", as_version=4)
    plant(notebook, folder, "twice_as_much = ((number)\n        + number)")
    nbformat.write(notebook, folder / "doubling.ipynb")
    assert leaks(tiny, folder)


def test_a_statement_with_other_quotes_is_found(tiny: Course, folder: Path) -> None:
    reference = tiny.root / "reference/doubling.py"
    reference.write_text(
        reference.read_text().replace("return twice_as_much", 'return {"answer": 1}["answer"]')
    )
    notebook = nbformat.read(folder / "doubling.ipynb", as_version=4)
    notebook.cells[0].source = "It should return {'answer' : 1}[ 'answer' ]."
    nbformat.write(notebook, folder / "doubling.ipynb")
    assert leaks(tiny, folder)


def test_the_canary_of_a_hidden_region_is_found_in_any_file(tiny: Course, folder: Path) -> None:
    (folder / "picture.svg").write_text(f"<svg><!-- {tiny.lesson.canary} --></svg>")
    found = leaks(tiny, folder)
    assert len(found) == 1
    assert "hidden region" in found[0]
    assert "picture.svg" in found[0]


def test_what_the_lesson_shows_by_itself_is_no_leak(tiny: Course) -> None:
    lesson = tiny.root / "assignments/doubling/lesson.md"
    before, _ = hidden_statements(tiny.assignment, tiny.lesson)
    lesson.write_text(lesson.read_text() + "\nThat is, `twice_as_much = number + number`.\n")
    again = tiny.anew()
    hidden, shown = hidden_statements(again.assignment, again.lesson)
    assert before - hidden == {"twice_as_much = number + number"}
    assert "twice_as_much = number + number" in shown


def test_every_hidden_region_of_the_source_bears_the_canary(course: Course) -> None:
    source = course.lesson.source_notebook()
    regions = [cell.source for cell in source.cells if "### BEGIN" in cell.source]
    assert len(regions) == 2 * len(course.lesson.functions) + 1
    assert all(course.lesson.canary in region for region in regions)
    assert course.lesson.canary not in nbformat.writes(course.lesson.released_notebook())


def test_the_real_release_holds_no_model_answer(released_course: Course) -> None:
    text = released_course.released.read_text()
    answer = released_course.assignment.answer("proof")
    lines = [line for line in answer.splitlines() if line.strip()]
    assert lines
    assert [line for line in lines if json.dumps(line)[1:-1] in text] == []


def test_the_zip_holds_the_files_of_the_release(released_course: Course) -> None:
    folder = released_course.released.parent
    with zipfile.ZipFile(folder.with_suffix(".zip")) as archive:
        zipped = {name: archive.read(name) for name in archive.namelist()}
    assert zipped == {
        str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*")
    }
    assert list(zipped) == [f"{released_course.name}.ipynb", "requirements.txt"]


def test_a_stray_file_beside_the_source_is_refused_before_nbgrader_runs(tiny: Course) -> None:
    write_source(tiny.assignment)
    (tiny.root / "source/doubling/solution.py").write_text("secret = 1\n")
    done = tiny.run("autograder", "release", "doubling", status=2)
    assert "solution.py" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not tiny.released.exists()


def test_checkpoints_that_jupyter_left_beside_the_source_go_nowhere(
    released_tiny: Course,
) -> None:
    assert (released_tiny.root / "source/doubling/.ipynb_checkpoints").is_dir()
    released = sorted(path.name for path in released_tiny.released.parent.iterdir())
    assert released == ["doubling.ipynb", "requirements.txt"]


def test_a_release_that_leaks_is_removed_and_the_leak_is_named(tiny: Course) -> None:
    header = nbformat.v4.new_notebook()
    header.cells = [nbformat.v4.new_markdown_cell("Try `twice_as_much=number+number`.")]
    nbformat.write(header, tiny.root / "header.ipynb")
    config = tiny.root / "nbgrader_config.py"
    config.write_text(f'{config.read_text()}\nc.IncludeHeaderFooter.header = "header.ipynb"\n')
    done = tiny.run("autograder", "release", "doubling", status=2)
    assert "twice_as_much = number + number" in done.stderr
    assert "doubling.ipynb" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not tiny.released.exists()
    assert not tiny.released.parent.with_suffix(".zip").exists()
