"""Folders that a hostile student hands in: what lies in them, and how they are made.

A tree is a list of entries, each with a path in the student's folder. Random trees combine every
kind of entry with names that some program gives a meaning to; `KNOWN` holds trees that have done
harm before. Entries that lie in the way of each other are no error: the first one counts.
"""

from __future__ import annotations

import errno
import io
import json
import os
import random
import stat
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import Enum
from itertools import count
from pathlib import Path

NOTEBOOK = b"numbers.ipynb"
HOME = b"numbers"
"""The folder of the assignment in a student's folder, where the notebook belongs."""

LINE = "ssh-ed25519 AAAA mallory"
"""A line that an attacker would like to have in a file of the instructor's."""


class Kind(Enum):
    """What an entry is."""

    FILE = "file"
    SPARSE = "sparse file"  # `size` bytes, all of them zero, which take no room on a disk
    FOLDER = "folder"
    LINK = "link"
    FIFO = "FIFO"
    SOCKET = "socket"
    ZERO = "device that never ends"
    NULL = "device that is empty"
    DEEP = "nested folders"  # `size` of them, with the link or file at the bottom
    WIDE = "many files"  # `size` of them


DEVICES = {Kind.ZERO: os.makedev(1, 5), Kind.NULL: os.makedev(1, 3)}


@dataclass(frozen=True)
class Entry:
    """Something in a student's folder.

    Attributes:
        path: where it lies in the student's folder, name by name; empty where it lies there instead
            of that folder, alone.
        kind: what it is.
        content: of a file, or the target of a link, with the names of `places` in it.
        size: how large a sparse file is, how deep folders are nested, or how many files there are.
        mode: the permissions of a file or folder.
        as_utf8: whether a zip says that the name is in UTF-8, even where it is not.
    """

    path: tuple[bytes, ...]
    kind: Kind = Kind.FILE
    content: bytes = b""
    size: int = 0
    mode: int = 0o644
    as_utf8: bool = False

    def __str__(self) -> str:
        """Return the entry as a line of a report."""
        parts = [
            repr(b"/".join(self.path)) if len(self.path) < 20 else f"{len(self.path)} folders deep",
            self.kind.value,
            f"to {self.content[:100]!r}" if self.kind is Kind.LINK or self.content else "",
            f"of {self.size}" if self.size else "",
            f"mode {self.mode:o}" if self.mode != 0o644 else "",
        ]
        if self.kind is Kind.FILE:
            parts[2] = f"with {len(self.content)} bytes: {self.content[:40]!r}"
        return " ".join(filter(None, parts))


Tree = tuple[Entry, ...]
"""What one student hands in."""


# --- making them ----------------------------------------------------------------------------


def make(tree: Tree, folder: Path, places: Mapping[str, str], *, devices: bool = True) -> None:
    """Make a tree in a student's folder.

    Args:
        tree: what is made.
        folder: the student's, which is made too.
        places: paths of the machine by the names that targets of links have for them.
        devices: whether devices can be made; where not, they are left out.
    """
    if any(not entry.path for entry in tree):
        (alone,) = tree
        tree, folder = (replace(alone, path=(os.fsencode(folder.name),)),), folder.parent
    folder.mkdir(parents=True, exist_ok=True)
    for entry in tree:
        if entry.kind in DEVICES and not devices:
            continue
        try:
            _make(entry, folder, places)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            continue  # something else is called so already
        except OSError as error:
            if error.errno == errno.ELOOP:  # it would lie behind a link
                continue
            raise


def remove(folder: Path) -> None:
    """Remove a folder, however deep it is: Python's own functions call themselves too often."""
    subprocess.run(["rm", "-rf", "--", folder], check=True)  # noqa: S603, S607  # our own folder


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder for trees that everybody may read, so that only the sandbox keeps them out."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        remove(folder)


def can_make_devices(folder: Path) -> bool:
    """Return whether devices can be made in a folder, as root can on most machines."""
    path = folder / "device"
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, DEVICES[Kind.NULL])
    except PermissionError:
        return False
    path.unlink()
    return True


