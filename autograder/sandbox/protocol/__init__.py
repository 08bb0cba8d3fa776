"""Messages between the judge and the processes that run students' code, and all limits."""
