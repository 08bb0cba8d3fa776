"""List the system calls that a student's code may make, with their numbers on x86-64 and ARM.

The list was made from the kernel's whole table; every other call is refused. Calls that copy a
file's mode, times and attributes do nothing: `shutil.copy` and archives make them, and nothing in
the sandbox depends on what they set. Some calls that harmless programs use are refused on purpose:
execve (no other program), chown and truncate (Landlock does not cover all of them), memfd_create
(memory that no limit counts), timer_create (a timer may send SIGKILL), sync (it affects the whole
machine), and every call with a network address.
"""

from __future__ import annotations

COLUMNS = {"x86_64": 0, "aarch64": 1}

HIGHEST = 469
"""The last call of Linux 6.18, file_setattr, on both architectures."""

_TABLE = """
# files that are open
read 0 63, write 1 64, pread64 17 67, pwrite64 18 68, readv 19 65, writev 20 66, preadv 295 69,
pwritev 296 70, preadv2 327 286, pwritev2 328 287, lseek 8 62, close 3 57, close_range 436 436,
dup 32 23, dup2 33 -, dup3 292 24, fcntl 72 25, flock 73 32, fsync 74 82, fdatasync 75 83,
ftruncate 77 46, fallocate 285 47, fadvise64 221 223, readahead 187 213, getdents 78 -,
getdents64 217 61, sendfile 40 71, copy_file_range 326 285, fstat 5 80, fstatfs 138 44,
fchdir 81 50, ioctl 16 29,
# files by name: Landlock says which
open 2 -, openat 257 56, openat2 437 437, creat 85 -, access 21 -, faccessat 269 48,
faccessat2 439 439, stat 4 -, lstat 6 -, newfstatat 262 79, statx 332 291, statfs 137 43,
readlink 89 -, readlinkat 267 78, getcwd 79 17, chdir 80 49, mkdir 83 -, mkdirat 258 34,
rmdir 84 -, unlink 87 -, unlinkat 263 35, rename 82 -, renameat 264 38, renameat2 316 276,
link 86 -, linkat 265 37, symlink 88 -, symlinkat 266 36, umask 95 166,
# memory
brk 12 214, mmap 9 222, munmap 11 215, mremap 25 216, mprotect 10 226, madvise 28 233,
msync 26 227, mincore 27 232, pkey_alloc 330 289, pkey_free 331 290, pkey_mprotect 329 288,
membarrier 324 283, mseal 462 462,
# waiting
poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72, epoll_create 213 -, epoll_create1 291 20,
epoll_ctl 233 21, epoll_wait 232 -, epoll_pwait 281 22, epoll_pwait2 441 441, eventfd 284 -,
eventfd2 290 19, signalfd 282 -, signalfd4 289 74, timerfd_create 283 85,
timerfd_settime 286 86, timerfd_gettime 287 87, pipe 22 -, pipe2 293 59, futex 202 98,
futex_waitv 449 449, nanosleep 35 101, clock_nanosleep 230 115, pause 34 -,
restart_syscall 219 128,
# time
time 201 -, gettimeofday 96 169, clock_gettime 228 113, clock_getres 229 114, times 100 153,
alarm 37 -, getitimer 36 102, setitimer 38 103,
# signals: what this process does about them, and those it sends itself
rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, rt_sigpending 127 136,
rt_sigsuspend 130 133, rt_sigtimedwait 128 137, sigaltstack 131 132, kill 62 129, tgkill 234 131,
# processes and threads
clone 56 220, fork 57 -, vfork 58 -, wait4 61 260, waitid 247 95, exit 60 93, exit_group 231 94,
set_tid_address 218 96, set_robust_list 273 99, get_robust_list 274 100, rseq 334 293,
arch_prctl 158 -, prctl 157 167, sched_yield 24 124, sched_getaffinity 204 123,
sched_getparam 143 121, sched_getscheduler 145 120, sched_get_priority_max 146 125,
sched_get_priority_min 147 126, getcpu 309 168, getrlimit 97 163, setrlimit 160 164,
prlimit64 302 261, getrusage 98 165, getpriority 140 141, setsid 112 157, setpgid 109 154,
# who and where we are
getpid 39 172, getppid 110 173, gettid 186 178, getuid 102 174, geteuid 107 175, getgid 104 176,
getegid 108 177, getresuid 118 148, getresgid 120 150, getgroups 115 158, getpgid 121 155,
getpgrp 111 -, getsid 124 156, capget 125 90, uname 63 160, sysinfo 99 179, getrandom 318 278,
# the socket to the judge, and pairs of sockets: there is no other, and no address
socketpair 53 199, sendto 44 206, sendmsg 46 211, recvfrom 45 207, recvmsg 47 212,
shutdown 48 210, getsockname 51 204, getpeername 52 205, getsockopt 55 209, setsockopt 54 208
"""
"""Each call with its name and its two numbers; - means that an architecture lacks it."""


def _parse(table: str) -> dict[str, tuple[int, int]]:
    lines = [line for line in table.splitlines() if not line.startswith("#")]
    calls = (call.split() for call in " ".join(lines).split(",") if call.strip())
    return {name: (_number(intel), _number(arm)) for name, intel, arm in calls}


def _number(text: str) -> int:
    return -1 if text == "-" else int(text)


ALLOWED = _parse(_TABLE)

IGNORED = _parse(
    "chmod 90 -, fchmod 91 52, fchmodat 268 53, fchmodat2 452 452, utime 132 -, utimes 235 -, "
    "futimesat 261 -, utimensat 280 88"
)
"""The calls that change nothing and seem to succeed."""

UNSUPPORTED = _parse(
    "setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7, getxattr 191 8, lgetxattr 192 9, "
    "fgetxattr 193 10, listxattr 194 11, llistxattr 195 12, flistxattr 196 13, "
    "removexattr 197 14, lremovexattr 198 15, fremovexattr 199 16"
)
"""The calls that fail as on a file system without extended attributes, which programs expect."""
