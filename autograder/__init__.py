"""Grade programming exercises in numerical Python."""
