"""The zips of learning platforms, named as these name them, packed and unpacked."""

from __future__ import annotations

import time

import pytest

from autograder.intake.find import find, unpacked
from autograder.intake.lms import LATE, TWO_WAYS
from autograder.intake.parse import Rejected
from tests.helpers.archives import NAME, Files, Place, assert_rejected, by_student

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
    assert_rejected(found, "no notebook")


def test_of_several_files_of_a_student_the_notebook_is_graded(place: Place) -> None:
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


FOLDERS: dict[str, tuple[Files, tuple[str, str]]] = {
    "Stud.IP": (
        {"Lovelace, Ada/numbers.ipynb": b"a", "Müller, Jörg/numbers.ipynb": b"m"},
        ("Lovelace, Ada", "Müller, Jörg"),
    ),
    "Ilias": (
        {
            "Blatt/Lovelace_Ada_alove_321/20261130101522_numbers.ipynb": b"a",
            "Blatt/Müller_Jörg_jmue_322/20261130111522_numbers.ipynb": b"m",
        },
        ("Lovelace_Ada_alove_321", "Müller_Jörg_jmue_322"),
    ),
    "Gradescope": (
        {
            "export/submission_1/mine.ipynb": b"a",
            "export/submission_2/numbers (1).ipynb": b"m",
            "export/submission_metadata.yml": b"---",
        },
        ("submission_1", "submission_2"),
    ),
    "macOS": (
        {
            "O'Neil/sub/my work.ipynb": b"a",
            "王小明/numbers.ipynb": b"m",
            "__MACOSX/王小明/._numbers.ipynb": b"",
            "魏/numbers.ipynb": b"w",
        },
        ("O'Neil", "王小明"),
    ),
}


@pytest.mark.parametrize(("files", "students"), FOLDERS.values(), ids=FOLDERS)
def test_folders_side_by_side_may_be_named_after_students(
    place: Place, files: Files, students: tuple[str, str]
) -> None:
    found = by_student(find([place(files)], NAME, by_folder=True))
    assert (found[students[0]], found[students[1]]) == (b"a", b"m")
    assert not set(students) & {each.student for each in find([place(files)], NAME)}


PARTS = {"part1/part1.ipynb": b"1", "part2/part2-1.ipynb": b"2"}


def test_a_folder_for_each_notebook_of_a_student_is_no_student(place: Place) -> None:
    root = place(PARTS)
    for by_folder in (False, True):
        (ada,) = find([root], "hw", (), ("part1", "part2"), by_folder=by_folder)
        assert ada.student == root.stem
        assert unpacked(ada.read()) == {"part1": b"1", "part2": b"2"}


def test_in_a_class_some_have_a_folder_for_each_notebook(place: Place) -> None:
    files = {f"{name}/{file}": data for name in ("ada", "bo") for file, data in PARTS.items()}
    root = place(files | {"cy/part1.ipynb": b"1", "cy/part2.ipynb": b"2"})
    for by_folder in (False, True):
        found = find([root], "hw", (), ("part1", "part2"), by_folder=by_folder)
        assert [each.student for each in found] == ["ada", "bo", "cy"]
        assert {tuple(unpacked(each.read()).values()) for each in found} == {(b"1", b"2")}


def test_a_student_with_two_folders_costs_nobody_else_the_submission(place: Place) -> None:
    files = {"ada/first/numbers.ipynb": b"1", "ada/second/numbers.ipynb": b"2"}
    files |= {"bo/numbers.ipynb": b"b", "cy/numbers.ipynb": b"c"}
    ada, bo, cy = find([place(files)], NAME, by_folder=True)
    assert (ada.student, bo.student, bo.read(), cy.student) == ("ada", "bo", b"b", "cy")
    assert_rejected(ada, r"contains 2 notebooks called numbers\.ipynb")


ATTEMPT = "Lab 1_{user}_attempt_2026-11-{day}-11-42-10"

