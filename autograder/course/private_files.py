"""The secret and the students' data in a course, which no repository is to hold."""

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
    "/canvas*.csv",
    "/moodle*.csv",
    "/grades*.csv",
    "/students*.csv",
)
"""As in a `.gitignore`; the one of a new course has them all."""


def ignore(path: Path) -> None:
    """Have git pass over a file or folder that a command writes, where it does not do so yet.

    The name goes into the repository's `info/exclude`, git's own place for what concerns one
    checkout. Nothing happens outside a repository, or for a file that git tracks already.
    """
    path = path.absolute()
    place = path.parent
    checked = _git(place, "check-ignore", "-q", "--no-index", str(path))
    if checked is None or checked.returncode != 1:  # ignored already, or no repository
        return
    found = _git(place, "rev-parse", "--show-toplevel", "--git-path", "info/exclude")
    top, _newline, exclude = (found.stdout if found else "").strip().partition("\n")
    with suppress(ValueError, OSError):  # a repository that may not be written stays as it is
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
    """Return a sentence about private files that git tracks; none where it tracks none."""
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
    """What git says in a folder; None where there is no git."""
    try:
        return subprocess.run(  # noqa: S603  # our own words
            ["git", "-C", str(folder), *words],  # noqa: S607  # wherever git lies
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
