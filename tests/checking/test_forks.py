"""Which fork answers, and what those know that were told what the reference answers."""

from __future__ import annotations

from typing import Any, cast

from autograder.checking.judge.forks import Forks


class Ended:
    """Stands in for a fork."""

    def __init__(self) -> None:
        self.ended = False
        self.awaited = 0
        self.call_handler: object = None

    def replace(self, _functions: object, by: object) -> None:
        self.call_handler = by

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
    fork = forks.fork_with_reference(["f"], "somebody")
    assert forks.ensure_untainted("g")
    assert session.renewed == 0
    assert forks.ensure_untainted("f")
    assert session.renewed == 1
    assert fork.ended
    assert forks.ensure_untainted("f")
    assert session.renewed == 1


def test_where_the_cells_take_too_long_to_be_run_again_nobody_is_asked() -> None:
    forks = forks_of(Session(renewable=False))
    forks.fork_with_reference(["f"], "somebody")
    assert forks.ensure_untainted("g")
    assert not forks.ensure_untainted("f")


def test_who_has_been_asked_a_check_is_not_asked_it_again() -> None:
    session = Session()
    forks = forks_of(session)
    assert forks.ensure_unasked("a check")
    assert forks.ensure_unasked("another")
    assert session.renewed == 0
    assert forks.ensure_unasked("a check")
    assert session.renewed == 1
    assert forks.ensure_unasked("another")
    assert session.renewed == 1


def test_where_the_cells_take_too_long_to_be_run_again_that_is_said() -> None:
    forks = forks_of(Session(renewable=False))
    assert forks.ensure_unasked("a check")
    assert not forks.ensure_unasked("a check")


def test_who_was_told_something_serves_no_other_check() -> None:
    forks = forks_of(Session())
    one, other = (forks.fork_with_reference(["f"], who) for who in ("somebody", "another"))
    assert one is not other
    forks.next_check()
    assert one.ended
    assert other.ended
    assert forks.fork_with_reference(["f"], "a third") is not one
