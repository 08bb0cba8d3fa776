"""The records of a graded submission, and the data that a process needs to make them.

They are sent between the process that writes the gradebook and the processes that grade.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SourceCell:
    """A cell as it was released, with nbgrader's names for its fields."""

    name: str
    cell_type: str
    locked: bool
    source: str
    checksum: str | None


@dataclass(frozen=True)
class ReleasedNotebook:
    """A released notebook in the gradebook.

    Attributes:
        sources: the cells of which the gradebook keeps a copy.
        answers: the cells that have a comment.
    """

    kernelspec: str | None
    sources: Mapping[str, SourceCell]
    max_scores: Mapping[str, float]
    answers: tuple[str, ...]


@dataclass(frozen=True)
class ManualEntries:
    """An instructor's entries in the gradebook about one student's notebook, by cell.

    Attributes:
        seconds_late: the seconds after the due date of this student.
    """

    manual_scores: Mapping[str, float] = field(default_factory=dict)
    extra_credits: Mapping[str, float] = field(default_factory=dict)
    manual_comments: Mapping[str, str] = field(default_factory=dict)
    seconds_late: float = 0.0


@dataclass(frozen=True)
class NotebookScores:
    """The scores and comments that grading adds to the gradebook for one notebook.

    Attributes:
        scores: the automatic score of each grade cell; None if it needs review.
        undecided: the grade cells that need review although they have some points already.
    """

    scores: Mapping[str, float | None]
    comments: Mapping[str, str | None]
    penalty: float | None
    undecided: frozenset[str] = frozenset()

    def needs_review(self, cell: str) -> bool:
        """Tell whether a person must decide points of a grade cell."""
        return self.scores.get(cell) is None or cell in self.undecided


EntriesByNotebook = Mapping[str, ManualEntries]
"""A student's manual entries by notebook, without notebooks that have none."""


@dataclass(frozen=True)
class NotebookRecord:
    """The entries of one notebook in the gradebook, in `autograded/` and in `feedback/`."""

    marks: NotebookScores
    notebook: bytes
    feedback: bytes


@dataclass(frozen=True)
class SubmissionRecord:
    """The entries of one submission in the gradebook and its folders.

    Attributes:
        manual_entries: the manual entries that penalties and feedback depend on.
    """

    of: Mapping[str, NotebookRecord]
    manual_entries: EntriesByNotebook
    observations: tuple[str, ...] = ()


@dataclass(frozen=True)
class GradebookSnapshot:
    """The content of a gradebook when a run began.

    Attributes:
        db_url: the gradebook's URL, for a preprocessor of the course's own.
    """

    config: bytes
    db_url: str
    forms: Mapping[str, ReleasedNotebook]
    manual_entries: Mapping[str, EntriesByNotebook] = field(default_factory=dict)