BLACKBOARD = {
    f"{ATTEMPT.format(user='alove', day='03')}_numbers.ipynb": b"a",
    f"{ATTEMPT.format(user='alove', day='03')}.txt": b"Name: Ada Lovelace (alove)\r\nLab 1",
    f"{ATTEMPT.format(user='alove', day='02')}_numbers.ipynb": b"before",
    f"{ATTEMPT.format(user='s_7', day='03')}_my_attempt_2020-01-01-00-00-00_x.ipynb": b"s",
    f"{ATTEMPT.format(user='s_7', day='03')}_helpers.py": b"h",
    f"{ATTEMPT.format(user='s_7', day='03')}.txt": b"\xef\xbb\xbfNom : Jo (B) (s_7)\n",
    f"{ATTEMPT.format(user='t_7', day='03')}.txt": b"Name: Jane (t_7)\n",
}


def test_blackboards_names_are_read(place: Place) -> None:
    alove, s_7, t_7 = find([place(BLACKBOARD)], NAME)
    assert (alove.student, alove.read()) == ("alove", b"a")
    assert "earlier attempts/Lab 1" not in alove.path
    assert len(alove.beside) == 1
    assert "earlier" not in "".join(name for name, _read in alove.files)
    assert (s_7.student, s_7.read(), s_7.own_files()[0]["helpers.py"]) == ("s_7", b"s", b"h")
    assert t_7.student == "t_7"
    assert_rejected(t_7, "There is no notebook here, only Lab 1_t_7_attempt")


@pytest.mark.parametrize(
    "comment", [b"\xe9" * 2000, "é".encode() * 2000, b"x" + "é".encode() * 2000]
)
def test_a_users_name_of_blackboard_is_read_whatever_the_comment_holds(
    place: Place, comment: bytes
) -> None:
    files = {}
    for user in ("mary_smith", "smith"):
        head = ATTEMPT.format(user=user, day="03")
        files[f"{head}_numbers.ipynb"] = user.encode()
        files[f"{head}.txt"] = f"Name: X ({user})\nComments:\n".encode() + comment
    found = by_student(find([place(files)], NAME))
    assert found == {"mary_smith": b"mary_smith", "smith": b"smith"}


def test_a_users_name_of_blackboard_that_no_text_says_is_not_guessed(place: Place) -> None:
    name = f"{ATTEMPT.format(user='mary_smith', day='03')}_numbers.ipynb"
    bo = f"{ATTEMPT.format(user='bo', day='03')}_numbers.ipynb"
    found = {each.student: each for each in find([place({name: b"m", bo: b"b"})], NAME)}
    assert "smith" not in found
    assert found.pop("bo").read() == b"b"
    (mary,) = found.values()
    with pytest.raises(Rejected) as rejected:
        mary.read()
    assert str(rejected.value) == TWO_WAYS


def test_users_of_blackboard_who_cannot_be_told_apart_are_rejected(place: Place) -> None:
    files = {name: data for name, data in BLACKBOARD.items() if not name.endswith(".txt")}
    files[f"{ATTEMPT.format(user='t_7', day='03')}_numbers.ipynb"] = b"t"
    found = find([place(files)], NAME)
    assert [each.student for each in found if each.student == "alove"] == ["alove"]
    others = [each for each in found if each.student != "alove"]
    assert len(others) >= 2
    for each in others:
        assert_rejected(each, r"could belong to more than one|There is no notebook")


