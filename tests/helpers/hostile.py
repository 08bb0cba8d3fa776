"""Submissions whose files are hostile, and what must be true after a class with them is graded.

Each attack is a function that puts files into a folder that holds a right notebook already.
"""

from __future__ import annotations

import os
import socket
import stat
import subprocess
from collections.abc import Callable, Collection
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

CANARY = "this-stands-outside-of-every-submission"

HONEST = ("aaron", "mia", "zoe")
"""Honest students, the first, the last and one in the middle."""


@dataclass(frozen=True)
class Place:
    """Where an attack is put.

    Attributes:
        folder: of the submission.
        notebook: in it, the right one.
        outside: a folder beside the course.
        other: another student's notebook.
    """

    folder: Path
    notebook: Path
    outside: Path
    other: Path

    @property
    def secret(self) -> Path:
        """A file that stands for what only the instructor may read."""
        return self.outside / "secret"

    @property
    def victim(self) -> Path:
        """A file that stands for what only the instructor may write."""
        return self.outside / "victim"


Attack = Callable[[Place], None]

ATTACKS: dict[str, Attack] = {}

UNREADABLE: set[str] = set()
"""Those that leave no notebook that may be read: they get no points."""


def attack(made: Attack) -> Attack:
    """Note an attack."""
    ATTACKS[made.__name__] = made
    return made


def unreadable(made: Attack) -> Attack:
    """Note an attack that leaves no notebook."""
    UNREADABLE.add(made.__name__)
    return attack(made)


@attack
def note_through_a_link(place: Place) -> None:
    (place.folder / "x").symlink_to("ssh-ed25519 AAAA student")
    (place.folder / "x.rejected").symlink_to(place.victim)


@attack
def part_through_a_link(place: Place) -> None:
    text = place.notebook.read_text()
    place.notebook.write_bytes(text.encode("utf-16"))
    (place.folder / f"{place.notebook.name}.autograder-part").symlink_to(place.other)


@attack
def kept_through_a_link(place: Place) -> None:
    place.notebook.write_bytes(place.notebook.read_text().encode("utf-16"))
    (place.folder / f"{place.notebook.name}.rejected").symlink_to(place.victim)


@attack
def link_in_macosx(place: Place) -> None:
    (place.folder / "__MACOSX").mkdir()
    (place.folder / "__MACOSX" / "key.txt").symlink_to(place.secret)


@attack
def link_to_a_folder(place: Place) -> None:
    (place.folder / "all").symlink_to(place.outside)


@attack
def link_in_checkpoints(place: Place) -> None:
    (place.folder / ".ipynb_checkpoints").mkdir()
    (place.folder / ".ipynb_checkpoints" / "key.txt").symlink_to(place.secret)


@attack
def link_below_sixty_folders(place: Place) -> None:
    folder = place.folder
    for _ in range(60):
        folder = folder / "d"
    folder.mkdir(parents=True)
    (folder / "key.txt").symlink_to(place.secret)


@attack
def dangling_link_in_macosx(place: Place) -> None:
    (place.folder / "__MACOSX").mkdir()
    (place.folder / "__MACOSX" / "gone").symlink_to("nowhere")


@attack
def pipe_in_macosx(place: Place) -> None:
    (place.folder / "__MACOSX").mkdir()
    os.mkfifo(place.folder / "__MACOSX" / "pipe")


@attack
def device_in_macosx(place: Place) -> None:
    (place.folder / "__MACOSX").mkdir()
    os.mknod(place.folder / "__MACOSX" / "zero", 0o666 | stat.S_IFCHR, os.makedev(1, 5))


@attack
def socket_beside(place: Place) -> None:
    with chdir(place.folder), socket.socket(socket.AF_UNIX) as made:
        made.bind("s")


@attack
def loop_of_links(place: Place) -> None:
    (place.folder / "one").symlink_to("two")
    (place.folder / "two").symlink_to("one")


@attack
def folder_like_the_page(place: Place) -> None:
    (place.folder / f"{place.notebook.stem}.html").mkdir()
    (place.folder / f"{place.notebook.stem}.html" / "data.csv").write_text("1")


@attack
def long_page(place: Place) -> None:
    (place.folder / f"{'a' * 249}.html").write_text("<script>")


@attack
def long_name(place: Place) -> None:
    (place.folder / ("b" * 255)).write_text("1")


@attack
def long_path(place: Place) -> None:
    with chdir(place.folder):
        for _ in range(40):
            os.mkdir("f" * 200)
            os.chdir("f" * 200)
        Path("data.csv").write_text("1")
        Path("more.ipynb").write_text("{}")


@attack
def folder_like_the_kept_file(place: Place) -> None:
    place.notebook.write_bytes(place.notebook.read_text().encode("utf-16"))
    (place.folder / f"{place.notebook.name}.rejected" / "x").mkdir(parents=True)


@attack
def folder_like_the_part(place: Place) -> None:
    place.notebook.write_bytes(place.notebook.read_text().encode("utf-16"))
    (place.folder / f"{place.notebook.name}.autograder-part" / "x").mkdir(parents=True)


