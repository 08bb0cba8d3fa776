"""Grades the grader: known right and wrong answers, and mutants of the reference."""
