"""Read or make the course's secret, from which the inputs of hidden checks are derived."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.course import private_files, sharing
from autograder.i18n import _

FILE = ".autograder-secret"
DRAFT = f"{FILE}-draft-"
VARIABLE = "AUTOGRADER_SECRET"
BYTES = 32


@dataclass(frozen=True)
class Secret:
    """The secret from which the seeds of one grading run are derived.

    Attributes:
        key: the secret bytes, which must not be written anywhere.
        fingerprint: the first eight hex digits of the key's SHA-256, for the result; None for a
            public seed.
        own_inputs: whether every notebook gets its own inputs. If students get feedback before the
            deadline, they then cannot use the inputs in it for their next try.
    """

    key: bytes = field(repr=False)
    fingerprint: str | None
    own_inputs: bool = False

    def seed(self, label: str, check: str) -> bytes:
        """Return 32 bytes for a purpose and a check."""
        message = f"{label}\0{check}".encode()
        return hashlib.blake2b(message, key=self.key, digest_size=32).digest()

    def of_notebook(self, content: bytes) -> Secret:
        """Return the secret for one notebook: its own with `own_inputs`, otherwise this one."""
        if not self.own_inputs:
            return self
        key = hashlib.blake2b(content, key=self.key, digest_size=32, person=b"notebook").digest()
        return replace(self, key=key)


def public(number: int) -> Secret:
    """Return a seed that anybody may know, for demos and audits."""
    return Secret(f"public {number}".encode(), None)


def of_course(root: Path) -> Secret:
    """Return the course's secret from the environment or from its file, which is made if needed.

    Raises:
        ValueError: the environment or the file has no valid secret; the text says what to do.
    """
    text = os.environ.get(VARIABLE)
    origin = _("the environment variable {name}").format(name=VARIABLE)
    if text is None:
        path = root / FILE
        origin = str(path)
        try:
            if not path.exists():
                _make(path)
                private_files.ignore(path)
            if sharing.is_groupshared(root):
                sharing.share(path, root)
            text = path.read_text(errors="replace")
        except OSError as error:
            if isinstance(error, PermissionError) and path.exists():
                raise PermissionError(sharing.not_allowed(path)) from error
            nowhere = _(
                "The course's secret cannot be saved in {path} ({error}). Free disk space, "
                "make the folder writable, or set the environment variable {variable} to "
                "{number} hex digits."
            )
            raise OSError(
                nowhere.format(path=path, error=error.strerror, variable=VARIABLE, number=2 * BYTES)
            ) from error
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != BYTES:
        wrong = _("{origin} must contain {number} hex digits: replace or remove it.")
        raise ValueError(wrong.format(origin=origin, number=2 * BYTES))
    return Secret(key, hashlib.sha256(key).hexdigest()[:8])


def _make(path: Path) -> None:
    """Write a new secret completely or not at all, unless another process has just written one."""
    # The draft is readable by this user only.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=DRAFT)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError, FileNotFoundError):  # another process was first
            os.link(draft, path)
    finally:
        for left in path.parent.glob(f"{DRAFT}*"):  # killed processes have left some too
            left.unlink(missing_ok=True)