def _make(entry: Entry, folder: Path, places: Mapping[str, str]) -> None:
    *above, name = entry.path
    parent = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for each in above:
            parent = _entered(parent, each)
        if entry.kind is Kind.DEEP:
            for _number in range(entry.size):
                parent = _entered(parent, name)
            _make_one(Entry((b"bottom",), *_bottom(entry)), parent, b"bottom", places)
        elif entry.kind is Kind.WIDE:
            parent = _entered(parent, name)
            for number in range(entry.size):
                one = Entry((b"",), content=entry.content)
                _make_one(one, parent, b"file%d.txt" % number, places)
        else:
            _make_one(entry, parent, name, places)
    finally:
        os.close(parent)


def _bottom(entry: Entry) -> tuple[Kind, bytes]:
    """Return the content of the innermost folder: a link if there is a target, or a file."""
    return (Kind.LINK, entry.content) if entry.content else (Kind.FILE, b"bottom")


def _entered(parent: int, name: bytes) -> int:
    """Make a folder in a folder, if it is missing; return its descriptor and close the outer one.

    Raises:
        OSError: something else is called so; the descriptor is still open then.
    """
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=parent)
    inside = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
    os.close(parent)
    return inside


def _make_one(entry: Entry, parent: int, name: bytes, places: Mapping[str, str]) -> None:
    if entry.kind is Kind.FOLDER:
        os.mkdir(name, dir_fd=parent)
        if entry.mode != 0o644:
            os.chmod(name, entry.mode, dir_fd=parent)
    elif entry.kind is Kind.LINK:
        os.symlink(_target(entry.content, places), name, dir_fd=parent)
    elif entry.kind is Kind.FIFO:
        os.mkfifo(name, dir_fd=parent)
    elif entry.kind is Kind.SOCKET:
        os.mknod(name, stat.S_IFSOCK | 0o600, dir_fd=parent)
    elif entry.kind in DEVICES:
        os.mknod(name, stat.S_IFCHR | 0o666, DEVICES[entry.kind], dir_fd=parent)
    else:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        descriptor = os.open(name, flags, entry.mode, dir_fd=parent)
        with open(descriptor, "wb") as file:
            file.write(entry.content)
            if entry.kind is Kind.SPARSE:
                file.truncate(entry.size)


def _target(content: bytes, places: Mapping[str, str]) -> bytes:
    for name, path in places.items():
        content = content.replace(b"{%s}" % name.encode(), path.encode())
    return content


class _Named(zipfile.ZipInfo):
    """A member of a zip whose name is bytes of our own, in UTF-8 or not."""

    name: bytes = b""
    as_utf8: bool = False

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.name, self.flag_bits | (0x800 if self.as_utf8 else 0)


def zipped(
    trees: Mapping[str, Tree], path: Path, places: Mapping[str, str], chance: random.Random
) -> None:
    """Write trees into a zip, each in its student's folder, as far as a zip can hold them."""
    numbers = count()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for student, tree in trees.items():
            utf8 = {b"/".join(entry.path) for entry in tree if entry.as_utf8}
            for place, mode, content in _members(tree, places):
                info = _Named(str(next(numbers)))  # `name` is what gets into the file
                info.name = b"/".join(filter(None, [student.encode(), place]))[:65_535]
                odd = place in utf8 or chance.random() < 0.1
                info.as_utf8 = _is_utf8(info.name) or odd
                info.external_attr = mode << 16
                info.compress_type = zipfile.ZIP_DEFLATED
                with file.open(info, "w") as member:
                    member.write(content)


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def _members(tree: Tree, places: Mapping[str, str]) -> Iterator[tuple[bytes, int, bytes]]:
    """Yield the members of a tree's zip: names, modes and contents."""
    modes = {
        Kind.LINK: stat.S_IFLNK | 0o777,
        Kind.FIFO: stat.S_IFIFO | 0o644,
        Kind.SOCKET: stat.S_IFSOCK | 0o600,
        Kind.ZERO: stat.S_IFCHR | 0o666,
        Kind.NULL: stat.S_IFCHR | 0o666,
    }
    for entry in tree:
        place = b"/".join(entry.path)
        if entry.kind is Kind.FOLDER:
            yield place + b"/", stat.S_IFDIR | 0o755, b""
        elif entry.kind is Kind.DEEP:
            kind, content = _bottom(entry)
            deep = b"/".join([*entry.path, *[entry.path[-1]] * (entry.size - 1), b"bottom"])
            yield deep, modes.get(kind, stat.S_IFREG | 0o644), _target(content, places)
        elif entry.kind is Kind.WIDE:
            for number in range(entry.size):
                yield place + b"/file%d.txt" % number, stat.S_IFREG | 0o644, entry.content
        elif entry.kind is Kind.SPARSE:
            yield place, stat.S_IFREG | 0o644, bytes(min(entry.size, 70 * 1024**2))
        else:
            mode = modes.get(entry.kind, stat.S_IFREG | entry.mode)
            yield place, mode, _target(entry.content, places)


