"""Benchmarks: autograder beside nbgrader, measured in one run."""
