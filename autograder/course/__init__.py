"""A course: its assignments, their notebooks, their release."""
