"""Run the supervisor: the process that starts a worker in its namespaces and cleans up after it.

When it is told to end, the supervisor kills the worker first, so that no process is left without
its worker. It imports nothing that a student's code needs, it runs before there are threads, and of
the namespaces that it makes it enters only the user namespace.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

from autograder.sandbox.inside import WORKER_KILLED, kernel, scratch
from autograder.sandbox.inside.jail import Jail, adopt_orphans, die_with


def main() -> None:
    """Start a worker that serves the judge; the arguments name a descriptor, layers and limits."""
    descriptor, layers = int(sys.argv[1]), sys.argv[2].split(",")
    memory, cpu_seconds = map(int, sys.argv[3:5])
    home = os.environ["HOME"]
    os.umask(0o022)  # a student's code, another user, passes the folders that are made here
    adopt_orphans()
    jail = Jail(layers, home, memory, cpu_seconds)
    jail.enter_before_the_worker()
    me = os.getpid()
    pid = os.fork()
    if pid == 0:
        die_with(me)
        # Imported here, so that everything is loaded inside the worker's namespaces.
        from autograder.sandbox.inside import worker

        worker.main(descriptor, jail)
        os._exit(0)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    os.close(descriptor)
    pidfd = os.pidfd_open(pid)

    def end_the_worker(*_: object) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)

    signal.signal(signal.SIGTERM, end_the_worker)
    _, status = os.waitpid(pid, 0)
    jail.end_descendants()
    scratch.remove(home)
    sys.exit(WORKER_KILLED if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status) != 0)


if __name__ == "__main__":
    main()
