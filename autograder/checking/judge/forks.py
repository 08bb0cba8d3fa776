"""Forks of a student process that answer the checks of one submission."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.sandbox.host.fork import CallHandler, Fork
from autograder.sandbox.host.session import Session


class Forks:
    """The forks of one submission: one that all checks share, and more for single checks.

    All checks share one fork because a fork costs as much as a dozen calls. Sharing is safe: every
    check reseeds the random numbers, a call leaves behind only what it would leave behind in the
    student's notebook, and a fork that had to be killed is replaced.

    A check that calls `student.rewound()` gets new forks. Two of them see the same random numbers,
    even from a Generator that a cell has made, because neither has done anything before.

    Forks of one student process share its files, and memory if they want to. A function could store
    its calls there, see that a call is repeated, and conclude that its first answer was wrong. So a
    check is repeated only in a new student process, whose cells have been run again.

    Answers of the reference go to forks of their own, and no other fork of that student process is
    used afterwards: a student's code could pass these answers on into a message. A function whose
    reference answers are known in a student process is called only in a new student process.

    Attributes:
        tainted: the functions whose reference answers may be known in the student process.
        asked_checks: the checks that the student process has been asked.
        defined: the functions that the notebook defines; None until a fork has reported them.
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
        """End the forks that served one check only.

        The shared fork ends too if it still owes an answer, which would be taken for the answer to
        the next call.
        """
        while self.check_forks:
            self.check_forks.pop().end()
        if self.shared is not None and self.shared.awaited:
            self.shared.end()

    def for_prefetch(self, place: int) -> Fork:
        """Return a fork that answers prefetched calls and nothing else.

        Args:
            place: 0 for the first, which answers for the student that all checks share and for the
                first fresh copy; 1 for the second fresh copy, and so on.
        """
        while len(self.prefetch_forks) <= place:
            if self.prefetch_forks:
                self.prefetch_forks.append(self.session.fork_ahead())
            else:
                self.prefetch_forks.append(self.session.fork())
                self.defined = self.prefetch_forks[0].functions
        return self.prefetch_forks[place]

    def functions(self) -> frozenset[str]:
        """Return the functions of the assignment that the notebook defines.

        Raises:
            TimedOut: no fork reported them in time.
            Crashed: the student process has ended, and ended again when it was restarted.
        """
        if self.defined is None:
            self.defined = self.current().functions
        return self.defined

    def current(self) -> Fork:
        """Return the fork that all checks share, or a new one if the last was killed."""
        if self.shared is None or self.shared.ended:
            self.shared = self.session.fork()
        return self.shared

    def another(self) -> Fork:
        """Return a new fork for a fresh copy of the student."""
        self.check_forks.append(self.session.fork_ahead())
        return self.check_forks[-1]

    def ensure_unasked(self, check: str) -> bool:
        """Provide a student process that has not been asked a check; return whether it worked.

        A student process that has been asked the check is replaced, unless the cells take too long
        to run again. The check counts as asked from now on.
        """
        unasked = check not in self.asked_checks or self._renew()
        self.asked_checks.add(check)
        return unasked

    def ensure_untainted(self, asked: str) -> bool:
        """Provide a student process that does not know a function's reference answers.

        Return whether it worked: a student process that may know them is replaced, unless the
        cells take too long to run again.
        """
        return asked not in self.tainted or self._renew()

    def _renew(self) -> bool:
        """Replace the student process if there is time to run its cells again."""
        if not self.session.renewable:
            return False
        self.end()
        self.session.renew()
        self.tainted.clear()
        self.asked_checks.clear()
        return True

    def fork_with_reference(self, functions: Sequence[str], by: CallHandler) -> Fork:
        """Return a new fork in which a handler answers calls of some functions.

        Args:
            functions: the names of these functions.
            by: the handler.

        Raises:
            TimedOut: the fork was not made in time.
            Crashed: the student process or the fork has ended.
        """
        self.tainted.update(functions)
        fork = self.another()
        fork.replace(functions, by)
        return fork

    def end(self) -> None:
        """End all forks."""
        self.next_check()
        while self.prefetch_forks:
            self.prefetch_forks.pop().end()
        if self.shared is not None:
            self.shared.end()
