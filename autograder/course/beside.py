"""Find the files of an assignment's folder that students get beside their notebook.

The folder also holds what is not for students: notebooks with solutions and hidden tests, or the
checks of a lesson. A file with one of nbgrader's regions for solutions or hidden tests is left out,
whatever its name is. A link is followed as long as it stays within the course and outside the
folders that are not for students. There is a sentence for each file that is left out, except for
the assignment's own files.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.i18n import _

IGNORED = (".ipynb_checkpoints", "__pycache__", ".git", ".DS_Store", "Thumbs.db")
"""Names of files that programs create in a folder and no notebook reads."""

REGIONS = (b"### BEGIN SOLUTION", b"### BEGIN HIDDEN TESTS")
"""The marks at the beginning of a region that students must not see, by default."""

NOT_FOR_STUDENTS = (
    *("assignments", "reference", "submitted", "autograded", "feedback", "gradescope"),
    *("gradebook.db", ".autograder", ".autograder-secret"),
)
"""Folders and files of a course into which a link in a folder of notebooks may not lead."""

READ_BYTES = 1024**2
"""Bytes that are read at once."""


@dataclass
class Beside:
    """The files in an assignment's folder that students get.

    Args:
        own: the names in the folder of the assignment's own files, which students do not get.
        secret: the marks at the beginning of a region that students must not see.
        private: the beginnings of other names of files that students do not get.

    Attributes:
        left_out: a sentence for each file that students do not get, by its place in the folder.
    """

    folder: Path
    root: Path
    own: Collection[str]
    secret: Sequence[bytes] = REGIONS
    private: tuple[str, ...] = ()
    files: dict[str, Path] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root = self.root.resolve()
        if self.folder.is_dir():
            self._search(self.folder.resolve(), "", (self.folder.resolve(),))

    def _search(self, folder: Path, place: str, above: tuple[Path, ...]) -> None:
        for name in sorted(os.listdir(folder)):
            if name in IGNORED or name.endswith(".pyc") or self._is_own(Path(place, name)):
                continue
            reason = self._add(folder / name, place + name, above)
            if reason is not None:
                path = (self.folder / (place + name)).relative_to(self.folder.parents[1])
                self.left_out[place + name] = reason.format(file=path)

    def _add(self, path: Path, place: str, above: tuple[Path, ...]) -> str | None:
        """Add the file or folder at a path, or return why it is left out."""
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError):
            return _("{file} is a link that leads nowhere: students' code will not find it.")
        home = self.folder.resolve()
        if real.is_relative_to(home):
            closed = self._is_own(real.relative_to(home))
        elif real.is_relative_to(self.root):
            closed = real.relative_to(self.root).parts[0] in NOT_FOR_STUDENTS
        else:
            return _(
                "{file} is a link that leads out of the course: students' code will not find it. "
                "Move what it leads to into the course."
            )
        if closed:
            return _("{file} is a link to what is not for students, and is left out.")
        if real.is_dir():
            if real in above:
                return _("{file} is a link to a folder that it lies in, and is left out.")
            try:
                self._search(real, f"{place}/", (*above, real))
            except OSError:
                return _("{file} cannot be read: students' code will not find it.")
            return None
        if not real.is_file():
            return _("{file} is neither a file nor a folder, and is left out.")
        try:
            secret = self._holds_a_secret(real)
        except OSError:
            return _("{file} cannot be read: students' code will not find it.")
        if secret:
            return _(
                "{file} holds a solution or a hidden test, and is left out: move it away from the "
                "notebooks that students get."
            )
        self.files[place] = real
        return None

    def _is_own(self, place: Path) -> bool:
        return place.parts[:1] in [(each,) for each in self.own] or any(
            part.startswith(self.private) for part in place.parts
        )

    def _holds_a_secret(self, path: Path) -> bool:
        longest = max(map(len, self.secret))
        with path.open("rb") as file:
            tail = b""
            while piece := file.read(READ_BYTES):
                if any(each in tail + piece for each in self.secret):
                    return True
                tail = piece[-longest:]
        return False
