"""Where learners' code runs, and how it is asked: the theory of operation.

**Processes.** The *judge* (`host`) is trusted, holds the reference and the secret, and never runs a
learner's line. It starts a *keeper* (`inside/__main__`), a fresh interpreter with a clean
environment, which makes the worker's world and clears up after it. The *warm worker*
(`inside/worker`), the keeper's child, imports numpy and IPython once and runs nobody's lines but
ours. For each submission it forks a *student process*, which gives up everything (`inside/jail`),
says what it has given up, runs the cells, and forks for calls. None of them was forked from the
judge, so no page of theirs has a secret in it.

**Sockets.** The judge holds one to the worker, one to each student process and one to each fork,
all pairs without a name; a process has its own and no other descriptor. Messages are typed and
bounded (`wire`). What is sent first is believed: no learner's line has run yet. After that nothing
is: who a fork is the kernel says (SO_PASSCRED), a process is timed by the CPU time the kernel
charges to it, and killed through a pidfd, whose number in our world the kernel says too.

**Privileges.** The worker keeps what it needs to make scratch folders, to give processes another
user and to kill: inside a user namespace, where there is one, and then on nothing else of this
machine. A student process keeps none, and cannot get any:

- *rlimits* bound its memory, files, processor time, processes;
- *no_new_privs*: no program gives it more than it has;
- *seccomp*: some 170 system calls that numerical Python makes, and no others. No program is
  started, no socket has an address, nobody is traced, no mode or time of a file is changed;
- *Landlock*: Python, its packages and system libraries may be read, the scratch written, and
  nothing else; no TCP, no sockets without a file and no signals to others, where the kernel's
  version knows them;
- *a user of its own*, which nobody else has, where root grades: so its processes are counted and
  ended alone, and no file of anybody's is its own. An ordinary user has no other to give;
- *namespaces*, where there are any: in them the worker is process 1, the root is a small read-only
  one with what Python needs, the scratch is a tmpfs with a limit, and there is no network.

Each stands by itself: `trials` shows for each something that it alone stops. They overlap on
purpose, so that a hole in one is not yet a way out.

**Forks** inherit everything, and may start threads but no processes. They are no wall against the
author of the notebook, who wrote all of its functions; the wall is around the student process.

**The end** of a submission: the judge kills the student process; the worker ends every descendant
(`inside/sweeping`) and lets the scratch go. When the judge dies, the worker's socket closes, and it
does the same and ends; when the worker dies, its children die with it, and the keeper clears up.
What keeper and judge leave who die together, the next judge removes (`homes`).

**Killed from outside.** A process that ends in the middle, and not by the judge's hand, is noted
(`losses`), with what the kernel says of how it ended. seccomp refuses student processes everything
that could bring SIGKILL about, so SIGKILL comes from outside, or from the kernel for want of
memory, which it counts. Every exit and nearly every other signal is the process's own doing, and
nothing is taken again for it. Where a process was killed from outside, the grader takes the
submission again, a few times. Where the kernel killed it for want of memory, or nobody can tell who
ended it, every attempt counts: checks whose verdicts differ are left to a person (`undisturbed` in
`grader`). Where root does not grade, the kernel tells how a process ended only once somebody has
fetched it, and only since Linux 6.15.

**The time of a submission.** Beside the limits of each cell and call (`process`) there are two for
all processes of a submission together: the processor time that they use (`usage`), children of the
cells included, and the time in which the process that is asked does nothing (`idleness`). Neither
counts the time in which others of this machine keep a process from running.

**Without namespaces** the rest holds. Lost are a limit on all of the scratch together (each file is
limited, and it is cleared away by us instead of vanishing) and the hiding of names: `stat` tells
whether a path exists, and how large it is. Where an ordinary user grades, learners' processes are
then told from that user's own by seccomp and Landlock alone. Where root grades and Python lies in a
folder of root's alone, student processes keep the one capability to pass through folders
(CAP_DAC_READ_SEARCH), and Landlock says what they may open behind.

**What was in force** is what the student process itself says, never a constant. With less than the
needed layers (`isolation`) nothing is graded, unless it is asked for by name.
"""
