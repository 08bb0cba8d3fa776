"""Texts that the caller translates: the sandbox itself knows no language."""

from __future__ import annotations

from collections.abc import Callable


def N_(message: str) -> str:
    """Mark a text for translation; the code that prints it looks the translation up."""
    return message


def _encodable(value: object) -> str:
    return str(value).encode("utf-8", "backslashreplace").decode()  # a file's name need not be text


class TranslatableError(Exception):
    """An error whose text is translated where it is printed, perhaps in another process.

    Args:
        message: the sentence in English, with a named placeholder for each value.
        values: the values, by the names of their placeholders.
    """

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(_encodable(message))
        self.values = {name: _encodable(value) for name, value in values.items()}

    def __str__(self) -> str:
        return self.said(str)

    def said(self, say: Callable[[str], str]) -> str:
        """Return the sentence as `say` translates its message; `str` leaves it in English."""
        message = say(str(self.args[0]))
        return message.format(**self.values) if self.values else message
