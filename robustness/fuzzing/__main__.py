"""Hostile folders, handed to every command that takes submissions.

    python -m robustness.fuzzing --trees 5000 --seed 1

`hostile` says what must be true of each command, `trees` what the folders are. Trees are handed in
together, a class of them at a time. A failure is told with the smallest trees that still show it;
where they have stopped a whole class, the rest is handed in again without them. The same seed makes
the same trees. Exits with 1 where anything failed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from robustness.fuzzing import trees
from robustness.fuzzing.hostile import COMMANDS, Failure, Ground, Seen
from robustness.fuzzing.table import Outcomes, Wrong
from robustness.fuzzing.trees import Tree

RUNS = 40
"""How often a command is run to make the trees of one failure smaller."""

AGAIN = 5
"""How often a class is handed in again without those who have stopped it."""

Class = Mapping[str, Tree]
Each = TypeVar("Each")


def main(arguments: list[str] | None = None) -> int:
    """Print what came of all trees; give the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trees", type=int, default=200, metavar="N", help="how many by chance")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the chance in it")
    parser.add_argument("--class", type=int, default=100, metavar="N", dest="size", help="at once")
    parser.add_argument("--command", action="append", choices=[*COMMANDS], help="all by default")
    parser.add_argument("--large", action="store_true", help="as deep, wide and large as can be")
    parser.add_argument("--known", action="store_true", help="with those that have done harm")
    parser.add_argument("--as-they-are", action="store_true", help="do not make failures smaller")
    asked = parser.parse_args(arguments)
    print(f"seed {asked.seed}", flush=True)
    with trees.temporary_folder() as folder:
        ground = Ground(folder / "ground")
        if not ground.devices:
            print("Devices cannot be made here: those trees are tried without them.")
        classes = _classes(ground, asked.trees, asked.seed, asked.size, asked.known, asked.large)
        outcomes = fuzz(ground, classes, asked.command or [*COMMANDS], small=not asked.as_they_are)
    outcomes.show()
    return int(bool(outcomes.failures))


def _classes(
    ground: Ground, count: int, seed: int, size: int, known: bool, large: bool
) -> Sequence[Class]:
    """Return the trees, as many in one class as are handed in at once."""
    made = {f"h{n:04}": each for n, each in enumerate(trees.known(ground.own).values())}
    if not known:
        made = {}
    for number in range(count):
        made[f"t{number:04}"] = trees.random_tree(
            ground.own, trees.chance(seed, number), large=large
        )
    names = list(made)
    return [
        {name: made[name] for name in names[first : first + size]}
        for first in range(0, len(names), size)
    ]


def fuzz(
    ground: Ground, classes: Sequence[Class], commands: Sequence[str], *, small: bool = True
) -> Outcomes:
    """Hand classes to commands, and count what comes of each tree.

    Args:
        ground: where they are handed in.
        classes: the trees.
        commands: the names of the commands.
        small: whether the trees of a failure are made smaller.
    """
    outcomes = Outcomes("hostile folders", ("graded", "rejected", "seconds"))
    told: dict[tuple[str, str], int] = {}
    done = 0
    for hostile in classes:
        for command in commands:
            _one(ground, hostile, command, outcomes, told, small=small)
        done += len(hostile)
        outcomes.progress(done, sum(map(len, classes)))
    for (command, kind), number in told.items():
        if number > 1:
            outcomes.notes[command, f"{kind}, number of trees and classes:"] = number
    return outcomes


def _one(
    ground: Ground,
    hostile: Class,
    command: str,
    outcomes: Outcomes,
    told: dict[tuple[str, str], int],
    *,
    small: bool,
) -> None:
    """Hand one class to one command."""
    left = dict(hostile)
    for _again in range(AGAIN):
        seen = ground.look(left, [command])
        new: dict[tuple[str, ...], Failure] = {}
        for failure in seen.failures:
            if not small or failure.key not in told:
                new.setdefault((*failure.key, "" if small else failure.student), failure)
            told[failure.key] = told.get(failure.key, 0) + 1
        culprits: set[str] = set()
        for failure in new.values():
            least: Class = {failure.student: left[failure.student]} if failure.student else left
            if small:
                least = smallest(ground, left, failure)
            culprits.update(least if len(least) <= 2 else ())
            number = len(outcomes.failures)
            with outcomes.attempt(command, number):
                raise Wrong(describe(failure, least))
            outcomes.counts[command]["attempts"] -= 1
            print(outcomes.failures[-1], flush=True)
        stopped = [each for each in seen.failures if not each.student]
        if not (stopped and culprits):
            break
        left = {name: tree for name, tree in left.items() if name not in culprits}
    _count(seen, command, outcomes)


def _count(seen: Seen, command: str, outcomes: Outcomes) -> None:
    counts = outcomes.counts.setdefault(command, type(outcomes.notes)())  # type: ignore[arg-type]
    counts["seconds"] += round(seen.seconds[command])
    for status in seen.status[command].values():
        counts["attempts"] += 1
        counts[status] += 1


def describe(failure: Failure, hostile: Class) -> str:
    """Return a failure, and the trees that show it."""
    lines = [failure.kind, failure.told]
    for student, tree in list(hostile.items())[:3]:
        lines += [f"  {student}:", *(f"    {entry}" for entry in tree)]
    if len(hostile) > 3:
        lines.append(f"  and {len(hostile) - 3} more")
    return "\n".join(lines)


def smallest(ground: Ground, hostile: Class, failure: Failure) -> Class:
    """Return the smallest trees found that show a failure: fewer students, then fewer entries."""
    left = RUNS

    def shows(some: Class) -> bool:
        nonlocal left
        left -= 1
        if left < 0:
            return False
        seen = ground.look(some, [failure.command])
        return any(each.key == failure.key for each in seen.failures)

    now = dict(hostile)
    alone = {failure.student: now[failure.student]} if failure.student else {}
    if alone and shows(alone):
        now = alone
    else:
        names = fewer(list(now), lambda some: shows({name: now[name] for name in some}))
        now = {name: now[name] for name in names}
    if len(now) <= 2:
        for student in now:
            now[student] = _fewest(now, student, shows)
    return now


def _fewest(hostile: Class, student: str, shows: Callable[[Class], bool]) -> Tree:
    """Return the fewest entries of a student's tree that still show something."""
    entries = list(hostile[student])
    return tuple(fewer(entries, lambda some: shows({**hostile, student: tuple(some)})))


def fewer(every: list[Each], shows: Callable[[list[Each]], bool]) -> list[Each]:
    """Return the smallest part of a list found that still shows something, by halving it."""
    parts = 2
    while len(every) > 1:
        size = -(-len(every) // parts)
        pieces = [every[place : place + size] for place in range(0, len(every), size)]
        rests = [every[:place] + every[place + size :] for place in range(0, len(every), size)]
        found = next((some for some in pieces if len(pieces) > 1 and shows(some)), None)
        if found is None and parts > 2:
            found = next((some for some in rests if some and shows(some)), None)
        if found is not None:
            every, parts = found, 2
        elif size == 1:
            break
        else:
            parts = min(parts * 2, len(every))
    return every


if __name__ == "__main__":
    sys.exit(main())
