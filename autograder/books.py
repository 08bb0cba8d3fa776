"""The names that `nbgrader_config.py` and `--exporter` used before version 0.1.0.

Courses that name them go on working, with a DeprecationWarning that tells the new name.
"""

import sys
import warnings
from types import ModuleType
from typing import Any

from autograder import nbgrader

_RENAMED = {
    "exporters": {"Canvas": "Canvas", "Moodle": "Moodle"},
    "feedback": {"Exporter": "FeedbackExporter"},
    "preprocessors": {
        "set_aside": "pre_convert",
        "TakeIn": "TakeIn",
        "Grade": "Grade",
        "Settle": "Settle",
    },
    "unfinished": {"finish": "post_convert", "clear": "clear"},
}


class _Renamed(ModuleType):
    """A former module: each of its names is looked up in `autograder.nbgrader`."""

    def __getattr__(self, name: str) -> Any:
        new_names = _RENAMED[self.__name__.rpartition(".")[2]]
        if name not in new_names:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        warnings.warn(
            f"{self.__name__}.{name} is now autograder.nbgrader.{new_names[name]}.",
            DeprecationWarning,
            stacklevel=2,
        )
        return getattr(nbgrader, new_names[name])


# An import of `autograder.books.exporters` finds its module in sys.modules.
for _name in _RENAMED:
    sys.modules[f"{__name__}.{_name}"] = globals()[_name] = _Renamed(f"{__name__}.{_name}")
