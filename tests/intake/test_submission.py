"""Whatever a file holds, it is read as a submission in the lesson's shape or rejected in words."""

from __future__ import annotations

import copy
import json
import re
import time
from collections.abc import Callable
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.utils import compute_checksum

from autograder.course.lesson import METADATA, READ_ONLY, Lesson, Role
from autograder.intake import parse as document_module
from autograder.intake import reconcile as intake
from autograder.intake.reconcile import Rejected, Submission, read, stand_in
from autograder.nbgrader.grade_cells import write_rejection

Document = dict[str, Any]

WRITTEN = {
    "double": "def double(x):\n    return x + x",
    "halve": "def halve(x):\n    return x * 0.5",
    "why": "It is so.",
}


@pytest.fixture
def document(lesson: Lesson) -> Document:
    """A notebook as a student hands it in, as JSON has it."""
    notebook: Document = json.loads(nbformat.writes(lesson.filled(WRITTEN)))
    return notebook


def as_file(document: object) -> bytes:
    return json.dumps(document).encode()


def place(document: Document, grade_id: str) -> int:
    """Return where the cell of this id stands."""
    for number, cell in enumerate(document["cells"]):
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id:
            return number
    raise LookupError(grade_id)


def own(source: str, cell_type: str = "code") -> Document:
    """Return a cell that the student added."""
    cell: Document = {"cell_type": cell_type, "metadata": {}, "source": source}
    return cell | ({"outputs": [], "execution_count": None} if cell_type == "code" else {})


def ids(submission: Submission) -> list[str]:
    return [cell.part.id for cell in submission.cells if cell.part is not None]


def run(submission: Submission) -> dict[str, Any]:
    """Return what is defined after the cells that run have run; all of it is ours here."""
    names: dict[str, Any] = {}
    for cell in submission.cells:
        if cell.runs:
            exec(cell.source, names)  # noqa: S102
    return names


def assert_whole(submission: Submission, lesson: Lesson) -> None:
    """Every part is there once, ours are ours, and nbgrader and the wire can take it all."""
    assert sorted(ids(submission)) == sorted(lesson.by_id)
    for cell in submission.cells:
        if cell.part is not None and cell.part.role in READ_ONLY:
            assert cell.source == cell.part.source
    notebook = submission.notebook(lesson)
    nbformat.validate(notebook)
    assert nbformat.writes(notebook).encode()


def read_whole(document: Document, lesson: Lesson) -> Submission:
    submission = read(as_file(document), lesson)
    assert_whole(submission, lesson)
    return submission


def test_a_submission_as_it_was_released_and_filled_in_is_taken_as_it_is(
    lesson: Lesson, document: Document
) -> None:
    submission = read_whole(document, lesson)
    assert ids(submission) == list(lesson.by_id)
    assert submission.observations == ()
    written = {cell.part.id: cell.source for cell in submission.cells if cell.part}
    assert WRITTEN.items() <= written.items()


