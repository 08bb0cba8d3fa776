"""The forks of a learner's process that answer the checks of one submission."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.sandbox.host.fork import CallHandler, Fork
from autograder.sandbox.host.session import Session


class Forks:
    """The forks that answer the checks: one for all of them, and those that a check rewinds.

    One is as good as one for each check: its randomness is wound back for every check, what a call
    leaves behind in it is what it would leave behind in the learner's notebook, and where a call
    had to be killed a new one takes its place. It is also much faster: a fork costs as much as a
    dozen calls.

    Two rewound students of one check see the same randomness, even that of a Generator which a cell
    has made, if their forks have done the same before. So these are new for each check.

    Forks of one student process share its scratch, and memory if they like. A function could keep
    there what it was asked, and know, when it is asked the same again, that its answer has not
    passed. So a check is asked again in a new student process, whose cells have been run anew.

    What the reference answers in a learner's code is told to forks of their own, and afterwards no
    other is asked: what those might find could get into a message. Nor is anybody asked about a
    function whose answers were told, unless in a new student process.

    Attributes:
        told: the functions whose answers, by the reference, may be known in the student process.
        asked: the checks that have been asked in the student process.
        there: the functions that the notebook defines; None until a fork has said so.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.shared: Fork | None = None
        self.of_one_check: list[Fork] = []
        self.asked_ahead: list[Fork] = []
        self.told: set[str] = set()
        self.asked: set[str] = set()
        self.there: frozenset[str] | None = None

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.end()

    def next_check(self) -> None:
        """What was rewound for one check, or told something, serves no other.

        Nor does who still owes an answer: it would be taken for one to the next call.
        """
        while self.of_one_check:
            self.of_one_check.pop().end()
        if self.shared is not None and self.shared.awaited:
            self.shared.end()

    def ahead(self, place: int) -> Fork:
        """A fork that is asked what everybody is asked, and afterwards nothing.

        Who does not pass there is asked by another, which knows nothing of these questions.

        Args:
            place: 0 for the first, which also answers as the student that all checks share.
        """
        while len(self.asked_ahead) <= place:
            if self.asked_ahead:
                self.asked_ahead.append(self.session.fork_ahead())
            else:
                self.asked_ahead.append(self.session.fork())
                self.there = self.asked_ahead[0].functions
        return self.asked_ahead[place]

    def functions(self) -> frozenset[str]:
        """The functions that the notebook defines, of those that are asked for.

        Raises:
            TimedOut: nobody says so in time.
            Crashed: the process that could has ended, and has done so again when started anew.
        """
        if self.there is None:
            self.there = self.current().functions
        return self.there

    def current(self) -> Fork:
        """The fork that all checks share; a new one where the last was killed."""
        if self.shared is None or self.shared.ended:
            self.shared = self.session.fork()
        return self.shared

    def another(self) -> Fork:
        """A fork for a rewound student."""
        self.of_one_check.append(self.session.fork_ahead())
        return self.of_one_check[-1]

    def ensure_unasked(self, check: str) -> bool:
        """Whether the student process has not been asked a check, which it will be now.

        If it has, there is a new one first, unless the cells take too long to be run again.
        """
        knows_nothing = check not in self.asked or self._renewed()
        self.asked.add(check)
        return knows_nothing

    def ensure_untainted(self, asked: str) -> bool:
        """Whether one who is asked about this function may be told what others answer.

        If its own answers are known in the student process, there is a new one first.
        """
        return asked not in self.told or self._renewed()

    def _renewed(self) -> bool:
        """Puts a new student process in the place of the old one, if there is time for it."""
        if not self.session.renewable:
            return False
        self.end()
        self.session.renew()
        self.told.clear()
        self.asked.clear()
        return True

    def fork_with_reference(self, functions: Sequence[str], by: CallHandler) -> Fork:
        """A fork in which somebody else answers for some functions.

        Args:
            functions: those that somebody else answers for.
            by: who does.

        Raises:
            TimedOut: none could be made in time.
            Crashed: the student process has ended, or the fork has.
        """
        self.told.update(functions)
        fork = self.another()
        fork.replace(functions, by)
        return fork

    def end(self) -> None:
        """Ends all forks there are."""
        self.next_check()
        while self.asked_ahead:
            self.asked_ahead.pop().end()
        if self.shared is not None:
            self.shared.end()
