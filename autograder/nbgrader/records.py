"""The records of a graded submission, and what a process must know to make them.

They are sent between the process that writes the gradebook and the processes that grade.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Source:
    """A cell as it was released, with the names that nbgrader has for its fields."""

    name: str
    cell_type: str
    locked: bool
    source: str
    checksum: str | None


@dataclass(frozen=True)
class ReleasedNotebook:
    """What a gradebook knows of a notebook that was released.

    Attributes:
        kernelspec: as JSON.
        sources: the cells that it keeps a copy of.
        max_scores: what each grade cell is worth.
        answers: the cells that have a comment.
    """

    kernelspec: str | None
    sources: Mapping[str, Source]
    max_scores: Mapping[str, float]
    answers: tuple[str, ...]


@dataclass(frozen=True)
class ManualEntries:
    """What stands in a gradebook about a student that no judge has found out.

    Attributes:
        manual_scores: by grade cell.
        extra_credits: likewise.
        manual_comments: by cell.
        seconds_late: after the date that was set for this student.
    """

    manual_scores: Mapping[str, float] = field(default_factory=dict)
    extra_credits: Mapping[str, float] = field(default_factory=dict)
    manual_comments: Mapping[str, str] = field(default_factory=dict)
    seconds_late: float = 0.0


@dataclass(frozen=True)
class Marks:
    """What a gradebook gets to know of a submission.

    Attributes:
        scores: the automatic one of each grade cell; None where a person must decide.
        comments: the automatic one of each cell.
        penalty: for being late; None for none.
    """

    scores: Mapping[str, float | None]
    comments: Mapping[str, str | None]
    penalty: float | None


Standings = Mapping[str, ManualEntries]
"""By the notebooks' names; only of those about which the gradebook knows anything."""


@dataclass(frozen=True)
class NotebookRecord:
    """What one notebook of a submission adds to the gradebook and its folders.

    Attributes:
        marks: for the gradebook.
        notebook: for `autograded/`.
        feedback: the page for `feedback/`.
    """

    marks: Marks
    notebook: bytes
    feedback: bytes


@dataclass(frozen=True)
class SubmissionRecord:
    """What one submission adds to the gradebook and its folders.

    Attributes:
        of: what each notebook gives that was handed in, by its name.
        standings: what the penalties and the feedback take for granted.
        observations: for the instructor.
    """

    of: Mapping[str, NotebookRecord]
    standings: Standings
    observations: tuple[str, ...] = ()


@dataclass(frozen=True)
class GradebookSnapshot:
    """What a gradebook knew when a run began.

    Attributes:
        config: nbgrader's configuration of the course, packed.
        db_url: where its gradebook is, for a preprocessor of the course's own.
        forms: of the assignment's notebooks, by their names.
        standings: of the students about whom the gradebook knows anything to begin with.
    """

    config: bytes
    db_url: str
    forms: Mapping[str, ReleasedNotebook]
    standings: Mapping[str, Standings] = field(default_factory=dict)