@pytest.mark.parametrize(
    "encode",
    [
        pytest.param(lambda text: text.encode(), id="UTF-8"),
        pytest.param(lambda text: text.encode("utf-8-sig"), id="UTF-8 with a mark"),
        pytest.param(lambda text: text.encode("utf-16"), id="UTF-16"),
        pytest.param(lambda text: b"\xfe\xff" + text.encode("utf-16-be"), id="UTF-16, big-endian"),
        pytest.param(lambda text: text.replace("\n", "\r\n").encode(), id="lines as on Windows"),
        pytest.param(
            lambda text: re.sub(r"(?<!\\)\\n", r"\\r\\n", text).encode(), id="the same in cells"
        ),
        pytest.param(lambda text: text.encode("utf-16-le"), id="UTF-16 without a mark"),
        pytest.param(lambda text: text.encode("utf-32"), id="UTF-32"),
        pytest.param(
            lambda text: (text[:-2] + ', "x": 1' + "0" * 5000 + "}").encode(),
            id="an endless number",
        ),
        pytest.param(
            lambda text: (text[:-2] + ', "x": [NaN, -Infinity, "\\ud800"]}').encode(), id="oddities"
        ),
        pytest.param(
            lambda text: (text[:-2] + ', "x": ' + "[" * 900 + "]" * 900 + "}").encode(), id="depth"
        ),
        pytest.param(lambda text: ("\n \n" + text + "\n").encode(), id="blank lines around"),
    ],
)
def test_a_file_may_be_encoded_as_editors_do(
    lesson: Lesson, document: Document, encode: Callable[[str], bytes]
) -> None:
    document["cells"].append(own("name = 'Ærøskøbing'"))
    data = encode(json.dumps(document, indent=1, ensure_ascii=False))
    submission = read(data, lesson)
    assert_whole(submission, lesson)
    wide = b"\0" in data
    assert [said[:18] for said in submission.observations] == ["The file is in UTF"] * wide
    names = run(submission)
    assert (names["double"](3), names["halve"](3), names["name"]) == (6, 1.5, "Ærøskøbing")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b" \r\n\t ", "empty", id="blank"),
        pytest.param(b"\0" * 5000, "empty", id="zeros, as a failed copy leaves"),
        pytest.param(b"PK\3\4 and so on", "zip cannot be read", id="a zip's beginning"),
        pytest.param(b"\x1f\x8b\x08 and so on", "not a zip", id="gzip"),
        pytest.param(b"7z\xbc\xaf\x27\x1c\0\4", "not a zip", id="7z"),
        pytest.param(b"Rar!\x1a\7\1\0", "not a zip", id="rar"),
        pytest.param(b"hw.ipynb".ljust(257, b"\0") + b"ustar\0", "not a zip", id="tar"),
        pytest.param(b"<!DOCTYPE html><title>Sign in</title>", "a web page", id="HTML"),
        pytest.param(b"%PDF-1.7", "a PDF", id="PDF"),
        pytest.param(b"# In[1]:\nimport numpy", "a Python script", id="a script"),
        pytest.param(b'{\n<<<<<<< HEAD\n"cells": []', "conflict", id="git's conflict marks"),
        pytest.param(b"version https://git-lfs.github.com/spec/v1", "lfs pull", id="Git LFS"),
        pytest.param(b'{"nbformat": 4} {"nbformat": 4}', "goes on", id="two of them"),
        pytest.param(b"[1] 2", "not valid JSON", id="two values"),
        pytest.param(
            b'{"doc_id": "1", "email": "a@b.c"}', "not a notebook", id="a drive's shortcut"
        ),
        pytest.param(b'{"cells": [{"source": "x', "part of it is missing", id="cut off"),
        pytest.param('{"cells": "é"}'.encode("latin-1"), "not a notebook", id="Latin-1"),
        pytest.param(b"\xff\xd8\xff\xe0 JFIF", "UTF-8", id="a picture"),
        pytest.param(b"\xff\xfe\x00", "UTF-8", id="half of UTF-16"),
        pytest.param(b"\xef\xbb\xbf", "not valid JSON", id="a mark and nothing else"),
        pytest.param("{}".encode("utf-32"), "not a notebook", id="UTF-32"),
        pytest.param("{}".encode("utf-32")[:-1], "UTF-8", id="most of UTF-32"),
        pytest.param("{}".encode("utf-16-le"), "not a notebook", id="UTF-16 without a mark"),
        pytest.param(b"[1, 2]", "not a notebook", id="a list"),
        pytest.param(b"null", "not a notebook", id="null"),
        pytest.param(b"{}", "not a notebook", id="no format"),
        pytest.param(b'{"nbformat": "4"}', "not a notebook", id="text for a format"),
        pytest.param(b'{"nbformat": null}', "not a notebook", id="null for a format"),
        pytest.param(b'{"nbformat": 5, "cells": []}', "unknown format 5", id="format 5"),
        pytest.param(b'{"nbformat": 1}', "old format 1", id="format 1"),
        pytest.param(b'{"nbformat": 0}', "old format 0", id="format 0"),
        pytest.param(b'{"nbformat": -4}', "old format -4", id="format -4"),
        pytest.param(b'{"nbformat": 3, "worksheets": 7}', "old format 3", id="format 3, broken"),
        pytest.param(b'{"nbformat": 4}', "no cells", id="no cells"),
        pytest.param(b'{"nbformat": 4, "cells": []}', "no cells", id="an empty list of cells"),
        pytest.param(b'{"nbformat": 4, "cells": {}}', "no cells", id="a dict of cells"),
        pytest.param(b'{"nbformat": 4, "cells": [null, 3]}', "no code", id="cells that are none"),
        pytest.param(b"[" * 100_000, "nested", id="nested without an end"),
        pytest.param(b'{"nbformat": 1' + b"0" * 5000 + b"}", "format 1000", id="an endless number"),
        pytest.param(b"[1" + b"0" * 5000 + b"}", "not valid JSON", id="an endless number, cut off"),
        pytest.param(b'{"nbformat": NaN}', "format nan", id="no number for a format"),
        pytest.param(b'{"nbformat": -1e999}', "old format -inf", id="less than any format"),
        pytest.param(b'{"nbformat": 4.5}', "unknown format 4.5", id="format 4.5"),
        pytest.param(b'{"nbformat": 3, "worksheets": [{"cells": [7]}]}', "3", id="3, no cells"),
    ],
)
def test_what_is_no_notebook_is_rejected_in_a_sentence(
    lesson: Lesson, data: bytes, reason: str
) -> None:
    with pytest.raises(Rejected, match=reason) as rejected:
        read(data, lesson)
    assert str(rejected.value).endswith(".")
    assert len(str(rejected.value)) < 200


