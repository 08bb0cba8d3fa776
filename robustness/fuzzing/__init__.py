"""The parts of `robustness.fuzz`."""
