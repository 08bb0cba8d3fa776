"""The students whom a file lists, and who of them handed in nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.intake.roster import missing, read

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,hw (77),Final Score
    Points Possible,,,,,15.0,(read only)
"Lovelace, Ada",1001,S-1,ada@example.org,Lab 1,,
"Curie, Marie",1002,S-2,marie,Lab 1,,
"Noether, Emmy",1003,S-3,emmy,Lab 2,,
"Student, Test",1099,,abcdef,Lab 1,,
"""

WORKSHEET = """\
\ufeffIdentifier,Full name,Email address,Status,Grade,Maximum grade,Last modified (grade)
Participant 3001,Mia Rossi,mia@example.org,Submitted,-,15,-
Participant 3002,Noa Levi,noa@example.org,No submission,-,15,-
"""


@pytest.mark.parametrize(
    ("text", "students", "wanted"),
    [
        ("id,first_name\nada,Ada\nbob,\ncyd,\n", ["ada"], ["bob", "cyd"]),
        ("id;first_name\nada;Ada, Countess\nbob;\n", ["ada"], ["bob"]),
        (CANVAS, ["lovelaceada-1001", "marie"], ["Noether, Emmy (1003)"]),
        (CANVAS, ["S-3", "ada@example.org", "curiemarie-1002"], []),
        (CANVAS, ["x-11001"], [f"{name} ({number})" for name, number in (
            ("Lovelace, Ada", 1001), ("Curie, Marie", 1002), ("Noether, Emmy", 1003))]),
        (WORKSHEET, ["Mia Rossi-3001"], ["Noa Levi (Participant 3002)"]),
        ("Username,First name\nada,Ada\nbob,Bob\n", ["bob"], ["ada"]),
        # Other platforms call the students by their names.
        (CANVAS, ["39786-64 - Ada Lovelace", "Noether_Emmy_emmy_77"], ["Curie, Marie (1002)"]),
        ("id,first_name,last_name\na,Jörg,Lee\nb,Al,Lee\n", ["Lee, Jo\u0308rg"], ["b"]),
        ("id,first_name,last_name\na,Al,Lee\nb,Al,Lee\n", ["Al Lee"], ["a", "b"]),
        ("id,first_name,last_name\na,Al,Lee\n", ["Al Lee Smith"], ["a"]),
        ("id,first_name\na,Al\n", ["Al"], ["a"]),
    ],
)  # fmt: skip
def test_who_handed_in_nothing_is_found(
    tmp_path: Path, text: str, students: list[str], wanted: list[str]
) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(text, encoding="utf-8")
    assert missing(read(file), students) == wanted


@pytest.mark.parametrize(
    "content",
    [
        '"Last Name"\t"First Name"\t"Username"\n"Ö"\t"Jo"\t"jo"\n"B"\t"Al"\t"al"\n'.encode(
            "utf-16"
        ),
        "Username;Name\njo;Jörg\nal;Al\n".encode("cp1252"),
        b"OrgDefinedId,Username,End-of-Line Indicator\n#1,#jo,#\n#2,#al,#\n",
    ],
    ids=["Blackboard", "Excel", "Brightspace"],
)
def test_a_roster_is_read_as_programs_encode_it(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "roster.csv"
    file.write_bytes(content)
    assert missing(read(file), ["jo"]) == ["al"]


@pytest.mark.parametrize(
    "content",
    [b"", b"id\n", b"name,points\nada,3\n", b"\xff\xfe\x00", b"PK\x03\x04" + b"x" * 200_000],
)
def test_a_file_that_lists_nobody_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "roster.csv"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"lists no students: give a CSV with a column `id`"):
        read(file)
