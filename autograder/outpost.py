"""A round of grading on a machine that has no course: what travels there, and who grades it.

The round travels whole, with the assignment's files and the secret. In the process of a Dask worker
it becomes an outpost: the files in a private folder, and a judge for each thread that asks for one,
the same process that a pool starts. An outpost that computes with anything else than the asking
machine grades nothing.
"""

from __future__ import annotations

import contextlib
import platform
import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from distributed import get_worker

from autograder import environment
from autograder.books.papers import Books
from autograder.course.plain import find_exercise
from autograder.course.secret import Secret
from autograder.language import N_
from autograder.pool import Entry, Graded, Judge, Setting, Task
from autograder.sandbox.homes import Home
from autograder.sandbox.isolation import Isolation, SandboxError


class Unfit(SandboxError):
    """A worker that must not grade: it computes with something else than who asks."""


PACKAGES = ("numpy", "scipy", "ipython", "nbgrader", "msgspec", "distributed")


@lru_cache
def versions() -> Mapping[str, str]:
    """What a mark depends on beside the assignment, by name."""
    return {
        "autograder": f"{version('autograder')} ({environment.grader()[:8]})",
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "the linear algebra": environment.blas(),
        **{name: version(name) for name in PACKAGES},
    }


@dataclass(frozen=True)
class Round:
    """A round of grading, as it travels to a machine that has no course.

    Attributes:
        name: the assignment's.
        digest: of the assignment.
        isolation: how well learners' code must be kept in.
        books: what the papers for nbgrader are made from; None where nobody wants any.
        language: as of `Setting`, like the next.
        follows: likewise.
        versions: what the asking machine computes with.
        files: the assignment's, by their place in a course.
        secret: what the inputs are made from.
    """

    name: str
    digest: str
    isolation: Isolation
    books: Books | None = field(repr=False)
    language: str
    follows: bool
    versions: Mapping[str, str]
    # Dask shows and logs what it is working on; these two are for nobody's eyes.
    files: Mapping[str, bytes] = field(repr=False)
    secret: Secret = field(repr=False)

    @classmethod
    def of(cls, setting: Setting) -> Round:
        """The same round, with all that a judge elsewhere must know."""
        assignment = find_exercise(setting.root, setting.name)
        files = {place: (setting.root / place).read_bytes() for place in assignment.files}
        return cls(
            setting.name,
            assignment.digest,
            setting.isolation,
            setting.books,
            setting.language,
            setting.follows,
            versions(),
            files,
            setting.secret,
        )

    def unpack(self, root: Path) -> Setting:
        """Writes the files into a folder, and says where judges find what they need.

        Raises:
            Unfit: they are not what they were.
        """
        for place, content in self.files.items():
            path = root / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if find_exercise(root, self.name).digest != self.digest:
            raise Unfit(N_("The assignment's files did not arrive as they were sent: try again."))
        return Setting(
            root, self.name, self.secret, self.isolation, self.books, self.language, self.follows
        )


@dataclass(frozen=True)
class Came:
    """What came of a submission, and where.

    Attributes:
        result: or what has prevented it.
        processor: the kind of processor that has graded it.
    """

    result: Graded | Exception
    processor: str


class Outpost:
    """A round of grading in the process of a Dask worker: its folder and its judges.

    Dask keeps it in the worker's memory while the round lasts. When it lets go of it, the judges
    end and the folder is removed; when the worker is killed, they end with it, and whoever makes
    such a folder next on that machine removes this one.
    """

    def __init__(self, graded_round: Round) -> None:
        self.round = graded_round
        self.judges: list[Judge] = []
        self.idle: list[Judge] = []
        self.homes: list[Home] = []
        self.setting: Setting | None = None
        self.unpacking = threading.Lock()
        weakref.finalize(self, _close, self.judges, self.homes)

    def __reduce__(self) -> tuple[type[Outpost], tuple[Round]]:
        return Outpost, (self.round,)  # on another worker it has judges of its own

    def graded(self, task: Task) -> Came:
        """What came of a submission, graded by a judge that has nothing else in hand."""
        address = get_worker().address
        try:
            self._refuse_if_unfit(address)
            result = self._result(Entry(task))
        except (SandboxError, OSError) as error:
            result = error
        if isinstance(result, SandboxError | OSError) and not isinstance(result, Unfit):
            on_worker = N_("On the worker {address}: {error}")
            result = SandboxError(on_worker, address=address, error=result)
        return Came(result, environment.processor())

    def _refuse_if_unfit(self, address: str) -> None:
        here = versions()
        for name, theirs in self.round.versions.items():
            if here.get(name) != theirs:
                other = N_(
                    "The worker {address} has {name} {here}, and this machine has {there}: install "
                    "the same on both, for no mark may depend on who graded it."
                )
                raise Unfit(other, address=address, name=name, here=here.get(name), there=theirs)

    def _result(self, entry: Entry) -> Graded | Exception:
        while entry.result is None:
            judge = self._judge()
            judge.give(entry)
            if judge.take():
                self.idle.append(judge)
            else:
                self.judges.remove(judge)
                judge.end()
        return entry.result

    def _judge(self) -> Judge:
        """A judge that waits, or a new one: there are as many as threads that ask."""
        with contextlib.suppress(IndexError):
            return self.idle.pop()
        with self.unpacking:
            if self.setting is None:
                self.homes.append(Home())
                self.setting = self.round.unpack(self.homes[-1].path)
        judge = Judge(self.setting)
        self.judges.append(judge)
        return judge


def _close(judges: list[Judge], homes: list[Home]) -> None:
    """Ends judges, and removes the folder that they needed."""
    for judge in judges:
        judge.pipe.close()  # of all, so that they end at the same time
    for judge in judges:
        judge.end()
    for home in homes:
        home.remove()