@attack
def link_beside_its_note(place: Place) -> None:
    (place.folder / "l").symlink_to("somewhere")
    (place.folder / "l.rejected").mkdir()


@attack
def nested_without_an_end(place: Place) -> None:
    with chdir(place.folder):
        for _ in range(1500):
            os.mkdir("n")
            os.chdir("n")
        os.symlink(place.secret, "key.txt")


@attack
def mark_of_what_is_unfinished(place: Place) -> None:
    (place.folder / ".autograder-unfinished").write_text("")
    (place.folder / f".{place.folder.name}.autograder-new").mkdir()
    (place.folder / f".{place.folder.name}.autograder-old").symlink_to(place.outside)


@attack
def names_that_are_no_text(place: Place) -> None:
    folder = os.fsencode(place.folder)
    for name in (b"\xff\xfe.csv", b"caf\xe9.ipynb", b"two\nlines.txt", b"\xf0\x9f.html"):
        Path(os.fsdecode(folder + b"/" + name)).write_text("1")
    Path(os.fsdecode(folder + b"/dir\xff")).mkdir()


@attack
def folder_like_a_file_of_the_course(place: Place) -> None:
    (place.folder / "given" / "numbers.csv").mkdir(parents=True)


@attack
def file_like_a_folder_of_the_course(place: Place) -> None:
    (place.folder / "given").write_text("mine")


@attack
def link_like_a_folder_of_the_course(place: Place) -> None:
    (place.folder / "given").symlink_to(place.outside)


@attack
def time_in_a_pipe(place: Place) -> None:
    os.mkfifo(place.folder / "timestamp.txt")


@attack
def time_in_a_folder(place: Place) -> None:
    (place.folder / "timestamp.txt").mkdir()


@attack
def time_in_a_link(place: Place) -> None:
    (place.folder / "timestamp.txt").symlink_to(place.secret)


@attack
def time_that_is_none(place: Place) -> None:
    (place.folder / "timestamp.txt").write_bytes(b"\xff\xfe soon")


@attack
def time_with_a_file_for_its_zone(place: Place) -> None:
    (place.folder / "timestamp.txt").write_text(f"2026-01-01 10:00:00 {place.secret}")


@attack
def folder_like_a_file_of_the_exchange(place: Place) -> None:
    (place.folder / "submission_secret.txt").mkdir()


@attack
def many_files(place: Place) -> None:
    for number in range(1200):
        (place.folder / f"{number}.csv").write_text("")


@attack
def large_file(place: Place) -> None:
    with (place.folder / "large.bin").open("wb") as file:
        file.truncate(300 * 1024**2)


@unreadable
def notebook_behind_a_link(place: Place) -> None:
    place.notebook.unlink()
    place.notebook.symlink_to(place.other)


@unreadable
def notebook_in_a_pipe(place: Place) -> None:
    place.notebook.unlink()
    os.mkfifo(place.notebook)


@unreadable
def notebook_in_a_folder(place: Place) -> None:
    inside = place.notebook.read_bytes()
    place.notebook.unlink()
    place.notebook.mkdir()
    (place.notebook / "data.csv").write_bytes(inside)


@unreadable
def folder_behind_a_link(place: Place) -> None:
    elsewhere = place.outside / "repository"
    place.folder.rename(elsewhere)
    place.folder.symlink_to(elsewhere)


def set_up(
    submitted: Path, name: str, right: bytes, outside: Path, attacks: Collection[str] = ATTACKS
) -> None:
    """Put honest students and an attacker for each attack into `submitted/`.

    Args:
        submitted: the folder.
        name: of the assignment and its notebook.
        right: a notebook that gets all points.
        outside: a folder that is made.
        attacks: the names of those that are tried.
    """
    outside.mkdir()
    file = f"{name}.ipynb"
    (outside / "secret").write_text(CANARY)
    (outside / "victim").write_text("untouched")
    for student in (*HONEST, *attacks):
        folder = submitted / student / name
        folder.mkdir(parents=True)
        (folder / file).write_bytes(right)
    for student in HONEST:
        folder = submitted / student / name
        (folder / "data.csv").write_text("1,2\n")
        (folder / "helpers").mkdir()
        (folder / "helpers" / "more.py").write_text("x = 1\n")
        (folder / "数据 2.csv").write_text("3\n")
        (folder / "page.html").write_text("<b>1</b>")
    for student in attacks:
        folder = submitted / student / name
        other = submitted / HONEST[-1] / name / file
        ATTACKS[student](Place(folder, folder / file, outside, other))


def snapshot(top: Path) -> set[bytes]:
    """Return everything in a folder: what it is, where a link leads, and when it was changed."""
    what = r"%p %y %m %i %s %l %T@ %C@\0"
    command = ["find", ".", "-printf", what]  # it goes as deep as the folders do
    done = subprocess.run(command, cwd=top, capture_output=True, check=True)
    return set(done.stdout.split(b"\0"))
