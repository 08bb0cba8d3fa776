"""The attacks, each a small function, by what they lay hands on."""

from robustness.attacks.attack import BANK
from robustness.attacks.bank import (
    document,
    endings,
    files,
    guessing,
    libraries,
    messages,
    processes,
    shell,
)

MODULES = (libraries, shell, messages, endings, processes, files, document, guessing)

ALL = tuple(BANK.values())
"""All of them; each module takes its own into the bank when it is loaded."""
