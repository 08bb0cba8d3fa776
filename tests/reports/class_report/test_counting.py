"""What is counted for the class report: marks, functions, mistakes, faults, changes."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.distribution import BINS, distribution
from autograder.reports.html.class_report import items, tally
from autograder.reports.html.class_report.comparison import compare
from autograder.reports.needs_review import Reason, review_reasons
from autograder.result import Finding, Verdict
from tests.helpers.classes import check, of, result, rows


def test_a_distribution_worked_by_hand() -> None:
    """Marks of 0, 1, 1 and 2 of 2: the mean is 1, and the squares of what differs sum up to 2."""
    found = distribution(rows([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))
    assert found is not None
    assert (found.students, found.most, found.mean, found.full) == (4, 2.0, 1.0, 1)
    assert found.deviation == pytest.approx(math.sqrt(2 / 3))
    assert found.quartiles == (0.75, 1.0, 1.25)
    assert [(each.low, each.high, each.students) for each in found.bins] == [(0, 1, 1), (1, 2, 3)]


def test_who_could_not_be_read_is_in_no_distribution() -> None:
    found = distribution([of("ada", check()), of("bob", reason="It is empty.")])
    assert found is not None
    assert found.students == 1
    assert found.deviation is None
    assert distribution([of("bob", reason="It is empty.")]) is None


@given(st.lists(st.integers(0, 400), min_size=1, max_size=50), st.integers(400, 5000))
def test_every_mark_is_in_one_bin(quarters: list[int], most: int) -> None:
    found = distribution([of("s", check("c", each / 4, most / 4)) for each in quarters])
    assert found is not None
    assert sum(each.students for each in found.bins) == len(quarters)
    assert found.bins[0].low == 0
    assert found.bins[-1].high == most / 4
    assert all(low.high == high.low for low, high in zip(found.bins, found.bins[1:], strict=False))
    assert len(found.bins) <= BINS
    for bin_ in found.bins[:-1]:
        inside = [each for each in quarters if bin_.low <= each / 4 < bin_.high]
        assert bin_.students == len(inside)


def test_a_function_has_the_mean_of_what_was_decided() -> None:
    (share,) = tally.shares(
        [
            of("ada", check("a", 2.0), check("b", 1.0)),
            of("bob", check("a", 0.0), check("b", 0.0)),
            of("cleo", check("a", None), check("b", None)),
            of("dora", check("a", 2.0), check("b", None)),
            of("emil", reason="It is empty."),
        ]
    )
    assert (share.function, share.max_points, share.mean) == ("double", 4.0, (3 + 0 + 2) / 3)
    assert (share.full, share.none) == (0, 1)


def test_who_makes_a_mistake_at_two_checks_has_made_it_once() -> None:
    rare = check("c", 0.0, mistake="rare", function="other")
    often = [check(name, 0.0, mistake="often") for name in ("a", "b")]
    made = tally.mistakes([of("ada", *often), of("bob", check()), of("cleo", *often, rare)])
    assert [(each.name, each.function, each.who) for each in made.values()] == [
        ("often", "double", (0, 2)),
        ("rare", "other", (2,)),
    ]


def test_causes_that_were_found_are_counted_by_function_and_shown_by_an_example() -> None:
    printed = Finding("printed")
    first = msgspec.structs.replace(check("a", 0.0), finding=printed)
    told = msgspec.structs.replace(check("b", 0.0, message="It returned None."), finding=printed)
    other = msgspec.structs.replace(check("c", 0.0, function="other"), finding=printed)
    made = tally.mistakes([of("ada", first), of("bob", told), of("cleo", other)])
    assert [(each.name, each.function, each.who) for each in made.values()] == [
        ("printed", "double", (0, 1)),
        ("printed", "other", (2,)),
    ]
    shown = made["printed", "double"]
    assert (shown.place, shown.check) == (1, told)


def test_a_withdrawn_check_is_no_check_that_was_not_run() -> None:
    withdrawn = check("a", 2.0, verdict=Verdict.NOT_RUN)
    waits = check("b", 0.0, verdict=Verdict.NOT_RUN)
    gone, not_run = items.analyse([of(name, withdrawn, waits) for name in ("ada", "bob")])
    assert (gone.withdrawn, gone.verdicts, gone.remark) == (
        True,
        {},
        "Withdrawn: everybody has its points.",
    )
    assert (not_run.withdrawn, not_run.verdicts) == (False, {Verdict.NOT_RUN: 2})
    assert not_run.remark == "Nobody has any points."


def test_a_check_that_fails_itself_is_told_once_with_all_whom_it_met() -> None:
    broken = check("a", None, message="KeyError")
    (fault,) = tally.faults([of("ada", broken), of("bob", check("a")), of("cleo", broken)])
    assert (fault.check, fault.messages, fault.who) == ("a", ("KeyError",), (0, 2))
    why = {"a": "KeyError: 'W1' (checks.py, line 3)"}
    told = msgspec.structs.replace(of("ada", broken), faults=why)
    (fault,) = tally.faults([told])
    assert fault.messages == (why["a"],)


def test_points_that_nobody_could_decide_on_are_no_fault_of_the_grader() -> None:
    waits = check("a", None, verdict=Verdict.NOT_RUN)
    assert tally.faults([of("ada", waits)]) == ()
    assert [each.reason for each in review_reasons(of("ada", waits))] == [Reason.UNDECIDED]


def test_every_reason_for_a_look_is_told() -> None:
    late = check("late", 0.0, verdict=Verdict.TIMED_OUT)
    ended = check("ended", 0.0, verdict=Verdict.CRASHED, function="triple")
    each = of("ada", late, late, ended, check("b", None), observations=["A.", "B."])
    assert [(look.reason.value, look.text) for look in review_reasons(each)] == [
        ("not decided", "b"),
        ("timed out", "double"),
        ("crashed", "triple"),
        ("observation", "A."),
        ("observation", "B."),
    ]
    (look,) = review_reasons(of("ada", reason="It is empty."))
    assert (look.reason.value, look.text) == ("rejected", "It is empty.")
    assert list(review_reasons(of("ada", check()))) == []


def test_what_falls_stands_first_and_what_falls_most_before_all() -> None:
    before = [of(name, check("a", 2.0), check("b", 1.0, 1.0)) for name in "abcde"]
    now = [
        of("e", check("a", 2.0), check("b", 1.0, 1.0)),
        of("a", check("a", 2.0), check("b", 0.0, 1.0)),
        of("b", check("a", 0.0), check("b", 0.0, 1.0)),
        of("c", check("a", 2.0), check("b", 1.0, 1.0), check("c", 1.0, 1.0)),
        of("f", check("a", 2.0)),
    ]
    found = compare(result(*before), result(*now))
    assert [change.student for _, change in found.changes] == ["b", "a", "c"]
    assert [place for place, _ in found.changes] == [2, 1, 3]
    assert (found.falls, found.came, found.gone) == (2, (4,), ("d",))
    assert found.differences == ()


def test_a_smaller_part_of_the_points_is_lower_too() -> None:
    (change,) = compare(
        result(of("a", check("a", 2.0))), result(of("a", check("a", 2.0), check("b", 0.0)))
    ).changes
    assert change[1].lower


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"assignment_digest": "e"}, "have changed"),
        ({"secret_fingerprint": "1"}, "another secret or seed"),
        ({"secret_fingerprint": None}, "another secret or seed"),
        ({"grader": "0.2"}, "autograder was 0.2, and is 0.1."),
        ({"numpy": "1"}, "numpy was 1, and is 2."),
        ({"processor": "x"}, "processor was x, and is not recorded."),
        ({"isolation": ()}, "sandbox had other layers"),
        ({"inputs": "notebook"}, "separate inputs"),
    ],
)
def test_what_else_is_different_between_two_runs_is_said(
    other: dict[str, object], says: str
) -> None:
    now = result(of("a", check()))
    (sentence,) = compare(msgspec.structs.replace(now, **other), now).differences
    assert says in sentence


def test_two_public_seeds_may_be_two() -> None:
    now = result(of("a", check()), seed=None)
    (sentence,) = compare(now, now).differences
    assert "seeds may differ" in sentence
