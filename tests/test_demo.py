"""`make demo` as an instructor reads it: short, and with the next command at its end."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from rich.console import Console

import demo.__main__ as demo

LONGEST = 80
"""Lines that one run of `grade` may print."""


@pytest.fixture(scope="module")
def demo_output(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The lines that the demo prints into a file."""
    place = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch, (place / "output").open("w") as file:
        patch.setenv("COLUMNS", "80")
        patch.setattr(demo, "PLACE", place / "demo")
        patch.setattr(demo, "COURSE", place / "demo" / "course")
        patch.setattr(demo, "EXCHANGE", place / "demo" / "exchange")
        patch.setattr(demo, "console", Console(file=file, highlight=False))
        run = subprocess.run

        def to_the_file(*words: object, **how: object) -> object:
            file.flush()
            quiet = how.get("capture_output")
            return run(*words, **how, **({} if quiet else {"stdout": file}))  # type: ignore[call-overload]

        patch.setattr(subprocess, "run", to_the_file)
        demo.main()
    return (place / "output").read_text(encoding="utf-8").splitlines()


def test_no_line_ends_with_a_space_and_only_paths_and_commands_are_long(
    demo_output: list[str],
) -> None:
    assert [line for line in demo_output if line != line.rstrip()] == []
    assert [line for line in demo_output if len(line) > 80 and "/" not in line] == []


def test_every_run_of_grade_is_short(demo_output: list[str]) -> None:
    starts = [place for place, line in enumerate(demo_output) if line.startswith("$ ")]
    runs = [
        demo_output[place:end]
        for place, end in zip(starts, [*starts[1:], None], strict=True)
        if demo_output[place].startswith("$ autograder grade ")
    ]
    assert len(runs) == 3
    assert [len(run) for run in runs if len(run) >= LONGEST] == []


def test_it_ends_with_a_command_that_starts_a_course(
    demo_output: list[str], tmp_path: Path
) -> None:
    folder, change, new = demo_output[-1].strip().split(" && ")
    assert re.fullmatch(r"mkdir (\S+)", folder)
    assert change == folder.replace("mkdir", "cd")
    subprocess.run(shlex.split(new), cwd=tmp_path, check=True)
    assert (tmp_path / "assignments" / "my_assignment" / "checks.py").is_file()
