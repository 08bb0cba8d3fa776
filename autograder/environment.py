"""What numbers are computed with: two machines that differ in it may round differently."""

from __future__ import annotations

import platform
from pathlib import Path

import numpy as np


def blas() -> str:
    """The library that multiplies matrices for numpy, with its version."""
    found = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return f"{found['name']} {found['version']}"


def processor() -> str:
    """The kind of processor, which decides what the library above really runs."""
    kind = platform.processor() or "unknown"
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:  # not Linux
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f"{platform.machine()}, {next(names, kind)}"
