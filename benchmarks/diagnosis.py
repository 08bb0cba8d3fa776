"""Measure what it costs to look for the causes of wrong answers.

    python -m benchmarks.diagnosis random_initialization

grades every known mistake and every held-out wrong answer twice, as the members of a class, and
prints the CPU time of the diagnosis for each submission: of the levels that run no more code, of
the slips in the reference, and of the changed copies of the student's function. The time counts in
the judge, in the process that answers for the reference and in the student's. The first round fills
the cache of the mistakes' answers; the second is what a class pays for a submission.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from autograder.checking.diagnosis import matching
from autograder.checking.diagnosis.evidence import Evidence
from autograder.checking.diagnosis.findings import Finding
from autograder.checking.diagnosis.lines import lines
from autograder.checking.diagnosis.reference_slips import reference_slips
from autograder.course import secret
from autograder.course.assignment import Assignment
from autograder.grading.grader import Grader
from autograder.sandbox.host.session import Session
from autograder.sandbox.host.worker import Worker
from robustness.causes import NAMES, ROOT, grade, held_out, known

REST = "form to draws"
METHODS = {"slip": reference_slips, "line": lines}


class Times:
    """Notes the CPU time of each submission's diagnosis, by its part.

    Args:
        grader: the grader whose diagnosis is measured.
    """

    def __init__(self, grader: Grader) -> None:
        self.diagnosis = grader.diagnosis
        self.spent: dict[str, list[float]] = {part: [] for part in (REST, *METHODS)}
        self.now: dict[str, float] = {}

    def start(self) -> None:
        """Measure from now on."""
        annotate = self.diagnosis.annotate

        def measured(*arguments: Any) -> Any:
            self.now = dict.fromkeys(METHODS, 0.0)
            before = self.cpu()
            try:
                return annotate(*arguments)
            finally:
                inside = self.now.pop("in these processes", 0.0)
                self.spent[REST].append(self.cpu() - before - inside)
                for part in METHODS:
                    self.spent[part].append(self.now[part])

        vars(self.diagnosis)["annotate"] = measured
        vars(matching).update(reference_slips=self.timed("slip"), lines=self.timed("line"))

    def cpu(self) -> float:
        """Return the CPU time of the judge and of the process that answers for the reference."""
        return time.process_time() + self.diagnosis.replayer.reference_server.spent

    def timed(self, part: str) -> Callable[[Evidence], list[Finding]]:
        """Return a method that notes its time, and that of the sessions which it opens."""

        def method(evidence: Evidence) -> list[Finding]:
            sessions: list[Session] = []

            own_code = evidence.own_code

            def opened(cell: str, functions: Sequence[str]) -> Session:
                assert own_code is not None  # noqa: S101  # it is called
                sessions.append(own_code(cell, functions))
                return sessions[-1]

            before = self.cpu()
            try:
                return METHODS[part](replace(evidence, own_code=own_code and opened))
            finally:
                spent = self.cpu() - before
                self.now["in these processes"] = self.now.get("in these processes", 0.0) + spent
                self.now[part] += spent + sum(each.used for each in sessions)

        return method


def main() -> None:
    """Grade the answers and print the times."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("assignments", nargs="*", default=NAMES)
    for name in parser.parse_args().assignments:
        with Worker() as worker:
            assignment = Assignment(ROOT, name)
            grader = Grader(assignment, worker, secret.public(5))
            answers = [*held_out(name), *(a for a in known(assignment) if a.group == "bank")]
            for number in ("first", "second"):
                times = Times(grader)
                times.start()
                for answer in answers:
                    grade(grader, answer)
                del grader.diagnosis.annotate
                for part, spent in times.spent.items():
                    each = [1000 * seconds for seconds in spent]
                    needed = [one for one in each if one > 0]
                    print(
                        f"{name}, {number} round, {part}: {statistics.mean(each):.0f} ms on "
                        f"average over {len(each)} wrong submissions, needed for {len(needed)}, "
                        f"median of these {statistics.median(needed or [0]):.0f} ms, at most "
                        f"{max(each):.0f} ms",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
