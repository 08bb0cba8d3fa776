"""Folders that nothing but the sandbox keeps a submission out of."""

from __future__ import annotations

import os
from pathlib import Path


def open_the_way(folder: Path) -> None:
    """Let everybody pass to a folder, so that its permissions keep nobody out of it."""
    for each in (folder, *folder.parents):
        if each.stat().st_uid == os.geteuid() and each != Path("/"):
            each.chmod(each.stat().st_mode | 0o011)
