"""Name the cause of a wrong answer by comparing it with the answers of known mistakes."""
