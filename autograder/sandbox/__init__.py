"""Run students' code in processes that can harm neither the machine nor the grades.

This page explains how the sandbox works. `docs/operators/sandbox.md` says what it protects against,
and `protocol/limits.py` holds all of its limits.

**Packages.** `host` is the judge's side. `inside` is the code that is loaded beside students' code;
it may import `protocol` and nothing else of ours. `protocol` holds the messages between the two,
and the limits. `selftest` tries to break out (`python -m autograder.sandbox.selftest`), and is what
`autograder doctor` runs.

**Processes.** The *judge* (`host`) is trusted. It holds the reference solution and the secret, and
never runs a line of students' code. It starts a *supervisor* (`inside/__main__.py`): a fresh
interpreter with a clean environment, which enters the namespaces and later cleans up. The
supervisor's child is the *warm worker* (`inside/worker.py`). The worker imports numpy and IPython
once and runs only our code. For each submission the worker forks a *student process*. The student
process gives up its privileges (`inside/jail.py`), reports which protections are in force, runs the
cells (`inside/shell.py`), and forks again for calls. A *fork* (`inside/call_server.py`) answers
calls of the student's functions. None of these processes was forked from the judge, so the secret
is not in their memory.

**Sockets.** The judge holds one end of a socket pair for the worker, for each student process and
for each fork. Each process holds its own end and no other descriptor. Messages are typed and
bounded (`protocol/wire.py`). The judge trusts the first message of a student process, because no
student code has run yet. It trusts no later message. The kernel tells the judge which process a
fork is (SO_PASSCRED) and how much processor time it has used. The judge kills a process through its
pidfd.

**Privileges.** The worker keeps what it needs to make scratch folders, to change the user of a
process, and to kill processes. Where there is a user namespace, these rights hold only inside it. A
student process keeps no privilege and cannot regain any:

- *rlimits* bound its memory, files, processor time and processes.
- *no_new_privs* prevents it from gaining privileges through another program.
- *seccomp* allows some 170 system calls that numerical Python needs. It allows no other program, no
  named socket, no tracing, and no change of a file's mode or times.
- *Landlock* allows reading Python, its packages and system libraries, and writing the scratch
  folder. Depending on the kernel, it also forbids TCP, abstract sockets, and signals to other
  processes.
- *own_user*: where root grades, the student process runs as a user that nobody else has. Its
  processes can then be counted and killed separately, and it owns nobody's files. An ordinary user
  cannot change to another user.
- *namespaces*, where the machine allows them. The worker is process 1, the root folder is a small
  read-only file system with what Python needs, the scratch folder is a tmpfs with a limit, and
  there is no network.

Each layer works alone: `selftest/layer_trials.py` shows for each one something that it stops by
itself. They overlap on purpose, so that a hole in one layer is not yet a way out.

**Forks** inherit all restrictions. They may start threads, but no processes. They are no barrier
between the functions of a notebook, which all have the same author. The barrier is around the
student process.

**The end of a submission.** The judge kills the student process. The worker kills every descendant
(`inside/reaper.py`) and removes the scratch folder. When the judge dies, the worker's socket
closes; the worker then does the same and exits. When the worker dies, its children die with it and
the supervisor cleans up. If supervisor and judge die together, the next judge removes what they
left (`host/workdir.py`).

**Processes that are killed from outside.** The judge notes each process that ends early without
being killed by the judge, and how the kernel says it ended (`ProcessDeaths` in `host/monitor.py`).
seccomp does not let student processes cause a SIGKILL. So a SIGKILL comes from outside, or from the
kernel when memory runs out, which the kernel counts. Every exit, and nearly every other signal, is
the process's own doing, and the submission is not graded again for it. The grader
(`retry_if_killed` in `grading/outcome.py`) then does one of two things:

- A process was killed from outside: the grader grades the submission again, up to a few times.
- The kernel killed it because memory ran out, or the cause is unknown: every attempt counts, and a
  check whose verdicts differ needs review.

Where root does not grade, the kernel reports how a process ended only after its parent has waited
for it, and only since Linux 6.15.

**Time.** Each cell and each call has a limit (`host/process.py`). Two more limits hold for all
processes of a submission together: the processor time they use, including child processes of cells
(`host/usage.py`), and the time in which the process that the judge waits for does nothing (`Watch`
in `host/monitor.py`). Neither counts time in which other programs keep a process from running.

**Without namespaces** the other layers hold, with two exceptions. The size of each file is limited,
but not the size of the whole scratch folder, which the worker then removes file by file. And `stat`
tells whether a path exists and how large the file is. Where an ordinary user grades, only seccomp
and Landlock separate student processes from that user's own. Where root grades and Python lies in a
folder that only root can enter, student processes keep one capability, to pass through folders
(CAP_DAC_READ_SEARCH); Landlock still decides what they may open there.

**What was in force** is what the student process itself reports, never a constant. If one of the
needed layers is missing (`isolation.py`), nothing is graded, unless the instructor asks for it.
"""
