"""Audit an assignment: grade known correct and wrong answers, and mutants of the reference."""
