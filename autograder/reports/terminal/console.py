"""The console that the commands print to."""

from __future__ import annotations

import re
import sys
from typing import IO, Any, cast

from rich.console import Console
from rich.text import Text

PADDING = re.compile(r" +((?:\x1b\[[\d;]*m)*)(?=\n)")
"""Spaces at the end of a line; colours may end behind them."""


class UnpaddedOutput:
    """Standard output without the spaces with which rich fills its lines.

    In a file or a build log these spaces make diffs noisy and lines wrap.
    """

    def write(self, text: str) -> int:
        """Write a text without trailing spaces."""
        return sys.stdout.write(PADDING.sub(r"\1", text))

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stdout, name)


def output_console(kind: type[Console] = Console) -> Console:
    """Return a console on standard output that colours only what we mark."""
    return kind(file=cast("IO[str]", UnpaddedOutput()), highlight=False)


def say(sentence: str) -> None:
    """Print a sentence, wrapped between words."""
    output_console().print(Text(sentence))
