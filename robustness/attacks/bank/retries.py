"""Attacks on how often, and beside whom, a function is asked; and cases that must stay fair."""

from __future__ import annotations

from robustness.attacks.attack import ANYTHING, EVERY, MAYBE, Notebook, attack
from robustness.attacks.bank.messages import in_spread

RETRIES = "one more try"
STANDING_IN = "the reference as a helper"
FAIR = "what must not cost twice"

RIGHT_SPREAD = (
    "    numbers = np.asarray(numbers)\n"
    '    return {"mean": numbers.mean(), "spread": numbers.std()}\n'
)
TRIPLED = "def double(number):\n    return 3 * number\n"
NOTHING_RIGHT = {"double": 0.0}


def _ends_unless(condition: str, how: str, first: str = "") -> Notebook:
    """A notebook whose `spread` ends its process unless something is so, and is right then."""
    return Notebook(
        first=f"import signal\n{first}",
        written={
            "spread": (
                f"def spread(numbers):\n    if not ({condition}):\n        {how}\n{RIGHT_SPREAD}"
            )
        },
    )


SECOND = (
    "import signal, resource\ncalls = []\n"
    "def first():\n    calls.append(1)\n    return len(calls) == 1"
)
"""Tells a function whether this is its first call in a process: by itself it is asked only once."""


AHEAD = """\
import signal
def ahead():
    frame = sys._getframe()
    while frame is not None:
        for each in list(frame.f_locals.values()):
            if isinstance(getattr(each, "calls", None), tuple): return True
        frame = frame.f_back
    return False
"""
"""Tells a function, by what is on the stack, whether it is asked for answers to a list of calls."""


@attack(RETRIES, costs=("spread",), seen=ANYTHING)
def killed_when_it_is_asked_ahead() -> Notebook:
    """Kills its process where several things are asked at once, and answers what is asked alone."""
    return _ends_unless("not ahead()", "os.kill(os.getpid(), signal.SIGKILL)", AHEAD)


@attack(RETRIES, costs=("spread",), seen=MAYBE)
def killed_when_it_is_asked_early() -> Notebook:
    """Kills its process soon after its cells have run, and answers when it is asked late."""
    return _ends_unless(
        "time.monotonic() - START > 0.3",
        "os.kill(os.getpid(), signal.SIGKILL)",
        "START = time.monotonic()",
    )


@attack(RETRIES, costs=("spread",), seen=MAYBE)
def killed_at_its_second_call() -> Notebook:
    """Kills its process at the second call in it, and answers what is asked alone."""
    return _ends_unless("first()", "os.kill(os.getpid(), signal.SIGKILL)", SECOND)


@attack(RETRIES, costs=("spread",), seen=MAYBE)
def terminated_at_its_second_call() -> Notebook:
    """Ends its process in the same place by a signal that a system might send, too."""
    return _ends_unless("first()", "os.kill(os.getpid(), signal.SIGTERM)", SECOND)


@attack(RETRIES, costs=("spread",), seen=MAYBE)
def killed_by_a_limit_of_its_own() -> Notebook:
    """Has the kernel kill it in the same place, by a limit that it sets for itself."""
    limit = "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))"
    how = f"attempt(lambda: {limit})\n        while time.process_time() < 30: pass"
    return _ends_unless("first()", how, SECOND)


@attack(RETRIES, costs=("spread",), seen=MAYBE)
def killed_until_a_file_says_enough() -> Notebook:
    """Counts its attempts in a file, and kills its process at all but the last ones."""
    return _ends_unless(
        "attempts() > 2",
        "os.kill(os.getpid(), signal.SIGKILL)",
        "def attempts():\n"
        "    with open('autograder_attack_attempts', 'a') as file: file.write('x')\n"
        "    return os.path.getsize('autograder_attack_attempts')",
    )


@attack(RETRIES, costs=("spread",))
def ended_by_a_limit_until_it_is_asked_late() -> Notebook:
    """Runs into the limit of its memory while it is asked ahead, as a busy machine might."""
    return _ends_unless("len(numbers) == 2", "kept = [np.ones(2**24) for _ in range(10**4)]")