@pytest.mark.parametrize("above", ["", "Lab 1/"])
def test_brightspaces_folders_are_read_and_the_last_attempt_counts(
    place: Place, above: str
) -> None:
    files = {
        "39786-64 - Ada Lovelace - Nov 3, 2026 942 AM/numbers.ipynb": b"before",
        "39786-64 - Ada Lovelace - Nov 3, 2026 1241 PM/numbers.ipynb": b"a",
        "39786-64 - Ada Lovelace - Nov 3, 2026 1241 PM/data/x.csv": b"x",
        "39787-65 - Jo - A - B - Nov 4, 2026 1130 AM/mine.ipynb": b"j",
        "39788-66 - Cy Rivers - Nov 4, 2026 1130 AM/answer.pdf": b"%PDF",
        "index.html": b"<html>",
    }
    found = find([place({above + name: data for name, data in files.items()})], NAME)
    ada, jo, cy = found
    assert (ada.student, ada.read()) == ("39786-64 - Ada Lovelace", b"a")
    assert ada.own_files()[0] == {"data/x.csv": b"x"}
    assert (jo.student, jo.read()) == ("39787-65 - Jo - A - B", b"j")
    assert cy.student == "39788-66 - Cy Rivers"
    assert_rejected(cy, r"only answer\.pdf")


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("Nov 3, 2026 1259 AM", "Nov 3, 2026 105 AM"),
        ("Nov 3, 2026 1159 AM", "Nov 3, 2026 1200 PM"),
        ("Nov 3, 2026 105 PM", "Nov 3, 2026 230 PM"),
        ("Nov 3, 2026 959 PM", "Nov 3, 2026 1000 PM"),
        ("Apr 3, 2026 1000 PM", "Mar 31, 2027 1000 AM"),
    ],
)
def test_a_time_of_brightspace_with_three_digits_is_read(
    place: Place, earlier: str, later: str
) -> None:
    ada = "39786-64 - Ada Lovelace - {}/numbers.ipynb"
    files = {ada.format(earlier): b"before", ada.format(later): b"a"}
    assert by_student(find([place(files)], NAME)) == {"39786-64 - Ada Lovelace": b"a"}


def test_a_date_that_cannot_be_read_costs_nobody_else_the_submission(place: Place) -> None:
    files = {
        "1-2 - Ada - Nov 3, 2026 942 AM/numbers.ipynb": b"a",
        "1-3 - Bo - Feb 30, 2026 942 AM/numbers.ipynb": b"b",
        "1-4 - Cy - Okt 3, 2026 942 AM/numbers.ipynb": b"before or after",
        "1-4 - Cy - Nov 3, 2026 942 AM/numbers.ipynb": b"c",
    }
    ada, bo, cy = find([place(files)], NAME)
    assert (ada.student, ada.read()) == ("1-2 - Ada", b"a")
    assert (bo.student, bo.read()) == ("1-3 - Bo", b"b")
    assert cy.student == "1-4 - Cy"
    assert_rejected(cy, "unclear which attempt is the last")


def test_one_student_does_not_make_the_others_another_platforms(place: Place) -> None:
    files = {
        "ada/1-2 - Bo Rivers - Nov 3, 2026 942 AM/numbers.ipynb": b"a",
        "bo/numbers.ipynb": b"b",
        "cy/Lab 1_bo_attempt_2026-11-03-11-42-10_numbers.ipynb": b"c",
    }
    found = find([place(files)], NAME, by_folder=True)
    assert by_student(found) == {"ada": b"a", "bo": b"b", "cy": b"c"}


def test_a_file_that_canvas_has_renamed_has_its_own_name_too(place: Place) -> None:
    files = CANVAS | {
        "lovelaceada_1234_50011_helpers-1.py": b"h",
        "lovelaceada_1234_50012_data-1.csv": b"1",
        "lovelaceada_1234_50013_data-2.csv": b"2",
        "lovelaceada_1234_50014_x-1.csv": b"1",
        "lovelaceada_1234_50015_x.csv": b"0",
    }
    (ada,) = (each for each in find([place(files)], NAME) if each.student == "lovelaceada-1234")
    assert ada.own_files()[0] == {
        "helpers-1.py": b"h",
        "helpers.py": b"h",
        "data-1.csv": b"1",
        "data-2.csv": b"2",
        "x-1.csv": b"1",
        "x.csv": b"0",
    }


def test_a_member_of_canvas_that_has_no_name_costs_nobody_the_submission(zipped: Place) -> None:
    found = by_student(find([zipped(CANVAS | {"..": b""})], NAME))
    assert found["lovelaceada-1234"] == by_student(find([zipped(CANVAS)], NAME))["lovelaceada-1234"]


