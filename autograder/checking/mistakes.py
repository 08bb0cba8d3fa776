"""Declare known mistakes: wrong answers with a sentence that helps the students who made them.

It is a small change to one function of the reference, which must match exactly once,

    @mistake(of="backward_propagation", change=("1 - A1**2", "A1 * (1 - A1)"))
    def sigmoid_slope_for_tanh():
        \"\"\"That is the slope of the sigmoid; the slope of tanh is 1 - A1**2.\"\"\"

or, where a change will not do, a body of its own:

    @mistake(of="initialize_parameters")
    def rand_takes_no_tuple(n_x, n_h, n_y):
        \"\"\"`np.random.rand` takes its sizes one by one, not as a tuple; and it is uniform.\"\"\"
        return {"W1": np.random.rand((n_h, n_x)) * 0.01, ...}
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

from autograder.checking.checks import BadAssignment, load_module
from autograder.i18n import _


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer.

    Attributes:
        name: how the result names it.
        of: the function it is made in.
        sentence: what a good tutor would say.
        change: what stands in the reference, and what the mistaken learner writes instead; or None
            where `body` says it all.
        body: the source of the mistaken function, under the name of the right one.
    """

    name: str
    of: str
    sentence: str
    change: tuple[str, str] | None
    body: str

    def source(self, reference: ModuleType) -> str:
        """The mistaken function's source.

        Raises:
            BadAssignment: the reference has no such function, or the change does not match its
                source exactly once.
        """
        if self.change is None:
            return self.body
        right = function_source(reference, self.of)
        old, new = self.change
        if right.count(old) != 1:
            unclear = _(
                "The mistake {name} changes {text}, which stands {number} times in the reference's "
                "{function}; it must stand there exactly once."
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
    """Makes a mistake of a function; see the head of this module.

    Raises:
        BadAssignment: there is no docstring to tell the learner.
    """

    def make(function: Callable[..., Any]) -> Mistake:
        name = function.__name__
        sentence = " ".join(inspect.cleandoc(function.__doc__ or "").split())
        if not sentence:
            mute = _("Give the mistake {name} a docstring: learners are told it.")
            raise BadAssignment(mute.format(name=name))
        return Mistake(name, of, sentence, change, _body(function, of) if change is None else "")

    return make


def _body(function: Callable[..., Any], name: str) -> str:
    """The function's source under another name, without decorator and docstring."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)  # noqa: S101  # decorators see nothing else
    definition.name = name
    definition.decorator_list = []
    definition.body = definition.body[1:] or [ast.Pass()]
    return ast.unparse(definition) + "\n"


def function_source(reference: ModuleType, name: str) -> str:
    """The source of one function of the reference, as it stands in the file.

    Raises:
        BadAssignment: the reference has no function of that name.
    """
    function = getattr(reference, name, None)
    if not inspect.isfunction(function):
        none = _("The reference {path} has no function {name}.")
        raise BadAssignment(none.format(path=reference.__file__, name=name))
    return inspect.getsource(function)


def load_mistakes(path: Path) -> tuple[Mistake, ...]:
    """The mistakes of a file, in the order in which they stand there; none without a file."""
    if not path.is_file():
        return ()
    return tuple(value for value in vars(load_module(path)).values() if isinstance(value, Mistake))
