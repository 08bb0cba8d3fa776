"""Count how many wrong answers are told their cause, by which method, and how many a false one.

    python -m robustness.causes random_initialization --show

grades wrong answers whose cause is known: those in `robustness/held_out`, written from the
assignment's contract without sight of its known mistakes, each with its cause beside it, whole
("held out") or as one change to a right answer in a student's form ("changes"); the known
mistakes themselves; and pairs of known mistakes in one function. A sentence is true if it matches
the pattern of a held-out answer; the sentence of a known mistake is true of nobody who has not made
it. What else is found in known mistakes, and what mutants are told, a reader judges (`--show`).

The table counts each answer once, by the method that names its cause: the known mistakes, the
level of the finding, or the check's own message if it states an exception with its line, a shape, a
key, a container or an argument that was changed. `--mutants` adds the slips that the audit makes in
the reference.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import itertools
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from autograder.checking.diagnosis.findings import level, sentence
from autograder.checking.mistakes import function_source
from autograder.checking.mutants import mutants
from autograder.course import secret
from autograder.course.assignment import Assignment
from autograder.grading.grader import Grader
from autograder.intake.find import SubmissionSource
from autograder.result import SubmissionResult
from autograder.sandbox.host.worker import Worker

ROOT = Path(__file__).parents[1]
HELD_OUT = Path(__file__).parent / "held_out"

NAMES = ("logistic_regression", "random_initialization", "deep_initialization")

KNOWN = "known mistake"
MESSAGE = "message"
"""The names of methods in the table, beside the levels of findings."""

PLAIN = re.compile(
    r"raised \w+: .*\(line|missing \d+ required|should have the shape|has no key|"
    r"changed its argument|should return|"
    r"should be an? (dict|array)|should be a single number; it is a (list|tuple)|"
    r"should hold real numbers; it is a dict"
)
"""Messages that name the cause."""

ANSWER = re.compile(r"# %% (\w+): (\w+)\n# cause: (.+)\n# told: (.+)\n")


@dataclass(frozen=True)
class WrongAnswer:
    """A wrong answer whose cause is known.

    Attributes:
        group: the group that the table counts it in.
        name: the name of the answer.
        function: the function that is wrong.
        cause: the cause, as a person would say it.
        told: a pattern that every true sentence about the cause matches.
        sources: the sources of the functions that are not the reference's.
    """

    group: str
    name: str
    function: str
    cause: str
    told: str
    sources: Mapping[str, str] = field(repr=False)


def held_out(name: str) -> Iterator[WrongAnswer]:
    """Yield the held-out answers of an assignment."""
    _, *parts = ANSWER.split((HELD_OUT / f"{name}.py").read_text(encoding="utf-8"))
    for answer, function, cause, told, code in zip(*[iter(parts)] * 5, strict=True):
        yield WrongAnswer("held out", answer, function, cause, told, functions_in(code))
    module = importlib.import_module(f"robustness.held_out.changes_{name}")
    for function, old, new, cause, told in module.CHANGES:
        right = module.BASES[function]
        assert right.count(old), (function, old)  # noqa: S101  # else the answer is right
        sources = {**module.BASES, function: right.replace(old, new)}
        yield WrongAnswer("changes", f"{function}: {cause}", function, cause, told, sources)


def functions_in(code: str) -> dict[str, str]:
    """Return the source of each function of an answer."""
    found: dict[str, str] = defaultdict(str)
    for node in ast.parse(code).body:
        assert isinstance(node, ast.FunctionDef)  # noqa: S101  # the files hold nothing else
        text = "\n".join(code.splitlines()[node.lineno - 1 : node.end_lineno]) + "\n"
        found[node.name] += text
    return found


def known(assignment: Assignment) -> Iterator[WrongAnswer]:
    """Yield the known mistakes, and pairs of those that change different texts of one function."""
    every = [(each, each.source(assignment.reference)) for each in assignment.mistakes]
    for each, source in every:
        told = re.escape(each.sentence)
        yield WrongAnswer("bank", each.name, each.of, each.sentence, told, {each.of: source})
    for (one, source), (other, _) in itertools.combinations(every, 2):
        if one.of != other.of or other.change is None or one.change is None:
            continue
        if source.count(other.change[0]) != 1 or one.change[0] in other.change[0]:
            continue
        both = source.replace(*other.change)
        yield WrongAnswer(
            "pairs of the bank",
            f"{one.name} and {other.name}",
            one.of,
            f"{one.sentence} / {other.sentence}",
            f"{re.escape(one.sentence)}|{re.escape(other.sentence)}",
            {one.of: both},
        )


def slips(assignment: Assignment, functions: tuple[str, ...]) -> Iterator[WrongAnswer]:
    """Yield the audit's mutants."""
    for name in functions:
        for each in mutants(assignment.reference, name):
            diff = " / ".join(each.diff.splitlines())
            yield WrongAnswer("mutants", each.operator, name, diff, "", {name: each.source})


