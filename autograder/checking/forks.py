"""The forks of a learner's process that answer the checks of one submission."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.sandbox.fork import Fork, Understudy
from autograder.sandbox.session import Session


class Forks:
    """The forks that answer the checks: one for all of them, and those that a check rewinds.

    One is as good as one for each check: its randomness is wound back for every check, what a call
    leaves behind in it is what it would leave behind in the learner's notebook, and where a call
    had to be killed a new one takes its place. It is also much faster: a fork costs as much as a
    dozen calls.

    Two rewound students of one check see the same randomness, even that of a Generator which a cell
    has made, if their forks have done the same before. So the forks that one check has rewound
    serve the next one in the same order; should that check not pass, it is taken again on new ones,
    and that is what counts. So it is with those that are asked ahead.

    What the reference answers in a learner's code is told to forks of their own, and afterwards no
    other is asked: what those might find, in the scratch or in memory that they share, could get
    into a message. Nor is anybody asked about a function whose answers were told, unless in a new
    student process.

    Attributes:
        told: the functions whose answers, by the reference, may be known in the student process.
        there: the functions that the notebook defines; None until a fork has said so.
        reused: whether the check that is being taken has a fork that had rewound, or was told
            something, for an earlier one.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.shared: Fork | None = None
        self.rewound: list[Fork] = []
        self.taken = 0
        self.reused = False
        self.apart: list[Fork] = []
        self.apart_for: Sequence[str] = ()
        self.apart_taken = 0
        self.told: set[str] = set()
        self.asked_ahead: list[Fork] = []
        self.there: frozenset[str] | None = None

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.end()

    def next_check(self) -> None:
        """What was rewound for one check, or told something, may serve another.

        Whoever still owes an answer serves nobody: it would be taken for one to the next call.
        """
        if any(fork.ended or fork.awaited for fork in (*self.rewound, *self.apart)):
            self.renew()
        if self.shared is not None and self.shared.awaited:
            self.shared.end()
        self.taken, self.apart_taken, self.reused = 0, 0, False

    def renew(self) -> None:
        """The next forks to be rewound, and to be told something, are new ones."""
        for forks in (self.rewound, self.apart):
            while forks:
                forks.pop().end()
        self.taken, self.apart_taken, self.reused = 0, 0, False

    def ahead(self, place: int) -> Fork:
        """A fork that is asked what everybody is asked, and afterwards nothing.

        Who does not pass there is asked by another, which knows nothing of these questions.

        Args:
            place: 0 for the first, which also answers as the student that all checks share.
        """
        if any(fork.ended for fork in self.asked_ahead):
            self._end_ahead()
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
        if self.taken < len(self.rewound):
            self.reused = True
        else:
            self.rewound.append(self.session.fork_ahead())
        self.taken += 1
        return self.rewound[self.taken - 1]

    def may_be_told(self, asked: str) -> bool:
        """Whether one who is asked about this function may be told what others answer.

        If its own answers are known in the student process, there is a new one first.
        """
        if asked not in self.told:
            return True
        if not self.session.renewable:
            return False
        self.end()
        self.session.renew()
        self.told.clear()
        return True

    def to_be_told(self, functions: Sequence[str], by: Understudy) -> Fork:
        """A fork in which somebody else answers for some functions.

        It serves all checks that need the same, one after the other.

        Args:
            functions: those that somebody else answers for.
            by: who does.

        Raises:
            TimedOut: none could be made in time.
            Crashed: the student process has ended, or the fork has.
        """
        if self.apart_for != functions:
            self.renew()
            self.apart_for = functions
        self.told.update(functions)
        if self.apart_taken < len(self.apart):
            self.reused = True
            self.apart[self.apart_taken].understudy = by
        else:
            self.apart.append(self.session.fork_ahead())
            self.apart[-1].replace(functions, by)
        self.apart_taken += 1
        return self.apart[self.apart_taken - 1]

    def end(self) -> None:
        """Ends all forks there are."""
        self.renew()
        self._end_ahead()
        if self.shared is not None:
            self.shared.end()

    def _end_ahead(self) -> None:
        while self.asked_ahead:
            self.asked_ahead.pop().end()