# --- names and targets ----------------------------------------------------------------------

ENDS = (
    b".rejected",
    b".autograder-part",
    b".autograder-unfinished",
    b".autograder-new",
    b".autograder-old",
    b".html",
    b".svg",
    b".txt",
    b".json",
    b".ipynb",
    b".IPYNB",
    b".zip",
    b"_files",
    b"~",
)
"""Ends of names that ours, nbgrader's, or somebody's browser gives a meaning to."""

NAMES = (
    NOTEBOOK,
    b"numbers",
    b"numbers.html",
    b"homework.ipynb",
    b"timestamp.txt",
    b"__MACOSX",
    b"._numbers.ipynb",
    b".DS_Store",
    b".ipynb_checkpoints",
    b".git",
    b".autograder-unfinished",
    b".autograder-secret",
    b".numbers.autograder-new",
    b".numbers.autograder-old",
    b".autograder-1.part",
    b"x",
    b"l",
    b"data",
    b"data.csv",
    b"header.ipynb",
    b"gradebook.db",
    b"nbgrader_config.py",
    b"numpy.py",
    b"sitecustomize.py",
    b"-rf",
    b" ",
    b".",
    b"*",
    b"[a-z]",
    b"{student_id}",
    b"%(name)s",
    b"<img src=x onerror=alert(1)>.txt",
    b"=cmd|'calc'!A0.txt",
    b"\x1b[2J\x1b]0;x\x07",
    b"new\nline.txt",
    b"back\\slash",
    b"..\\..\\x",
    b"\xff\xfe.txt",
    b"\xed\xa0\x80.txt",
    b"\xc3\x28.html",
    "résumé.txt".encode(),
    "re\u0301sume\u0301.txt".encode(),
    "\u202etxt.exe".encode(),
    "数字.ipynb".encode(),
    "🙂".encode() * 63,
    b"a" * 255,
    b"a" * 250 + b".html",
    b"a" * 249 + b".html",
    b"a" * 249 + b".ipynb",
    b"a" * 246 + b".rejected",
    b"\xc3\xa9" * 127,
    b"a.b" * 85,
    b"CON",
    b"con.txt.",
)
"""Names that mean something to somebody, or nothing to anybody. `.` is made into another one."""

TARGETS = (
    b"{home}/.ssh/authorized_keys",
    b"{home}/not-there-yet",
    b"{home}/private",
    b"{home}",
    b"{course}/.autograder-secret",
    b"{course}/gradebook.db",
    b"{course}/reference/numbers.py",
    b"{course}/reference",
    b"{course}/submitted/another/numbers/numbers.ipynb",
    b"{course}/submitted/another/numbers/notes.txt",
    b"{course}/submitted/another/numbers",
    b"{course}/submitted",
    b"{course}/autograded",
    b"../../another/numbers/numbers.ipynb",
    b"../../../.autograder-secret",
    b"../../../../.autograder-secret",
    b"../../../reference/numbers.py",
    b"../../../../home/private/notes.txt",
    b"../another/numbers",
    b"numbers.ipynb",
    b"x",
    b"l",
    b".",
    b"..",
    b"/",
    b"/dev/zero",
    b"/dev/stdin",
    b"/dev/tty",
    b"/proc/self/environ",
    b"/proc/self/fd/0",
    b"/proc/self/root",
    b"/proc/kmsg",
    b"/nowhere/at/all",
    LINE.encode(),
    b"\n" + LINE.encode() + b"\n",
    b"\xff\xfe",
    b"a" * 4000,
    b"y/" * 2000,
)
"""Where links lead; the words in braces are places of the machine."""


# --- notebooks ------------------------------------------------------------------------------

Plain = bytes
"""The file of the notebook that all of an attacker's are made from."""

Form = Callable[[Plain, random.Random], bytes]


def _truncated(plain: Plain, chance: random.Random) -> bytes:
    return plain[: chance.randrange(len(plain))]


HARD = (
    "<div><![ 5",
    "<a " * 5_000,
    "<![CDATA[" * 100,
    "<!--" * 1_000,
    "[" * 5_000,
    "> " * 2_000,
    "*a **b " * 2_000,
    "\udc80\ud800",
    "[a](da\tta:text/html,x)",
    "\0",
)
"""Texts that parsers of HTML and Markdown find hard."""