def grade(grader: Grader, answer: WrongAnswer) -> SubmissionResult:
    """Grade a notebook that is right but for one answer."""
    lesson, reference = grader.lesson, grader.assignment.reference
    assert reference is not None  # noqa: S101  # every assignment here has one
    written = {name: function_source(reference, name) for name in lesson.functions}
    sources = dict(answer.sources)
    helpers = [sources.pop(name) for name in list(sources) if name not in written]
    sources[answer.function] = "".join(helpers) + sources[answer.function]
    data = nbformat.writes(lesson.filled({**written, **sources})).encode()
    return grader.grade(SubmissionSource(answer.name, answer.name, lambda: data))


def told(grader: Grader, result: SubmissionResult, function: str) -> list[tuple[str, str]]:
    """Return what the student is told of a function, each sentence with its method."""
    found: dict[str, str] = {}
    for check in result.checks:
        if check.function == function and check.mistake is not None:
            found[grader.hints[check.mistake]] = KNOWN
        if check.function == function and check.finding is not None:
            found[sentence(check.finding)] = level(check.finding)
    return [(method, sentence) for sentence, method in found.items()]


def plain(result: SubmissionResult, answer: WrongAnswer) -> str:
    """Return the method of an answer that is told no cause: whether a message names it."""
    messages = [c.message or "" for c in result.checks if c.function == answer.function]
    return MESSAGE if any(map(PLAIN.search, messages)) else "nothing"


def main() -> None:
    """Grade the answers and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("assignments", nargs="*", default=NAMES)
    parser.add_argument("--held-out", action="store_true", help="the held-out answers alone")
    parser.add_argument("--pairs", type=int, default=100, help="pairs of known mistakes")
    parser.add_argument("--mutants", action="store_true", help="the audit's mutants too")
    parser.add_argument("--only", default="", help="a pattern for the names of the answers")
    parser.add_argument("--show", action="store_true", help="print what each answer is told")
    options = parser.parse_args()
    for name in options.assignments:
        with Worker() as worker:
            grader = Grader(Assignment(ROOT, name), worker, secret.public(5))
            table: dict[str, Counter[str]] = defaultdict(Counter)
            for answer in answers(grader, options):
                if not re.search(options.only, answer.name):
                    continue
                result = grade(grader, answer)
                if result.score == result.max_score:
                    table[answer.group]["has full marks"] += 1
                    continue
                sentences = told(grader, result, answer.function)
                false = [
                    said
                    for by, said in sentences
                    if not re.search(answer.told, said)
                    and (by == KNOWN or answer.group in ("held out", "changes"))
                ]
                method = (
                    "false" if false else sentences[0][0] if sentences else plain(result, answer)
                )
                table[answer.group][method] += 1
                if options.show or false:
                    show(answer, result, sentences, method)
            report(name, table)


def answers(grader: Grader, options: argparse.Namespace) -> Iterator[WrongAnswer]:
    """Yield the answers that were asked for."""
    assert isinstance(grader.assignment, Assignment)  # noqa: S101  # we have made it
    yield from held_out(grader.assignment.name)
    if options.held_out:
        return
    pairs = 0
    for each in known(grader.assignment):
        pairs += each.group != "bank"
        if pairs <= options.pairs:
            yield each
    if options.mutants:
        yield from slips(grader.assignment, tuple(grader.lesson.functions))


def show(
    answer: WrongAnswer, result: SubmissionResult, sentences: list[tuple[str, str]], method: str
) -> None:
    """Print what one answer is told."""
    sys.stdout.write(f"\n{method:>14}  {answer.function}: {answer.cause}\n")
    for each, said in sentences:
        sys.stdout.write(f"{each:>14}: {said}\n")
    if not sentences:
        messages = {c.message for c in result.checks if c.function == answer.function and c.message}
        for message in sorted(messages)[:4]:
            sys.stdout.write(f"{'message':>14}: {message}\n")


def report(name: str, table: Mapping[str, Counter[str]]) -> None:
    """Print the table of one assignment."""
    methods = sorted({method for row in table.values() for method in row})
    sys.stdout.write(f"\n{name}\n{'':>20}" + "".join(f"{each:>16}" for each in methods) + "\n")
    for group, row in table.items():
        sys.stdout.write(f"{group:>20}" + "".join(f"{row[each]:>16}" for each in methods) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
