"""A class with hostile trees in it, handed to every command that takes submissions.

Whatever the trees are, of each command it must be true that

- it ends in time, with the exit status that the contract says, and without a traceback;
- nothing outside of its own outputs is written: all else, `submitted/` included, is the same file
  with the same times afterwards, and nothing is left in the folder for scratch files;
- no file of the instructor's is read, and nothing of the course's secret, of the reference, of
  another student or of the instructor is in an output;
- every honest student has the points that they get without the others;
- every hostile student is in every report, graded with no more than their own notebook is worth, or
  rejected in a sentence.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from xml.etree import ElementTree

from nbgrader.api import Gradebook, MissingEntry

from autograder.course.builder import build
from autograder.grading.store import FOLDER
from robustness.fuzzing import course, trees
from robustness.fuzzing.course import NAME
from robustness.fuzzing.trees import HOME, Tree, remove

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent

HONEST = {"another": "right", "beatrice": "one wrong", "carl": "half"}
"""The honest students, and which of the course's class they are."""

OWN = "half"
"""Which of the class every attacker is: another's notebook has other points."""

CANARIES = {
    place: f"canary-of-the-{place}-8c1f"
    for place in ("reference", "checks", "home", "name", "notes", "notebook")
}
"""What is in files that no hostile student may have in an output, by where it is."""

OF_ANOTHER = ("notes", "notebook")
"""Of these, those that are one honest student's own, and are in the outputs for that student."""

LARGEST = 2**30
"""Bytes that a process may write into one file here; none of ours need be half as large."""

TOTAL = 512 * 1024**2
"""Bytes that the folders of one hostile student may hold."""

SECONDS, SECONDS_EACH = 180.0, 1.0
"""What a command may take, and for each student more."""

RUN_BY_BROWSERS = re.compile(rb"\.(x?html?|svgz?|xml|xht|shtml?|mhtml?)$", re.IGNORECASE)


@dataclass(frozen=True)
class Failure:
    """Something that must not be.

    Attributes:
        command: the command's name here.
        kind: what is wrong, the same words for the same thing.
        told: what is wrong, in full.
        student: whose tree it is about; empty where it is about the whole class.
    """

    command: str
    kind: str
    told: str
    student: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """By which two failures are the same one."""
        return self.command, self.kind


@dataclass
class Ran:
    """What a command has done.

    Attributes:
        status: its exit status.
        out: what it printed.
        err: what it printed as errors.
        hung: whether it had to be ended.
        seconds: how long it took.
    """

    status: int
    out: str
    err: str
    hung: bool
    seconds: float


