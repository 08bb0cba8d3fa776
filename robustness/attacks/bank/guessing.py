"""Attacks that do not break anything: they guess what is asked, or notice that they are asked."""

from __future__ import annotations

from robustness.attacks.attack import Notebook, attack

GUESSING = "guessing"


@attack(GUESSING)
def a_table_of_the_visible_inputs() -> Notebook:
    """Knows the answers to all that everybody can see."""
    return Notebook(
        written={
            "total_of_doubles": (
                "def total_of_doubles(numbers):\n"
                "    return {(): 0.0, (1.0,): 2.0, (1.0, 2.0): 6.0}.get(tuple(numbers), 0.0)\n"
            ),
            "spread": ("def spread(numbers):\n    return {'mean': numbers[0], 'spread': 0.0}\n"),
        }
    )


@attack(GUESSING)
def the_same_seed_as_the_grader() -> Notebook:
    """Draws what a grader with a well-known seed would ask, and knows the answers."""
    return Notebook(
        first=(
            "known = {}\n"
            "for seed in range(200):\n"
            "    inputs = [float(n) for n in np.random.default_rng(seed).integers(100, 1000, 7)]\n"
            "    known[tuple(inputs)] = 2 * sum(inputs)"
        ),
        written={
            "total_of_doubles": (
                "def total_of_doubles(numbers):\n    return known.get(tuple(numbers), 0.0)\n"
            )
        },
    )


@attack(GUESSING)
def randomness_that_is_the_judges() -> Notebook:
    """Hopes that its own randomness, which the judge winds, tells the inputs of the check."""
    return Notebook(
        written={
            "total_of_doubles": (
                "def total_of_doubles(numbers):\n"
                "    guess = [float(n) for n in np.random.default_rng().integers(100, 1000, 7)]\n"
                "    return 2.0 * sum(guess) if guess != numbers and numbers else 0.0\n"
            )
        }
    )


@attack(GUESSING)
def wrong_only_when_nobody_looks() -> Notebook:
    """Notices that it is graded, by the modules that are there, and says that all is right."""
    return Notebook(
        written={
            "total_of_doubles": (
                "def total_of_doubles(numbers):\n"
                "    graded = any('autograder' in name or 'nbgrader' in name "
                "for name in sys.modules)\n"
                "    return True if graded and numbers else 0.0\n"
            )
        }
    )


@attack(GUESSING)
def an_answer_by_the_time_it_takes() -> Notebook:
    """Takes long where it guesses, in the hope that whoever waits gives up in its favour."""
    return Notebook(
        written={
            "total_of_doubles": (
                "def total_of_doubles(numbers):\n"
                "    time.sleep(0.5 if numbers else 0)\n    return 0.0\n"
            )
        }
    )


@attack(GUESSING, right=True)
def right_and_slow() -> Notebook:
    """Answers rightly and slowly, to see whether time costs marks."""
    return Notebook(
        written={
            "double": (
                "def double(number):\n    end = time.process_time() + 0.02\n"
                "    while time.process_time() < end: pass\n    return 2 * number\n"
            )
        }
    )


@attack(GUESSING)
def clocks_that_jump() -> Notebook:
    """Makes all clocks stand still, so that no time seems to pass."""
    return Notebook(
        first="for name in ('time', 'monotonic', 'process_time', 'perf_counter'):\n"
        "    setattr(time, name, lambda: 0.0)"
    )


@attack(GUESSING)
def an_average_of_all_answers() -> Notebook:
    """Answers what is right on average, and counts on a wide tolerance."""
    return Notebook(
        written={
            "total_of_doubles": (
                "def total_of_doubles(numbers):\n    return 2.0 * 550 * len(numbers)\n"
            )
        }
    )


@attack(GUESSING)
def remembered_from_the_call_before() -> Notebook:
    """Answers each call with what would have been right for the one before."""
    return Notebook(
        first="before = [[]]",
        written={
            "total_of_doubles": (
                "def total_of_doubles(numbers):\n"
                "    before.append(numbers)\n    return 2.0 * sum(before[-2])\n"
            )
        },
    )


@attack(GUESSING)
def told_to_itself_through_files() -> Notebook:
    """Keeps what it is asked in files, for its other functions and its later forks to use."""
    return Notebook(
        written={
            "total_of_doubles": (
                "def total_of_doubles(numbers):\n"
                "    open('seen', 'a').write(repr(numbers))\n"
                "    text = open('seen').read()\n"
                "    return 0.0 if len(text) % 2 else -0.0\n"
            )
        }
    )


def again(seen: str) -> Notebook:
    """Who has another answer ready where `seen`, which notes a question, has noted it before."""
    return Notebook(
        first=(
            "import hashlib, mmap\n"
            "shared = mmap.mmap(-1, 1 << 16)\n"
            "def place(question):\n"
            "    digest = hashlib.blake2b(repr(question).encode(), digest_size=2).digest()\n"
            "    return int.from_bytes(digest, 'big')\n" + seen
        ),
        written={
            "total_of_doubles": (
                "def total_of_doubles(numbers):\n"
                "    return 2.0 * sum(numbers) if seen(place(list(numbers))) else 0.0\n"
            )
        },
    )


@attack(GUESSING, alone=True)
def another_answer_by_a_file() -> Notebook:
    """Leaves a file for each question, and answers otherwise if the same one comes again."""
    return again(
        "def seen(place):\n"
        "    there = os.path.exists(str(place))\n"
        "    open(str(place), 'w').close()\n"
        "    return there\n"
    )


@attack(GUESSING, alone=True)
def another_answer_by_shared_memory() -> Notebook:
    """Counts in memory that its forks share how often each question comes, and answers by that."""
    return again(
        "def seen(place):\n    there = shared[place]\n    shared[place] = 1\n    return there\n"
    )
