"""Attacks by much: outputs of many cells together, children that compute, costly values."""

from __future__ import annotations

from nbformat.v4 import new_code_cell

from robustness.attacks.attack import ANYTHING, EVERY, MAYBE, Document, Notebook, attack
from robustness.attacks.bank.endings import USED_UP
from robustness.attacks.bank.messages import in_spread

VALUES = "odd values"

PICTURES = (
    "from IPython.display import display\n"
    "for n in range(8): display({'image/png': 'A' * 499_996}, raw=True)"
)
"""A cell whose outputs take four megabytes, as much as one may show."""


def _cells(number: int, source: str) -> Notebook:
    """Return a notebook with the same cell many times in front of the solutions."""

    def edit(notebook: Document) -> None:
        cells = [dict(new_code_cell(source, id=f"many-{n}")) for n in range(number)]
        place = next(
            place for place, each in enumerate(notebook["cells"]) if each["cell_type"] == "code"
        )
        notebook["cells"][place + 1 : place + 1] = cells

    return Notebook(edit=edit)


@attack(USED_UP, right=True, seen=MAYBE, alone=True)
def pictures_in_many_cells() -> Notebook:
    """Shows in each of forty cells as much as one cell may."""
    return _cells(40, PICTURES)


@attack(USED_UP, right=True, seen=MAYBE, alone=True)
def many_outputs_in_many_cells() -> Notebook:
    """Shows a thousand small things in each of forty cells."""
    return _cells(
        40, "from IPython.display import display\nfor n in range(1000): display(str(n) * 90)"
    )


@attack(USED_UP, right=True, seen=MAYBE, alone=True)
def very_many_cells() -> Notebook:
    """Has nearly two thousand cells, each of which shows a little."""
    return _cells(1_900, "print('x' * 10_000)")


@attack(USED_UP, right=True, costs=EVERY, seen=ANYTHING, alone=True)
def children_that_compute() -> str:
    """Starts as many processes as it may, which all compute for as long as they are let."""
    return (
        "for n in range(60):\n"
        "    try:\n        child = os.fork()\n"
        "    except OSError:\n        break\n"
        "    if not child:\n        while True: pass"
    )


@attack(USED_UP, right=True, costs=EVERY, seen=MAYBE, alone=True)
def a_little_too_slow_everywhere() -> Notebook:
    """Computes in every call for a little less than it may, so that all together take long."""
    slow = "    end = time.process_time() + 0.8\n    while time.process_time() < end: pass\n"
    return Notebook(
        written={
            "double": f"def double(number):\n{slow}    return 2 * number\n",
            "spread": f"def spread(numbers):\n{slow}    return {{'mean': 0.0, 'spread': 0.0}}\n",
        }
    )


@attack(VALUES, costs=("spread",))
def an_integer_of_a_million_digits() -> Notebook:
    """Returns numbers so long that Python refuses to write them down."""
    return in_spread("return {'mean': 10**1_000_000, 'spread': -(10**5000)}", first="")


@attack(VALUES, costs=("spread",))
def keys_that_are_no_keys() -> Notebook:
    """Returns a dict whose keys are nan many times, and numbers that are equal."""
    return in_spread(
        "return {**{float('nan'): n for n in range(1000)}, 1: 2, True: 3, 1.0: 4, 'mean': 0.0}",
        first="",
    )


@attack(VALUES, costs=("spread",))
def arrays_of_odd_shapes() -> Notebook:
    """Returns arrays with no entries and lengths that overflow, and ones of very many axes."""
    return in_spread(
        "return {'mean': np.zeros((0, 2**62)), 'spread': np.zeros((1,) * 32)}", first=""
    )


@attack(VALUES, costs=("spread",))
def numbers_that_are_texts() -> Notebook:
    """Returns texts, bytes, dates and records where numbers are wanted."""
    return in_spread(
        "return {'mean': '0.0\\x00\\ud800' * 1000, 'spread': np.array([(1, 'x')], 'i4,U9'),\n"
        "        'date': np.datetime64('NaT'), b'x': b'y'}",
        first="",
    )
