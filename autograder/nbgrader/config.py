"""The course as nbgrader's configuration describes it: its folders and its gradebook."""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path

from nbgrader.apps.autogradeapp import AutogradeApp
from traitlets.config import Config

from autograder.grading.outcome import ClassWideError
from autograder.i18n import _


class BadConfig(ClassWideError):
    """A configuration with which a course cannot be graded; the text says what to do."""


def load(root: Path) -> AutogradeApp:
    """Return nbgrader's application, configured as its `autograde` is in the course's folder.

    That folder becomes the working directory, as it is for nbgrader.
    """
    os.chdir(root)
    app = AutogradeApp(log_level="WARN")
    app.raise_config_file_errors = True
    try:
        app.initialize([])
    except SystemExit:  # nbgrader has said why
        unusable = _(
            "nbgrader's configuration cannot be used. Check nbgrader_config.py of this course."
        )
        raise BadConfig(unusable) from None
    except Exception as error:  # the file is Python and may raise anything
        raise broken(error) from error
    return app


def broken(error: Exception) -> BadConfig:
    """Return the error that says why a configuration, or a class that it names, is unusable."""
    reason = f"{type(error).__name__}: {error}".splitlines()[0]
    why = _(
        "nbgrader's configuration cannot be loaded: {reason}. Check "
        "nbgrader_config.py of this course."
    )
    return BadConfig(why.format(reason=reason))


def packed(config: Config) -> bytes:
    """Pack a configuration into bytes, for another process.

    Raises:
        BadConfig: it holds objects that were defined in the file itself.
    """
    plain = {name: dict(values) for name, values in config.items() if isinstance(values, Config)}
    for section, values in plain.items():
        for name, value in list(values.items()):
            try:
                pickle.dumps(value)
            except Exception:  # there is no common base for what cannot be pickled
                if name.endswith("_hook"):  # nbgrader's own commands call these
                    del values[name]
                    continue
                made = _(
                    "c.{name} is defined inside nbgrader_config.py. Move it into a module beside "
                    'the file, and refer to it as "module.Name".'
                )
                raise BadConfig(made.format(name=f"{section}.{name}")) from None
    return pickle.dumps((sys.path[0], pickle.dumps(plain)))


def unpacked(data: bytes) -> Config:
    """Unpack a configuration; modules that it names can be imported as in nbgrader."""
    place, sections = pickle.loads(data)  # noqa: S301  # our own process has packed it
    if place not in sys.path:
        sys.path.insert(0, place)
    return Config(pickle.loads(sections))  # noqa: S301  # its classes can be imported now
