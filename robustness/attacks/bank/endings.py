"""Attacks by ending too early, not ending at all, or using up what there is."""

from __future__ import annotations

from robustness.attacks.attack import EVERY, Notebook, attack
from robustness.attacks.bank.messages import in_spread

ENDINGS = "exits and signals"
USED_UP = "time and memory"

ENDED = "ended the process"


@attack(ENDINGS)
def an_exit_in_a_function() -> Notebook:
    """Leaves through sys.exit instead of answering, as if all tests had passed."""
    return Notebook(
        written={
            "total_of_doubles": "def total_of_doubles(n):\n    if not n: return 0.0\n"
            "    sys.exit(0)\n"
        }
    )


@attack(ENDINGS)
def an_end_without_a_word() -> Notebook:
    """Ends the process with status 0 in the middle of an answer."""
    return Notebook(
        written={
            "total_of_doubles": "def total_of_doubles(n):\n    if not n: return 0.0\n"
            "    os._exit(0)\n"
        }
    )


@attack(ENDINGS, seen=ENDED)
def an_end_in_a_cell() -> str:
    """Ends the process in a cell, so that nothing after it is looked at."""
    return "os._exit(0)"


@attack(ENDINGS, seen=ENDED)
def an_abort_in_a_cell() -> str:
    """Aborts the process in a cell."""
    return "os.abort()"


@attack(ENDINGS, costs=("spread",))
def a_process_that_kills_itself() -> Notebook:
    """Kills its own process with a signal that cannot be caught, as the kernel might."""
    return in_spread("import signal\nos.kill(os.getpid(), signal.SIGKILL)", first="")


@attack(ENDINGS, costs=("spread",))
def a_fault_in_memory() -> Notebook:
    """Reads where there is no memory."""
    return in_spread("import ctypes\nctypes.string_at(1)", first="")


@attack(ENDINGS)
def what_is_left_for_the_end() -> str:
    """Leaves functions to be called when the interpreter ends."""
    return (
        "import atexit, weakref\n"
        "def late(): open(COURSE + '/autograder_attack_late', 'w').write('x')\n"
        "atexit.register(late); weakref.finalize(np, late)\n"
        "class L:\n    __del__ = lambda self: late()\nl = L()"
    )


@attack(ENDINGS, costs=("spread",), alone=True)
def interrupts_that_are_swallowed() -> Notebook:
    """Catches every exception and goes on for ever."""
    return in_spread(
        "while True:\n    try:\n        while True: pass\n    except BaseException:\n        pass",
        first="",
    )


@attack(ENDINGS, seen="", alone=True)
def a_cell_that_is_deaf_to_signals() -> str:
    """Ignores every signal that can be ignored, and never ends."""
    return (
        "import signal\n"
        "for n in range(1, 65):\n"
        "    try:\n        signal.signal(n, signal.SIG_IGN)\n"
        "    except (OSError, ValueError):\n        pass\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
        "while True: pass"
    )


@attack(ENDINGS)
def alarms_for_whoever_comes_next() -> str:
    """Sets timers whose signals would end whatever runs then."""
    return (
        "import signal\n"
        "attempt(lambda: signal.setitimer(signal.ITIMER_REAL, 3600))\n"
        "attempt(lambda: signal.alarm(3600))\n"
        "def handler(*_): raise SystemExit\n"
        "signal.signal(signal.SIGALRM, handler); signal.signal(signal.SIGTERM, handler)"
    )


@attack(ENDINGS, costs=("spread",))
def an_exception_that_cannot_be_shown() -> Notebook:
    """Raises an exception whose type, text and traceback raise."""
    return Notebook(
        first=(
            "class Meta(type):\n"
            "    __name__ = property(lambda self: 1 / 0)\n"
            "class E(Exception, metaclass=Meta):\n"
            "    def __str__(self): raise self\n"
            "    __repr__ = __str__\n"
            "    __traceback__ = property(lambda self: 1 / 0)\n"
        ),
        written={"spread": "def spread(numbers):\n    raise E()\n"},
    )


@attack(USED_UP, costs=("spread",), alone=True)
def a_loop_in_c() -> Notebook:
    """Computes for ever in one call of a C function, which no interrupt reaches."""
    return in_spread("sum(iter(int, 1))", first="")


@attack(USED_UP, costs=("spread",), alone=True)
def a_power_that_takes_years() -> Notebook:
    """Raises a number to a power that takes years."""
    return in_spread("return 7 ** (10 ** 10)", first="")


@attack(USED_UP, costs=("spread",), alone=True)
def a_pattern_that_takes_years() -> Notebook:
    """Matches a regular expression that backtracks for ever."""
    return in_spread("import re\nre.match('(a+)+$', 'a' * 60 + 'b')", first="")


