"""nbgrader's exchange in a class in which some students submit elsewhere."""

from __future__ import annotations

from nbgrader.exchange.default import ExchangeReleaseFeedback

from autograder.i18n import _, speak_the_locales
from autograder.nbgrader.student_folders import without_exchange


class ReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]  # nbgrader has no types
    """Release the pages of all students who submitted through the exchange, and name the others.

    nbgrader's own class stops with a traceback at the first page of another student.
    """

    def copy_files(self) -> None:
        """Copy the pages into the exchange."""
        speak_the_locales()
        coursedir = self.coursedir
        others = without_exchange(coursedir, coursedir.assignment_id)
        before = coursedir.student_id_exclude
        coursedir.student_id_exclude = ",".join(filter(None, [before, *others]))
        try:
            super().copy_files()
        finally:
            coursedir.student_id_exclude = before
        if others:
            elsewhere = _(
                "Not released, because they did not submit through the exchange: {students}. "
                "`autograder feedback {name}` zips their pages for Canvas or Moodle."
            )
            said = elsewhere.format(students=", ".join(others), name=coursedir.assignment_id)
            self.log.warning("%s", said)
