"""Measure what it costs to look for the causes of wrong answers.

    python -m benchmarks.diagnosis random_initialization

grades every known mistake and every held-out wrong answer twice, as the members of a class, and
prints the CPU time that the diagnosis took for each submission, in the judge and in the process
that answers for the reference: the mean, the median and the largest. The first round fills the
cache of the mistakes' answers; the second is what a class pays for a submission.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

from autograder.course import secret
from autograder.course.assignment import Assignment
from autograder.grading.grader import Grader
from autograder.sandbox.host.worker import Worker
from robustness.causes import NAMES, ROOT, grade, held_out, known


def timed(grader: Grader, spent: list[float]) -> Callable[..., Any]:
    """Return the diagnosis of a grader, which notes how long it took."""
    annotate, replayer = grader.diagnosis.annotate, grader.diagnosis.replayer

    def measured(*arguments: Any) -> Any:
        judge, reference = time.process_time(), replayer.reference_server.spent
        try:
            return annotate(*arguments)
        finally:
            judge, reference = (
                time.process_time() - judge,
                replayer.reference_server.spent - reference,
            )
            spent.append(judge + reference)

    return measured


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
                spent: list[float] = []
                grader.diagnosis.annotate = timed(grader, spent)  # type: ignore[method-assign]
                for answer in answers:
                    grade(grader, answer)
                del grader.diagnosis.annotate
                times = [1000 * each for each in spent]
                print(
                    f"{name}, {number} round, {len(times)} wrong submissions: "
                    f"{statistics.mean(times):.0f} ms on average, median "
                    f"{statistics.median(times):.0f} ms, at most {max(times):.0f} ms"
                )


if __name__ == "__main__":
    main()
