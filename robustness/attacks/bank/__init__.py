"""The attacks, each a small function, by what they lay hands on."""

from robustness.attacks.attack import BANK
from robustness.attacks.bank import (
    beside,
    bounds,
    document,
    endings,
    files,
    guessing,
    libraries,
    messages,
    pages,
    processes,
    retries,
    shell,
)

MODULES = (
    libraries,
    shell,
    messages,
    endings,
    processes,
    files,
    document,
    guessing,
    retries,
    bounds,
    pages,
    beside,
)

ALL = tuple(BANK.values())
"""All of them; each module takes its own into the bank when it is loaded."""
