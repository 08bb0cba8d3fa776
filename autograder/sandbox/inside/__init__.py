"""Code that is loaded beside a student's code."""

WORKER_KILLED = 99
"""The exit status of a supervisor whose worker was killed by a signal."""
