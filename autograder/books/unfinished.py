"""What a course's `nbgrader_config.py` calls by these names.

Importing this module has nbgrader take submissions in as private copies; see `conversion`.
"""

from __future__ import annotations

from autograder.books import conversion
from autograder.books.locks import clear

__all__ = ["clear", "finish"]


def finish(**_of_nbgrader: object) -> None:
    """Do nothing: `conversion` itself finishes a submission, even where nbgrader calls no hook.

    Configurations name this as `Autograde.post_convert_hook`.
    """
    conversion.install()
