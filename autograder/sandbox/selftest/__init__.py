"""Tries every protection of the sandbox on the machine at hand."""