def test_a_file_too_large_is_rejected(lesson: Lesson, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_module, "MAX_BYTES", 1024**2)
    with pytest.raises(Rejected, match="1 MB"):
        read(b"{" + b" " * 1024**2, lesson)


def test_a_cell_of_too_much_code_is_rejected_and_one_of_text_is_not(
    lesson: Lesson, document: Document
) -> None:
    document["cells"].append(own("x" * (intake.MAX_CODE + 1), "markdown"))
    read_whole(document, lesson)
    document["cells"].append(own("x = 1\n" * intake.MAX_CODE))
    with pytest.raises(Rejected, match=f"{6 * intake.MAX_CODE} characters of code"):
        read(as_file(document), lesson)


def test_outputs_of_many_megabytes_are_passed_over(lesson: Lesson, document: Document) -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": "y" * 10**6}
    many = [{"output_type": "stream", "name": "stdout", "text": ""}] * 10**5
    for cell in document["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [stream, *many]
            many = []
    start = time.process_time()
    read_whole(document, lesson)
    assert time.process_time() - start < 10


@pytest.mark.parametrize("old", [2, 3])
def test_an_old_format_with_a_hundred_thousand_outputs_is_read_at_once(
    lesson: Lesson, old: int
) -> None:
    outputs = [{"output_type": "stream", "stream": "stdout", "text": "y"}] * 10**5
    cells = [
        {"cell_type": "code", "input": source, "outputs": outputs, "language": "python"}
        for source in WRITTEN.values()
    ]
    start = time.process_time()
    submission = read(as_file({"nbformat": old, "worksheets": [{"cells": cells}]}), lesson)
    assert time.process_time() - start < 10
    assert_whole(submission, lesson)


def test_a_notebook_of_too_many_cells_is_rejected(lesson: Lesson, document: Document) -> None:
    document["cells"] += [own("")] * intake.MAX_CELLS
    with pytest.raises(Rejected, match=str(intake.MAX_CELLS)):
        read(as_file(document), lesson)


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}, "R"),
        ({"kernelspec": {"name": "ir"}, "language_info": {"name": "R"}}, "R"),
        ({"language_info": {"name": "julia", "version": "1.10"}}, "julia"),
    ],
)
def test_a_notebook_for_another_language_is_rejected_if_it_is_not_the_lesson(
    lesson: Lesson, document: Document, metadata: Document, language: str
) -> None:
    document["metadata"] = metadata
    submission = read_whole(document, lesson)
    (said,) = submission.observations
    assert f"for {language};" in said
    assert run(submission)["double"](3) == 6
    document["cells"] = [own("f <- function(x) x + 1")]
    with pytest.raises(Rejected, match=f"for {language}, not for Python"):
        read(as_file(document), lesson)


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        None,
        [],
        {"kernelspec": None, "language_info": 3},
        {"kernelspec": {"name": "my-env", "display_name": "Python (my-env)"}},
        {"kernelspec": {"language": "Python"}, "language_info": {"name": "ipython"}},
        {"kernelspec": {"language": ["R"]}},
        {"language_info": {"name": "python", "version": "2.7"}},
    ],
)
def test_a_notebook_that_does_not_say_another_language_is_for_python(
    lesson: Lesson, document: Document, metadata: object
) -> None:
    document["metadata"] = metadata
    read_whole(document, lesson)