@dataclass
class Seen:
    """What came of a class.

    Attributes:
        failures: what must not be.
        status: `graded`, `rejected` or `left out` for each hostile student, by the command.
        seconds: how long each command took.
    """

    failures: list[Failure] = field(default_factory=list)
    status: dict[str, dict[str, str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


Points = Mapping[str, tuple[str, float]]
"""The status and the score of each student."""


class Ground:
    """A released course, an instructor's home, and a folder for scratch files, to be attacked.

    Args:
        folder: where all may be; nothing else is in it.

    Attributes:
        devices: whether devices can be made here.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home, self.scratch = folder / "home", folder / "scratch"
        self.root, self.kept = folder / "course", folder / "kept"
        self.elsewhere = folder / "elsewhere"
        for each in (self.home / ".ssh", self.home / "private", self.scratch, self.elsewhere):
            each.mkdir(parents=True)
        keys, private = self.home / ".ssh/authorized_keys", self.home / "private"
        keys.write_text(f"{CANARIES['home']}\n")
        (private / "notes.txt").write_text(f"{CANARIES['home']}\n")
        (private / CANARIES["name"]).write_text("")
        assignment = course.write(self.root)
        for place in ("reference", "checks"):
            path = {"reference": f"reference/{NAME}.py", "checks": f"assignments/{NAME}/checks.py"}
            with (self.root / path[place]).open("a") as file:
                file.write(f"# {CANARIES[place]}\n")
        shutil.copy(ROOT / "nbgrader_config.py", self.root)
        plain = course.notebooks(build(type(assignment)(self.root, NAME)))[::2]
        self.plain = {
            name: json.dumps(each).encode() for name, each in zip(course.CLASS, plain, strict=True)
        }
        self.devices = trees.can_make_devices(folder)
        released = self.run(["autograder", "release", NAME], 120)
        if released.status != 0:
            raise RuntimeError(f"The course cannot be released: {released.err}")
        self.secret = hashlib.sha256(b"secret").hexdigest().encode()
        secret = self.root / ".autograder-secret"
        secret.write_bytes(self.secret + b"\n")
        secret.chmod(0o600)
        shutil.copytree(self.root, self.kept)
        self.alone: dict[str, Points] = {}

    @property
    def own(self) -> bytes:
        """The notebook that attackers hand in."""
        return self.plain[OWN]

    @property
    def places(self) -> dict[str, str]:
        """The paths that links may lead to, by the names that trees have for them."""
        return {"home": str(self.home), "course": str(self.root)}

    # --- the class ---

    def hand_in(self, hostile: Mapping[str, Tree]) -> None:
        """Make the course anew, with the honest students and these others in `submitted/`."""
        remove(self.root)
        shutil.copytree(self.kept, self.root)
        self._make(self.root / "submitted", hostile)

    def _make(self, folder: Path, hostile: Mapping[str, Tree]) -> None:
        for student, tree in {**self.honest, **hostile}.items():
            trees.make(tree, folder / student, self.places, devices=self.devices)

    @cached_property
    def honest(self) -> dict[str, Tree]:
        """What the honest students hand in; one of them has what others would like to have."""
        made: dict[str, Tree] = {}
        for student, which in HONEST.items():
            plain = self.plain[which]
            if student == "another":
                plain = trees.with_text(plain, CANARIES["notebook"])
            entries = [trees.Entry((trees.HOME, trees.NOTEBOOK), content=plain)]
            notes = CANARIES["notes"] if student == "another" else "mine"
            entries.append(trees.Entry((trees.HOME, b"notes.txt"), content=notes.encode()))
            made[student] = tuple(entries)
        return made

    # --- commands ---

    def run(self, command: Sequence[str | Path], seconds: float) -> Ran:
        """Run a command in the course's folder, as an instructor whose home is `home`."""
        own = {name: str(self.elsewhere / name.lower()) for name in CACHES}
        own |= {"HOME": str(self.home), "TMPDIR": str(self.scratch), "COLUMNS": "200"}
        own |= {"PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
        own |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONFAULTHANDLER": "1"}
        start = time.monotonic()
        process = subprocess.Popen(  # noqa: S603  # our own commands
            [str(each) for each in command],
            cwd=self.root,
            env={**os.environ, **own},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (LARGEST, LARGEST))
        hung = False
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            hung = True
            os.killpg(process.pid, signal.SIGABRT)  # which has Python say where it is
            try:
                out, err = process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                out, err = process.communicate()
        printed, errors = (each.decode(errors="backslashreplace") for each in (out, err))
        return Ran(process.returncode, printed, errors, hung, time.monotonic() - start)

    def look(self, hostile: Mapping[str, Tree], commands: Sequence[str] = ()) -> Seen:
        """Hands a class to the commands, and looks at what has come of it.

        Args:
            hostile: the trees of hostile students, by their names.
            commands: the names of commands; all where none is named.
        """
        seen = Seen()
        chosen = [each for each in COMMANDS if not commands or each in commands]
        for name in chosen:
            if name not in self.alone:
                nobody = Looking(self, name, {})
                COMMANDS[name](nobody)
                if nobody.failures:
                    raise RuntimeError(f"{name} fails without hostile students: {nobody.failures}")
                self.alone[name] = nobody.points
            looking = Looking(self, name, hostile)
            COMMANDS[name](looking)
            looking.compare(self.alone[name])
            seen.failures += looking.failures
            seen.status[name] = {
                each: looking.points.get(each, ("left out", 0.0))[0] for each in hostile
            }
            seen.seconds[name] = looking.seconds
        return seen


CACHES = (
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "IPYTHONDIR",
    "MPLCONFIGDIR",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
)


class Looking:
    """One command on one class, and what must not be about it.

    Args:
        ground: where the course is.
        name: of the command.
        hostile: the trees of the hostile students.
    """

    def __init__(self, ground: Ground, name: str, hostile: Mapping[str, Tree]) -> None:
        self.ground = ground
        self.name = name
        self.hostile = hostile
        self.failures: list[Failure] = []
        self.points: dict[str, tuple[str, float]] = {}
        self.seconds = 0.0
        self.optional: frozenset[str] = frozenset()
        ground.hand_in(hostile)

    def fails(self, kind: str, told: str, student: str = "") -> None:
        """Note that something must not be."""
        self.failures.append(Failure(self.name, kind, told, student))

    def whose(self, path: str) -> str:
        """Return the hostile student whose folder a path leads into."""
        return next((part for part in path.split("/") if part in self.hostile), "")

    # --- running ---

    def does(self, *command: str | Path, statuses: Sequence[int] = (0,)) -> Ran:
        """Run a command, and look at how it ends and at what it has touched."""
        number = len(self.hostile) + len(HONEST)
        watched = [self.ground.root, self.ground.home, *self.inputs]
        _unread(self.ground.home)
        before = [snapshot(each) for each in watched]
        ran = self.ground.run(command, SECONDS + SECONDS_EACH * number)
        self.seconds += ran.seconds
        words = " ".join(map(str, command))[:80]
        if ran.hung:
            self.fails("does not end", f"{words}: {ran.seconds:.0f} s\n{_last(ran.err, 30)}")
        elif ran.status not in statuses:
            last = _last(ran.err, 12)
            self.fails(f"ends with {ran.status}: {_cause(ran.err)}", f"{words}\n{last}")
        elif "Traceback (most recent call last)" in ran.out + ran.err:
            said = ran.err if "Traceback" in ran.err else ran.out
            self.fails(f"prints a traceback: {_cause(said)}", _last(said, 25))
        for folder, was in zip(watched, before, strict=True):
            self._unchanged(folder, was)
        for read in _read(self.ground.home):
            self.fails("reads a file of the instructor's", read)
        left = sorted(str(path) for path in self.ground.scratch.iterdir())
        if left and not ran.hung:
            self.fails("leaves scratch files", ", ".join(left[:5]))
        for each in self.ground.scratch.iterdir():
            remove(each)
        self._canaries_in("what is printed", (ran.out + ran.err).encode(errors="replace"))
        return ran

    inputs: tuple[Path, ...] = ()
    """What lies elsewhere and is given to the command."""

    not_found: frozenset[str] = frozenset()
    """Hostile students of whom a program that is not ours finds nothing."""

    collects = False
    """Whether the command puts notebooks into `submitted/`."""

    allowed: tuple[str, ...] = ("autograded", "feedback", "gradebook.db", FOLDER, "result")
    """What a command may write in the course, by how its name begins."""

    def _unchanged(self, folder: Path, was: Mapping[bytes, bytes]) -> None:
        now = snapshot(folder)
        for path in sorted(was.keys() | now.keys()):
            if was.get(path) == now.get(path):
                continue
            top = path.split(b"/")[0].decode(errors="replace")
            if folder == self.ground.root and top.startswith(self.allowed):
                continue
            if b"__pycache__" in path and top != "submitted":
                continue
            how = "makes" if path not in was else "removes" if path not in now else "changes"
            if self.collects and _is_collected(path):
                continue
            where = f"{folder.name}/{top}" if folder == self.ground.root else folder.name
            shown = path.decode(errors="backslashreplace")
            shown = shown if len(shown) < 300 else f"{shown[:300]}…"
            self.fails(f"{how} something in {where}", f"{folder.name}/{shown}", self.whose(shown))

    # --- outputs ---

    def _canaries_in(self, where: str, data: bytes, student: str = "", but: str = "") -> None:
        for place, canary in {**CANARIES, "secret": ""}.items():
            wanted = canary.encode() or self.ground.secret
            own = but == "another" and place in OF_ANOTHER
            if not own and wanted in data:
                self.fails(f"the {place} is in {where.split('/')[0]}", where, student)

    def outputs(self, *folders: str) -> None:
        """Look into the folders that were written, student by student."""
        for folder in folders:
            top = self.ground.root / folder
            for home in sorted(top.iterdir()) if top.is_dir() else ():
                self._output(home, folder)
        for path in self.ground.root.iterdir():
            if path.name.startswith(("gradebook.db", "result")) and path.is_file():
                self._canaries_in(path.name, path.read_bytes())

    def _output(self, home: Path, folder: str) -> None:
        student = home.name if home.name in self.hostile else ""
        total = 0
        for place, folders, files in os.walk(os.fsencode(home)):
            for name in [*folders, *files]:
                path = os.path.join(place, name)
                status = os.lstat(path)
                shown = os.fsdecode(os.path.relpath(path, os.fsencode(self.ground.root)))
                if stat.S_ISDIR(status.st_mode):
                    continue
                if not stat.S_ISREG(status.st_mode):
                    self.fails(f"puts what is no file into {folder}", repr(shown), student)
                    continue
                total += status.st_blocks * 512
                page = folder == "feedback" and name == NAME.encode() + b".html"
                if RUN_BY_BROWSERS.search(name) and not page:
                    self.fails(f"has a browser run a file of {folder}", repr(shown), student)
                if b"canary-of-the-name" in name:
                    self.fails(f"the name is in {folder}", repr(shown), student)
                if status.st_size < 2**27:
                    with open(path, "rb") as file:
                        self._canaries_in(f"{folder}/{shown!r}", file.read(), student, home.name)
        if total > TOTAL:
            self.fails(f"writes too much into {folder}", f"{total} bytes", student)

    # --- reports ---

    def result(self, path: Path) -> None:
        """Take the points out of the JSON of a result."""
        try:
            submissions = json.loads(path.read_bytes())["submissions"]
        except (OSError, ValueError, KeyError) as error:
            self.fails("writes no result", str(error))
            return
        for each in submissions:
            student = each["student"]
            if student in self.points:
                self.fails("has a student twice in the result", student, self.whose(student))
            self.points[student] = (each["status"], each["score"])
            if each["status"] == "rejected":
                self.sentence(student, each["reason"] or "")

    def sentence(self, student: str, reason: str) -> None:
        """Check that a reason is a sentence."""
        if not (reason.endswith(".") and len(reason) < 600 and "\n" not in reason):
            self.fails("gives a reason that is no sentence", repr(reason[:700]), student)

    def junit(self, path: Path) -> None:
        """Check that every student is in the XML."""
        try:
            page = ElementTree.parse(path)  # noqa: S314  # ours
        except (OSError, ElementTree.ParseError) as error:
            self.fails("writes XML that cannot be read", str(error))
            return
        there = " ".join(each.get("name", "") for each in page.iter())
        for student in (*HONEST, *self.hostile):
            if student not in there:
                self.fails("leaves a student out of the XML", student, student)

    def gradebook(self) -> None:
        """Read the points from the gradebook, and check that every student has a page."""
        self.points = {}
        with closing(Gradebook(f"sqlite:///{self.ground.root}/gradebook.db")) as book:
            for student in (*HONEST, *self.hostile):
                try:
                    found = book.find_submission(NAME, student)
                except MissingEntry:
                    continue
                rejected = any(
                    "could not be read" in (comment.auto_comment or "")
                    for notebook in found.notebooks
                    for comment in notebook.comments
                )
                self.points[student] = ("rejected" if rejected else "graded", found.score)
        for student in {*HONEST, *self.hostile} - self.not_found:
            for folder, end in (("autograded", "ipynb"), ("feedback", "html")):
                page = self.ground.root / folder / student / NAME / f"{NAME}.{end}"
                if not (os.path.isfile(page) and not page.is_symlink()):
                    self.fails(f"leaves a student out of {folder}", student, self.whose(student))

    def compare(self, alone: Points) -> None:
        """Check that every student is there, with the right points."""
        for student in HONEST:
            if self.points.get(student) != alone[student]:
                now = self.points.get(student)
                told = f"{student}: {now}, and alone {alone[student]}"
                self.fails("harms an honest student", told)
        worth = next(alone[student][1] for student, which in HONEST.items() if which == OWN)
        for student in self.hostile:
            status, score = self.points.get(student, ("left out", 0.0))
            if status == "left out" and student in self.not_found:
                continue
            if status == "left out":
                self.fails("leaves a hostile student out", student, student)
            elif score > worth:
                told = f"{score} points for a notebook worth {worth}"
                self.fails("gives a hostile student points of others", told, student)


def _grade(looking: Looking) -> None:
    files = ("--json", "result.json", "--junit", "result.xml")
    looking.does("autograder", "grade", NAME, "submitted", *files)
    looking.result(looking.ground.root / "result.json")
    looking.junit(looking.ground.root / "result.xml")
    looking.outputs()


def _bulk(looking: Looking) -> None:
    files = ("--json", "result.json", "--junit", "result.xml")
    looking.does("autograder", "grade", NAME, "--gradebook", *files)
    looking.result(looking.ground.root / "result.json")
    looking.junit(looking.ground.root / "result.xml")
    looking.gradebook()
    looking.outputs("autograded", "feedback")


def _nbgrader(looking: Looking) -> None:
    submitted = looking.ground.root / "submitted"
    # nbgrader looks for names that end in `.ipynb`, and for a folder, which may be behind a link.
    looking.not_found = frozenset(
        student
        for student in looking.hostile
        if not any((submitted / student / NAME).glob("*.ipynb"))
    )
    looking.does("nbgrader", "autograde", NAME)
    looking.does("nbgrader", "generate_feedback", NAME)
    looking.gradebook()
    looking.outputs("autograded", "feedback")


def _zip(looking: Looking) -> None:
    path = _zipped(looking)
    looking.does("autograder", "grade", NAME, path, "--json", "result.json")
    looking.result(looking.ground.root / "result.json")
    looking.outputs()


def _zipped(looking: Looking) -> Path:
    path = looking.ground.folder / "class.zip"
    chance = random.Random("zip")  # noqa: S311  # repeatable
    trees.zipped({**looking.ground.honest, **looking.hostile}, path, looking.ground.places, chance)
    looking.inputs = (path,)
    return path


def _collect(looking: Looking) -> None:
    """Collect a class twice: from a zip, and from a folder, over what lies in `submitted/`."""
    ground = looking.ground
    downloads = ground.folder / "downloads"
    remove(downloads)
    ground._make(downloads / "submitted", looking.hostile)
    path = _zipped(looking)
    looking.inputs = (path, downloads)
    looking.collects = True
    said = ""
    for source in (path, downloads / "submitted"):
        said += looking.does("autograder", "collect", NAME, source, statuses=(0, 1)).out
    for student in (*HONEST, *looking.hostile):
        notebook = ground.root / "submitted" / student / NAME / f"{NAME}.ipynb"
        if student in HONEST:
            right = notebook.read_bytes() == ground.honest[student][0].content
            looking.points[student] = ("graded" if right else "altered", 0.0)
        elif os.path.isfile(notebook) and not notebook.is_symlink():  # a target may be too long
            looking.points[student] = ("graded", 0.0)
        elif student in said:
            looking.points[student] = ("rejected", 0.0)
    remove(downloads)


COMMANDS: Mapping[str, Callable[[Looking], None]] = {
    "grade a folder": _grade,
    "grade a zip": _zip,
    "grade --gradebook": _bulk,
    "nbgrader": _nbgrader,
    "collect": _collect,
}
"""What is done with a class, by the name under which it is counted."""


def _is_collected(path: bytes) -> bool:
    """Return whether something in a course is where `collect` puts a student's files."""
    place = [b"submitted", None, HOME]
    return all(
        wanted in (None, part) for wanted, part in zip(place, path.split(b"/"), strict=False)
    )


# --- what is touched ------------------------------------------------------------------------


def snapshot(folder: Path) -> dict[bytes, bytes]:
    """All that lies at a place, each with all that tells whether it was written: links as links.

    The time of the last change is set by the kernel alone, so that contents need not be read.
    """
    form = "%P\\0%y %m %U %G %i %s %T@ %C@ %l\\0"
    found = subprocess.run(  # noqa: S603  # our own folder
        ["find", folder, "-printf", form],  # noqa: S607
        capture_output=True,
        check=True,
    ).stdout.split(b"\0")
    return dict(zip(found[:-1:2], found[1::2], strict=True)) | (
        {} if not folder.is_dir() else {b"": b""}
    )


def _unread(folder: Path) -> None:
    """Set the times so that the kernel notes who reads a file here."""
    for path in folder.rglob("*"):
        os.utime(path, ns=(10**9, path.stat().st_mtime_ns))


def _read(folder: Path) -> Iterator[str]:
    """Yield the files that were read since `_unread`."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.lstat().st_atime_ns != 10**9:
            yield str(path.relative_to(folder.parent))


def _last(text: str, lines: int) -> str:
    return "\n".join(line[:300] for line in text.splitlines()[-lines:])


def _cause(text: str) -> str:
    """Return what a traceback ends with, without what is different each time."""
    places = re.findall(r'File "[^"]*?/([^/"]+\.py)", line \d+, in (\S+)', text)
    lines = [line for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"\w+(\.\w+)*(Error|Exception|Exit)\b", line)]
    name = (errors or lines or ["nothing said"])[-1].split(":")[0][:60]
    return f"{name} in {places[-1][0]} {places[-1][1]}" if places else name
