"""Declare checks: plain functions that call a student's function and expect an answer.

    @check(of="initialize_parameters", points=2)
    def biases_start_at_zero(student, rng):
        \"\"\"The biases start at zero: only the weights need to break the symmetry.\"\"\"
        parameters = student.initialize_parameters(3, 4, 1)
        expect.zeros(parameters["b1"])

The function's name is the id of the check, and its docstring is the sentence that students read.
The function takes what it needs by name:

- `student`: an object whose attributes are the student's functions. A call returns an `Answer`. If
  the function raises an exception, is missing, or does not return, the check ends with that
  verdict.
- `reference`: the reference solution as a module, for hidden checks only.
- `rng`: a `numpy.random.Generator`. It is equal for the whole class, and students cannot predict
  it.

A check passes by returning None, fails by raising `Unmet`, as the functions of `expect` do, and
gives part of its points by returning a fraction. Checks run in the order of the file. A check that
names others in `after=` is not run if one of them failed.

If a picture explains a failure better than words, a visible check may name a function that draws:

    @check(…, visible=True, picture=lambda draw, W1: draw.histogram(W1, sd=0.01))

This function takes what it needs by name too: `draw`, which is the module
`autograder.course.embedded.pictures`, and variables of the check with their values at the failure.
The picture appears in the student's notebook below the message; grading draws nothing. There is no
picture if a variable has no value yet, or a value that cannot be drawn.

If a check turns out to be wrong after grades are released and cannot be repaired, withdraw it with
`void="why"`. It does not run any more, every student whose notebook can be read gets its points,
and students read why.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import importlib.util
import inspect
import linecache
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from autograder.i18n import _

Asks = Callable[..., float | None]

Draws = Callable[..., object]
"""Draws the picture of a check."""

TAKES = frozenset({"student", "reference", "rng"})


class BadAssignment(Exception):
    """An assignment that cannot be used; the text says what to repair in it."""


@dataclass(frozen=True, eq=False)
class Check:
    """One check of a student's function.

    Attributes:
        asks: the function that runs the check.
        of: the name of the student's function that the check is about.
        points: the points that the check gives.
        visible: whether the check is in the student's notebook too.
        after: the checks without whose points this check is not run.
        void: why the check was withdrawn; None if it counts.
        picture: the function that draws a failure in the student's notebook, if there is one.
    """

    asks: Asks
    of: str
    points: float
    visible: bool
    after: tuple[Check, ...]
    void: str | None = None
    picture: Draws | None = None

    @property
    def id(self) -> str:
        """The name of the check in results and messages."""
        return self.asks.__name__

    @property
    def sentence(self) -> str:
        """The sentence that students read: the docstring's first paragraph on one line."""
        return " ".join(inspect.cleandoc(self.asks.__doc__ or "").split("\n\n")[0].split())

    @property
    def takes(self) -> frozenset[str]:
        """The arguments that the check takes, of `student`, `reference` and `rng`."""
        return frozenset(inspect.signature(self.asks).parameters)


def check(
    *,
    of: str,
    points: float,
    visible: bool = False,
    after: Sequence[Check] = (),
    void: str | None = None,
    picture: Draws | None = None,
) -> Callable[[Asks], Check]:
    """Turn a function into a check; the docstring of this module shows how.

    Args:
        of: the name of the student's function that the check is about.
        points: the points that the check gives.
        visible: whether the check is in the student's notebook too.
        after: the checks without whose points this check is not run.
        void: why the check is withdrawn, if it is.
        picture: draws a failure in the student's notebook; for visible checks only.

    Returns:
        A decorator that returns the `Check`.

    Raises:
        BadAssignment: the function has no docstring or takes an unknown argument; the points are
            negative; a visible check takes the reference, which no student's notebook has; the
            reason in `void` is empty; or the picture is of a hidden check, or takes a variable that
            the check does not have.

    Examples:
        >>> from autograder.checking import expect
        >>> @check(of="initialize_parameters", points=2)
        ... def biases_start_at_zero(student):
        ...     '''The biases start at zero.'''
        ...     expect.zeros(student.initialize_parameters(3, 4, 1)["b1"], (4, 1))
        >>> biases_start_at_zero.id, biases_start_at_zero.sentence
        ('biases_start_at_zero', 'The biases start at zero.')
    """

    def make(asks: Asks) -> Check:
        made = Check(asks, of, points, visible, tuple(after), void, picture)
        if not made.sentence:
            mute = _("Give the check {check} a docstring: students read it.")
            raise BadAssignment(mute.format(check=made.id))
        if unknown := made.takes - TAKES:
            takes = _("The check {check} takes {names}; a check may take {others}.")
            names, others = ", ".join(sorted(unknown)), ", ".join(sorted(TAKES))
            raise BadAssignment(takes.format(check=made.id, names=names, others=others))
        if visible and "reference" in made.takes:
            needy = _(
                "The check {check} is visible and takes the reference, which students' notebooks "
                "do not have: hide the check, or write it without the reference."
            )
            raise BadAssignment(needy.format(check=made.id))
        if not points >= 0:
            less = _("The check {check} is worth {points} points; points must not be negative.")
            raise BadAssignment(less.format(check=made.id, points=points))
        if void is not None and not void.strip():
            why = _("Say in void= why the check {check} is withdrawn: students read it.")
            raise BadAssignment(why.format(check=made.id))
        if picture is None:
            return made
        if not visible:
            unseen = _(
                "The check {check} is hidden, so nobody would see its picture: remove the "
                "picture, or make the check visible."
            )
            raise BadAssignment(unseen.format(check=made.id))
        code = inspect.unwrap(asks).__code__
        there = {"draw", *code.co_varnames, *code.co_cellvars}
        if strangers := set(inspect.signature(picture).parameters) - there:
            lacks = _("The picture of {check} takes {names}; the check has no such variables.")
            raise BadAssignment(lacks.format(check=made.id, names=", ".join(sorted(strangers))))
        return made

    return make


