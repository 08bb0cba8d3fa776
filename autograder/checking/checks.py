"""A check: a plain function that asks a learner's function something and expects an answer.

    @check(of="initialize_parameters", points=2)
    def biases_start_at_zero(student, rng):
        \"\"\"The biases start at zero: only the weights need to break the symmetry.\"\"\"
        parameters = student.initialize_parameters(3, 4, 1)
        expect.zeros(parameters["b1"])

The function's name is the check's id, and its docstring is the sentence the learner reads. It
takes what it needs by name:

`student`
    whose attributes are the learner's functions. A call returns an `Answer`; where the function
    raises, is missing, or does not come back, the check ends there with that verdict.
`reference`
    the reference module, for checks that are not visible.
`rng`
    a `numpy.random.Generator`, the same for the whole class, and not to be guessed.

It passes by returning None, fails by an `Unmet` of `expect`, and gives part of its points by
returning the fraction. Checks run in the order of the file, and one that names others in `after=`
is not run where one of them failed.

Where a picture says more than the reason, a visible check may name one, by what draws it:

    @check(…, visible=True, picture=lambda draw, W1: draw.histogram(W1, sd=0.01))

It takes what it needs by name, too: `draw`, which is `autograder.course.embedded.pictures`, and
variables of the check as they are where it fails. The learner's notebook draws it below the reason;
grading does not. What is not there yet when the check fails, or is nothing to draw, makes no
picture.

A check that turns out to be wrong when the marks are out, and that cannot be mended, is withdrawn
by `void="why"`: it is not run any more, everybody whose notebook can be read has its points, and
the learner reads why.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import linecache
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from autograder.i18n import _

Asks = Callable[..., float | None]

Draws = Callable[..., object]
"""Makes the picture of a check."""

TAKES = frozenset({"student", "reference", "rng"})


class BadAssignment(Exception):
    """An assignment that cannot be used; the text says what to mend in it."""


@dataclass(frozen=True, eq=False)
class Check:
    """One thing a learner's function is asked.

    Attributes:
        asks: the function that asks it.
        of: the name of the learner's function that the check is about.
        points: what it is worth.
        visible: whether it stands in the learner's notebook too.
        after: the checks that must not have failed before this one says anything.
        void: why it was withdrawn; None for one that counts.
        picture: what draws, in the learner's notebook, why it failed; None for no picture.
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
        """The name under which the result speaks of it."""
        return self.asks.__name__

    @property
    def sentence(self) -> str:
        """What the learner reads: the first paragraph of the docstring, on one line."""
        return " ".join(inspect.cleandoc(self.asks.__doc__ or "").split("\n\n")[0].split())

    @property
    def takes(self) -> frozenset[str]:
        """Which of `student`, `reference` and `rng` it takes."""
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
    """Makes a check of a function; see the head of this module.

    Raises:
        BadAssignment: no docstring, an argument that checks do not have, negative points, a visible
            check that takes the reference, which no learner's notebook has, one that is withdrawn
            without a reason, or a picture of a check that is hidden or has no such variables.
    """

    def make(asks: Asks) -> Check:
        made = Check(asks, of, points, visible, tuple(after), void, picture)
        if not made.sentence:
            mute = _("Give the check {check} a docstring: learners read it.")
            raise BadAssignment(mute.format(check=made.id))
        if unknown := made.takes - TAKES:
            takes = _("The check {check} takes {names}; a check may take {others}.")
            names, others = ", ".join(sorted(unknown)), ", ".join(sorted(TAKES))
            raise BadAssignment(takes.format(check=made.id, names=names, others=others))
        if visible and "reference" in made.takes:
            needy = _(
                "The check {check} is visible and takes the reference, which no learner's notebook "
                "has: hide it, or expect something that needs no reference."
            )
            raise BadAssignment(needy.format(check=made.id))
        if not points >= 0:
            less = _("The check {check} is worth {points} points; 0 is the least.")
            raise BadAssignment(less.format(check=made.id, points=points))
        if void is not None and not void.strip():
            why = _("Say in void= why the check {check} is withdrawn: learners ask.")
            raise BadAssignment(why.format(check=made.id))
        if picture is None:
            return made
        if not visible:
            unseen = _(
                "The check {check} is hidden and has a picture, which nobody would see: leave it "
                "out, or make the check visible."
            )
            raise BadAssignment(unseen.format(check=made.id))
        code = inspect.unwrap(asks).__code__
        there = {"draw", *code.co_varnames, *code.co_cellvars}
        if strangers := set(inspect.signature(picture).parameters) - there:
            lacks = _("The picture of {check} takes {names}; the check has no such variables.")
            raise BadAssignment(lacks.format(check=made.id, names=", ".join(sorted(strangers))))
        return made

    return make


Alter = Callable[[ast.Module], ast.Module]
"""Makes another syntax tree of one, whose lines stay where they are."""


class _Afresh(SourceFileLoader):
    """Loads a file's text as it is now; bytecode of the same second may be of another text."""

    alter: Alter | None = None

    def get_code(self, fullname: str) -> CodeType:  # the base class says it
        path = self.get_filename(fullname)
        data = self.get_data(path)
        if self.alter is None:
            return self.source_to_code(data, path)
        return compile(self.alter(ast.parse(data, path)), path, "exec", dont_inherit=True)


def load_module(path: Path, alter: Alter | None = None) -> ModuleType:
    """The Python file of an assignment as a module, read afresh.

    Args:
        path: the file.
        alter: what is done to it first, if anything: to say its sentences in another language.

    Raises:
        BadAssignment: there is no such file, or Python cannot load it.
    """
    if not path.is_file():
        none = _("There is no {path}: write it, or correct the assignment's name.")
        raise BadAssignment(none.format(path=path))
    loader = _Afresh(f"{path.parent.name}_{path.stem}", str(path))
    loader.alter = alter
    module = importlib.util.module_from_spec(ModuleSpec(loader.name, loader, origin=loader.path))
    module.__file__ = loader.path
    linecache.checkcache(loader.path)
    try:
        loader.exec_module(module)
    except BadAssignment:
        raise
    except Exception as error:
        broken = _("{path} cannot be loaded: {kind}: {error}")
        raise BadAssignment(
            broken.format(path=path, kind=type(error).__name__, error=error)
        ) from error
    return module


def load_checks(path: Path, alter: Alter | None = None) -> tuple[Check, ...]:
    """The checks of a file, in the order in which they stand there.

    Args:
        path: the file.
        alter: as of `load_module`.

    Raises:
        BadAssignment: there is no such file, there is no check in it, two bear one name, or one
            comes `after` a check that stands below it or is another file's.
    """
    module = load_module(path, alter)
    checks = tuple(value for value in vars(module).values() if isinstance(value, Check))
    if not checks:
        raise BadAssignment(_("There is no check in {path}.").format(path=path))
    nodes = ast.parse(path.read_text(encoding="utf-8")).body
    defined = Counter(node.name for node in nodes if isinstance(node, ast.FunctionDef))
    if twice := [name for name, times in defined.items() if times > 1]:
        # The later one would take the place of the earlier, and a check would be lost in silence.
        two = _("Two functions in {path} are called {name}: rename one.")
        raise BadAssignment(two.format(path=path, name=twice[0]))
    seen: set[Check] = set()
    for each in checks:
        if not seen.issuperset(each.after):
            below = _("{path}: {check} comes after a check that stands below it.")
            raise BadAssignment(below.format(path=path, check=each.id))
        seen.add(each)
    return checks
