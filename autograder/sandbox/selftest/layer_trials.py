"""Try every layer of the sandbox: an attempt that succeeds without it must fail with it.

`python -m autograder.sandbox.selftest` makes each attempt twice, each time in a new process:
without any layer, and with the one layer that should stop it. It imports no numpy and starts no
thread, because a process with threads may not enter a user namespace. `autograder doctor` shows the
outcomes, and a test compares each with the expected one.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from functools import partial

from autograder.sandbox.inside import kernel, landlock, namespaces, rlimits, seccomp
from autograder.sandbox.inside.jail import LAYERS, readable
from autograder.sandbox.inside.users import become, count_processes, own_user, runs_as_root
from autograder.sandbox.protocol import limits
from autograder.sandbox.selftest.escape_attempts import (
    STOPPED,
    THROUGH,
    TRIALS,
    Refused,
    Trial,
    attempted,
    in_a_process,
)


def put_on(layer: str, folder: str) -> None:
    """Apply one layer alone to this process; it may use an empty folder.

    Raises:
        Refused: this machine does not allow the layer.
    """
    try:
        if layer == "rlimits":
            rlimits.restrict(limits.MAX_PROCESSES + count_processes())
        elif layer == "no_new_privs":
            kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        elif layer == "seccomp":
            kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
            seccomp.restrict_student(alone=False)
        elif layer == "landlock":
            kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
            landlock.restrict(readable(), [])
        elif layer == "own_user":
            if not runs_as_root():
                raise OSError(1, "only root can give somebody else a process")
            become(own_user())
        else:
            _enter(layer, folder)
    except OSError as error:
        raise Refused(f"{layer}: {error.strerror}") from error


def _enter(layer: str, folder: str) -> None:
    enter_user = partial(namespaces.enter_user, student=own_user() if runs_as_root() else None)
    if layer == "user_namespace" or namespaces.possible(enter_user):
        enter_user()
    if layer == "pid_namespace":
        namespaces.enter_pid()
        if pid := os.fork():  # the next one is in it
            os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    elif layer == "mount_namespace":
        namespaces.enter_mount(readable(), folder)
    elif layer == "network_namespace":
        namespaces.enter_network()
    elif layer == "ipc_namespace":
        namespaces.enter_ipc()


def result(trial: Trial, layer: str | None) -> tuple[str, str]:
    """Return the outcome of an attempt in a new process, perhaps with a layer, and the reason."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o711)  # noqa: S103  # a process with another user needs it too
        put = (lambda: None) if layer is None else partial(put_on, layer, folder)
        answer = in_a_process(lambda: attempted(partial(trial.attempt, put, folder)))
    came, _, why = answer.partition(": ")
    return (came, why) if came else (STOPPED, "the process was ended")


def main() -> None:
    """Print the outcome of every attempt, without its layer and with it, as JSON."""
    found = []
    for trial in TRIALS:
        if trial.as_root and not runs_as_root():
            continue
        if trial.layer == "landlock" and 0 < landlock.version() < trial.since:
            continue
        without, _ = result(trial, None)
        behind, why = result(trial, trial.layer)
        found.append([trial.layer, trial.what, without, behind, why])
    for layer in LAYERS:
        if layer not in {each[0] for each in found} and (layer != "own_user" or runs_as_root()):
            # No attempt of an ordinary user shows this layer alone, so only try whether it exists.
            alone = Trial(layer, "is had at all", lambda put, _folder: put())
            came, why = result(alone, layer)
            found.append([layer, alone.what, THROUGH, STOPPED if came == THROUGH else came, why])
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