@attack(RETRIES, costs=("spread",), seen=ANYTHING)
def ended_when_it_is_asked_ahead() -> Notebook:
    """Ends its process without a signal in the same place, as if it had crashed."""
    return _ends_unless("not ahead()", "os._exit(1)", AHEAD)


@attack(RETRIES)
def another_answer_each_time() -> Notebook:
    """Answers at random, in the hope that it is asked until an answer is right."""
    return Notebook(
        written={
            "total_of_doubles": (
                "def total_of_doubles(numbers):\n"
                "    return 2.0 * int.from_bytes(os.urandom(4), 'big') if numbers else 0.0\n"
            )
        }
    )


@attack(STANDING_IN, worth=NOTHING_RIGHT)
def a_double_by_way_of_the_total() -> Notebook:
    """Has its first function ask the second, which is wrong, so that the reference answers."""
    return Notebook(
        written={"double": "def double(number):\n    return total_of_doubles([number])\n"}
    )


@attack(STANDING_IN, worth=NOTHING_RIGHT)
def a_double_by_way_of_whatever_is_replaced() -> Notebook:
    """Looks for functions that were replaced, and asks them for what it cannot do."""
    return Notebook(
        first="OWN = {}",
        written={
            "double": (
                "def double(number):\n"
                "    for name in ('total_of_doubles', 'spread'):\n"
                "        function = globals()[name]\n"
                "        if OWN.setdefault(name, function) is not function or "
                "'answered_by_judge' in getattr(function, '__qualname__', ''):\n"
                "            answer = function([number])\n"
                "            return answer if name == 'total_of_doubles' else answer['mean'] * 2\n"
                "    return 0.0\n"
            )
        },
        last="OWN.update(total_of_doubles=total_of_doubles, spread=spread)",
    )


@attack(STANDING_IN, right=True, costs=EVERY, seen=MAYBE, worth={"spread": 6.0})
def arguments_that_are_said_to_be_untouched() -> Notebook:
    """Sorts what it is given, and has its process say that nothing was altered."""
    return in_spread(
        "numbers.sort()\nreturn {'mean': numbers.mean(), 'spread': numbers.std()}",
        first=(
            "for module in list(sys.modules.values()):\n"
            "    kind = getattr(module, 'Returned', None)\n"
            "    if 'autograder' in getattr(module, '__name__', '') and kind is not None:\n"
            "        module.Returned = lambda number, value, *_, kind=kind: "
            "kind(number, value, None)"
        ),
    )


def _fair(total: str, first: str = "") -> Notebook:
    """Return a notebook with a wrong `double`, and a right total that calls it in some way."""
    return Notebook(
        first=first,
        written={"double": TRIPLED, "total_of_doubles": f"def total_of_doubles(n):\n{total}"},
    )


@attack(FAIR, right=True, worth=NOTHING_RIGHT)
def a_call_in_a_comprehension() -> Notebook:
    """Calls a wrong function of its own in a list, and pays for that one alone."""
    return _fair("    return float(sum([double(each) for each in n]))\n")


@attack(FAIR, right=True, worth=NOTHING_RIGHT)
def a_call_in_a_generator() -> Notebook:
    """Calls a wrong function of its own in a generator, and pays for that one alone."""
    return _fair("    return float(sum(double(each) for each in n))\n")


@attack(FAIR, right=True, worth=NOTHING_RIGHT)
def a_call_in_a_lambda() -> Notebook:
    """Calls a wrong function of its own in a lambda in a function, and pays for that one alone."""
    return _fair(
        "    def inner(n):\n        return map(lambda each: double(each), n)\n"
        "    return float(sum(inner(n)))\n"
    )


@attack(FAIR, right=True, worth=NOTHING_RIGHT)
def a_call_through_a_helper() -> Notebook:
    """Calls a wrong function of its own through a helper, and pays for that one alone."""
    return _fair(
        "    return sum(helper(n), 0.0)\n",
        first="def helper(n):\n    return {i: double(each) for i, each in enumerate(n)}.values()",
    )
