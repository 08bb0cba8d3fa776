"""The zips of learning platforms, named as these name them, packed and unpacked."""

from __future__ import annotations

import pytest

from autograder.intake.archives import find
from autograder.intake.document import Rejected
from autograder.intake.platforms import LATE
from tests.intake.test_archives import NAME, Files, Place, by_student, folder, place, zipped

__all__ = ["folder", "place", "zipped"]

CANVAS = {
    "lovelaceada_1234_50001_numbers.ipynb": b"a",
    "babbagecharles_LATE_88_50002_my numbers (final)-1.ipynb": b"c",
    "o_brien2flann_1235_50003_numbers.ipynb": b"o",
    "李雷_1236_50004_numbers.ipynb": b"l",
}

MOODLE = {
    "Ada Lovelace_1234567_assignsubmission_file_/numbers.ipynb": b"a",
    "Charles Babbage_1234568_assignsubmission_file/numbers.ipynb": b"c",
    "Participant 12_99_assignsubmission_file_/sub/mine.ipynb": b"p",
    "Default group_assignsubmission_file/numbers.ipynb": b"d",
    "Flann O'Brien_7_assignsubmission_file_numbers.ipynb": b"o",
}


def test_canvas_names_are_read(place: Place) -> None:
    found = find([place(CANVAS)], NAME)
    assert by_student(found) == {
        "lovelaceada-1234": b"a",
        "babbagecharles-88": b"c",
        "o_brien2flann-1235": b"o",
        "李雷-1236": b"l",
    }
    assert {each.student for each in found if LATE in each.observations} == {"babbagecharles-88"}
    assert all("_500" in each.path for each in found)  # people find the file by its own name


def test_canvas_names_without_names_are_read(place: Place) -> None:
    files = {"anon_x7Kq2_51_numbers.ipynb": b"a", "LATE_anon_Zz9_52_numbers.ipynb": b"z"}
    found = find([place(files)], NAME)
    assert by_student(found) == {"anon_x7Kq2": b"a", "anon_Zz9": b"z"}
    assert [each.student for each in found if LATE in each.observations] == ["anon_Zz9"]


def test_moodle_names_are_read(place: Place) -> None:
    assert by_student(find([place(MOODLE)], NAME)) == {
        "Ada Lovelace-1234567": b"a",
        "Charles Babbage-1234568": b"c",
        "Participant 12-99": b"p",
        "Default group": b"d",
        "Flann O'Brien-7": b"o",
    }


def test_two_of_one_name_are_two(place: Place) -> None:
    files = {
        "lovelaceada_1_11_numbers.ipynb": b"one",
        "lovelaceada_2_12_numbers.ipynb": b"other",
    }
    assert by_student(find([place(files)], NAME)) == {
        "lovelaceada-1": b"one",
        "lovelaceada-2": b"other",
    }


@pytest.mark.parametrize(
    ("files", "student"),
    [
        (CANVAS | {"curiemarie_5_6_notes.pdf": b"%PDF"}, "curiemarie-5"),
        (CANVAS | {"curiemarie_5_text.html": b"<p>"}, "curiemarie-5"),
        (MOODLE | {"Marie Curie_5_assignsubmission_file_/notes.pdf": b"%PDF"}, "Marie Curie-5"),
        (MOODLE | {"Marie Curie_5_assignsubmission_onlinetext/o.html": b"<p>"}, "Marie Curie-5"),
    ],
)
def test_who_handed_in_something_else_is_rejected_and_not_lost(
    place: Place, files: Files, student: str
) -> None:
    (found,) = (each for each in find([place(files)], NAME) if each.student == student)
    with pytest.raises(Rejected, match="no notebook"):
        found.read()


def test_of_several_files_of_a_learner_the_notebook_is_graded(place: Place) -> None:
    files = CANVAS | {
        "curiemarie_5_60001_data.csv": b"1,2",
        "curiemarie_5_60002_numbers.ipynb": b"m",
        "curiemarie_5_60003_scratch.ipynb": b"s",
    }
    (found,) = (each for each in find([place(files)], NAME) if each.student == "curiemarie-5")
    assert found.read() == b"m"
    assert "scratch.ipynb" in found.observations[0]


@pytest.mark.parametrize(
    "files",
    [
        {"ada_1_2_numbers.ipynb": b"a", "bob.ipynb": b"b"},
        {"lab_1_2_ada.ipynb": b"a", "lab_2_2_bob.ipynb": b"b"},
        {"lab_1_2_ada.ipynb": b"a", "lab_1_3_bob.ipynb": b"b"},
    ],
)
def test_other_names_with_numbers_in_them_stay_names(place: Place, files: Files) -> None:
    assert by_student(find([place(files)], NAME)).keys() == {each[:-6] for each in files}


def test_a_hostile_name_in_such_a_zip_goes_nowhere(place: Place) -> None:
    files = MOODLE | {"Eve_1_assignsubmission_file_/numbers/numbers.ipynb": b"e"}
    assert by_student(find([place(files)], NAME))["Eve-1"] == b"e"
