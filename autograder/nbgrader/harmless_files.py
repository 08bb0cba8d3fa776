"""Rename files beside a notebook that the instructor's browser would run in formgrader.

nbgrader copies a submission's other files into `autograded/`, and formgrader serves them from its
own address: an HTML page, opened there, could do whatever the instructor can do.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from pathlib import Path

from autograder.i18n import _

RUN = ("html", "xml", "svg")
"""Parts of the names of all types in which a browser runs scripts."""


def harmless_files(folder: Path) -> Iterator[str]:
    """Rename such files so that a browser shows their text, and yield a sentence for each.

    Args:
        folder: the folder of one submission in `autograded/`.
    """
    for path in sorted(folder.rglob("*")):
        # Of a name that begins with dots, like `..svg`, mimetypes sees no ending.
        kind, _encoding = mimetypes.guess_type(f"_{path.name}", strict=False)
        if path.is_file() and kind is not None and any(part in kind for part in RUN):
            text = path.with_name(f"{path.name}.txt")
            while text.exists():
                text = text.with_name(f"{text.name}.txt")
            path.rename(text)
            renamed = _("A browser would run the file {file}, so it was renamed to {name}.")
            yield renamed.format(file=repr(path.name), name=repr(text.name))
