"""The trusted side of the sandbox: starts, times and ends student processes."""
