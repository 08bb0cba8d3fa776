"""All that is loaded beside a learner's code."""

WORKER_KILLED = 99
"""The exit status of a keeper whose worker was ended by a signal, and not by itself."""
