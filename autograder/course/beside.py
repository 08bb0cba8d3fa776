"""Find the files beside an author's notebooks, which students' code finds beside theirs.

nbgrader gives them to students, so nothing in them is secret; but the notebooks that they lie
beside hold solutions and hidden tests. What holds such a region is left out, whatever it is called.
A link is followed as long as it stays within the course, and out of the folders that are not for
students. For everything that is left out there is a sentence.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.i18n import _

IGNORED = (".ipynb_checkpoints", "__pycache__", ".git", ".DS_Store", "Thumbs.db")
"""What programs leave in a folder and no notebook reads; nbgrader leaves most of it out too."""

NOT_FOR_STUDENTS = (
    *("assignments", "reference", "submitted", "autograded", "feedback", "gradescope"),
    *("gradebook.db", ".autograder", ".autograder-secret"),
)
"""What a link in a folder of notebooks may not lead into."""

PIECE = 1024**2
"""Bytes that are read at once."""


@dataclass
class Beside:
    """The files beside the notebooks of a folder.

    Args:
        folder: where the notebooks lie.
        root: the course's folder.
        secret: what begins a region that students must not see.

    Attributes:
        files: where each file is, by its place in the folder.
        left_out: a sentence for each thing that is not among them.
    """

    folder: Path
    root: Path
    secret: Sequence[bytes]
    files: dict[str, Path] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root = self.root.resolve()
        if self.folder.is_dir():
            self._search(self.folder.resolve(), "", (self.folder.resolve(),))

    def _search(self, folder: Path, place: str, above: tuple[Path, ...]) -> None:
        for name in sorted(os.listdir(folder)):
            own = not place and name.endswith(".ipynb")
            if own or name in IGNORED or name.endswith(".pyc"):
                continue
            reason = self._add(folder / name, place + name, above)
            if reason is not None:
                path = (self.folder / (place + name)).relative_to(self.folder.parents[1])
                self.left_out.append(reason.format(file=path))

    def _add(self, path: Path, place: str, above: tuple[Path, ...]) -> str | None:
        """Add what lies at a path, or return why it is left out."""
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError):
            return _("{file} is a link that leads nowhere: students' code will not find it.")
        if not real.is_relative_to(self.root):
            return _(
                "{file} is a link that leads out of the course: students' code will not find it. "
                "Move what it leads to into the course."
            )
        if real.relative_to(self.root).parts[:1] in [(each,) for each in NOT_FOR_STUDENTS]:
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
            return _("{file} is no file and no folder, and is left out.")
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

    def _holds_a_secret(self, path: Path) -> bool:
        longest = max(map(len, self.secret))
        with path.open("rb") as file:
            tail = b""
            while piece := file.read(PIECE):
                if any(each in tail + piece for each in self.secret):
                    return True
                tail = piece[-longest:]
        return False