@pytest.mark.parametrize("old", [2, 3])
def test_a_notebook_of_an_old_format_is_converted(lesson: Lesson, old: int) -> None:
    cells = [
        {"cell_type": "code", "language": "python", "input": source, "outputs": []}
        for source in WRITTEN.values()
        if source.startswith("def")
    ]
    document = {
        "nbformat": old,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": cells, "metadata": {}}],
    }
    submission = read_whole(document, lesson)
    assert run(submission)["double"](3) == 6


def test_read_only_cells_that_were_altered_are_ours_again_and_the_instructor_is_told(
    lesson: Lesson, document: Document
) -> None:
    altered = [part.id for part in lesson.by_id.values() if part.role in READ_ONLY]
    for grade_id in altered:
        cell = document["cells"][place(document, grade_id)]
        cell["source"] = "raise SystemExit"
        cell["cell_type"] = "markdown"
        cell["metadata"]["nbgrader"]["points"] = 1000
        cell["metadata"]["tags"] = ["skip-execution"]
    submission = read_whole(document, lesson)
    assert len(submission.observations) == len(altered)
    for grade_id, said in zip(altered, submission.observations, strict=True):
        assert grade_id in said
    text = nbformat.writes(submission.notebook(lesson))
    assert "1000" not in text
    assert "skip-execution" not in text


def test_a_cell_of_an_earlier_release_is_not_called_altered(
    lesson: Lesson, document: Document
) -> None:
    read_only = [part.id for part in lesson.by_id.values() if part.role in READ_ONLY]
    for grade_id in read_only:
        cell = nbformat.from_dict(document["cells"][place(document, grade_id)])
        cell.source = "print('what stood here before')"
        cell.metadata.nbgrader["checksum"] = compute_checksum(cell)  # as nbgrader wrote it
        document["cells"][place(document, grade_id)] = cell
    assert read(as_file(document), lesson).observations == ()


def test_blank_lines_around_a_read_only_cell_are_no_alteration(
    lesson: Lesson, document: Document
) -> None:
    cell = document["cells"][place(document, "the_imports")]
    cell["source"] = ["\n", cell["source"] if isinstance(cell["source"], str) else "", "\n", "  "]
    cell["source"] = "\n" + "".join(lesson.by_id["the_imports"].source) + "\n  "
    assert read(as_file(document), lesson).observations == ()


@pytest.mark.parametrize("lost", ["the_imports", "runner", "double_visible", "look", "why"])
def test_a_cell_that_was_deleted_is_put_back_in_its_place(
    lesson: Lesson, document: Document, lost: str
) -> None:
    del document["cells"][place(document, lost)]
    submission = read_whole(document, lesson)
    assert ids(submission) == list(lesson.by_id)
    (said,) = submission.observations
    assert lost in said
    assert run(submission)["double"](3) == 6


def test_all_cells_but_one_may_be_lost(lesson: Lesson, document: Document) -> None:
    document["cells"] = [document["cells"][place(document, "halve")]]
    submission = read_whole(document, lesson)
    assert run(submission)["halve"](3) == 1.5
    assert "double" not in run(submission)


@pytest.mark.parametrize("at", [0, 5, -1])
def test_a_function_written_elsewhere_is_not_hidden_by_the_cell_that_is_put_back(
    lesson: Lesson, document: Document, at: int
) -> None:
    del document["cells"][place(document, "double")]
    document["cells"].insert(at, own(WRITTEN["double"]))
    submission = read_whole(document, lesson)
    assert run(submission)["double"](3) == 6


def test_a_read_only_cell_that_was_copied_counts_once(lesson: Lesson, document: Document) -> None:
    at = place(document, "double_visible")
    document["cells"].insert(at, copy.deepcopy(document["cells"][at]))
    document["cells"].append(copy.deepcopy(document["cells"][at]))
    submission = read_whole(document, lesson)
    assert len(submission.cells) == len(document["cells"]) - 2


def test_both_halves_of_a_cell_that_was_split_run(lesson: Lesson, document: Document) -> None:
    at = place(document, "double")
    first, second = document["cells"][at], copy.deepcopy(document["cells"][at])
    first["source"] = "def helper(x):\n    return x + x"
    second["source"] = "def double(x):\n    return helper(x)"
    document["cells"].insert(at + 1, second)
    submission = read_whole(document, lesson)
    assert run(submission)["double"](3) == 6


