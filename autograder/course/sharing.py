"""Let all instructors of a course read its secret and ledger, if nbgrader shares the course.

`c.CourseDirectory.groupshared = True` tells nbgrader that several instructors work in the course's
folder. The secret and the ledger are then for the group too, and else for their owner alone.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from pwd import getpwuid

from autograder.i18n import _

CONFIG = "nbgrader_config"


def is_groupshared(root: Path) -> bool:
    """Return whether nbgrader's configuration shares the course with the group.

    The configuration is read from the places where nbgrader reads it. A file that cannot be loaded
    shares nothing; nbgrader's own commands say what is wrong with it.
    """
    from jupyter_core.paths import jupyter_config_path
    from traitlets.config import Application

    folders = [str(root), *jupyter_config_path()]
    files = [Path(folder, CONFIG + end) for folder in folders for end in (".py", ".json")]
    if not any("groupshared" in _text(file) for file in files):
        return False  # for most courses, the file need not be run
    application = Application(raise_config_file_errors=True)
    with suppress(Exception):  # whatever a file of Python may raise
        application.load_config_file(CONFIG, path=folders)
    return application.config.CourseDirectory.get("groupshared") is True


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""


def share(path: Path, root: Path) -> None:
    """Give the group of a course's folder the owner's rights on a file or folder.

    Only the owner of the file or folder can share it.
    """
    with suppress(OSError):
        status = path.stat()
        group = root.stat().st_gid
        if status.st_gid != group:
            os.chown(path, -1, group)
        rights = (status.st_mode & 0o700) >> 3
        special = 0o2000 if path.is_dir() else 0  # new files in it belong to the group too
        wanted = status.st_mode & 0o7777 | rights | special
        if wanted != status.st_mode & 0o7777 or status.st_gid != group:
            path.chmod(wanted)


def not_allowed(path: Path) -> str:
    """Return what to do if another instructor's file must not be read or written."""
    there = next((each for each in (path, *path.parents) if os.path.lexists(each)), path)
    try:
        owner = getpwuid(there.stat().st_uid).pw_name
    except (KeyError, OSError):
        owner = "?"
    advice = _(
        "{path} belongs to {owner}, and you may not use it. If you grade this course together, set "
        "c.CourseDirectory.groupshared = True in nbgrader_config.py, and let {owner} grade once."
    )
    return advice.format(path=there, owner=owner)
