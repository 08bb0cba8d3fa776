"""Runs checks against a student process and decides their verdicts."""
