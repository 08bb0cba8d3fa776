"""The zips of learning platforms, named as these name them, packed and unpacked."""

from __future__ import annotations

import time

import pytest

from autograder.intake.find import find
from autograder.intake.lms import LATE, TWO_WAYS
from autograder.intake.parse import Rejected
from tests.helpers.archives import NAME, Files, Place, by_student

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


BOB = "Bob Roe_77_assignsubmission_file"


@pytest.mark.parametrize(
    "name",
    [
        f"{BOB}_1234_assignsubmission_file_/numbers.ipynb",
        f"{BOB}_1234_assignsubmission_file/numbers.ipynb",
        f"{BOB}_x_1234_assignsubmission_file/deep/numbers.ipynb",
        f"{BOB}_x_1234_assignsubmission_file_numbers.ipynb",
        f"{BOB}_\\numbers_1234_assignsubmission_file_.ipynb",
    ],
)
@pytest.mark.parametrize("bob", [{}, {f"{BOB}_/numbers.ipynb": b"b"}])
def test_nobody_is_another_in_moodle_by_a_full_name(place: Place, name: str, bob: Files) -> None:
    found = find([place(MOODLE | bob | {name: b"e"})], NAME)
    assert len(found) == len(MOODLE | bob) + 1
    students = {each.student: each for each in found}
    (eve,) = (each for each in found if each.student.startswith(BOB))
    with pytest.raises(Rejected) as rejected:
        eve.read()
    assert str(rejected.value) == TWO_WAYS
    assert ("Bob Roe-77" in students) == bool(bob)
    if bob:
        assert students["Bob Roe-77"].read() == b"b"
    assert students["Ada Lovelace-1234567"].read() == b"a"


def test_a_longer_name_than_moodle_gives_a_folder_is_none_of_moodles(place: Place) -> None:
    files = MOODLE | {f"{BOB}_x/numbers.ipynb": b"e", f"{BOB}_/numbers.ipynb": b"b"}
    students = by_student(find([place(files)], NAME))
    assert students["Bob Roe-77"] == b"b"
    assert students[f"{BOB}_x"] == b"e"


@pytest.mark.parametrize("files", [CANVAS, MOODLE], ids=["Canvas", "Moodle"])
@pytest.mark.parametrize("name", ["carl.ipynb", "carl_1_2_3.ipynb", f"{BOB}.ipynb"])
def test_what_an_instructor_puts_beside_them_spoils_only_itself(
    place: Place, files: Files, name: str
) -> None:
    alone = by_student(find([place(files)], NAME))
    students = by_student(find([place(files | {name: b"x"})], NAME))
    assert students.items() > alone.items()


@pytest.mark.parametrize("name", ["a\\b.ipynb", "..\\..\\b.ipynb", "\\numbers\\numbers.ipynb"])
def test_a_backslash_in_a_name_undoes_nothing_in_canvas(place: Place, name: str) -> None:
    students = by_student(find([place(CANVAS | {f"eve_5_50009_{name}": b"e"})], NAME))
    assert students == by_student(find([place(CANVAS)], NAME)) | {"eve-5": b"e"}


def test_names_of_moodle_with_the_separators_of_windows_are_read(zipped: Place) -> None:
    files = {name.replace("/", "\\"): data for name, data in MOODLE.items()}
    students = by_student(find([zipped(files)], NAME))
    assert students == by_student(find([zipped(MOODLE)], NAME))


@pytest.mark.parametrize(
    "name",
    [
        "bobroe_77_99999_x_1234_50009_numbers.ipynb",
        "bobroe_77_1234_50009_60000_numbers.ipynb",
        "bobroe_LATE_77_60000_x_1234_50009_numbers.ipynb",
    ],
)
@pytest.mark.parametrize("bob", [{}, {"bobroe_77_50010_numbers.ipynb": b"b"}])
def test_nobody_is_another_in_canvas_by_a_sortable_name(
    place: Place, name: str, bob: Files
) -> None:
    found = find([place(CANVAS | bob | {name: b"e"})], NAME)
    students = {each.student: each for each in found}
    assert len(students) == len(CANVAS | bob) + 1
    with pytest.raises(Rejected) as rejected:
        students[name.removesuffix(".ipynb")].read()
    assert str(rejected.value) == TWO_WAYS
    assert [students["bobroe-77"].read()] == [b"b"] if bob else "bobroe-77" not in students


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("eve_5_50009_lab_1_2_numbers.ipynb", "eve-5"),
        ("eve_5_50009_01_numbers.ipynb", "eve-5"),
        ("eve_5_50009_1_numbers.ipynb", "eve-5"),
        ("eve_7_8_9_x_5_50009_numbers.ipynb", "eve_7_8_9_x-5"),
    ],
)
def test_small_numbers_in_a_name_are_none_of_canvas(place: Place, name: str, student: str) -> None:
    assert by_student(find([place(CANVAS | {name: b"e"})], NAME))[student] == b"e"


@pytest.mark.parametrize("name", [".", ".."])
def test_a_folder_that_is_no_name_is_nobody_in_moodle(place: Place, name: str) -> None:
    found = find([place(MOODLE | {f"{name}_assignsubmission_file_/numbers.ipynb": b"x"})], NAME)
    students = by_student(found)
    assert len(students) == len(MOODLE) + 1
    assert not students.keys() & {".", "..", "handed-in"}


def test_in_a_class_of_two_a_name_spoils_only_itself_in_canvas(place: Place) -> None:
    bob, eve = "bobroe_77_50010_numbers.ipynb", "bobroe_77_99999_x_1234_50009_numbers.ipynb"
    students = {each.student: each for each in find([place({bob: b"b", eve: b"e"})], NAME)}
    assert students.keys() == {"bobroe-77", eve.removesuffix(".ipynb")}
    assert students["bobroe-77"].read() == b"b"


def test_names_of_many_small_numbers_are_none_of_canvas(place: Place) -> None:
    files = {"hw_1_2_3_ada.ipynb": b"a", "hw_1_2_3_bob.ipynb": b"b", "hw_2_2_3_cy.ipynb": b"c"}
    assert by_student(find([place(files)], NAME)).keys() == {each[:-6] for each in files}


@pytest.mark.parametrize(
    "name", ["a/" * 30_000 + "numbers.ipynb", "e_4_5_" + "1_" * 30_000 + ".ipynb"]
)
def test_a_name_of_great_length_takes_no_time(zipped: Place, name: str) -> None:
    start = time.process_time()
    students = by_student(find([zipped(CANVAS | {name: b"x"})], NAME))
    assert time.process_time() - start < 5
    assert students.items() > by_student(find([zipped(CANVAS)], NAME)).items()
