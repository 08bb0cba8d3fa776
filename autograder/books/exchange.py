"""Whose feedback nbgrader's exchange can hand out.

`nbgrader release_feedback` wants two files beside every page, which it has put there itself when
the work was handed in through its exchange, and stops with a traceback where one is missing.
"""

from __future__ import annotations

import glob
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

OF_THE_EXCHANGE = ("timestamp.txt", "submission_secret.txt")


def elsewhere(coursedir: CourseDirectory, assignment: str) -> int:
    """How many have a page of an assignment, and have handed in by another way.

    Args:
        coursedir: of the course.
        assignment: its name.
    """
    everybody = coursedir.format_path(coursedir.feedback_directory, "*", assignment)
    folders = [Path(each) for each in glob.glob(everybody)]
    return sum(not all((folder / name).is_file() for name in OF_THE_EXCHANGE) for folder in folders)
