"""What `nbgrader autograde` has begun and not finished, and whether it can begin at all.

nbgrader writes a submission into `autograded/` before it is graded, and the next run passes over
all that is there. So who is killed in between would leave a learner without marks for ever. A file
in the folder says that it is not finished; its lock tells whether somebody is still at it. The next
command of nbgrader removes what nobody is at, and the next `autograde` does it again.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import sqlalchemy
from sqlalchemy import event
from sqlalchemy.engine import Engine, ExceptionContext
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Application

MARK = ".autograder-unfinished"

PATIENCE = 10
"""Seconds for which a gradebook may be locked."""

UNUSABLE = 2

_marks: dict[Path, int] = {}
"""The marks of this process, and the descriptors that keep them locked."""


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


def _mark(notebooks: list[str]) -> Path:
    _, student, assignment = Path(notebooks[0]).absolute().parent.parts[-3:]
    return Path("autograded", student, assignment, MARK).absolute()


def demand_gradebook() -> None:
    """Ends the command in one sentence where the gradebook cannot be written, before it has begun.

    Raises:
        SystemExit: it cannot.
    """
    url = getattr(getattr(Application.instance(), "coursedir", None), "db_url", None)
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
        _end(url, _reason(error))
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
        _end(str(failure.engine.url), _reason(failure.original_exception))


def _reason(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]


def _end(url: str, reason: str) -> NoReturn:
    where = url.rpartition("@")[2]  # what stands before may be a password
    advice = (
        "End what has it open, formgrader or another autograde, and do it again."
        if "locked" in reason
        else "See `c.CourseDirectory.db_url` in nbgrader_config.py, and whether there is room."
    )
    sys.stderr.write(f"autograder: The gradebook {where} cannot be used: {reason}. {advice}\n")
    sys.exit(UNUSABLE)
