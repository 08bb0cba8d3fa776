"""The command when it is killed, on a full disk, in a read-only folder: nothing is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from autograder.course import secret
from autograder.sandbox.inside import kernel
from tests.helpers.commands import Said, grade, notebook, one_line, result
from tests.helpers.course import ENVIRONMENT
from tests.helpers.machines import libc, mount

if TYPE_CHECKING:
    from tests.helpers.course import Course

SLOW = "import time\ndef double(number):\n    time.sleep(1.5)\n    return number + number\n"


ENDED = """
import os, threading
from autograder.cli.main import main
from autograder.grading.grader import Grader
true = Grader.examine
def examine(self, found):
    if found.student == "s2":
        threading.Timer(0.3, os.kill, (os.getpid(), {number})).start()
    return true(self, found)
Grader.examine = examine
main(["grade", "doubling", "class", "--json", "result.json", "--workers", "1"])
"""
"""A run that is asked to end while it waits for a function of its third submission."""


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A disk on which there is no room."""
    place = tmp_path / "full"
    place.mkdir()
    try:
        mount("full", str(place), "tmpfs", 0, "size=16k,mode=777")
    except OSError:
        pytest.skip("only root can mount a small disk")
    (place / "result.json").write_text("before")
    with pytest.raises(OSError, match="No space"):
        (place / "all").write_bytes(bytes(10**6))
    yield place
    assert libc.umount2(str(place).encode(), 2) == 0


@pytest.fixture
def orphans() -> Iterator[None]:
    """Makes whoever loses its parent a child of this process, where it can be seen."""
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    yield
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 0)


def class_of(course: Course, size: int) -> Path:
    folder = course.root / "class"
    folder.mkdir()
    text = nbformat.writes(course.lesson.filled({**course.solutions, "double": SLOW}))
    for number in range(size):
        (folder / f"s{number}.ipynb").write_text(text if number else notebook(course))
    return folder


