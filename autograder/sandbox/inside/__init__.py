"""All that is loaded beside a learner's code."""
