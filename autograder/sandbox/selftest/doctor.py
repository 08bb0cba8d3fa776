"""Find out which layers of the sandbox work on this machine by trying each of them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from autograder.sandbox.host.worker import Worker
from autograder.sandbox.inside.jail import LAYERS, NAMESPACES
from autograder.sandbox.inside.users import runs_as_root
from autograder.sandbox.isolation import Isolation, SandboxError, lacking, needed
from autograder.sandbox.messages import N_
from autograder.sandbox.protocol import limits
from autograder.sandbox.selftest.escape_attempts import STOPPED

GUARDS = {
    "process": N_("separate process, clean environment, no open files of the grader"),
    "rlimits": N_("limits memory, file sizes, processor time, files and processes"),
    "no_new_privs": N_("no program can raise its privileges"),
    "seccomp": N_("no other programs, sockets, tracing, signals or mode changes"),
    "landlock": N_("reads only Python and its packages; writes only scratch files"),
    "own_user": N_("owns none of the grader's files and processes"),
    "user_namespace": N_("no root capabilities on this machine, even after a breakout"),
    "pid_namespace": N_("sees no other process; all its processes end together"),
    "mount_namespace": N_("hides the names of other files; limits total scratch space"),
    "network_namespace": N_("no network, not even localhost"),
    "ipc_namespace": N_("no memory shared with other processes"),
}
"""The purpose of each layer, in a line."""


@dataclass(frozen=True)
class Protection:
    """A layer, and whether it works here.

    Attributes:
        layer: its name; for Landlock with the version.
        holds: whether it stopped what it should stop, and is in force where cells run.
        needed: whether untrusted work is refused without it.
        guards: its purpose.
        why: why it does not work; empty if it does.
        remedy: how to get it; empty if it works.
    """

    layer: str
    holds: bool
    needed: bool
    guards: str
    why: str = ""
    remedy: str = ""


def examine() -> list[Protection]:
    """Try every layer alone, and all of them together around a student process."""
    in_force, trouble = _in_force()
    failed = _failed()
    found = []
    for layer in ("process", *LAYERS):
        if layer == "own_user" and not runs_as_root():
            continue  # only root can change the user of a process
        named = [each for each in in_force if each.partition("-")[0] == layer]
        why = failed.get(layer) or ("" if named else trouble or N_("not in force"))
        found.append(
            Protection(
                named[0] if named else layer,
                not why,
                layer in needed(),
                GUARDS[layer],
                why,
                _remedy(layer) if why else "",
            )
        )
    return found


def suffices(found: Sequence[Protection]) -> bool:
    """Return whether untrusted work may be graded with these."""
    return not lacking([each.layer for each in found if each.holds])


def _in_force() -> tuple[tuple[str, ...], str]:
    """Return the layers around a student process, or why no process could be started."""
    try:
        with Worker(Isolation.PROCESS) as worker:
            worker.open().end()
            return worker.layers, ""
    except (SandboxError, OSError) as error:
        return (), str(error)


def _failed() -> dict[str, str]:
    """Return the layers that fail to stop an attempt, each with the reason."""
    if sys.platform != "linux":
        return {}
    done = subprocess.run(  # our own interpreter and module
        [sys.executable, "-P", "-m", "autograder.sandbox.selftest.layer_trials"],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        tried = json.loads(done.stdout)
    except ValueError:
        last = done.stderr.strip().splitlines()[-1:]
        return dict.fromkeys(LAYERS, f"the trials ended: {''.join(last) or done.returncode}")
    return {
        layer: why.removeprefix(f"{layer}: ") or f"a process {what}, in spite of it"
        for layer, what, _without, behind, why in reversed(tried)
        if behind != STOPPED
    }


def _remedy(layer: str) -> str:
    if sys.platform != "linux":
        return N_("grade on Linux: in WSL 2, in a container or in a virtual machine")
    if layer in NAMESPACES:
        return _namespaces()
    return {
        "seccomp": N_("use a kernel with seccomp filters, on x86-64 or 64-bit ARM"),
        "landlock": N_("use Linux 5.13 or later with landlock among its security modules (lsm=…)"),
        "own_user": N_(
            "allow root to change its user (CAP_SETUID, CAP_SETGID), or grade as an ordinary user"
        ),
    }.get(layer, N_("reinstall autograder in a virtual environment of its own"))


def _namespaces() -> str:
    """Return a hint at what forbids namespaces on this machine."""
    if _setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return "sysctl kernel.apparmor_restrict_unprivileged_userns=0"
    if _setting("user/max_user_namespaces") == "0":
        return "sysctl user.max_user_namespaces=10000"
    if _setting("kernel/unprivileged_userns_clone") == "0":
        return "sysctl kernel.unprivileged_userns_clone=1"
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        return N_(
            "use a container whose seccomp profile allows unshare and mount (Docker's default "
            "profile does not)"
        )
    return N_("use a container or host that allows user namespaces")


def _setting(name: str) -> str:
    try:
        return Path(f"/proc/sys/{name}").read_text().strip()
    except OSError:
        return ""


def costs(rounds: int = 30) -> Iterator[tuple[str, float]]:
    """Yield how long a submission of one cell and one fork takes, and what each layer adds.

    Times are in milliseconds; the first is that of a process without layers. The rounds of all
    configurations are interleaved, and the lowest tenth of the times counts, so that other work on
    the machine matters little.
    """
    with ExitStack() as stack:
        workers = []
        for count in range(len(LAYERS) + 1):
            worker = Worker(Isolation.PROCESS, wanted=LAYERS[:count])
            workers.append(stack.enter_context(worker))
        times: list[list[float]] = [[] for _ in workers]
        for number in range(rounds + 1):
            for worker, taken in zip(workers, times, strict=True):
                start = perf_counter()
                _submission(worker)
                if number:  # the first warms up
                    taken.append(1000 * (perf_counter() - start))
        quick = [sorted(each)[rounds // 10] for each in times]
        yield "process", quick[0]
        for layer, before, after in zip(LAYERS, quick, quick[1:], strict=False):
            if layer in {each.partition("-")[0] for each in workers[-1].layers}:
                yield layer, after - before


def _submission(worker: Worker) -> None:
    student = worker.open()
    student.run("x = 1", None, limits.CELL_TIME)
    fork = student.fork()
    fork.call("print", [], [], seed=None, limit=limits.CALL_TIME)
    fork.end()
    student.end()
    worker.sweep()
