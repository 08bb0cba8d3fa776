"""What `benchmarks.classes` is made of: the class, the courses, the measuring, and the limit."""
