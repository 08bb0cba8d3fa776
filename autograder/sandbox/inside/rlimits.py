"""Set the kernel's limits on a student process and its children."""

from __future__ import annotations

import resource

from autograder.sandbox.protocol import limits


def restrict(
    processes: int,
    memory: int = limits.MAX_ADDRESS_SPACE_BYTES,
    cpu_seconds: int = limits.MAX_PROCESS_CPU_SECONDS,
) -> None:
    """Limit what this process and each of its descendants may use.

    `processes` counts all processes and threads of the user, and `memory` bytes of address space.

    Raises:
        OSError: the kernel refused.
    """
    for which, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, limits.MAX_FILE_BYTES),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, limits.MAX_OPEN_FILES),
        (resource.RLIMIT_NPROC, processes),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        _, hard = resource.getrlimit(which)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))
