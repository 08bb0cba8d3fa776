"""nbgrader's exchange in a class in which some students submit elsewhere."""

from __future__ import annotations

from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import check_directory

from autograder.i18n import _, speak_the_locales
from autograder.nbgrader.feedback import outdated_pages
from autograder.nbgrader.uploads import without_release


class ReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]  # nbgrader has no types
    """Release the pages of all students who submitted through the exchange, and name the others.

    nbgrader's own class stops with a traceback at the first page of another student.
    """

    def ensure_root(self) -> None:
        """Check that there is an exchange; nbgrader's message is for students."""
        if not check_directory(self.root, write=True, execute=True):
            speak_the_locales()
            none = _(
                "There is no exchange at {path}, or you may not write into it, so no feedback was "
                "released. If your students submit elsewhere, `autograder feedback {name}` zips "
                "their pages. If they use nbgrader's exchange, c.Exchange.root in "
                "nbgrader_config.py must name its folder."
            )
            self.fail(none.format(path=self.root, name=self.coursedir.assignment_id))

    def copy_files(self) -> None:
        """Copy the pages into the exchange."""
        speak_the_locales()
        coursedir = self.coursedir
        try:
            collected, by_hand = without_release(coursedir, coursedir.assignment_id)
        except ValueError as error:
            self.fail(str(error))
        others = {*collected, *by_hand}
        before = coursedir.student_id_exclude
        coursedir.student_id_exclude = ",".join(filter(None, [before, *sorted(others)]))
        try:
            super().copy_files()
        finally:
            coursedir.student_id_exclude = before
        name = coursedir.assignment_id
        for sentence in outdated_pages(coursedir, name, lambda student: student not in others):
            self.log.warning("%s", sentence)
        if collected:
            to_platform = _(
                "Not released, because they did not submit through the exchange: {students}. "
                "`autograder feedback {name}` zips their pages for Canvas or Moodle."
            )
            self.log.warning("%s", to_platform.format(students=", ".join(collected), name=name))
        if by_hand:
            yourself = _(
                "Not released, because they submitted neither through the exchange nor in a zip of "
                "Canvas or Moodle: {students}. Send them their pages in {folder} yourself."
            )
            folder = coursedir.format_path(coursedir.feedback_directory, "STUDENT", name)
            said = yourself.format(students=", ".join(by_hand), folder=folder)
            self.log.warning("%s", said)
