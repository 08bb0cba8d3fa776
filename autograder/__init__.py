"""Grade programming exercises in numerical Python."""

__version__ = "0.1.0"
