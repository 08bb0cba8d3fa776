"""Which fork answers, and what those know that were told what the reference answers."""

from __future__ import annotations

from typing import Any, cast

from autograder.checking.forks import Forks


class Ended:
    """Stands in for a fork."""

    def __init__(self) -> None:
        self.ended = False
        self.awaited = 0
        self.understudy: object = None

    def replace(self, _functions: object, by: object) -> None:
        self.understudy = by

    def end(self) -> None:
        self.ended = True


class Session:
    """Stands in for a submission whose cells have been run."""

    def __init__(self, *, renewable: bool = True) -> None:
        self.renewable = renewable
        self.renewed = 0

    def fork_ahead(self) -> Ended:
        return Ended()

    def renew(self) -> None:
        self.renewed += 1


def forks_of(session: Session) -> Any:
    return Forks(cast("Any", session))


def test_nobody_is_asked_about_a_function_whose_answers_the_process_may_know() -> None:
    session = Session()
    forks = forks_of(session)
    fork = forks.to_be_told(["f"], "somebody")
    assert forks.may_be_told("g")
    assert session.renewed == 0
    assert forks.may_be_told("f")
    assert session.renewed == 1
    assert fork.ended
    assert forks.may_be_told("f")
    assert session.renewed == 1


def test_where_the_cells_take_too_long_to_be_run_again_nobody_is_asked() -> None:
    forks = forks_of(Session(renewable=False))
    forks.to_be_told(["f"], "somebody")
    assert forks.may_be_told("g")
    assert not forks.may_be_told("f")


def test_who_was_told_something_serves_the_next_check_that_needs_the_same() -> None:
    forks = forks_of(Session())
    one, other = (forks.to_be_told(["f"], who) for who in ("somebody", "another"))
    assert one is not other
    assert not forks.reused
    forks.next_check()
    assert forks.to_be_told(["f"], "a third") is one
    assert one.understudy == "a third"
    assert forks.reused


def test_nobody_is_told_of_other_functions_too() -> None:
    forks = forks_of(Session())
    one = forks.to_be_told(["f"], "somebody")
    forks.next_check()
    assert forks.to_be_told(["f", "e"], "somebody") is not one
    assert one.ended


def test_one_that_has_ended_serves_nobody() -> None:
    forks = forks_of(Session())
    one = forks.to_be_told(["f"], "somebody")
    one.end()
    forks.next_check()
    assert forks.to_be_told(["f"], "somebody") is not one
