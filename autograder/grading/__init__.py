"""Run a round of grading: submissions, graders, stored results."""
