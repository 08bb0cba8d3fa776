"""Attacks by files beside the notebook: links, pipes and names, for whoever copies a submission."""

from __future__ import annotations

from robustness.attacks.attack import Notebook, attack
from robustness.attacks.course import LEFT
from robustness.fuzzing.trees import HOME, LINE, Entry, Kind

BESIDE = "files beside the notebook"

PAGE = f"<html><script>{LEFT}()</script></html>".encode()


def _link(target: bytes, *path: bytes) -> Entry:
    return Entry((HOME, *path), Kind.LINK, target)


@attack(BESIDE, right=True, alone=True)
def a_note_through_a_link() -> Notebook:
    """Has the note about one link written through another one, into a file of the instructor's."""
    return Notebook(
        beside=(
            _link(LINE.encode(), b"x"),
            _link(b"{course}/reference/numbers.py", b"x.rejected"),
        )
    )


@attack(BESIDE, right=True, alone=True)
def a_secret_among_the_macs_files() -> Notebook:
    """Links to the secret from a folder in which nobody looks for submissions."""
    return Notebook(beside=(_link(b"../../../../.autograder-secret", b"__MACOSX", b"secret.txt"),))


@attack(BESIDE, right=True, alone=True)
def a_secret_among_checkpoints() -> Notebook:
    """Links to the secret from the folder in which Jupyter keeps its copies."""
    return Notebook(
        beside=(_link(b"{course}/.autograder-secret", b".ipynb_checkpoints", b"secret.txt"),)
    )


@attack(BESIDE, right=True, alone=True)
def a_secret_far_down() -> Notebook:
    """Links to the secret from below more folders than are looked into."""
    return Notebook(beside=(Entry((HOME, b"d"), Kind.DEEP, b"{course}/.autograder-secret", 60),))


@attack(BESIDE, right=True, alone=True)
def a_folder_of_the_courses() -> Notebook:
    """Links to the folder with the reference, so that all of it is copied."""
    return Notebook(beside=(_link(b"{course}/reference", b"__MACOSX", b"mine"),))


@attack(BESIDE, right=True, alone=True)
def a_pipe_that_nobody_writes_into() -> Notebook:
    """Puts pipes where a copying program would wait for them for ever."""
    return Notebook(
        beside=(
            Entry((HOME, b"__MACOSX", b"pipe"), Kind.FIFO),
            Entry((HOME, b"timestamp.txt"), Kind.FIFO),
        )
    )


@attack(BESIDE, right=True, alone=True)
def folders_in_the_place_of_what_is_written() -> Notebook:
    """Has folders under the names of files that a grader writes."""
    ends = (b".html", b".ipynb.rejected", b".ipynb.autograder-part")
    own = [Entry((HOME, b"numbers" + end, b"inside")) for end in ends]
    return Notebook(beside=(*own, Entry((HOME, b".autograder-unfinished"), Kind.FOLDER)))


@attack(BESIDE, right=True, alone=True)
def names_that_cannot_get_longer() -> Notebook:
    """Has pages whose names are as long as can be, for a program that makes them longer."""
    return Notebook(
        beside=(
            Entry((HOME, b"a" * 250 + b".html"), content=PAGE),
            Entry((HOME, "é".encode() * 125 + b".svg"), content=PAGE),
        )
    )


@attack(BESIDE, right=True, alone=True)
def folders_without_an_end() -> Notebook:
    """Nests folders deeper than programs that call themselves can follow."""
    return Notebook(beside=(Entry((HOME, b"d"), Kind.DEEP, size=1500),))


@attack(BESIDE, right=True, seen="data.bin", alone=True)
def a_file_of_a_terabyte() -> Notebook:
    """Has a file of a terabyte that takes no room until somebody copies it."""
    return Notebook(beside=(Entry((HOME, b"data.bin"), Kind.SPARSE, size=2**40),))


@attack(BESIDE, right=True, alone=True)
def pages_under_other_names() -> Notebook:
    """Has pages that run scripts under names by which nobody may know them for pages."""
    names = [b"page" + end for end in (b".xhtml", b".SVG", b".mht", b".shtml", b".html.gz")]
    return Notebook(beside=tuple(Entry((HOME, each), content=PAGE) for each in names))