def with_text(plain: Plain, text: str) -> bytes:
    """Return a notebook with a text cell of the student's own."""
    notebook = json.loads(plain)
    own = {"cell_type": "markdown", "metadata": {}, "source": text, "id": "hard"}
    notebook["cells"].insert(1, own)
    return json.dumps(notebook).encode()


def _in_zip(plain: Plain, chance: random.Random) -> bytes:
    """Return a zip for a notebook, which may hold it, another zip, or names that lead out."""
    inner = chance.choice([plain, b"", b" " * 65 * 1024**2])
    if chance.random() < 0.2:
        inner = _in_zip(plain, chance)
    names = ["numbers.ipynb", "hw/numbers.ipynb", "../../numbers.ipynb", "numbers.zip", "x" * 5_000]
    file = io.BytesIO()
    with zipfile.ZipFile(
        file, "w", chance.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
    ) as made:
        for name in chance.sample(names, chance.randrange(1, 3)):
            link = (stat.S_IFLNK if chance.random() < 0.1 else stat.S_IFREG) | 0o644
            info = zipfile.ZipInfo(name)
            info.external_attr, info.compress_type = link << 16, made.compression
            made.writestr(info, inner)
    return file.getvalue()


FORMS: Mapping[str, Form] = {
    "plain": lambda plain, _chance: plain,
    "UTF-16": lambda plain, _chance: plain.decode().encode("utf-16"),
    "UTF-16, big": lambda plain, _chance: plain.decode().encode("utf-16-be"),
    "UTF-32": lambda plain, _chance: plain.decode().encode("utf-32"),
    "with a mark": lambda plain, _chance: b"\xef\xbb\xbf" + plain,
    "random": lambda _plain, chance: chance.randbytes(chance.choice([1, 100, 10_000])),
    "empty": lambda _plain, _chance: b"",
    "cut off": _truncated,
    "a zip": lambda _plain, chance: b"PK\3\4" + chance.randbytes(100),
    "in a zip": _in_zip,
    "nested": lambda _plain, _chance: b"[" * 100_000,
    "no notebook": lambda _plain, _chance: b'{"cells": [{}]}',
    "hard text": lambda plain, chance: with_text(plain, chance.choice(HARD)),
    "an odd format": lambda plain, _chance: plain.replace(b'"nbformat": 4', b'"nbformat": 4.0'),
}
"""What may stand in the place of a notebook; most of these are taken in."""


# --- random trees ---------------------------------------------------------------------------


def chance(seed: int, number: int) -> random.Random:
    """Return what makes the tree of this number, the same each time."""
    return random.Random(f"{seed} {number}")  # noqa: S311  # repeatable


def random_tree(plain: Plain, chance: random.Random, *, large: bool = False) -> Tree:
    """Return a tree by chance.

    Args:
        plain: an attacker's notebook.
        chance: all that is not the same each time.
        large: whether some may be as deep, wide and large as a disk allows.
    """
    entries = list(_notebook(plain, chance))
    entries += [_entry(plain, chance, large=large) for _ in range(chance.choice([0, 1, 2, 3, 5]))]
    entries += _pair(chance) if chance.random() < 0.3 else ()
    if chance.random() < 0.1:
        chance.shuffle(entries)
    return tuple(entries)


def _notebook(plain: Plain, chance: random.Random) -> Iterator[Entry]:
    """Yield the notebook itself, or what is in its place."""
    odd = [b"homework.ipynb", b"numbers.ipynb.txt", b"numbers.zip"]
    path = (HOME, chance.choice([NOTEBOOK] * 6 + odd))
    match chance.randrange(12):
        case 0:
            yield Entry(path, chance.choice([Kind.FIFO, Kind.SOCKET, Kind.ZERO, Kind.FOLDER]))
        case 1:
            yield Entry(path, Kind.LINK, chance.choice(TARGETS))
        case 2:
            yield Entry(path, Kind.SPARSE, plain, chance.choice([65 * 1024**2, 2**40]))
        case 3:
            mode = chance.choice([0, 0o200, 0o400, 0o777])
            yield Entry(path, content=plain, mode=mode)
        case 4:
            yield Entry(path[:1], Kind.LINK, chance.choice([*TARGETS, b"."]))
        case _:
            form = chance.choice([*["plain"] * 8, *FORMS])
            yield Entry(path, content=FORMS[form](plain, chance))