def test_cells_keep_the_students_order(lesson: Lesson, document: Document) -> None:
    double, halve = place(document, "double"), place(document, "halve")
    cells = document["cells"]
    cells[double], cells[halve] = cells[halve], cells[double]
    cells[halve]["source"] = "def double(x):\n    return halve(4 * x)"
    cells[double]["source"] += "\nseen = [name for name in globals() if name == 'double']"
    submission = read_whole(document, lesson)
    names = run(submission)
    assert names["double"](3) == 6
    assert names["seen"] == []


def test_a_solution_that_was_turned_into_text_is_code_again(
    lesson: Lesson, document: Document
) -> None:
    cell = document["cells"][place(document, "double")]
    cell["cell_type"] = "markdown"
    submission = read_whole(document, lesson)
    assert run(submission)["double"](3) == 6


def test_an_answer_that_was_turned_into_code_is_text_again_and_does_not_run(
    lesson: Lesson, document: Document
) -> None:
    cell = document["cells"][place(document, "why")]
    cell["cell_type"] = "code"
    cell["source"] = "raise SystemExit"
    submission = read_whole(document, lesson)
    (answer,) = (cell for cell in submission.cells if cell.part and cell.part.id == "why")
    assert not answer.runs
    assert answer.source == "raise SystemExit"


def test_cells_of_the_students_own_are_kept_in_their_order(
    lesson: Lesson, document: Document
) -> None:
    at = place(document, "double")
    document["cells"][at:at] = [own("a = 1"), own("*text*", "markdown"), own("raw", "raw")]
    document["cells"].append(own("b = a + 1"))
    submission = read_whole(document, lesson)
    mine = [cell for cell in submission.cells if cell.part is None]
    known = [cell.source for cell in mine if cell.source in ("a = 1", "*text*", "raw", "b = a + 1")]
    assert known == ["a = 1", "*text*", "raw", "b = a + 1"]
    assert [cell.source for cell in mine if cell.runs] == ["a = 1", "b = a + 1"]


def test_of_our_cells_only_those_that_students_fill_in_run(
    lesson: Lesson, document: Document
) -> None:
    submission = read(as_file(document), lesson)
    assert {cell.part.role for cell in submission.cells if cell.part and cell.runs} == {
        Role.SOLUTION
    }


def test_nothing_the_file_says_about_itself_is_believed(lesson: Lesson, document: Document) -> None:
    document["metadata"]["celltoolbar"] = "believe me"
    for cell in document["cells"]:
        cell["metadata"]["believe"] = "me"
        if cell["cell_type"] == "code":
            cell["outputs"] = [
                {"output_type": "stream", "name": "stdout", "text": "believe me"},
            ]
    text = nbformat.writes(read(as_file(document), lesson).notebook(lesson))
    assert "believe" not in text


def test_pictures_in_text_are_kept_and_nothing_else_in_their_place(
    lesson: Lesson, document: Document
) -> None:
    cell = own("![plot](attachment:plot.png)", "markdown")
    picture = {"plot.png": {"image/png": "aGVsbG8="}}
    cell["attachments"] = picture | {"odd": 3, "worse": {"image/png": {"a": 1}}, "\ud800": {}}
    document["cells"].append(cell)
    submission = read_whole(document, lesson)
    kept = submission.notebook(lesson).cells[-1]["attachments"]
    assert kept["plot.png"] == picture["plot.png"]
    assert not {"odd", "worse"} & kept.keys()


def test_a_stand_in_with_its_points_has_no_long_cell_of_ours(lesson: Lesson) -> None:
    notebook = stand_in(lesson, "The file is empty.")
    write_rejection(notebook, lesson, "The file is empty.")
    (runner,) = (part for part in lesson.parts if part.role is Role.RUNNER)
    (cell,) = (
        each
        for each in notebook.cells
        if each.metadata.get("nbgrader", {}).get("grade_id") == runner.id
    )
    assert cell.source == runner.source.partition("\n")[0]


def test_a_stand_in_says_why_and_is_rejected_when_it_is_read_again(lesson: Lesson) -> None:
    notebook = stand_in(lesson, "The file is empty.")
    nbformat.validate(notebook)
    assert "The file is empty." in notebook.cells[0].source
    with pytest.raises(Rejected, match=r"^The file is empty\.$"):
        read(nbformat.writes(notebook).encode(), lesson)


