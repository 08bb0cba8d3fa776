"""What is written into nbgrader's books."""
