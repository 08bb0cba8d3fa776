"""Try to break out of the sandbox, and report which layer stops what."""
