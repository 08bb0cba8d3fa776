"""The class that is graded while processes are killed."""
