"""Read the bytes of a file as a notebook of the current format, or say why that is impossible.

The fields of the notebook may still be anything that JSON can hold; `reconcile` trusts none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from autograder.i18n import N_, _
from autograder.sandbox.messages import TranslatableError

MAX_BYTES = 64 * 1024**2
"""A notebook with a few plots has one megabyte."""

HEAD_BYTES = 1000
"""Bytes at the beginning of a file that show its type."""

OTHER_TYPES = {
    rb"PK\x03\x04": N_("a part of a zip"),
    rb"\x1f\x8b|7z\xbc\xaf|Rar!|\xfd7zXZ|BZh|.{257}ustar": N_("an archive that is not a zip"),
    rb"(?i:\s*<(!doctype html|html|head|\?xml))": N_("a web page"),
    rb"%PDF": N_("a PDF"),
    rb"(#!.*python|# coding|# -\*-|# In\[|# %%|import |from \w+ import )": N_("a Python script"),
}
"""Types of files that students submit instead of notebooks, by the pattern of their beginning."""


NOT_JSON = N_("The file is not a notebook, or part of it is missing: it is not valid JSON.")


class Rejected(TranslatableError):
    """A file that cannot be graded; the text says why, in a sentence.

    The text is translated when it is read, because the person who reads it may use another language
    than the process that found the file.
    """

    def __str__(self) -> str:
        return self.said(_)


def document(data: bytes) -> tuple[Mapping[str, Any], list[str]]:
    """Return the notebook in a file, and notes about the file; raise `Rejected` without one."""
    if not data.strip(b"\0 \t\r\n"):
        raise Rejected(_("The file is empty."))
    if len(data) > MAX_BYTES:
        large = _("The file is larger than {most} MB: clear the outputs of the notebook.")
        raise Rejected(large.format(most=MAX_BYTES // 1024**2))
    notebook, observations = _json(data)
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(notebook, dict) or not (
        isinstance(notebook.get("nbformat"), (int, float)) or (cells and isinstance(cells, list))
    ):
        raise Rejected(_("The file is JSON, but not a notebook: it has no format number."))
    said = notebook.get("nbformat")
    if not isinstance(said, (int, float)):
        return notebook, observations  # only the current format has cells at the top
    if said < 4:
        return _upgraded(notebook), observations
    if said != 4:
        unknown = _("The notebook has the unknown format {format}.")
        raise Rejected(unknown.format(format=str(said)[:20]))
    return notebook, observations


def _json(data: bytes) -> tuple[object, list[str]]:
    # JSON begins with a character of ASCII, by which UTF-16 and 32 are known without a mark.
    encoding = json.detect_encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return _in_one_byte(data)
    notebook, observations = _loaded(text, data)
    if not encoding.startswith("utf-8"):
        other = _("The file is in {encoding}, and was read as such; notebooks are in UTF-8.")
        observations.append(other.format(encoding=encoding.upper().removesuffix("-SIG")))
    return notebook, observations


def _in_one_byte(data: bytes) -> tuple[object, list[str]]:
    """Read a file that is not UTF-8 as Windows-1252, the encoding of old editors."""
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    try:
        notebook, observations = _loaded(text, data)
    except Rejected as rejected:
        said = _("The file is not a notebook: it is not UTF-8 text.")
        raise (Rejected(said) if rejected.args[0] == _(NOT_JSON) else rejected) from None
    odd = _(
        "The file is not in UTF-8; it was read as Latin-1. Letters in texts may be wrong, code in "
        "ASCII is not."
    )
    return notebook, [*observations, odd]


def _loaded(text: str, data: bytes) -> tuple[object, list[str]]:
    """Return the value of a JSON text, and notes about it."""
    text = text.strip("\0 \t\r\n")
    try:
        notebook, end = _decoded(text)
    except RecursionError:
        raise Rejected(_("The file is not a notebook: its JSON is nested too deeply.")) from None
    except json.JSONDecodeError:
        raise Rejected(_what_else(text, data)) from None
    rest = text[end:].strip("\0 \t\r\n")
    if not rest:
        return notebook, []
    if not isinstance(notebook, dict):
        raise Rejected(_what_else(text, data))
    if rest.startswith("{"):
        raise Rejected(_("The file is not a notebook: it goes on after the end of its JSON."))
    said = _("The file goes on after the notebook has ended; {number} characters were ignored.")
    return notebook, [said.format(number=len(rest))]


def _decoded(text: str) -> tuple[object, int]:
    """Return the value at the start of a JSON text, and where it ends."""
    try:
        return json.JSONDecoder().raw_decode(text)
    except json.JSONDecodeError:
        raise
    except ValueError:
        # A number has more digits than Python converts; it is not in code, so it does not matter.
        return json.JSONDecoder(parse_int=lambda digits: int(digits[:18])).raw_decode(text)


def _what_else(text: str, data: bytes) -> str:
    """Say what kind of file it is if it is not JSON."""
    if re.search(r"^<{7} ", text, re.MULTILINE):
        return _("The file has git's conflict marks in it (<<<<<<<): it is needed without them.")
    if text.startswith("version https://git-lfs"):
        return _("The file is a pointer of Git LFS, not the notebook: run `git lfs pull` first.")
    for begins, kind in OTHER_TYPES.items():
        if re.match(begins, data[:HEAD_BYTES], re.DOTALL):
            other = _("The file is {kind}, not a notebook: only an .ipynb file can be graded.")
            return other.format(kind=_(kind))
    return _(NOT_JSON)


def _upgraded(old: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a notebook of format 2 or 3 in the current one.

    Only its cells are needed; nbformat would also convert and validate everything else, which takes
    minutes for large outputs.
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