@pytest.mark.parametrize("above", ["", "Submitted files/", "Student Work/Submitted files/"])
@pytest.mark.parametrize("called", ["Lab 1", NAME])
def test_the_last_version_in_teams_is_graded(place: Place, above: str, called: str) -> None:
    files = {
        f"{above}ada/{called}/Version 1/numbers.ipynb": b"a",
        f"{above}ada/{called}/Version 1/data/x.csv": b"x",
        f"{above}bo/{called}/Version 9/numbers.ipynb": b"before",
        f"{above}bo/{called}/Version 9/helpers.py": b"of version 9",
        f"{above}bo/{called}/Version 10/numbers.ipynb": b"b",
    }
    ada, bo = find([place(files)], NAME, by_folder=True)
    assert by_student([ada, bo]) == {"ada": b"a", "bo": b"b"}
    assert (ada.own_files()[0], ada.observations) == ({"data/x.csv": b"x"}, ())
    assert bo.own_files()[0] == {}
    (said,) = bo.observations
    assert said.endswith("these were not: bo/earlier attempts/numbers.ipynb.")


LAST = "The last attempt was graded. These earlier ones were not: {}."


def test_the_last_of_several_attempts_of_ilias_is_graded(place: Place) -> None:
    files = {
        "ada/20261130101522_numbers.ipynb": b"before",
        "ada/20261201090000_numbers.ipynb": b"a",
        "bo/20261130101522_numbers.ipynb": b"b",
        "cy/20261130101522_mine.ipynb": b"m",  # of different names, none is an attempt at the other
        "cy/20261201090000_yours.ipynb": b"y",
    }
    ada, bo, cy = find([place(files)], NAME, by_folder=True)
    assert by_student([ada, bo]) == {"ada": b"a", "bo": b"b"}
    assert ada.observations == (LAST.format("ada/20261130101522_numbers.ipynb"),)
    assert bo.observations == ()
    with pytest.raises(Rejected, match="2 notebooks"):
        cy.read()


@pytest.mark.parametrize("names", [(NAME,), ("part1", "part2")])
def test_the_last_version_in_a_students_own_folder_is_graded(
    place: Place, names: tuple[str, ...]
) -> None:
    files = {
        f"submitted/{folder}/{name}.ipynb": folder.encode()
        for folder in (
            f"ada/{NAME}/Version 9",
            f"ada/{NAME}/Version 10",
            f"bo/{NAME}",
            f"cy/{NAME}",
        )
        for name in names
    }
    ada, _bo, _cy = find([place(files)], NAME, (), names)
    read = ada.read()
    found = {NAME: read} if len(names) == 1 else unpacked(read)
    assert found == dict.fromkeys(names, f"ada/{NAME}/Version 10".encode())
    (said,) = ada.observations
    assert said.startswith("The last attempt was graded.")
    assert all(f"ada/{NAME}/Version 9/{name}.ipynb" in said for name in names)


def test_a_student_makes_no_class_of_teams(place: Place) -> None:
    files = {"ada/numbers.ipynb": b"a", "bo/my/Version 1/numbers.ipynb": b"b"}
    files["cy/numbers.ipynb"] = b"c"
    found = by_student(find([place(files)], NAME, by_folder=True))
    assert found == {"ada": b"a", "bo": b"b", "cy": b"c"}


def test_the_files_beside_a_students_notebook_come_with_it(place: Place) -> None:
    files = {
        "ada/numbers.ipynb": b"a",
        "ada/helpers.py": b"h",
        "bo/sub/numbers.ipynb": b"b",  # opens what lies in its own folder
        "bo/sub/data/x.csv": b"near",
        "bo/data/x.csv": b"far",
        "bo/notes.txt": b"n",
        "cy/20261130101522_numbers.ipynb": b"c",  # as Ilias names them
        "cy/20261130101522_helpers.py": b"h",
        "cy/other/secret.txt": b"of another assignment",
        "readme.txt": b"nobody's",
    }
    found = find([place(files)], NAME, others={"other"}, by_folder=True)
    assert {each.student: each.own_files()[0] for each in found} == {
        "ada": {"helpers.py": b"h"},
        "bo": {"data/x.csv": b"near", "notes.txt": b"n"},
        "cy": {"helpers.py": b"h", "20261130101522_helpers.py": b"h"},
    }