def _name(chance: random.Random) -> bytes:
    name = chance.choice(NAMES)
    for _ in range(chance.choice([0, 0, 1, 1, 2])):
        name += chance.choice(ENDS)
    if chance.random() < 0.1:
        name = chance.randbytes(chance.choice([1, 5, 255])).translate(None, b"/\0") or b"x"
    return b"dot" if name in (b".", b"..") else name[-255:]


def _place(chance: random.Random) -> tuple[bytes, ...]:
    """Return a folder in the student's folder, most often the assignment's."""
    above: tuple[bytes, ...] = () if chance.random() < 0.1 else (HOME,)
    inside = [(), (), (), (b"__MACOSX",), (b".ipynb_checkpoints",), (b"a", b"b"), (HOME,)]
    return (*above, *chance.choice(inside))


def _entry(plain: Plain, chance: random.Random, *, large: bool) -> Entry:
    path = (*_place(chance), _name(chance))
    kind = chance.choice([*Kind, Kind.FILE, Kind.FILE, Kind.LINK, Kind.LINK, Kind.LINK])
    match kind:
        case Kind.FILE:
            texts = [b"", b"text\n", plain, b"<script>alert(1)</script>", b"2026-01-01 10:00:00"]
            mode = chance.choice([0o644, 0o644, 0, 0o4755])
            return Entry(path, content=chance.choice([*texts, chance.randbytes(100)]), mode=mode)
        case Kind.SPARSE:
            return Entry(path, kind, size=chance.choice([2**20, 2**40] if large else [2**20]))
        case Kind.LINK:
            return Entry(path, kind, chance.choice(TARGETS))
        case Kind.DEEP:
            size = chance.choice([10, 49, 60, 300, 1500] if large else [10, 49, 60, 300])
            short = (*path[:-1], chance.choice([b"d", b"__MACOSX", b"d" * 255]))
            return Entry(short, kind, chance.choice([b"", *TARGETS]), size)
        case Kind.WIDE:
            return Entry(path, kind, b"x", chance.choice([50, 3000] if large else [50]))
        case Kind.FOLDER:
            return Entry(path, kind, mode=chance.choice([0o644, 0, 0o100]))
        case _:
            return Entry(path, kind)


def _pair(chance: random.Random) -> Sequence[Entry]:
    """Return two names that belong together, since something makes the one of the other."""
    place, name = _place(chance), chance.choice([NOTEBOOK, b"l", b"x.html", b"homework.ipynb"])
    end = chance.choice(ENDS[:6])
    first = chance.choice([Kind.LINK, Kind.FIFO, Kind.FILE, Kind.FOLDER])
    second = chance.choice([Kind.LINK, Kind.LINK, Kind.FOLDER, Kind.FIFO])
    line = LINE.encode()
    return (
        Entry((*place, name), first, chance.choice([line, *TARGETS])),
        Entry((*place, name + end), second, chance.choice(TARGETS[:12])),
    )


# --- trees that have done harm --------------------------------------------------------------


