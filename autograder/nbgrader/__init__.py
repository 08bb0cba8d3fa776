"""Everything that uses nbgrader: hooks, gradebook, folders, exporters.

`nbgrader_config.py` and nbgrader's command line use the names that are public here. Each name is
loaded on its first use, because importing nbgrader takes a second.
"""

from importlib import import_module
from typing import Any

_MODULES = {
    "Canvas": "exporters",
    "FeedbackExporter": "feedback",
    "Grade": "preprocessors",
    "Moodle": "exporters",
    "MoodleWorksheet": "exporters",
    "ReleaseFeedback": "exchange",
    "Settle": "preprocessors",
    "TakeIn": "preprocessors",
    "clear": "hooks",
    "post_convert": "hooks",
    "pre_convert": "hooks",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
