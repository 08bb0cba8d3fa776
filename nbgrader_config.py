"""nbgrader's configuration of a course that autograder grades."""

from pathlib import Path

from autograder.nbgrader import clear

# Submissions whose grading was interrupted are graded again.
clear(Path(__file__).parent)

c = get_config()  # type: ignore[name-defined]  # noqa: F821  # traitlets defines it

c.CourseDirectory.course_id = "initialization"

# With these nbgrader works on private copies and never follows a link in submitted/.
c.Autograde.pre_convert_hook = "autograder.nbgrader.pre_convert"
c.Autograde.post_convert_hook = "autograder.nbgrader.post_convert"
c.Autograde.sanitize_preprocessors = [
    "autograder.nbgrader.TakeIn",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# Instead of nbgrader's Execute: no student's code runs in this process or in a kernel.
c.Autograde.autograde_preprocessors = [
    "autograder.nbgrader.Grade",
    "nbgrader.preprocessors.SaveAutoGrades",
    "autograder.nbgrader.Settle",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# The student's feedback page, as `autograder grade --gradebook` makes it.
c.GenerateFeedback.exporter_class = "autograder.nbgrader.FeedbackExporter"

# Students who submitted through Canvas or Moodle do not stop the release for the others.
c.ExchangeFactory.release_feedback = "autograder.nbgrader.ReleaseFeedback"

# Hidden cells raise an error until they are graded, so a model solution leaves them out.
c.GenerateSolution.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.Execute",
]
