"""Hostile notebooks, handed in one after the other: is each contained?

    python -m robustness.attacks
    python -m robustness.attacks --nbgrader

prints one table; the second also hands in to nbgrader's own autograder whatever can be handed in
there without harm. `attack` says what an attack is, `bank` holds them, `contain` says what must
come of each. Exits with 1 where one is not contained.
"""
