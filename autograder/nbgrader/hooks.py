"""The hooks that a course's `nbgrader_config.py` names.

Importing this module makes nbgrader work on private copies (see `conversion`). nbgrader imports it
when it reads the name of a hook, before it opens any file.
"""

from __future__ import annotations

from autograder.nbgrader import conversion
from autograder.nbgrader.locks import clear

__all__ = ["clear", "post_convert", "pre_convert"]


def pre_convert(**_of_nbgrader: object) -> None:
    """Do nothing for a single submission: `conversion` has copied it."""
    conversion.install()


def post_convert(**_of_nbgrader: object) -> None:
    """Do nothing: `conversion` finishes a submission, even if nbgrader calls no hook."""
    conversion.install()
