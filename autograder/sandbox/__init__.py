"""Where learners' code runs, and how it is asked."""
