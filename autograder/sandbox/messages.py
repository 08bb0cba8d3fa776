"""Errors whose text can be said in any language, by whoever knows which."""

from __future__ import annotations

from collections.abc import Callable


class TranslatableError(Exception):
    """An error with a sentence; it knows no language and crosses to other processes as it is.

    Args:
        message: the sentence, with a placeholder for each of the values.
        values: what stands in their places.
    """

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message)
        self.values = {name: str(value) for name, value in values.items()}

    def __str__(self) -> str:
        return self.said(str)

    def said(self, say: Callable[[str], str]) -> str:
        """The sentence in another language.

        Args:
            say: gives the message in it; `str` leaves it in English.
        """
        message = say(str(self.args[0]))
        return message.format(**self.values) if self.values else message
