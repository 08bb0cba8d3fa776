"""Mutated notebooks and mutated messages: no traceback, no hang, no wrong mark.

    python -m robustness.fuzz --notebooks 10000 --messages 100000 --seed 1

grades notebooks whose files were altered in every way that `fuzzing.mutations` knows, and sends the
judge messages that were altered on the way. `fuzzing.notebooks` and `fuzzing.messages` say what is
held against what, and what is done once for many. The same seed makes the same files; the number
in a failure names its attempt. Exits with 1 where anything failed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from robustness.fuzzing import messages, notebooks


def main(arguments: list[str] | None = None) -> int:
    """Print the outcome of all attempts and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--notebooks", type=int, default=1000, metavar="N", help="how many to grade"
    )
    parser.add_argument("--messages", type=int, default=10000, metavar="N", help="how many to send")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the chance in it")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        done = [
            messages.fuzz(asked.messages, asked.seed),
            notebooks.fuzz(asked.notebooks, asked.seed, Path(folder)),
        ]
    for outcomes in done:
        outcomes.show()
    return int(any(outcomes.failures for outcomes in done))


if __name__ == "__main__":
    sys.exit(main())
