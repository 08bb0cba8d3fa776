"""What an author can get wrong in an assignment, and what `build` says about it."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.cli.main import main
from autograder.course.assignment import Assignment
from autograder.course.builder import build
from autograder.course.scaffold import new

WRONG: dict[str, tuple[str, str, str, str]] = {
    "no runner block": (
        "assignments/hw/lesson.md",
        "```{runner}\n```\n",
        "",
        "The lesson has no {runner} block above {function} mean_and_spread",
    ),
    "a block that is not closed": (
        "assignments/hw/lesson.md",
        "import numpy as np\n```\n",
        "import numpy as np\n",
        "lesson.md, line 9: the block that begins here is not closed.",
    ),
    "the last block is not closed": (
        "assignments/hw/lesson.md",
        'spread {s:5.2f}")\n```',
        'spread {s:5.2f}")\n',
        "the block that begins here is not closed.",
    ),
    "an unknown block": (
        "assignments/hw/lesson.md",
        "```{setup} tools",
        "```{setings} tools",
        "lesson.md, line 9: unknown block {setings}.",
    ),
    "a block in a list": (
        "assignments/hw/lesson.md",
        "```{function} standardize\n# Call your mean_and_spread.\n```",
        "* ```{function} standardize\n  ```",
        "a {function} block stands in a list or a quotation",
    ),
    "a setup cell that is no Python": (
        "assignments/hw/lesson.md",
        "import numpy as np\n",
        "import numpy as\n",
        "It begins: import numpy as",
    ),
    "a function of the lesson that the reference lacks": (
        "assignments/hw/lesson.md",
        "```{function} standardize\n",
        "```{function} standardise\n",
        "has no function standardise. Did you mean standardize?",
    ),
    "of= names a function that is in no lesson": (
        "assignments/hw/checks.py",
        '@check(of="standardize", points=3)',
        '@check(of="standardise", points=3)',
        "add a ```{function} standardise block. Did you mean standardize?",
    ),
    "after= names a check that does not exist": (
        "assignments/hw/checks.py",
        "after=[mean_and_spread_by_hand]",
        "after=[mean_and_spread_by_han]",
        "Did you mean mean_and_spread_by_hand?",
    ),
    "after= names a check in quotes": (
        "assignments/hw/checks.py",
        "after=[mean_and_spread_by_hand]",
        'after=["mean_and_spread_by_han"]',
        "write the names of checks without quotes, after=[name]. Did you mean",
    ),
    "an import that a visible check uses": (
        "assignments/hw/checks.py",
        "X = np.array([[1.0, 3.0, 5.0, 7.0]])\n    mean, spread",
        "X = linalg.inv(np.eye(2))\n    mean, spread",
        "a visible check of mean_and_spread uses linalg, which the notebook does not have",
    ),
    "a check without a docstring": (
        "assignments/hw/checks.py",
        '    """The function leaves X as it was."""\n',
        "",
        "a docstring",
    ),
    "a check with an unknown argument": (
        "assignments/hw/checks.py",
        "leaves_its_argument_alone(student, rng)",
        "leaves_its_argument_alone(student, random)",
        "takes random",
    ),
    "no visible check of a function": (
        "assignments/hw/checks.py",
        '@check(of="standardize", points=1, visible=True)',
        '@check(of="standardize", points=1)',
        "standardize has no visible check",
    ),
    "a name that checks.py does not know": (
        "assignments/hw/checks.py",
        "import numpy as np\n",
        "import numpyy as np\n",
        "cannot be loaded: ModuleNotFoundError",
    ),
    "a mistake whose text does not match": (
        "assignments/hw/mistakes.py",
        '("np.mean(X, axis=1", ',
        '("np.mean(X, axis=7", ',
        "assignments/hw/mistakes.py, line 14: ",
    ),
    "a mistake of a function that is gone": (
        "assignments/hw/mistakes.py",
        'of="standardize", change=("X - mean", "X")',
        'of="standardise", change=("X - mean", "X")',
        "line 41, is about standardise, which reference/hw.py does not have. Did you mean",
    ),
    "a mistake with half a change": (
        "assignments/hw/mistakes.py",
        'change=("X - mean", "X")',
        'change=("X - mean",)',
        "change=(old, new)",
    ),
    "an equivalent of a function that is gone": (
        "assignments/hw/equivalents.py",
        '            "standardize": """\ndef standardize(X):\n    centred',
        '            "standardise": """\ndef standardise(X):\n    centred',
        "assignments/hw/equivalents.py, line 33, is about standardise",
    ),
    "equivalents in another form": (
        "assignments/hw/equivalents.py",
        "EQUIVALENTS: tuple[tuple[str, dict[str, str]], ...] = (",
        "EQUIVALENTS = (1,",
        "should hold pairs of a name and a dict of sources",
    ),
    "a survivor of a function that is gone": (
        "assignments/hw/survivors.toml",
        'function = "standardize"',
        'function = "standardise"',
        "assignments/hw/survivors.toml, line 5, is about standardise",
    ),
    "a reference that is no Python": (
        "reference/hw.py",
        "import numpy as np\n",
        "import numpy as\n",
        "reference/hw.py cannot be loaded: SyntaxError",
    ),
    "a function of the reference without a docstring": (
        "reference/hw.py",
        '    """Return the mean and the standard deviation of each feature.\n',
        '    pass\n    """Return the mean and the standard deviation of each feature.\n',
        "has no docstring",
    ),
}
"""The file, what stands there, what an author writes instead, and what `build` says."""


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new course with the assignment of the template."""
    new(tmp_path, "hw")
    monkeypatch.chdir(tmp_path)
    checks = tmp_path / "assignments/hw/checks.py"
    text = checks.read_text().replace(
        "import numpy as np\n", "import numpy as np\nfrom numpy import linalg\n", 1
    )
    checks.write_text(text)
    return tmp_path


@pytest.mark.parametrize(("file", "old", "new_", "said"), WRONG.values(), ids=WRONG.keys())
def test_build_says_what_is_wrong_in_one_line(
    course: Path, file: str, old: str, new_: str, said: str
) -> None:
    path = course / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new_))
    done = CliRunner().invoke(main, ["build", "hw"])
    assert done.exit_code == 2, done.output
    assert said in " ".join(done.output.split())
    assert "Traceback" not in done.output
    assert not (course / "source").exists()


@pytest.mark.parametrize(
    ("left", "named"),
    [
        ("mistakes.py", "is about mean_and_spread"),
        ("equivalents.py", "is about mean_and_spread"),
        ("survivors.toml", "is about standardize"),
        ("checks.py", "double has no visible check"),
        ("lesson.md", "has no function mean_and_spread"),
    ],
)
def test_what_is_left_of_the_template_is_named(course: Path, left: str, named: str) -> None:
    """An author replaces all but one of the files."""
    folder = course / "assignments/hw"
    kept = (folder / left).read_text()
    (course / "reference/hw.py").write_text(
        'def double(x):\n    """Return twice x."""\n    return 2 * x\n'
    )
    (folder / "lesson.md").write_text("# Twice\n\n```{runner}\n```\n\n```{function} double\n```\n")
    (folder / "checks.py").write_text(
        "from autograder.checking import check, expect\n\n\n"
        '@check(of="double", points=1, visible=True)\n'
        'def two(student):\n    """Twice."""\n    expect.close(student.double(1.0), 2.0)\n'
    )
    for name in ("mistakes.py", "equivalents.py", "survivors.toml"):
        (folder / name).unlink()
    done = CliRunner().invoke(main, ["build", "hw"])
    assert done.exit_code == 0, done.output
    (folder / left).write_text(kept)
    done = CliRunner().invoke(main, ["build", "hw"])
    assert done.exit_code == 2
    assert named in " ".join(done.output.split())


def test_files_that_windows_marks_as_utf8_are_read_without_the_mark(course: Path) -> None:
    before = Assignment(course, "hw")
    sources = [part.source for part in build(before).parts]
    for file in ("lesson.md", "checks.py", "mistakes.py", "equivalents.py", "survivors.toml"):
        path = before.folder / file
        path.write_bytes(codecs.BOM_UTF8 + path.read_bytes())
    reference = before.reference_path
    reference.write_bytes(codecs.BOM_UTF8 + reference.read_bytes())
    assert [part.source for part in build(Assignment(course, "hw")).parts] == sources
    done = CliRunner().invoke(main, ["build", "hw"])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("file", ["lesson.md", "survivors.toml"])
def test_a_text_in_another_encoding_is_named(course: Path, file: str) -> None:
    path = course / "assignments/hw" / file
    path.write_text(path.read_text(), encoding="utf-16")
    done = CliRunner().invoke(main, ["build", "hw"])
    assert done.exit_code == 2, done.output
    assert str(path) in done.output.replace("\n", "")


@pytest.mark.parametrize("command", [("build", "hw"), ("messages", "hw")], ids=" ".join)
def test_a_translation_in_another_encoding_is_named(course: Path, command: tuple[str, ...]) -> None:
    assert CliRunner().invoke(main, ["messages", "hw", "--lang", "zh"]).exit_code == 0
    path = course / "assignments/hw/locale/zh/LC_MESSAGES/hw.po"
    path.write_text(path.read_text(), encoding="utf-16")
    done = CliRunner().invoke(main, [*command, "--lang", "zh"])
    assert done.exit_code == 2, done.output
    assert str(path) in done.output.replace("\n", "")
