"""nbgrader's configuration of a course that autograder grades."""

from pathlib import Path

from autograder.nbgrader import clear

# What was being graded when somebody killed it is graded again.
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
# In the place of nbgrader's Execute: no learner's code runs in this process or in a kernel.
c.Autograde.autograde_preprocessors = [
    "autograder.nbgrader.Grade",
    "nbgrader.preprocessors.SaveAutoGrades",
    "autograder.nbgrader.Settle",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# The learner's page, the same as `autograder grade --gradebook` makes.
c.GenerateFeedback.exporter_class = "autograder.nbgrader.FeedbackExporter"

# Students who handed in through Canvas or Moodle do not stop the release for the others.
c.ExchangeFactory.release_feedback = "autograder.nbgrader.ReleaseFeedback"

# The hidden cells say that nobody has graded them, which has no place in a model solution.
c.GenerateSolution.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.Execute",
]