def started(course: Course, folder: Path, workers: int, scratch: Path) -> subprocess.Popen[str]:
    words = ["grade", course.name, str(folder), "--workers", str(workers), "--json", "result.json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", *words],
        cwd=course.root,
        env={**ENVIRONMENT, "TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 120
    while not list(scratch.glob("autograder-worker-*")) and time.monotonic() < until:
        time.sleep(0.02)
    return process


def descendants(pid: int) -> list[int]:
    try:
        files = list(Path(f"/proc/{pid}/task").glob("*/children"))
        mine = [int(each) for file in files for each in file.read_text().split()]
    except (FileNotFoundError, ProcessLookupError):  # it has ended while we looked
        return []
    return mine + [each for child in mine for each in descendants(child)]


def all_end(before: set[int]) -> bool:
    """Whether everybody ends who was started here since then, when there is nobody to serve."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        mine = set(descendants(os.getpid())) - before
        for pid in mine:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                continue
        if not mine:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.usefixtures("orphans")
@pytest.mark.parametrize(("size", "workers"), [(3, 1), (10, 2)])
def test_when_the_judge_is_killed_all_end_and_a_second_run_gives_the_marks(
    tiny: Course, tmp_path: Path, size: int, workers: int
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    folder = class_of(tiny, size)
    before = set(descendants(os.getpid()))
    process = started(tiny, folder, workers, scratch)
    time.sleep(1)
    process.kill()
    process.communicate()
    assert all_end(before)
    assert list(scratch.iterdir()) == []
    assert not (tiny.root / "result.json").exists()
    found = result(tiny, folder / "s0.ipynb", folder / "s1.ipynb")["submissions"]
    assert [each["score"] for each in found] == [11.0, 11.0]
    assert sorted(each.name for each in tiny.root.glob(".autograder-*")) == [".autograder-secret"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_is_asked_to_end_says_how_far_it_is_and_goes_on_from_there(
    tiny: Course, tmp_path: Path, number: signal.Signals
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    class_of(tiny, 6)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs in the background ignore it
    done = subprocess.run(
        [sys.executable, "-c", ENDED.format(number=int(number))],
        cwd=tiny.root,
        env={**ENVIRONMENT, "TMPDIR": str(scratch)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 130, done.stderr
    assert done.stderr.strip().startswith("autograder: stopped after 2 of 6 submissions.")
    assert list(scratch.iterdir()) == []
    assert not (tiny.root / "result.json").exists()  # of a part it would look like a whole one
    again = tiny.run("autograder", "grade", "doubling", "class", "--json", "result.json")
    assert "2 of 6 submissions are unchanged" in again.stdout
    kept = json.loads((tiny.root / "result.json").read_bytes())["submissions"]
    assert [each["score"] for each in kept] == 6 * [11.0]


def test_a_result_on_a_full_disk_stays_what_it_was_and_the_marks_are_shown(
    tiny: Course, right: Path, full: Path
) -> None:
    done = grade(tiny, right, "--json", full / "result.json", status=2)
    assert "Free disk space" in one_line(done)
    assert "ada  11/11 points" in done.stdout
    assert (full / "result.json").read_text() == "before"
    (full / "all").unlink()
    grade(tiny, right, "--json", full / "result.json")
    assert json.loads((full / "result.json").read_bytes())["submissions"][0]["score"] == 11.0
    assert [each.name for each in full.iterdir()] == ["result.json"]


def test_a_secret_on_a_full_disk_is_not_half_written(full: Path) -> None:
    with pytest.raises(OSError, match="Free disk space"):
        secret.of_course(full)
    assert sorted(each.name for each in full.iterdir()) == ["all", "result.json"]
    (full / "all").unlink()
    assert secret.of_course(full) == secret.of_course(full)


def run(course: Course, *words: str, status: int, **environment: str) -> Said:
    return course.run("autograder", "grade", course.name, *words, status=status, env=environment)


def test_a_folder_for_scratch_files_that_is_full_or_missing_is_done_without(
    tiny: Course, right: Path, full: Path
) -> None:
    for place in (full, full / "nowhere"):
        done = run(tiny, str(right), status=0, TMPDIR=str(place))
        assert "ada  11/11 points" in done.stdout


def test_where_no_file_may_be_written_it_is_said_in_one_line(tiny: Course, right: Path) -> None:
    words = f"ulimit -f 0; exec autograder grade {tiny.name} {right} --seed 1"
    assert "TMPDIR" in one_line(tiny.run("bash", "-c", words, status=2))


def test_a_course_that_is_read_only_is_graded_with_a_secret_from_elsewhere(
    tiny: Course, right: Path
) -> None:
    place = str(tiny.root)
    try:
        mount(place, place, None, 4096)
    except OSError:
        pytest.skip("only root can make a folder read-only for root")
    mount("", place, None, 32 | 4096 | 1)  # remount, bind, read-only
    try:
        assert "AUTOGRADER_SECRET" in one_line(run(tiny, str(right), status=2))
        done = run(tiny, str(right), status=0, AUTOGRADER_SECRET="ab" * 32)
        assert "ada  11/11 points" in done.stdout
        words = (str(right), "--seed", "1", "--json", "result.json")
        assert "that you can write to" in one_line(run(tiny, *words, status=2))
    finally:
        libc.umount2(place.encode(), 2)


def test_what_somebody_had_begun_to_write_who_was_killed_is_removed(
    tiny: Course, right: Path
) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    left = tiny.root / f".autograder-{gone.pid}.part"
    left.touch()
    theirs = tiny.root / f".autograder-{os.getppid()}.part"
    theirs.touch()
    (tiny.root / ".autograder-secret-draft-abc").touch()
    result(tiny, right)
    assert not left.exists()
    assert theirs.exists()
    assert not (tiny.root / ".autograder-secret-draft-abc").exists()
