"""Modules whose source is copied into the students' notebooks."""
