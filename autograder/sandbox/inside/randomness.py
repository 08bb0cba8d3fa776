"""Make all randomness that a notebook can reach repeatable."""

from __future__ import annotations

import os
import random

import numpy as np
import numpy.random.bit_generator


def seed_all(seed: bytes) -> None:
    """Seed all randomness that Python and numpy offer.

    `random` and numpy's legacy functions are seeded with these 32 bytes. New Generators take their
    entropy from `randbits`; `secrets` and `SystemRandom` take theirs from `urandom`. Both start
    from the seed too.
    """
    random.seed(seed)
    np.random.seed(np.frombuffer(seed, dtype=np.uint32))
    stream, bytes_of = random.Random(seed), random.Random(seed + b"urandom")  # noqa: S311  # repeatable, that is the point
    numpy.random.bit_generator.randbits = stream.getrandbits  # type: ignore[attr-defined]
    os.urandom = random._urandom = bytes_of.randbytes  # type: ignore[attr-defined]
