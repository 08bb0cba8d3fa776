"""Who did not pass is asked again, and finds nothing that tells them so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder.result import SubmissionResult
from autograder.sandbox.host.session import Session
from autograder.sandbox.protocol import limits
from tests.helpers.toy import Toy, named

Make = Callable[[str], Toy]

CHECKS = '''
@check(of="f", points=1)
def doubles(student, reference, rng):
    """f doubles."""
    asked = [(x, student.f(x)) for x in rng.normal(size=5)]
    for x, answer in asked:
        expect.close(answer, reference.f(x))


@check(of="f", points=1)
def doubles_for_two(student, reference, rng):
    """f doubles, whoever is asked."""
    one, other, x = student.rewound(), student.rewound(), float(rng.normal())
    answers = [one.f(x), other.f(x)]
    for answer in answers:
        expect.close(answer, reference.f(x))


@check(of="f", points=1)
def doubles_what_it_doubled(student, reference, rng):
    """f doubles what it has just said."""
    said = student.rewound().f(float(rng.normal()))
    x = expect.scalar(said) + 1
    expect.close(student.rewound().f(x), reference.f(x))


@check(of="f", points=1)
def nine(student):
    """f(9) is 18."""
    expect.close(student.f(9.0), 18.0)


@check(of="g", points=1)
def one_more(student, reference, rng):
    """g is one more."""
    asked = [(x, student.g(x)) for x in rng.normal(size=5)]
    for x, answer in asked:
        expect.close(answer, reference.g(x))


@check(of="g", points=1)
def one_more_for_another(student, reference, rng):
    """g is one more, whoever is asked."""
    x = float(rng.normal())
    expect.close(student.rewound().g(x), reference.g(x))
'''

BY_A_FILE = '''
import os

def times(x):
    """How often this was asked before, as files in the scratch say."""
    k = 0
    while os.path.exists(f"{float(x)!r}-{k}"):
        k += 1
    open(f"{float(x)!r}-{k}", "w").close()
    return k
'''

BY_SHARED_MEMORY = '''
import hashlib, mmap

shared = mmap.mmap(-1, 1 << 16)

def times(x):
    """How often this was asked before, as memory that all forks share says."""
    digest = hashlib.blake2b(repr(float(x)).encode(), digest_size=2).digest()
    place = int.from_bytes(digest, "big")
    shared[place] += 1
    return shared[place] - 1
'''


def gained(result: SubmissionResult, function: str) -> list[str]:
    return [
        each.id for each in result.checks if each.function == function and each.verdict.earns_points
    ]


@pytest.mark.parametrize("times", [BY_A_FILE, BY_SHARED_MEMORY], ids=["file", "memory"])
def test_who_counts_how_often_it_is_asked_the_same_has_one_answer(toy: Make, times: str) -> None:
    made = toy(CHECKS)
    right = "2 * x if times(x) else x + 5"
    wrong = made.grade(times + f"def f(x):\n    return {right}", "def g(x):\n    return 2 * x + 1")
    # Of two who are rewound the second is asked the same, and of a check both must be right.
    assert gained(wrong, "f") == []
    assert wrong.observations == ()


@pytest.mark.parametrize("place", range(1, 4))
def test_who_builds_on_a_wrong_function_has_one_answer_too(toy: Make, place: int) -> None:
    formulas = "[x - 3, x - 2, x - 1, x + 1]"
    g = (
        BY_A_FILE + "def g(x):\n"
        "    k, twice = times(x), f(x)\n"
        f"    return ({formulas}[:{place}] + [twice + 1] * 9)[k]"
    )
    result = toy(CHECKS).grade("def f(x):\n    return 2 * x if x != 9 else 0", g)
    assert gained(result, "g") == []


def test_what_another_function_left_behind_still_fails_nobody(toy: Make) -> None:
    result = toy(CHECKS).grade(
        "def f(x):\n    return 2 * x if x != 9 else 0",
        "calls = []\ndef g(x):\n    calls.append(x)\n"
        "    return 2 * x + 1 if len(calls) < 7 else 0.0",
    )
    assert gained(result, "g") == ["g_of_one", "one_more", "one_more_for_another"]


def test_a_function_that_ends_the_process_has_nobody_asked_the_same_twice(toy: Make) -> None:
    f = "import os\ndef f(x):\n    os._exit(3)"
    result = toy(CHECKS).grade(f, BY_A_FILE + "def g(x):\n    return 2 * x + 1 if times(x) else 0")
    assert gained(result, "g") == []


def test_the_cells_are_run_anew_as_seldom_as_may_be(
    toy: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewed: list[int] = []
    renew = Session.renew

    def counted(self: Session) -> None:
        renewed[-1] += 1
        renew(self)

    monkeypatch.setattr(Session, "renew", counted)
    made = toy(CHECKS)
    right, wrong = "def f(x):\n    return 2 * x", "def f(x):\n    return 3 * x"
    plain, built = "def g(x):\n    return 2 * x + 1", "def g(x):\n    return f(x) + 1"
    for cells in ((right, plain), (wrong, plain), (wrong, built)):
        renewed.append(0)
        made.grade(*cells)
    assert renewed == [0, 1, 2]  # once for who fails, and once more where ours stands in


def test_where_the_cells_take_too_long_the_instructor_is_told(
    toy: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_RERUNS_CPU_SECONDS", 0.0)
    made = toy(CHECKS)
    right = made.grade("def f(x):\n    return 2 * x", "def g(x):\n    return 2 * x + 1")
    assert right.observations == ()
    wrong = made.grade("def f(x):\n    return 3 * x", "def g(x):\n    return 2 * x + 1")
    assert wrong.observations == ()
    counts = BY_A_FILE + "def f(x):\n    return 2 * x if times(x) else 0.5"
    again = made.grade(counts, "def g(x):\n    return 2 * x + 1")
    (said,) = again.observations
    assert said.startswith("A second try was needed")
    assert "doubles" in said
    assert named(again, "doubles").verdict.earns_points
