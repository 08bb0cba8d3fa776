"""The picture of the class report: of a class of 300 that is played and graded for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from autograder.course import secret
from autograder.course.assignment import Assignment
from autograder.course.builder import build
from autograder.grading.batch import default_workers, grade_all
from autograder.grading.pool import RunConfig
from autograder.grading.run import result_of
from autograder.reports.html.class_report import Wording, page
from autograder.reports.terminal.progress import watched
from autograder.result import Result
from autograder.sandbox.isolation import InForce, Isolation
from demo.crowd import crowd

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
NAME = "random_initialization"
SIZE = 300


def class_report(folder: Path) -> Path:
    """Grades a class and writes its report into a folder; gives the page."""
    assignment = Assignment(ROOT, NAME)
    result = graded(assignment)
    wording = Wording(
        assignment.digest,
        {each.id: each.sentence for each in assignment.checks},
        {each.name: each.sentence for each in assignment.mistakes},
    )
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "class-report.html"
    file.write_text(page(result, wording), encoding="utf-8")
    return file


def graded(assignment: Assignment) -> Result:
    """Return what a class of 300 has, as `grade --json` would write it."""
    in_force, key = InForce(), secret.public(1)
    found = list(crowd(assignment, build(assignment), SIZE))
    settings = RunConfig.of(assignment, key, Isolation.FULL)
    graded_ones = grade_all(settings, found, workers=default_workers(), in_force=in_force)
    results = (each.result for each in graded_ones)
    return result_of(assignment, key, in_force.layers, tuple(watched(results, SIZE)))


def take(shown: Page, file: Path, picture: Path) -> None:
    """Take a picture of the report on an empty page: what to act on, and the students."""
    shown.goto(file.resolve().as_uri())
    shown.locator("#learners summary").click()
    parts = []
    for section, most in (("act", 1000), ("learners", 480)):
        height = shown.locator(f"#{section}").evaluate("each => each.offsetHeight")
        shown.set_viewport_size({"width": 1200, "height": min(height, most)})
        shown.locator(f"#{section}").evaluate("each => each.scrollIntoView()")
        part = picture.with_name(f"{picture.stem}-{section}.png")
        shown.screenshot(path=part)
        parts.append(part)
    pictures = [Image.open(part).convert("RGB") for part in parts]
    both = Image.new("RGB", (pictures[0].width, sum(each.height for each in pictures)))
    above = 0
    for each in pictures:
        both.paste(each, (0, above))
        above += each.height
    both.quantize(64).save(picture, optimize=True)
    for part in parts:
        part.unlink()
