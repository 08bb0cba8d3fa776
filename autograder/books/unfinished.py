"""What `nbgrader autograde` has begun and not finished, and whether it can begin at all.

nbgrader writes a submission into `autograded/` before it is graded, and the next run passes over
all that is there. So who is killed in between would leave a learner without marks for ever. A file
in the folder says that it is not finished; its lock tells whether somebody is still at it. The next
command of nbgrader removes what nobody is at, and the next `autograde` does it again.

`autograder grade --gradebook` and nbgrader's `autograde` do not grade the same assignment at the
same time: one locks its folder, alone, and the other locks it for each submission.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

import sqlalchemy
from sqlalchemy import event
from sqlalchemy.engine import Engine, ExceptionContext
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Application

from autograder.language import N_, _

MARK = ".autograder-unfinished"

PATIENCE = 10
"""Seconds for which a gradebook may be locked."""

UNUSABLE = 2

BUSY = N_(
    "Somebody else is grading {name} into the gradebook. Wait until that has ended, and do it "
    "again."
)

_marks: dict[Path, int] = {}
"""The marks of this process, and the descriptors that keep them locked."""

_shares: list[int] = []
"""The descriptor of the folder of the assignment that nbgrader is grading in this process."""

_lent: list[Path] = []
"""The notebook that was put into `submitted/` for it."""


class Busy(ValueError):
    """Somebody else is grading the same assignment."""


def clear(course: Path) -> None:
    """Removes from `autograded/` what somebody has begun who was killed.

    `nbgrader_config.py` calls this.
    """
    for mark in course.glob(f"autograded/*/*/{MARK}"):
        with suppress(OSError):  # somebody is at it, or it cannot be removed, as nbgrader will say
            descriptor = os.open(mark, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(mark.parent)
            finally:
                os.close(descriptor)


@contextmanager
def alone(assignment: Path) -> Iterator[None]:
    """Nobody else grades an assignment into the gradebook meanwhile.

    Args:
        assignment: its folder.

    Raises:
        Busy: somebody is at it.
    """
    descriptor = _locked(assignment, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


def take_part(assignment: Path) -> bool:
    """Says that nbgrader is grading an assignment, until `finish`; False if it must not.

    Args:
        assignment: its folder.

    Raises:
        SystemExit: it must not, and it is nbgrader's command that asks.
    """
    leave()
    try:
        _shares.append(_locked(assignment, fcntl.LOCK_SH))
    except Busy as busy:
        if _command_url() is not None:
            end(str(busy))
        return False
    return True


def leave() -> None:
    """Takes back what `take_part` has said, and what `lend` was told of."""
    while _shares:
        os.close(_shares.pop())
    while _lent:
        with suppress(OSError):
            _lent.pop().unlink()


atexit.register(leave)  # nbgrader calls no hook where it fails


def lend(notebook: Path) -> None:
    """Says that a notebook lies in `submitted/` only while nbgrader grades it, until `finish`."""
    _lent.append(notebook.absolute())


def _locked(folder: Path, how: int) -> int:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Busy(_(BUSY).format(name=folder.name)) from None
    except OSError:
        pass  # not every file system has locks
    return descriptor


def begin(notebooks: list[str]) -> None:
    """Marks a student's folder in `autograded/`; nothing may have been written there before."""
    mark = _mark(notebooks)
    mark.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(mark, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    _marks[mark] = descriptor


def finish(*, notebooks: list[str], **_rest: object) -> None:
    """Takes the mark away; nbgrader calls this as `Autograde.post_convert_hook`."""
    mark = _mark(notebooks)
    mark.unlink(missing_ok=True)
    if mark in _marks:
        os.close(_marks.pop(mark))
    leave()


def _mark(notebooks: list[str]) -> Path:
    *_above, student, assignment = Path(notebooks[0]).absolute().parent.parts[-3:]
    return Path("autograded", student, assignment, MARK).absolute()


def demand_gradebook() -> None:
    """Ends the command in one sentence where the gradebook cannot be written, before it has begun.

    Raises:
        SystemExit: it cannot.
    """
    url = _command_url()
    if url is None:  # it is not nbgrader's command that asks, and whoever it is must not be ended
        return
    try:
        options = {"timeout": PATIENCE} if url.startswith("sqlite:") else {}
        engine = sqlalchemy.create_engine(url, connect_args=options)
        with engine.connect() as connection:
            if options:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
        engine.dispose()
    except (SQLAlchemyError, ImportError) as error:
        end(unusable(url, error))
    if not event.contains(Engine, "handle_error", _end_where_it_is_locked):
        event.listen(Engine, "handle_error", _end_where_it_is_locked)


def _end_where_it_is_locked(failure: ExceptionContext) -> None:
    """Ends the command where somebody else locks the gradebook in its middle.

    nbgrader would print a traceback and advise to upgrade the gradebook. What it was at bears a
    mark, and is done again.

    Raises:
        SystemExit: it is locked, and was for as long as SQLite waits.
    """
    if failure.engine is not None and "database is locked" in str(failure.original_exception):
        end(unusable(str(failure.engine.url), failure.original_exception))


def _command_url() -> str | None:
    """The gradebook of nbgrader's command, where this process is one."""
    coursedir = getattr(Application.instance(), "coursedir", None)
    url: str | None = getattr(coursedir, "db_url", None)
    return url


def unusable(url: str, error: BaseException) -> str:
    """Why a gradebook cannot be used, and what to do."""
    reason = str(getattr(error, "orig", None) or error).splitlines()[0]
    where = url.rpartition("@")[2]  # what stands before may be a password
    if "locked" in reason or "lock timeout" in reason:
        advice = _("End what has it open, formgrader or another autograde, and do it again.")
    elif "no such column" in reason or "UndefinedColumn" in reason:
        advice = _("An older nbgrader has made it: `nbgrader db upgrade`, and do it again.")
    else:
        advice = _(
            "See `c.CourseDirectory.db_url` in nbgrader_config.py, and whether there is room."
        )
    unusable = _("The gradebook {place} cannot be used: {reason}. {advice}")
    return unusable.format(place=where, reason=reason, advice=advice)


def end(sentence: str) -> NoReturn:
    """Ends nbgrader's command."""
    sys.stderr.write(f"autograder: {sentence}\n")
    sys.exit(UNUSABLE)
