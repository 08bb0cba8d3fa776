"""The secret and the students' data in a course, which must not be in a repository."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from autograder.i18n import _

PATTERNS = (
    ".autograder-secret*",
    "/.autograder/",
    "/gradescope/",
    "/submitted/",
    "/autograded/",
    "/feedback/",
    "gradebook.db*",
    "/results.*",
    "/course.html",
    "/canvas*.csv",
    "/moodle*.csv",
    "/grades*.csv",
    "/students*.csv",
)
"""Patterns as in a `.gitignore`; a new course has them all in its own."""


def ignore(path: Path) -> None:
    """Make git ignore a file or folder that a command writes.

    The name goes into the repository's `info/exclude`, which concerns this checkout alone. Nothing
    happens outside a repository, or for a file that git ignores or tracks already.
    """
    path = path.absolute()
    place = path.parent
    checked = _git(place, "check-ignore", "-q", "--no-index", str(path))
    if checked is None or checked.returncode != 1:  # ignored already, or no repository
        return
    found = _git(place, "rev-parse", "--show-toplevel", "--git-path", "info/exclude")
    top, _newline, exclude = (found.stdout if found else "").strip().partition("\n")
    with suppress(ValueError, OSError):  # the repository may be read-only
        name = "/" + path.resolve().relative_to(Path(top).resolve()).as_posix()
        escaped = "".join(f"\\{each}" if each in "*?[\\ " else each for each in name)
        file = place / exclude
        file.parent.mkdir(exist_ok=True)
        with file.open("a") as lines:
            lines.write(f"{escaped}\n")


def tracked(root: Path) -> Sequence[str]:
    """Return the private files of a course that git tracks."""
    patterns = [f"--exclude={pattern}" for pattern in PATTERNS]
    done = _git(root, "ls-files", "-z", "--cached", "--ignored", *patterns)
    return [each for each in done.stdout.split("\0") if each] if done is not None else []


def warnings(root: Path) -> Sequence[str]:
    """Return a sentence about private files that git tracks, if there are any."""
    names = tracked(root)
    if not names:
        return []
    tops = {f"{top}/" if below else top for top, _slash, below in (n.partition("/") for n in names)}
    said = _(
        "Git tracks the secret or students' data: {names}. Everybody who reads the repository "
        "reads them. Run `git rm -r --cached {names}` and commit. They stay in its history, so "
        "replace a secret that was published."
    )
    return [said.format(names=shlex.join(sorted(tops)))]


def _git(folder: Path, *words: str) -> subprocess.CompletedProcess[str] | None:
    """Return the output of a git command in a folder; None if git is not installed."""
    try:
        return subprocess.run(  # noqa: S603  # our own words
            ["git", "-C", str(folder), *words],  # noqa: S607  # wherever git lies
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
