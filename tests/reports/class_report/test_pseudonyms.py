"""Pseudonyms tell students apart, and nobody who they are."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.html.class_report.pseudonyms import Hider, pseudonyms

NAMES = ["ada_lovelace", "bob", "group1/cleo", "Zoë Abara", "王伟", "ann"]
ALIASES = ["Student 1", "Student 2", "Student 3", "Student 4", "Student 5", "Student 6"]


@given(st.integers(1, 300))
def test_every_student_has_one_of_their_own(number: int) -> None:
    found = pseudonyms(number)
    assert len(set(found)) == number
    assert sorted(found) == [f"Student {each:0{len(str(number))}}" for each in range(1, number + 1)]


def test_their_order_is_another_each_time() -> None:
    """Two orders of 50 are the same once in 50!, and that of the class no more often."""
    assert len({pseudonyms(50) for _ in range(3)} | {tuple(sorted(pseudonyms(50)))}) == 4


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("bob", "bob's file, and ADA_LOVELACE's", "Student 2's file, and Student 1's"),
        ("bob", "submitted/bob/x.ipynb is a link", "submitted/Student 2/x.ipynb is a link"),
        ("bob", "bobsleigh, announce and planned", "bobsleigh, announce and planned"),
        ("ada_lovelace", "Lovelace, Ada (1).ipynb", "…, … (1).ipynb"),
        ("group1/cleo", "group1/cleo hides cleo.txt", "Student 3 hides ….txt"),
        ("Zoë Abara", "ZOË ABARA and Abara", "Student 4 and …"),
        ("王伟", "王伟的作业", "Student 5的作业"),
        ("bob", "bob的作业", "Student 2的作业"),
        ("bob", "", ""),
    ],
)
def test_names_are_taken_out_of_texts(name: str, text: str, wanted: str) -> None:
    assert Hider(NAMES, ALIASES).hide(text, name) == wanted


def test_a_part_that_all_names_share_tells_nobody() -> None:
    hider = Hider(["learner_001", "learner_002"], ["Student 2", "Student 1"])
    assert hider.hide("A learner has 001 beside it", "learner_001") == "A learner has … beside it"


@given(
    st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=8, unique_by=str.casefold),
    st.text(max_size=10),
    st.text(max_size=10),
)
def test_no_whole_name_is_left(names: list[str], before: str, after: str) -> None:
    aliases = [f"Student {number}" for number in range(len(names))]
    hider = Hider(names, aliases)
    for name in names:
        left = hider.hide(f"{before} {name} {after}", name)
        if not re.search(re.escape(name), f"{before} {after} Student 0123456789 …", re.IGNORECASE):
            assert name not in left
