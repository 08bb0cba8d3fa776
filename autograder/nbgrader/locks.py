"""Locks and marks that keep two commands from grading into one gradebook at the same time.

nbgrader writes a submission into `autograded/` before it is graded, and the next run skips
everything that is there. So a run that is killed in between would leave a student without points
for ever. A mark in the course's `.autograder/`, where no student writes, names the unfinished
folder; its lock tells whether a command is still writing it. The next command of nbgrader removes
the folder of a mark that nobody holds, and the next `autograde` grades it again.

`autograder grade --gradebook` and nbgrader's `autograde` do not grade the same assignment at the
same time: the first locks its folder exclusively, and the second shares the lock with others of its
kind.
"""

from __future__ import annotations

import fcntl
import hashlib
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

from autograder.course.sharing import is_groupshared, share
from autograder.i18n import N_, _
from autograder.intake.beneath import opened, trusted_folder

MARKS = Path(".autograder", ".unfinished")
"""The folder of the marks in a course; no assignment has this name."""

GRADEBOOK_LOCK_SECONDS = 10
"""Seconds for which a gradebook may be locked."""

EXIT_STATUS = 2
"""The exit status of a command whose gradebook cannot be used."""

BUSY = N_(
    "Another process is grading {name} into the gradebook. Wait until it has "
    "finished, and run the command again."
)


class Busy(ValueError):
    """Another command is grading the same assignment."""


def clear(course: Path) -> None:
    """Remove unfinished folders of killed runs from `autograded/`.

    `nbgrader_config.py` calls this.
    """
    for mark in (course / MARKS).glob("*"):
        # The mark may be in use, or the folder cannot be removed, as nbgrader will say.
        with suppress(OSError), opened(os.open(mark, os.O_RDONLY | os.O_NOFOLLOW)) as descriptor:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with suppress(FileNotFoundError):
                shutil.rmtree(mark.read_bytes().decode("utf-8", "surrogateescape"))
            mark.unlink()


@contextmanager
def begun(course: Path, folder: Path) -> Iterator[None]:
    """Mark a folder in `autograded/` as unfinished while it is written.

    The mark stays if the process is killed or ends itself, because then nobody cleans up. Nothing
    may have been written into the folder before.

    Raises:
        Busy: another command is writing it.
    """
    name = os.fsencode(folder.absolute())
    mark = course / MARKS / hashlib.sha256(name).hexdigest()
    for place in (mark.parent.parent, mark.parent):
        place.mkdir(mode=0o700, exist_ok=True)
        if is_groupshared(course):
            share(place, course)
    descriptor = _marked(mark, name)
    try:
        yield
    except SystemExit:
        raise
    except BaseException:
        mark.unlink(missing_ok=True)
        raise
    else:
        mark.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _marked(mark: Path, name: bytes) -> int:
    while True:
        descriptor = os.open(mark, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            _lock(descriptor, fcntl.LOCK_EX, os.fsdecode(name))
            os.write(descriptor, name)
            if mark.exists():  # another process may have removed it before it was locked
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


@contextmanager
def lock(folder: Path, *, shared: bool = False) -> Iterator[None]:
    """Keep other runs from grading the assignment in a folder into the gradebook.

    Runs that share the lock keep only those out that do not.

    Raises:
        Busy: such a run is grading it.
    """
    with trusted_folder(folder) as descriptor:
        _lock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, folder.name)
        yield


def _lock(descriptor: int, how: int, name: str) -> None:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Busy(_(BUSY).format(name=name)) from None
    except OSError:
        pass  # not every file system has locks


def demand_gradebook() -> None:
    """End the command with one sentence, before it begins, if the gradebook cannot be written."""
    url = command_url()
    if url is None:  # another process than nbgrader's command must not be ended
        return
    try:
        options = {"timeout": GRADEBOOK_LOCK_SECONDS} if url.startswith("sqlite:") else {}
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
    """End the command if another process locks the gradebook in the middle.

    nbgrader would print a traceback and advise to upgrade the gradebook. The submission in progress
    is marked, and graded again by the next command.
    """
    if failure.engine is not None and "database is locked" in str(failure.original_exception):
        end(unusable(str(failure.engine.url), failure.original_exception))


def command_url() -> str | None:
    """Return the URL of the gradebook if this process is a command of nbgrader."""
    coursedir = getattr(Application.instance(), "coursedir", None)
    url: str | None = getattr(coursedir, "db_url", None)
    return url


def unusable(url: str, error: BaseException) -> str:
    """Return why a gradebook cannot be used, and what to do."""
    reason = str(getattr(error, "orig", None) or error).splitlines()[0]
    where = url.rpartition("@")[2]  # what stands before may be a password
    if "locked" in reason or "lock timeout" in reason:
        advice = _(
            "Close the program that has it open (formgrader or another autograde), and "
            "run the command again."
        )
    elif "no such column" in reason or "UndefinedColumn" in reason:
        advice = _(
            "An older nbgrader created it: run `nbgrader db upgrade`, and run the command again."
        )
    else:
        advice = _(
            "Check `c.CourseDirectory.db_url` in nbgrader_config.py, and whether the disk is full."
        )
    unusable = _("The gradebook {place} cannot be used: {reason}. {advice}")
    return unusable.format(place=where, reason=reason, advice=advice)


def end(sentence: str) -> NoReturn:
    """End nbgrader's command."""
    sys.stderr.write(f"autograder: {sentence}\n")
    sys.exit(EXIT_STATUS)
