"""Grades programming exercises in numerical Python."""