@attack(USED_UP, alone=True)
def a_cell_that_computes_for_ever() -> str:
    """Never ends in a cell in front of the solutions."""
    return "while True: pass"


@attack(USED_UP, right=True, costs=EVERY, seen="without computing anything", alone=True)
def asleep_in_every_function() -> Notebook:
    """Sleeps in each of its functions for as long as it is let."""
    return Notebook(
        written={function: f"def {function}(_):\n    time.sleep(600)" for function in EVERY}
    )


@attack(USED_UP, costs=("spread",), alone=True)
def all_the_memory() -> Notebook:
    """Asks for memory until there is none, and keeps it."""
    return in_spread("kept = []\nwhile True: kept.append(np.ones(2**24))", first="")


@attack(USED_UP, costs=("spread",), alone=True)
def memory_of_many_threads() -> Notebook:
    """Has threads that compute, so that one processor's clock is not all of it."""
    return in_spread(
        "import threading\n"
        "def spin():\n    while True: np.ones(1000).sum()\n"
        "for _ in range(8): threading.Thread(target=spin, daemon=True).start()\n"
        "spin()",
        first="",
    )


@attack(USED_UP, right=True, costs=EVERY, seen="left", alone=True)
def a_small_fork_bomb() -> str:
    """Forks until it is refused, two hundred times at the most."""
    return (
        "children = 0\n"
        "try:\n"
        "    while children < 200:\n"
        "        if os.fork() == 0:\n"
        "            time.sleep(600); os._exit(0)\n"
        "        children += 1\n"
        "except OSError as error:\n"
        "    print(children, error)"
    )


@attack(USED_UP, costs=EVERY, right=True, alone=True)
def every_process_that_there_may_be() -> str:
    """Uses up all its processes in threads, so that nothing can be forked for answers."""
    return (
        "import threading\n"
        "try:\n"
        "    while True: threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
        "except RuntimeError as error:\n"
        "    print(error)"
    )


@attack(USED_UP, right=True)
def a_large_file() -> str:
    """Writes files until it is refused, 400 MB at the most."""
    return (
        "def fill():\n"
        "    for n in range(4 if 'ipykernel' in sys.modules else 400):\n"
        "        with open(f'autograder_attack_{n}', 'wb') as file: file.write(bytes(2**20))\n"
        "attempt(fill)"
    )


@attack(USED_UP, right=True, alone=True)
def very_many_files() -> str:
    """Makes files and folders until it is refused, 20,000 at the most."""
    return (
        "def fill():\n    for n in range(20_000): os.mkdir(f'autograder_attack_{n}')\nattempt(fill)"
    )


@attack(USED_UP, right=True)
def outputs_without_an_end() -> str:
    """Prints forty megabytes."""
    return "for _ in range(400): print('x' * 100_000)"


@attack(USED_UP, costs=("spread",))
def answers_of_hundreds_of_megabytes() -> Notebook:
    """Returns much more than may cross."""
    return in_spread("return np.ones(5 * 10**7)", first="")


@attack(USED_UP, costs=("spread",))
def answers_without_an_end() -> Notebook:
    """Returns a list that holds itself."""
    return in_spread("a = [numbers]\na.append(a)\nreturn a", first="")


@attack(USED_UP, costs=("spread",))
def recursion_without_an_end() -> Notebook:
    """Calls itself until the stack of C is used up."""
    return in_spread("sys.setrecursionlimit(10**7)\nreturn spread(numbers)", first="")


@attack(USED_UP, costs=("spread",))
def dicts_in_dicts() -> Notebook:
    """Returns a hundred thousand arrays in dicts, for whoever compares them one by one."""
    return Notebook(
        written={
            "spread": (
                "def spread(numbers):\n"
                "    return {'mean': np.random.rand(), 'spread': np.random.rand(),\n"
                "            **{str(i): {str(j): {str(k): np.random.rand() for k in range(99)}\n"
                "               for j in range(99)} for i in range(9)}}\n"
            )
        }
    )


@attack(USED_UP, costs=EVERY, alone=True)
def arguments_for_the_stand_in() -> Notebook:
    """Has the reference stand in for it, ten thousand times, with arguments that take long."""
    return Notebook(
        written={
            "double": "def double(number):\n    return 3 * number\n",
            "total_of_doubles": (
                "large = np.ones(10**6)\n"
                "def total_of_doubles(numbers):\n"
                "    for _ in range(10_000): double(large)\n"
                "    return sum([double(n) for n in numbers], 0.0)\n"
            ),
        }
    )
