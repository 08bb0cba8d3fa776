"""Measurements, each beside what users have today, in one run."""
