"""How much of this machine a student process, and each that comes of it, may use."""

from __future__ import annotations

import resource

MEMORY = 4 * 1024**3
"""Bytes of address space: numpy and IPython take half a gigabyte of it before they do anything."""

FILE_SIZE = 64 * 1024**2
"""Bytes in one file."""

CPU_SECONDS = 120
"""A last resort: the judge kills long before."""

PROCESSES = 64
"""Processes and threads of one submission together, and no more files open in each."""


def limit(processes: int) -> None:
    """Bounds what this process, and each that comes of it, may use.

    Raises:
        OSError: the kernel refused.
    """
    for which, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, FILE_SIZE),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, PROCESSES),
        (resource.RLIMIT_NPROC, processes),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        _, hard = resource.getrlimit(which)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))
