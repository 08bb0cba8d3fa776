"""Programs that try to make the grader fail: hostile notebooks, altered files, killed processes."""
