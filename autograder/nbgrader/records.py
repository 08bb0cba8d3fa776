"""The records of a graded submission, and the data that a process needs to make them.

They are sent between the process that writes the gradebook and the processes that grade.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Source:
    """A cell as it was released, with nbgrader's names for its fields."""

    name: str
    cell_type: str
    locked: bool
    source: str
    checksum: str | None


@dataclass(frozen=True)
class ReleasedNotebook:
    """What a gradebook holds about a released notebook.

    Attributes:
        kernelspec: as JSON.
        sources: the cells of which it keeps a copy.
        max_scores: the points of each grade cell.
        answers: the cells that have a comment.
    """

    kernelspec: str | None
    sources: Mapping[str, Source]
    max_scores: Mapping[str, float]
    answers: tuple[str, ...]


@dataclass(frozen=True)
class ManualEntries:
    """What a gradebook holds about a student that no judge has decided.

    Attributes:
        manual_scores: by grade cell.
        extra_credits: by grade cell.
        manual_comments: by cell.
        seconds_late: after the date that was set for this student.
    """

    manual_scores: Mapping[str, float] = field(default_factory=dict)
    extra_credits: Mapping[str, float] = field(default_factory=dict)
    manual_comments: Mapping[str, str] = field(default_factory=dict)
    seconds_late: float = 0.0


@dataclass(frozen=True)
class Marks:
    """What grading adds to the gradebook about a notebook.

    Attributes:
        scores: the automatic score of each grade cell; None if it needs review.
        comments: the automatic comment of each cell.
        penalty: for being late; None for none.
        undecided: the grade cells that need review although they have some points already.
    """

    scores: Mapping[str, float | None]
    comments: Mapping[str, str | None]
    penalty: float | None
    undecided: frozenset[str] = frozenset()

    def needs_review(self, cell: str) -> bool:
        """Tell whether a person must decide points of a grade cell."""
        return self.scores.get(cell) is None or cell in self.undecided


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
        of: the record of each submitted notebook, by its name.
        standings: the manual entries that penalties and feedback depend on.
        observations: for the instructor.
    """

    of: Mapping[str, NotebookRecord]
    standings: Standings
    observations: tuple[str, ...] = ()


@dataclass(frozen=True)
class GradebookSnapshot:
    """The content of a gradebook when a run began.

    Attributes:
        config: nbgrader's configuration of the course, packed.
        db_url: the gradebook's URL, for a preprocessor of the course's own.
        forms: of the assignment's notebooks, by their names.
        standings: the manual entries of all students who have any.
    """

    config: bytes
    db_url: str
    forms: Mapping[str, ReleasedNotebook]
    standings: Mapping[str, Standings] = field(default_factory=dict)
