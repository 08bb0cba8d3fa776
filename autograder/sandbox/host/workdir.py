"""Make folders for workers, and remove those whose judge was killed.

A killed judge cannot clean up. So each folder is locked by its judge. The kernel releases the lock
when the judge ends, and the next judge that makes a folder removes all folders without a lock.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from autograder.sandbox.inside import scratch
from autograder.sandbox.inside.course_files import FOLDER
from autograder.sandbox.isolation import SandboxError
from autograder.sandbox.messages import N_

PREFIX = "autograder-worker-"


class WorkDir:
    """A new folder, locked by this judge until it is removed.

    Raises:
        SandboxError: no folder can be made.
    """

    def __init__(self) -> None:
        try:
            remove_abandoned(Path(tempfile.gettempdir()))
            self.path, self._lock = _locked()
        except OSError as error:
            raise _no_space(error) from error

    def share(self, files: Mapping[str, Path]) -> None:
        """Copy files, given by their place, for all submissions; any user may read them.

        Raises:
            SandboxError: there is no space for them.
        """
        try:
            folder = self.path / FOLDER
            folder.mkdir()
            for place, path in files.items():
                (folder / place).parent.mkdir(parents=True, exist_ok=True)
                _copy(path, folder / place)
            for each in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
                each.chmod(0o755)
        except OSError as error:
            raise _no_space(error) from error

    def remove(self) -> None:
        """Remove the folder with its content."""
        scratch.remove(str(self.path))
        os.close(self._lock)


def _no_space(error: OSError) -> SandboxError:
    return SandboxError(
        N_(
            "There is no space for scratch files ({error}). Free disk space, or set the "
            "environment variable TMPDIR to a writable folder."
        ),
        error=error.strerror or error,
    )


def _copy(path: Path, to: Path) -> None:
    """Copy a file, or make another name for it where everybody may read it already."""
    if path.stat().st_mode & 0o004:
        with suppress(OSError):  # another disk, or the kernel protects files of other users
            os.link(path, to)
            return
    shutil.copyfile(path, to)
    to.chmod(0o644)


def remove_abandoned(folder: Path) -> None:
    """Remove the folders of judges that were killed together with their workers."""
    for path in folder.glob(f"{PREFIX}*"):
        with suppress(OSError):  # it belongs to another user, is in use, or is gone
            lock = _open(path)
            try:
                if os.fstat(lock).st_uid == os.geteuid():
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    scratch.remove(str(path))
            finally:
                os.close(lock)


def _locked() -> tuple[Path, int]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=PREFIX))
        with suppress(FileNotFoundError):  # another judge removed it before it was locked
            lock = _open(path)
            with suppress(BlockingIOError):  # another judge is about to remove it
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if path.exists():
                    return path, lock
            os.close(lock)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
