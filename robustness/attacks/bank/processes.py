"""Attacks on other processes, and on what there is to read, write and reach on the machine."""

from __future__ import annotations

from robustness.attacks.attack import attack

OTHERS = "other processes"
NETWORK = "network"


@attack(OTHERS, right=True, alone=True)
def what_proc_tells() -> str:
    """Reads the judge's environment, command, open files and memory through /proc."""
    return (
        "for name in ('environ', 'cmdline', 'maps', 'fd/3', 'cwd/.autograder-secret',\n"
        "             'root' + COURSE + '/.autograder-secret'):\n"
        "    for pid in (JUDGE, 'self', os.getppid(), 1):\n"
        "        attempt(lambda: open(f'/proc/{pid}/{name}').read(10**6))\n"
        "attempt(lambda: os.listdir(f'/proc/{JUDGE}/fd'))"
    )


@attack(OTHERS, right=True)
def descriptors_that_were_inherited() -> str:
    """Reads every descriptor that it has, and what they lead to."""
    return (
        "for n in range(3, 64):\n"
        "    if 'ipykernel' in sys.modules: break\n"
        "    attempt(lambda: os.fstat(n) and os.lseek(n, 0, 0) and os.read(n, 10**6))\n"
        "    attempt(lambda: os.readlink(f'/proc/self/fd/{n}'))\n"
        "    attempt(lambda: os.listdir(n))"
    )


@attack(OTHERS, alone=True)
def signals_to_the_judge() -> str:
    """Kills the judge, the worker, its group and everybody."""
    return (
        "import signal\n"
        "for pid in (JUDGE, os.getppid(), 1, -1, -JUDGE):\n"
        "    if pid != -1: attempt(lambda: os.kill(pid, signal.SIGTERM))\n"
        "attempt(lambda: os.killpg(os.getpgid(JUDGE), signal.SIGTERM))\n"
        "attempt(lambda: signal.pidfd_send_signal(os.pidfd_open(JUDGE), signal.SIGTERM))"
    )


@attack(OTHERS, alone=True)
def tracing_of_others() -> str:
    """Attaches to the judge and the worker as a debugger, and reads and writes their memory."""
    return (
        "import ctypes\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "for pid in (JUDGE, os.getppid(), 1):\n"
        "    attempt(lambda: libc.ptrace(16, pid, 0, 0))\n"
        "    attempt(lambda: open(f'/proc/{pid}/mem', 'r+b'))\n"
        "    b = ctypes.create_string_buffer(64)\n"
        "    attempt(lambda: libc.process_vm_readv(pid, b, 1, b, 1, 0))\n"
        "    attempt(lambda: libc.syscall(438, pid, 3, 0))"
    )


@attack(OTHERS, right=True, seen="left", alone=True)
def a_daemon_that_stays() -> str:
    """Leaves a process of another session, whose parents have all ended."""
    return (
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        import signal\n"
        "        for n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\n"
        "        time.sleep(600)\n"
        "    os._exit(0)\n"
        "os.wait()"
    )


@attack(OTHERS, right=True, seen="left", alone=True)
def a_daemon_that_waits_for_the_next() -> str:
    """Leaves a process that writes into whatever folder of a submission comes after it."""
    return (
        "if os.fork() == 0:\n"
        "    while True:\n"
        "        for place in ('/tmp', os.getcwd(), os.path.dirname(os.getcwd())):\n"
        "            try:\n"
        "                open(place + '/autograder_attack_later', 'w').write('x')\n"
        "            except OSError:\n"
        "                pass\n"
        "        time.sleep(0.001)"
    )


@attack(OTHERS, right=True)
def threads_that_stay() -> str:
    """Leaves threads that put wrong functions in the place of the right ones."""
    return (
        "import threading\n"
        "def later():\n"
        "    while True:\n"
        "        import builtins; builtins.PWNED = True; time.sleep(0.001)\n"
        "threading.Thread(target=later, daemon=True).start()"
    )


@attack(OTHERS, right=True)
def other_programs() -> str:
    """Starts programs in every way that Python has."""
    return (
        "import subprocess\n"
        "cat = ['/bin/cat', COURSE + '/.autograder-secret']\n"
        "attempt(lambda: subprocess.check_output(cat))\n"
        "attempt(lambda: os.popen(' '.join(cat)).read())\n"
        "attempt(lambda: os.posix_spawn(cat[0], cat, {}))\n"
        "attempt(lambda: os.system(' '.join(cat) + ' > autograder_attack_out'))\n"
        "attempt(lambda: open('autograder_attack_out').read())"
    )


@attack(OTHERS, right=True, alone=True)
def more_rights_than_it_has() -> str:
    """Becomes root, makes namespaces, mounts, and lifts its own limits."""
    return (
        "import ctypes, resource\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "attempt(lambda: os.setuid(0)); attempt(lambda: os.setgroups([0]))\n"
        "for flags in (0x10000000, 0x20000, 0x20000000): attempt(lambda: libc.unshare(flags))\n"
        "attempt(lambda: libc.mount(COURSE.encode(), os.getcwd().encode(), None, 4096, None))\n"
        "attempt(lambda: os.chroot('.')); attempt(lambda: libc.syscall(321, 5, 0, 0))\n"
        "attempt(lambda: resource.setrlimit(resource.RLIMIT_AS, (-1, -1)))\n"
        "attempt(lambda: resource.prlimit(JUDGE, resource.RLIMIT_CPU, (1, 1)))"
    )


@attack(NETWORK, right=True, alone=True)
def connections_to_anywhere() -> str:
    """Connects to other machines and to this one, by name and by number."""
    return (
        "import socket, urllib.request\n"
        "attempt(lambda: urllib.request.urlopen('http://127.0.0.1:8888', timeout=1))\n"
        "for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):\n"
        "    for family in (socket.AF_INET, socket.AF_INET6, 16, 17):\n"
        "        attempt(lambda: socket.socket(family, kind))\n"
        "attempt(lambda: socket.getaddrinfo('example.invalid', 80))"
    )


@attack(NETWORK, right=True, alone=True)
def sockets_of_this_machine() -> str:
    """Talks to services of this machine through sockets in files and without names."""
    return (
        "import socket\n"
        "for name in ('/var/run/docker.sock', '/run/dbus/system_bus_socket', '\\0abstract'):\n"
        "    attempt(lambda: socket.socket(socket.AF_UNIX).connect(name))\n"
        "attempt(lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto("
        "b'x', '/run/systemd/notify'))"
    )


@attack(NETWORK, right=True, alone=True)
def a_server_of_its_own() -> str:
    """Waits for others to connect to it."""
    return (
        "import socket\n"
        "attempt(lambda: socket.create_server(('0.0.0.0', 0)))\n"
        "def named():\n    s = socket.socket(socket.AF_UNIX); s.bind('/tmp/autograder_attack_s')\n"
        "attempt(named)"
    )
