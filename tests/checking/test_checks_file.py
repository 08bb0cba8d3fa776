"""A file of checks that cannot be right is refused, with a sentence that says what to mend."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from autograder.checking.checks import BadAssignment, Check, load_checks, load_module
from autograder.checking.mistakes import load_mistakes

HEAD = "from autograder.checking import check, expect, mistake\n\n"

ONE = '''
@check(of="f", points=2)
def one(student):
    """The first

    sentence is
    for learners.
    """
'''

TWO = '''
@check(of="f", points=0.5, visible=True, after=[one])
def two(student, rng):
    """The second one
    goes on.

    This is for colleagues.
    """
'''


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "checks.py"


def loaded(path: Path, source: str) -> tuple[Check, ...]:
    path.write_text(HEAD + source)
    return load_checks(path)


def test_checks_are_known_by_their_names_sentences_and_arguments(path: Path) -> None:
    one, two = loaded(path, ONE + TWO)
    assert (one.id, one.of, one.points, one.visible, one.after) == ("one", "f", 2, False, ())
    assert (two.id, two.points, two.visible, two.after) == ("two", 0.5, True, (one,))
    assert one.sentence == "The first"
    assert two.sentence == "The second one goes on."
    assert two.takes == {"student", "rng"}


def test_a_check_may_be_worth_nothing(path: Path) -> None:
    (only,) = loaded(path, ONE.replace("points=2", "points=0"))
    assert only.points == 0


@pytest.mark.parametrize(
    ("source", "said"),
    [
        pytest.param(ONE + ONE, "Two functions in .* are called one", id="two of one name"),
        pytest.param(
            ONE + "def one(student):\n    pass\n" + ONE.replace("def one", "def three"),
            "one",
            id="a check that a function of its name hides",
        ),
        pytest.param(
            ONE.replace("student", "student, referenc, seed"),
            "one takes referenc, seed; a check may take reference, rng, student",
            id="unknown arguments",
        ),
        pytest.param(
            ONE.replace("points=2", "points=2, visible=True").replace("student", "reference"),
            "one is visible and takes the reference",
            id="visible, and takes the reference",
        ),
        pytest.param(
            '@check(of="f", points=1)\ndef one(student):\n    pass\n',
            "docstring",
            id="no docstring",
        ),
        pytest.param(ONE.replace("points=2", "points=-1"), "-1 points", id="negative points"),
        pytest.param(
            ONE.replace("points=2", "points=float('nan')"), "nan points", id="points that are none"
        ),
        pytest.param(
            ONE.replace("points=2", 'points=2, void=" "'),
            "why the check one is withdrawn",
            id="withdrawn without a reason",
        ),
        pytest.param("x = 1", "no check", id="no check"),
        pytest.param(
            ONE.replace("points=2", "points=2, picture=lambda draw: None"),
            "one is hidden, so nobody would see its picture",
            id="a picture that nobody would see",
        ),
        pytest.param(
            ONE.replace("points=2", "points=2, visible=True, picture=lambda draw, W1: None"),
            "The picture of one takes W1; the check has no such variables",
            id="a picture of what is not there",
        ),
        pytest.param(
            ONE.replace("def one", "def later")
            + "first = later\ndel later\n"
            + ONE.replace("points=2", "points=2, after=[first]")
            + "later = first\ndel first\n",
            "one comes after a check that",
            id="after one that stands below",
        ),
    ],
)
def test_a_file_that_cannot_be_right_is_refused(path: Path, source: str, said: str) -> None:
    with pytest.raises(BadAssignment, match=said):
        loaded(path, source)


def test_a_picture_may_take_every_variable_of_its_check_and_what_draws(path: Path) -> None:
    source = """
@check(of="f", points=1, visible=True, picture=lambda draw, student, W1, shared: None)
def one(student):
    \"\"\"The first.\"\"\"
    W1, shared = student.f(), 2
    expect.that((lambda: shared)() == W1, "No.")
"""
    (one,) = loaded(path, source)
    assert one.picture is not None


def test_a_check_after_one_of_another_file_is_refused(path: Path, tmp_path: Path) -> None:
    (other,) = loaded(path, ONE)
    elsewhere = tmp_path / "others.py"
    elsewhere.write_text(
        HEAD
        + "from pathlib import Path\nfrom autograder.checking.checks import load_checks\n"
        + f"others = load_checks(Path({str(path)!r}))\n"
        + ONE.replace("points=2", "points=2, after=others").replace("def one", "def mine")
    )
    assert other.id == "one"
    with pytest.raises(BadAssignment, match="mine comes after"):
        load_checks(elsewhere)


def test_a_file_that_is_not_there_is_named(path: Path) -> None:
    with pytest.raises(BadAssignment, match=r"checks\.py"):
        load_checks(path)


def test_a_file_is_read_afresh_each_time(path: Path) -> None:
    (before,) = loaded(path, ONE)
    (after,) = loaded(path, ONE.replace("points=2", "points=7"))
    assert (before.points, after.points) == (2, 7)


REFERENCE = '''
def f(x):
    """Twice."""
    y = x + x
    return y
'''


@pytest.fixture
def reference(tmp_path: Path) -> ModuleType:
    path = tmp_path / "reference.py"
    path.write_text(REFERENCE)
    return load_module(path)


def mistaken(path: Path, source: str, reference: ModuleType) -> str:
    path.write_text(HEAD + source)
    (mistake,) = load_mistakes(path)
    return mistake.source(reference)


def test_a_mistake_changes_the_reference_where_it_matches_once(
    path: Path, reference: ModuleType
) -> None:
    source = '@mistake(of="f", change=("x + x", "x * x"))\ndef square():\n    """No."""\n'
    names: dict[str, object] = {}
    exec(mistaken(path, source, reference), names)  # noqa: S102  # our own source
    f = names["f"]
    assert callable(f)
    assert (f(3), reference.f(3)) == (9, 6)


@pytest.mark.parametrize(
    ("change", "times"),
    [("('z', 'w')", "0 times"), ("('x', 'w')", "[34] times"), ("('y', 'x')", "2")],
)
def test_a_change_that_does_not_match_exactly_once_is_refused(
    path: Path, reference: ModuleType, change: str, times: str
) -> None:
    source = f'@mistake(of="f", change={change})\ndef wrong():\n    """No."""\n'
    with pytest.raises(BadAssignment, match=f"wrong changes .* occurs {times}"):
        mistaken(path, source, reference)


def test_a_mistake_may_have_a_body_of_its_own(path: Path, reference: ModuleType) -> None:
    source = '@mistake(of="f")\ndef wrong(x):\n    """No."""\n    return x - 1\n'
    names: dict[str, object] = {}
    exec(mistaken(path, source, reference), names)  # noqa: S102  # our own source
    f = names["f"]
    assert callable(f)
    assert f(3) == 2
    assert "wrong" not in names


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('@mistake(of="f")\ndef wrong(x):\n    return x\n', "docstring"),
        ('@mistake(of="h", change=("a", "b"))\ndef wrong(x):\n    """No."""\n', "no function h"),
    ],
)
def test_a_mistake_that_cannot_be_right_is_refused(
    path: Path, reference: ModuleType, source: str, said: str
) -> None:
    with pytest.raises(BadAssignment, match=said):
        mistaken(path, source, reference)


def test_no_file_of_mistakes_is_no_mistake(path: Path) -> None:
    assert load_mistakes(path) == ()
