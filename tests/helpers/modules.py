"""Modules that a course brings, and that another course has under the same names."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def forgotten_modules(folder: Path) -> Iterator[None]:
    """Forget after the block what was imported from below a folder."""
    path, top = [*sys.path], f"{folder}{os.sep}"
    try:
        yield
    finally:
        sys.path[:] = path
        own = [
            name
            for name, module in sys.modules.items()
            if (getattr(module, "__file__", None) or "").startswith(top)
        ]
        for name in own:
            del sys.modules[name]
        importlib.invalidate_caches()
