"""The parts of `benchmarks.classes`: class, courses, measuring and the lower limit."""