def test_a_submission_that_was_put_into_shape_is_in_shape(
    lesson: Lesson, document: Document
) -> None:
    del document["cells"][place(document, "double")]
    document["cells"].insert(0, own(WRITTEN["double"]))
    once = read(as_file(document), lesson)
    again = read(nbformat.writes(once.notebook(lesson)).encode(), lesson)
    assert again.observations == ()
    assert [cell.source for cell in again.cells] == [cell.source for cell in once.cells]
    assert [cell.runs for cell in again.cells] == [cell.runs for cell in once.cells]


def test_a_reason_that_a_student_made_up_is_short_and_can_be_written(lesson: Lesson) -> None:
    forged = {"nbformat": 4, "metadata": {"autograder_rejected": "\ud800" + "x" * 10_000}}
    with pytest.raises(Rejected) as rejected:
        read(as_file(forged), lesson)
    assert len(str(rejected.value).encode()) < 1000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)

NBGRADER = st.fixed_dictionaries(
    {},
    optional={
        "grade_id": st.sampled_from(["double", "double_visible", "why", "the_imports", ""]) | JSON,
        "points": JSON,
    },
)

CELL = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | JSON,
        "metadata": st.fixed_dictionaries({}, optional={"nbgrader": NBGRADER | JSON}) | JSON,
        "source": st.text(max_size=9) | st.lists(JSON, max_size=3) | JSON,
        "attachments": st.dictionaries(st.text(max_size=3), JSON, max_size=2) | JSON,
        "outputs": JSON,
    },
)

NOTEBOOK = st.fixed_dictionaries(
    {"nbformat": st.sampled_from([4, 3, 2]) | st.integers(-2, 6) | JSON},
    optional={
        "nbformat_minor": JSON,
        "cells": st.lists(CELL | JSON, max_size=4) | JSON,
        "worksheets": st.lists(st.fixed_dictionaries({"cells": st.lists(CELL, max_size=3)}) | JSON)
        | JSON,
        "metadata": st.fixed_dictionaries(
            {}, optional={"kernelspec": JSON, "language_info": JSON, "autograder_rejected": JSON}
        )
        | JSON,
    },
)


@settings(max_examples=400)
@given(NOTEBOOK | JSON)
def test_any_json_is_a_whole_submission_or_rejected_in_words(lesson: Lesson, data: Any) -> None:
    reason = None
    try:
        submission = read(as_file(data), lesson)
    except Rejected as rejected:
        reason = str(rejected)
    if reason is None:
        assert_whole(submission, lesson)
    else:
        assert len(reason.encode()) < 2000


@given(st.binary(max_size=100))
def test_any_bytes_are_rejected_in_words(lesson: Lesson, data: bytes) -> None:
    with pytest.raises(Rejected):
        read(data, lesson)


@pytest.mark.parametrize("source", ["A place to start", ["A place\n", "to start"]])
@pytest.mark.parametrize(("level", "hashes"), [(2, "##"), (None, "#"), ("2", "#"), (10**6, "#")])
def test_a_heading_of_format_3_stays_one(
    lesson: Lesson, source: object, level: object, hashes: str
) -> None:
    old = {
        "nbformat": 3,
        "worksheets": [
            {
                "cells": [
                    {"cell_type": "heading", "level": level, "source": source, "metadata": {}},
                    {"cell_type": "code", "input": WRITTEN["double"], "metadata": {}},
                ]
            }
        ],
    }
    first = next(cell for cell in read(as_file(old), lesson).cells if cell.part is None)
    assert first.source == f"{hashes} A place to start"


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("zh", "zh"),
        ("zh-Hans-CN", "zh-Hans-CN"),
        ("x" * intake.MAX_LANGUAGE_CHARACTERS, "x" * intake.MAX_LANGUAGE_CHARACTERS),
        ("x" * (intake.MAX_LANGUAGE_CHARACTERS + 1), None),
        ("zh" + "_x" * 1_000_000, None),
        (["zh"], None),
        (None, None),
    ],
)
def test_a_language_of_great_length_is_none(said: object, language: str | None) -> None:
    assert intake.said_language({"metadata": {METADATA: {"language": said}}}) == language