def known(plain: Plain) -> Mapping[str, Tree]:
    """Trees of which each has once led out of the course, or has stopped the whole class."""
    notebook = Entry((HOME, NOTEBOOK), content=plain)
    utf16 = Entry((HOME, NOTEBOOK), content=plain.decode().encode("utf-16"))
    macos = (HOME, b"__MACOSX")

    def link(target: bytes, *path: bytes) -> Entry:
        return Entry((HOME, *path), Kind.LINK, target)

    return {
        "a line for a file of the instructor's": (
            notebook,
            link(LINE.encode(), b"x"),
            link(b"{home}/.ssh/authorized_keys", b"x.rejected"),
        ),
        "a line for a file that is not there": (
            notebook,
            link(LINE.encode(), b"x"),
            link(b"{home}/not-there-yet", b"x.rejected"),
        ),
        "a part that is another's notebook": (
            utf16,
            link(b"../../another/numbers/numbers.ipynb", b"numbers.ipynb.autograder-part"),
        ),
        "a secret in a folder that is passed over": (
            notebook,
            link(b"../../../../.autograder-secret", b"__MACOSX", b"s.txt"),
        ),
        "a secret in checkpoints": (
            notebook,
            link(b"{course}/.autograder-secret", b".ipynb_checkpoints", b"s.txt"),
        ),
        "a secret far down": (
            notebook,
            Entry((HOME, b"d"), Kind.DEEP, b"{course}/.autograder-secret", 60),
        ),
        "a folder of the instructor's": (notebook, link(b"{home}/private", b"__MACOSX", b"f")),
        "a dangling link in __MACOSX": (notebook, link(b"/nowhere", b"__MACOSX", b"l")),
        "a FIFO in __MACOSX": (notebook, Entry((*macos, b"p"), Kind.FIFO)),
        "a device in __MACOSX": (notebook, Entry((*macos, b"z"), Kind.ZERO)),
        "a socket in __MACOSX": (notebook, Entry((*macos, b"s"), Kind.SOCKET)),
        "a folder called like the page": (notebook, Entry((HOME, b"numbers.html", b"inside"))),
        "a folder called like a page": (notebook, Entry((HOME, b"page.html", b"page.html"))),
        "a long name of a page": (notebook, Entry((HOME, b"a" * 249 + b".html"))),
        "a folder where the rejected goes": (
            utf16,
            Entry((HOME, NOTEBOOK + b".rejected", b"inside")),
        ),
        "a folder where a part goes": (
            utf16,
            Entry((HOME, NOTEBOOK + b".autograder-part"), Kind.FOLDER),
        ),
        "a link beside a folder for its note": (
            notebook,
            link(b"/nowhere", b"l"),
            Entry((HOME, b"l.rejected"), Kind.FOLDER),
        ),
        "fifteen hundred folders": (notebook, Entry((HOME, b"d"), Kind.DEEP, size=1500)),
        "a mark of ours": (notebook, Entry((HOME, b".autograder-unfinished"))),
        "a mark of ours that is a link": (
            notebook,
            link(b"{home}/not-there-yet", b".autograder-unfinished"),
        ),
        "a folder called like a mark of ours": (
            notebook,
            Entry((HOME, b".autograder-unfinished"), Kind.FOLDER),
        ),
        "a notebook that is a link to a file outside": (
            link(b"{home}/.ssh/authorized_keys", NOTEBOOK),
        ),
        "a notebook that is a link to where there is nothing": (
            link(b"{home}/not-there-yet", NOTEBOOK),
        ),
        "another's notebook": (link(b"../../another/numbers/numbers.ipynb", NOTEBOOK),),
        "another's folder": (Entry((HOME,), Kind.LINK, b"../another/numbers"),),
        "a folder of ours": (Entry((HOME,), Kind.LINK, b"{course}/reference"),),
        "a folder that leads nowhere": (Entry((HOME,), Kind.LINK, b"x"),),
        "a link to a file in place of the folder": (
            Entry((HOME,), Kind.LINK, b"../another/numbers/numbers.ipynb"),
        ),
        "a FIFO in place of the folder": (Entry((HOME,), Kind.FIFO),),
        "a socket in place of the folder": (Entry((HOME,), Kind.SOCKET),),
        "a device in place of the folder": (Entry((HOME,), Kind.NULL),),
        "a file in place of the folder": (Entry((HOME,), content=plain),),
        "a student who is a link to nowhere": (Entry((), Kind.LINK, b"x"),),
        "a student who is a link to another": (Entry((), Kind.LINK, b"another"),),
        "a student who is a link to a file": (
            Entry((), Kind.LINK, b"{home}/.ssh/authorized_keys"),
        ),
        "a student who is a FIFO": (Entry((), Kind.FIFO),),
        "a student who is a device": (Entry((), Kind.ZERO),),
        "a name in a zip that is no UTF-8 and says so": (
            notebook,
            Entry((HOME, b"\xff.txt"), as_utf8=True),
        ),
        "a notebook in a zip whose name is no UTF-8": (
            Entry((HOME, b"\xff.ipynb"), content=plain, as_utf8=True),
        ),
        "a page in bytes that are no text": (notebook, Entry((HOME, b"\xff\xfe.html"))),
        "a text that stops a parser": (Entry((HOME, NOTEBOOK), content=with_text(plain, HARD[0])),),
        "a file of a terabyte": (notebook, Entry((HOME, b"data.bin"), Kind.SPARSE, size=2**40)),
        "a time that is a device": (notebook, Entry((HOME, b"timestamp.txt"), Kind.ZERO)),
        "a time that is a FIFO": (notebook, Entry((HOME, b"timestamp.txt"), Kind.FIFO)),
    }
