"""Reads the bytes of a file as a notebook of the current format, or says in a sentence why not.

The fields of what comes out may still be anything that JSON can hold; `reconcile` believes none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from autograder.i18n import _
from autograder.sandbox.messages import TranslatableError

MAX_BYTES = 64 * 1024**2
"""A notebook with a few plots has one megabyte."""


class Rejected(TranslatableError):
    """A file that cannot be graded; the text says why, in a sentence.

    Who finds a file may not know the language of whoever reads why it was rejected, so that the
    text is in the language that is spoken when it is asked for.
    """

    def __str__(self) -> str:
        return self.said(_)


def document(data: bytes) -> Mapping[str, Any]:
    """The notebook in a file.

    Raises:
        Rejected: there is none.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise Rejected(_("The file is empty."))
    if len(data) > MAX_BYTES:
        large = _("The file is larger than {most} MB: clear the outputs of the notebook.")
        raise Rejected(large.format(most=MAX_BYTES // 1024**2))
    notebook = _json(data)
    if not isinstance(notebook, dict) or not isinstance(notebook.get("nbformat"), (int, float)):
        raise Rejected(_("The file is JSON, but not a notebook: it has no format number."))
    said = notebook["nbformat"]
    if said < 4:
        return _upgraded(notebook)
    if said != 4:
        unknown = _("The notebook has the unknown format {format}.")
        raise Rejected(unknown.format(format=str(said)[:20]))
    return notebook


def _json(data: bytes) -> object:
    try:
        # JSON begins with a character of ASCII, by which UTF-16 and 32 are known without a mark.
        text = data.decode(json.detect_encoding(data))
    except UnicodeDecodeError:
        raise Rejected(_("The file is not a notebook: it is not UTF-8 text.")) from None
    try:
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            raise
        except ValueError:
            # A number of more digits than Python makes an int of; whatever it is, it is no code.
            return json.loads(text, parse_int=lambda digits: int(digits[:18]))
    except RecursionError:
        raise Rejected(_("The file is not a notebook: its JSON is nested too deeply.")) from None
    except json.JSONDecodeError:
        if data.startswith(b"PK\3\4"):
            raise Rejected(_("The file is a zip archive or part of one, not a notebook.")) from None
        raise Rejected(
            _("The file is not a notebook, or part of it is missing: it is not valid JSON.")
        ) from None


def _upgraded(old: Mapping[str, Any]) -> Mapping[str, Any]:
    """A notebook of format 2 or 3 in the current one.

    All that is needed of it are the cells; nbformat would also convert and validate everything
    else, which takes minutes for large outputs.
    """
    sheets = old.get("worksheets")
    cells = [
        _upgraded_cell(cell)
        for sheet in (sheets if isinstance(sheets, list) else [])
        if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)
        for cell in sheet["cells"]
        if isinstance(cell, dict)
    ]
    if not cells:
        unreadable = _(
            "The notebook has the old format {format}, and its cells cannot be read: save it in "
            "the current format."
        )
        raise Rejected(unreadable.format(format=str(old["nbformat"])[:20]))
    return {"metadata": old.get("metadata"), "cells": cells}


def _upgraded_cell(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    code = cell.get("cell_type") == "code"
    source = cell.get("input" if code else "source")
    level = cell.get("level")
    if cell.get("cell_type") == "heading" and isinstance(source, str | list):
        lines = source.splitlines() if isinstance(source, str) else map(str, source)
        hashes = "#" * (level if isinstance(level, int) and level in range(1, 7) else 1)
        source = f"{hashes} {' '.join(line.strip() for line in lines)}"
    return {
        "cell_type": "code" if code else "markdown",
        "metadata": cell.get("metadata"),
        "source": source,
    }
