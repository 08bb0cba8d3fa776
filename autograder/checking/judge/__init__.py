"""Run checks against a student process and decide their verdicts."""
