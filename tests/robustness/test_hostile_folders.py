"""Trees of hostile files, handed to every command; and that what is wrong with one is seen."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

import pytest

from robustness.fuzzing import hostile, trees
from robustness.fuzzing.__main__ import fewer, smallest
from robustness.fuzzing.hostile import CANARIES, COMMANDS, Failure, Ground, Looking
from robustness.fuzzing.trees import HOME, NOTEBOOK, Entry, Kind, Tree

SEED = 20
RANDOM = 12
"""Trees by chance; `python -m robustness.fuzzing` tries as many as one likes."""


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with trees.temporary_folder() as folder:  # pytest cannot remove what is nested so deeply
        yield Ground(folder / "ground")


@pytest.fixture(scope="module")
def students(ground: Ground) -> dict[str, Tree]:
    made = {f"h{n:04}": tree for n, tree in enumerate(trees.known(ground.own).values())}
    for number in range(RANDOM):
        made[f"t{number:04}"] = trees.random_tree(ground.own, trees.chance(SEED, number))
    return made


@pytest.mark.parametrize("command", COMMANDS)
def test_hostile_folders_harm_nobody(
    command: str, ground: Ground, students: dict[str, Tree]
) -> None:
    failures = ground.look(students, [command]).failures
    names = [*trees.known(ground.own), *(f"{SEED} {number}" for number in range(RANDOM))]
    which = dict(zip(students, names, strict=True))
    told = [
        f"{which.get(each.student, 'the class')}: {each.kind}: {each.told}" for each in failures
    ]
    assert not told, f"seed {SEED}\n" + "\n".join(told)


# --- what is wrong is seen ------------------------------------------------------------------


@pytest.fixture
def looking(ground: Ground) -> Looking:
    notebook = Entry((HOME, NOTEBOOK), content=ground.own)
    return Looking(ground, "a shell", {"mallory": (notebook,)})


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("cat $HOME/.ssh/authorized_keys > /dev/null", "reads a file of the instructor's"),
        ("echo x >> $HOME/.ssh/authorized_keys", "changes something in home"),
        ("touch $HOME/new", "makes something in home"),
        ("rm submitted/mallory/numbers/numbers.ipynb", "removes something in course/submitted"),
        ("touch submitted/mallory/x && rm submitted/mallory/x", "changes something in course/sub"),
        ("chmod 600 reference/numbers.py", "changes something in course/reference"),
        ("touch $TMPDIR/left", "leaves scratch files"),
        ("exit 3", "ends with 3"),
        ("kill -9 $$", "ends with -9"),
        ("echo 'Traceback (most recent call last)' >&2", "prints a traceback"),
        (f"echo {CANARIES['notes']}", "the notes is in what is printed"),
        ("cat .autograder-secret", "the secret is in what is printed"),
    ],
)
def test_what_a_command_must_not_do_is_seen(looking: Looking, line: str, kind: str) -> None:
    looking.does("sh", "-c", line)
    assert any(each.kind.startswith(kind) for each in looking.failures), looking.failures


def test_a_command_that_does_nothing_is_not_blamed(looking: Looking) -> None:
    looking.does("sh", "-c", "find . > /dev/null; cat submitted/*/*/* > result.json")
    assert looking.failures == []


def test_a_command_that_does_not_end_is_seen(
    looking: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hostile, "SECONDS", 0.1)
    monkeypatch.setattr(hostile, "SECONDS_EACH", 0.0)
    looking.does("sleep", "60")
    assert [each.kind for each in looking.failures] == ["does not end"]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (f"echo {CANARIES['home']} > $F/x", "the home is in autograded"),
        (f"echo {CANARIES['notebook']} > $F/x", "the notebook is in autograded"),
        (f"touch $F/{CANARIES['name']}", "the name is in autograded"),
        ("cp .autograder-secret $F/x", "the secret is in autograded"),
        ("ln -s /etc/hostname $F/x", "puts what is no file into autograded"),
        ("touch $F/x.HTML", "has a browser run a file of autograded"),
    ],
)
def test_what_must_not_be_in_an_output_is_seen(looking: Looking, line: str, kind: str) -> None:
    folder = "autograded/mallory/numbers"
    looking.does("sh", "-c", f"F={folder}; mkdir -p $F; {line}")
    looking.outputs("autograded")
    assert [each.kind for each in looking.failures] == [kind]
    assert looking.failures[0].student == "mallory"


def test_what_is_a_students_own_may_be_in_the_outputs_for_them(looking: Looking) -> None:
    looking.does("sh", "-c", "mkdir -p autograded; cp -r submitted/another autograded/")
    looking.outputs("autograded")
    assert looking.failures == []


def test_points_that_differ_are_seen(looking: Looking) -> None:
    alone = {"another": ("graded", 17.0), "beatrice": ("graded", 10.0), "carl": ("graded", 6.0)}
    looking.points = {**alone, "mallory": ("graded", 6.0)}
    looking.compare(alone)
    assert looking.failures == []
    looking.points = {**alone, "beatrice": ("rejected", 0.0), "mallory": ("graded", 17.0)}
    looking.compare(alone)
    assert {each.kind for each in looking.failures} == {
        "harms an honest student",
        "gives a hostile student points of others",
    }
    looking.failures, looking.points = [], alone
    looking.compare(alone)
    assert [each.kind for each in looking.failures] == ["leaves a hostile student out"]


# --- the trees ------------------------------------------------------------------------------


def test_random_trees_are_made_of_every_kind_of_entry(ground: Ground) -> None:
    made = [trees.random_tree(ground.own, trees.chance(1, n), large=True) for n in range(300)]
    entries = [entry for tree in made for entry in tree]
    assert {entry.kind for entry in entries} == set(Kind)
    names = {entry.path[-1] for entry in entries}
    for end in (b".rejected", b".autograder-part", b".autograder-unfinished", b".html"):
        assert any(name.endswith(end) for name in names), end
    assert any(len(name) == 255 for name in names)
    assert any(b"\xff" in name for name in names)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (Kind.FILE, stat.S_ISREG),
        (Kind.SPARSE, stat.S_ISREG),
        (Kind.FOLDER, stat.S_ISDIR),
        (Kind.LINK, stat.S_ISLNK),
        (Kind.FIFO, stat.S_ISFIFO),
        (Kind.SOCKET, stat.S_ISSOCK),
        (Kind.ZERO, stat.S_ISCHR),
        (Kind.NULL, stat.S_ISCHR),
        (Kind.DEEP, stat.S_ISDIR),
        (Kind.WIDE, stat.S_ISDIR),
    ],
)
def test_an_entry_is_made_as_what_it_is(ground: Ground, kind: Kind, wanted: object) -> None:
    if kind in trees.DEVICES and not ground.devices:
        pytest.skip("devices cannot be made here: run this as root, outside of a container")
    with trees.temporary_folder() as folder:
        entry = Entry((HOME, b"\xff\n"), kind, b"{home}/x", 1500)
        trees.make((entry,), folder / "s", {"home": "/h"}, devices=ground.devices)
        status = os.lstat(os.fsencode(folder) + b"/s/numbers/\xff\n")
        assert callable(wanted)
        assert wanted(status.st_mode)
        if kind is Kind.LINK:
            assert os.readlink(os.fsencode(folder) + b"/s/numbers/\xff\n") == b"/h/x"


def test_the_same_seed_makes_the_same_trees(ground: Ground) -> None:
    one, other = (trees.random_tree(ground.own, trees.chance(7, 3)) for _ in range(2))
    assert one == other


def test_a_failure_is_told_with_the_fewest_entries_that_show_it() -> None:
    every = list(range(40))
    assert fewer(every, lambda some: 17 in some) == [17]
    assert set(fewer(every, lambda some: {3, 31} <= {*some})) == {3, 31}


def test_a_failure_is_told_with_the_student_whose_tree_it_is(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = Entry((b"bad",)), Entry((b"good",))
    failure = Failure("grade", "ends with 1", "")

    def look(some: dict[str, Tree], _commands: list[str]) -> hostile.Seen:
        broken = any(bad in tree for tree in some.values())
        return hostile.Seen(failures=[failure] if broken else [])

    monkeypatch.setattr(ground, "look", look)
    students = {f"s{n}": (good, bad, good) if n == 5 else (good, good) for n in range(9)}
    assert smallest(ground, students, failure) == {"s5": (bad,)}
