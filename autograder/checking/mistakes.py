"""Declare known mistakes: wrong answers with a sentence that helps the students who made them.

A mistake is a small change to one function of the reference. The text to change must occur there
exactly once:

    @mistake(of="backward_propagation", change=("1 - A1**2", "A1 * (1 - A1)"))
    def sigmoid_slope_for_tanh():
        \"\"\"That is the slope of the sigmoid; the slope of tanh is 1 - A1**2.\"\"\"

If no small change describes the mistake, write the function's body:

    @mistake(of="initialize_parameters")
    def rand_takes_no_tuple(n_x, n_h, n_y):
        \"\"\"`np.random.rand` takes its sizes one by one, not as a tuple; and it is uniform.\"\"\"
        return {"W1": np.random.rand((n_h, n_x)) * 0.01, ...}

Where no known mistake explains an answer, the grader says what it finds out by itself. If that
gives too much away, the file names what is not told: a level, a kind of finding, or a place in
answers (see `autograder.checking.diagnosis.findings`):

    UNTOLD = ["source", "too_large", "db1"]
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.checking.checks import BadAssignment, load_module, near
from autograder.i18n import _


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer.

    Attributes:
        name: the name of the mistake in results.
        of: the name of the function that has the mistake.
        sentence: the hint that students read.
        change: the text in the reference, and the text that replaces it; None if there is a `body`.
        body: the source of the mistaken function, under the name of the right one.
    """

    name: str
    of: str
    sentence: str
    change: tuple[str, str] | None
    body: str

    def source(self, reference: ModuleType) -> str:
        """Return the mistaken function's source.

        Raises:
            BadAssignment: the reference has no such function, or the text to change does not
                occur in it exactly once.
        """
        if self.change is None:
            return self.body
        right = function_source(reference, self.of)
        if len(self.change) != 2 or not all(isinstance(each, str) for each in self.change):
            pair = _(
                "Give the mistake {name} change=(old, new): a text of the reference, and what "
                "replaces it."
            )
            raise BadAssignment(pair.format(name=self.name))
        old, new = self.change
        if right.count(old) != 1:
            unclear = _(
                "The mistake {name} changes {text}, which occurs {number} times in the "
                "reference's {function}; it must occur there exactly once."
            )
            raise BadAssignment(
                unclear.format(
                    name=self.name, text=repr(old), number=right.count(old), function=self.of
                )
            )
        return right.replace(old, new)


def mistake(
    *, of: str, change: tuple[str, str] | None = None
) -> Callable[[Callable[..., Any]], Mistake]:
    """Turn a function into a known mistake; the docstring of this module shows how.

    Args:
        of: the name of the function that has the mistake.
        change: the text in the reference, and the text that replaces it; None to use the decorated
            function's own body.

    Returns:
        A decorator that returns the `Mistake`.

    Raises:
        BadAssignment: the function has no docstring, which is the hint for students.
    """

    def make(function: Callable[..., Any]) -> Mistake:
        name = function.__name__
        sentence = " ".join(inspect.cleandoc(function.__doc__ or "").split())
        if not sentence:
            mute = _("Give the mistake {name} a docstring: it is the hint for students.")
            raise BadAssignment(mute.format(name=name))
        return Mistake(name, of, sentence, change, _body(function, of) if change is None else "")

    return make


def _body(function: Callable[..., Any], name: str) -> str:
    """Return the function's source under another name, without decorator and docstring."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)  # noqa: S101  # decorators see nothing else
    definition.name = name
    definition.decorator_list = []
    definition.body = definition.body[1:] or [ast.Pass()]
    return ast.unparse(definition) + "\n"


def function_source(reference: ModuleType, name: str) -> str:
    """Return the source of one function of the reference as it is in the file.

    Raises:
        BadAssignment: the reference has no function of that name.
    """
    function = getattr(reference, name, None)
    if not inspect.isfunction(function):
        known = [each for each, value in vars(reference).items() if inspect.isfunction(value)]
        none = _("The reference {path} has no function {name}.")
        raise BadAssignment(none.format(path=reference.__file__, name=name) + near(name, known))
    return inspect.getsource(function)


def load_mistakes(path: Path) -> tuple[Mistake, ...]:
    """Load the mistakes of a file in their order; none if there is no file."""
    if not path.is_file():
        return ()
    return tuple(value for value in vars(load_module(path)).values() if isinstance(value, Mistake))


def load_untold(path: Path) -> frozenset[str]:
    """Load what findings an author does not want to be told, from UNTOLD in the file."""
    return frozenset(getattr(load_module(path), "UNTOLD", ())) if path.is_file() else frozenset()
