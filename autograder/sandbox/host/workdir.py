"""Folders of their own for workers, and what becomes of those that nobody is left to remove.

Who is killed cannot clear up. So each folder is locked by the judge it was made for, and the kernel
lets the lock go with the judge, however that ended; the next judge that makes a folder removes all
that are nobody's.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from autograder.sandbox.inside import scratch
from autograder.sandbox.isolation import SandboxError
from autograder.sandbox.messages import N_

PREFIX = "autograder-worker-"


class WorkDir:
    """A new folder, ours until it is removed.

    Raises:
        SandboxError: there is no place for one.

    Attributes:
        path: where it is.
    """

    def __init__(self) -> None:
        try:
            remove_abandoned(Path(tempfile.gettempdir()))
            self.path, self._lock = _locked()
        except OSError as error:
            raise SandboxError(
                N_(
                    "There is no place for scratch files ({error}). Make room, or name a folder "
                    "that can be written in the environment variable TMPDIR."
                ),
                error=error.strerror or error,
            ) from error

    def remove(self) -> None:
        """Removes it and all that is in it."""
        scratch.remove(str(self.path))
        os.close(self._lock)


def remove_abandoned(folder: Path) -> None:
    """Removes what judges have left in a folder that were killed together with their workers."""
    for path in folder.glob(f"{PREFIX}*"):
        with suppress(OSError):  # it is somebody else's, or still in use, or gone by now
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
        with suppress(FileNotFoundError):  # somebody has removed it: it was not locked yet
            lock = _open(path)
            with suppress(BlockingIOError):  # somebody is about to
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if path.exists():
                    return path, lock
            os.close(lock)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
