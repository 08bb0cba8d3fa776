"""A demonstration: one round of grading with a made-up class, for all three assignments."""
