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
        tainted: the functions whose answers, by the reference, may be known in the student process.
        asked_checks: the checks that have been asked in the student process.
        defined: the functions that the notebook defines; None until a fork has said so.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.shared: Fork | None = None
        self.check_forks: list[Fork] = []
        self.prefetch_forks: list[Fork] = []
        self.tainted: set[str] = set()
        self.asked_checks: set[str] = set()
        self.defined: frozenset[str] | None = None

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.end()

    def next_check(self) -> None:
        """What was rewound for one check, or told something, serves no other.

        Nor does who still owes an answer: it would be taken for one to the next call.
        """
        while self.check_forks:
            self.check_forks.pop().end()
        if self.shared is not None and self.shared.awaited:
            self.shared.end()

    def for_prefetch(self, place: int) -> Fork:
        """A fork that is asked what everybody is asked, and afterwards nothing.

        Who does not pass there is asked by another, which knows nothing of these questions.

        Args:
            place: 0 for the first, which also answers as the student that all checks share.
        """
        while len(self.prefetch_forks) <= place:
            if self.prefetch_forks:
                self.prefetch_forks.append(self.session.fork_ahead())
            else:
                self.prefetch_forks.append(self.session.fork())
                self.defined = self.prefetch_forks[0].functions
        return self.prefetch_forks[place]

    def functions(self) -> frozenset[str]:
        """The functions that the notebook defines, of those that are asked for.

        Raises:
            TimedOut: nobody says so in time.
            Crashed: the process that could has ended, and has done so again when started anew.
        """
        if self.defined is None:
            self.defined = self.current().functions
        return self.defined

    def current(self) -> Fork:
        """The fork that all checks share; a new one where the last was killed."""
        if self.shared is None or self.shared.ended:
            self.shared = self.session.fork()
        return self.shared

    def another(self) -> Fork:
        """A fork for a rewound student."""
        self.check_forks.append(self.session.fork_ahead())
        return self.check_forks[-1]

    def ensure_unasked(self, check: str) -> bool:
        """Whether the student process has not been asked a check, which it will be now.

        If it has, there is a new one first, unless the cells take too long to be run again.
        """
        unasked = check not in self.asked_checks or self._renew()
        self.asked_checks.add(check)
        return unasked

    def ensure_untainted(self, asked: str) -> bool:
        """Whether one who is asked about this function may be told what others answer.

        If its own answers are known in the student process, there is a new one first.
        """
        return asked not in self.tainted or self._renew()

    def _renew(self) -> bool:
        """Puts a new student process in the place of the old one, if there is time for it."""
        if not self.session.renewable:
            return False
        self.end()
        self.session.renew()
        self.tainted.clear()
        self.asked_checks.clear()
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
        self.tainted.update(functions)
        fork = self.another()
        fork.replace(functions, by)
        return fork

    def end(self) -> None:
        """Ends all forks there are."""
        self.next_check()
        while self.prefetch_forks:
            self.prefetch_forks.pop().end()
        if self.shared is not None:
            self.shared.end()