def test_the_files_beside_several_notebooks_come_with_them(place: Place) -> None:
    found = find([place({**PARTS, "helpers.py": b"h"})], "hw", (), ("part1", "part2"))
    assert [each.own_files()[0] for each in found] == [{"helpers.py": b"h"}]


@pytest.mark.parametrize("home", ["", "hw/"])
def test_the_files_of_others_are_none_of_a_student_whose_notebooks_lie_above(
    place: Place, home: str
) -> None:
    root = place(
        {
            "part1.ipynb": b"1",
            "part2.ipynb": b"2",
            "y.csv": b"y",
            f"ada/{home}part1.ipynb": b"a",
            f"bo/{home}part1.ipynb": b"b",
            f"bo/{home}d.csv": b"d",
            "cy/notes.csv": b"n",
        }
    )
    found = find([root], "hw", (), ("part1", "part2"))
    assert {each.student: each.own_files()[0] for each in found} == {
        "ada": {},
        "bo": {"d.csv": b"d"},
        root.stem: {"y.csv": b"y"},
    }


def test_another_assignments_notebook_in_such_a_folder_is_rejected(place: Place) -> None:
    files = {"ada/numbers.ipynb": b"a", "bo/other.ipynb": b"o", "cy/numbers.ipynb": b"c"}
    files |= {"cy/other.ipynb": b"o"}
    ada, bo, cy = find([place(files)], NAME, others={"other"}, by_folder=True)
    assert (ada.read(), bo.student, cy.read()) == (b"a", "bo", b"c")
    assert_rejected(bo, "other")


def test_a_class_of_another_assignment_is_not_taken_for_this_one(place: Place) -> None:
    files = {"ada/other.ipynb": b"a", "bo/other.ipynb": b"b", "cy/notes.txt": b"c"}
    assert not list(find([place(files)], NAME, others={"other"}, by_folder=True))


def test_folders_of_groups_are_not_students(place: Place) -> None:
    files = {"group 1/bo.ipynb": b"b", "group 2/ada.ipynb": b"a"}
    found = by_student(find([place(files)], NAME, by_folder=True))
    assert found == {"bo": b"b", "ada": b"a"}


def test_a_student_without_a_notebook_in_such_a_folder_is_rejected(place: Place) -> None:
    files = {"ada/numbers.ipynb": b"a", "bo/numbers.ipynb": b"b", "cy/numbers.py": b"c"}
    *_others, cy = find([place(files)], NAME, by_folder=True)
    assert cy.student == "cy"
    assert_rejected(cy, r"There is no notebook here, only numbers\.py; numbers")


@pytest.mark.parametrize(
    "files",
    [
        {"late/bo/numbers.ipynb": b"b", "on time/ada/numbers.ipynb": b"a"},
        {"late/ada/numbers.ipynb": b"1", "on time/ada/numbers.ipynb": b"2"},
        {
            "late/first/ada/numbers.ipynb": b"a",
            "late/first/bo/numbers.ipynb": b"b",
            "on time/first/c/numbers.ipynb": b"c",
        },
        {
            "ada/first/numbers.ipynb": b"1",
            "ada/second/numbers.ipynb": b"2",
            "b/c/numbers.ipynb": b"",
        },
        {"ada/numbers.ipynb": b"a", "bo/numbers.ipynb": b"b", "numbers.ipynb": b"c"},
        {"ada/numbers.ipynb": b"a"},
    ],
)
def test_no_folder_is_a_students_if_others_could_be(place: Place, files: Files) -> None:
    names = {each.student for each in find([place(files)], NAME, by_folder=True)}
    assert not names & {"ada", "bo", "late", "on time", "first", "b", "c"}