def near(name: str, names: Iterable[str]) -> str:
    """Ask whether the most similar name was meant, with a space before; "" if none is similar."""
    found = difflib.get_close_matches(name, list(names), n=1)
    return " " + _("Did you mean {name}?").format(name=found[0]) if found else ""


Alter = Callable[[ast.Module], ast.Module]
"""Returns an altered syntax tree whose line numbers are those of the original."""


class _Afresh(SourceFileLoader):
    """Loads a file without its bytecode, which may be stale within the same second."""

    alter: Alter | None = None

    def get_code(self, fullname: str) -> CodeType:  # the base class says it
        path = self.get_filename(fullname)
        data = self.get_data(path)
        if self.alter is None:
            return self.source_to_code(data, path)
        return compile(self.alter(ast.parse(data, path)), path, "exec", dont_inherit=True)


def load_module(path: Path, alter: Alter | None = None) -> ModuleType:
    """Load a Python file of an assignment as a new module.

    Args:
        path: the file.
        alter: alters the syntax tree first, to translate its sentences for example.

    Raises:
        BadAssignment: the file does not exist, or Python cannot load it.
    """
    if not path.is_file():
        none = _("There is no {path}: write it, or correct the assignment's name.")
        raise BadAssignment(none.format(path=path))
    loader = _Afresh(f"{path.parent.name}_{path.stem}", str(path))
    loader.alter = alter
    module = importlib.util.module_from_spec(ModuleSpec(loader.name, loader, origin=loader.path))
    module.__file__ = loader.path
    linecache.checkcache(loader.path)
    sys.modules[loader.name] = module  # dataclasses look for it there
    try:
        loader.exec_module(module)
    except BadAssignment:
        raise
    except Exception as error:
        known = [*vars(module), *vars(builtins)]
        said = near(error.name, known) if isinstance(error, NameError) and error.name else ""
        broken = _("{path} cannot be loaded: {kind}: {error}")
        raise BadAssignment(
            broken.format(path=path, kind=type(error).__name__, error=error) + said
        ) from error
    finally:
        del sys.modules[loader.name]
    return module


def load_checks(path: Path, alter: Alter | None = None) -> tuple[Check, ...]:
    """Load the checks of a file in their order.

    Args:
        path: the file.
        alter: see `load_module`.

    Raises:
        BadAssignment: the file does not exist or has no check, two checks have the same name, or a
            check comes `after` one that is below it or in another file.
    """
    module = load_module(path, alter)
    checks = tuple(value for value in vars(module).values() if isinstance(value, Check))
    if not checks:
        raise BadAssignment(_("There is no check in {path}.").format(path=path))
    nodes = ast.parse(path.read_bytes()).body
    defined = Counter(node.name for node in nodes if isinstance(node, ast.FunctionDef))
    if twice := [name for name, times in defined.items() if times > 1]:
        # The later one would take the place of the earlier, and a check would be lost in silence.
        two = _("Two functions in {path} are called {name}: rename one.")
        raise BadAssignment(two.format(path=path, name=twice[0]))
    seen: set[Check] = set()
    for each in checks:
        for other in each.after:
            if not isinstance(other, Check):
                no_check = _(
                    "{path}: after= of {check} holds {other}, which is no check: write the names "
                    "of checks without quotes, after=[name].{near}"
                )
                known = [one.id for one in checks]
                said = near(other, known) if isinstance(other, str) else ""
                raise BadAssignment(
                    no_check.format(path=path, check=each.id, other=repr(other), near=said)
                )
        if not seen.issuperset(each.after):
            below = _("{path}: {check} comes after a check that is defined below it.")
            raise BadAssignment(below.format(path=path, check=each.id))
        seen.add(each)
    return checks
