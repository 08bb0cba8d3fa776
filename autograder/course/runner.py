"""What the learner's notebook itself needs: a runner for its visible checks and its experiments.

The build copies this file, like `expect`, into the notebook; so it needs numpy and Python's own
library, and takes `expect` from where the notebook has put it.
"""

from __future__ import annotations

import copy
import inspect
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.checking import expect
from autograder.language import _

Asks = Callable[..., float | None]


class VisibleChecksFailed(Exception):
    """Some checks of a cell failed; the notebook shows this one line instead of a traceback."""

    def _render_traceback_(self) -> list[str]:  # IPython asks for it
        return [str(self)]


class Student:
    """The functions that a notebook defines, as a check asks them."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = names

    def __getattr__(self, function: str) -> Callable[..., expect.Answer]:
        if function.startswith("_"):
            raise AttributeError(function)

        def call(*arguments: Any, **keywords: Any) -> expect.Answer:
            return self._call(function, arguments, keywords)

        return call

    def _call(
        self, function: str, arguments: tuple[Any, ...], keywords: dict[str, Any]
    ) -> expect.Answer:
        defined = self._names.get(function)
        if not callable(defined):
            undefined = _("{function} is not defined: run the cell with your code first.")
            raise expect.Unmet(undefined.format(function=function))
        given = [expect.bare(each) for each in [*arguments, *keywords.values()]]
        before = copy.deepcopy(given)
        words, called = expect.describe(function, _parameters(defined), arguments, keywords)
        by_position, by_name = given[: len(arguments)], given[len(arguments) :]
        try:
            value = defined(*by_position, **dict(zip(keywords, by_name, strict=True)))
        except NotImplementedError:
            unwritten = _("{function} is not written yet.").format(function=function)
            raise expect.Unmet(unwritten) from None
        except Exception as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            said = f"{type(error).__name__}: {error}"
            where = _("{call} raised {error}.")
            if frame.line:
                where = _("{call} raised {error} (line {line}: `{source}`).")
            raise expect.Unmet(
                where.format(call=words, error=said, line=frame.lineno, source=frame.line)
            ) from None

        def altered() -> str | None:
            pairs = zip(called, before, given, strict=True)
            return next((name for name, one, other in pairs if not expect.same(one, other)), None)

        return expect.Answer(value, words, altered)


def _drop_figures() -> None:
    """Closes figures that nobody finished, so that none is shown half drawn."""
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")


def _parameters(function: Callable[..., Any]) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


class Notebook:
    """The notebook that is open.

    Args:
        names: its global names, where the learner's functions are found.
    """

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.names = names

    def visible_checks(
        self, function: str
    ) -> Callable[[Callable[[], Mapping[Asks, Sequence[Asks]]]], None]:
        """Makes of a function that returns checks a cell that takes them at once.

        Args:
            function: the learner's function that the checks are about. What is decorated returns
                them in order, each with the checks that must have passed before it says anything.
        """

        def take(checks_of: Callable[[], Mapping[Asks, Sequence[Asks]]]) -> None:
            checks = checks_of()
            failed: list[Asks] = []
            for check, after in checks.items():
                sentence = " ".join(inspect.cleandoc(check.__doc__ or "").split("\n\n")[0].split())
                waits = any(each in failed for each in after)
                reason = _("not run: an earlier check comes first") if waits else None
                reason = self._reason(check) if reason is None else reason
                if reason is None:
                    print(f"✓ {sentence}")  # noqa: T201  # it speaks to the learner
                else:
                    failed.append(check)
                    print(f"{'–' if waits else '✗'} {sentence}\n    {reason}")  # noqa: T201
            passed = _("{function}: {passed} of {checks} visible checks passed.")
            passed = passed.format(
                function=function, passed=len(checks) - len(failed), checks=len(checks)
            )
            if failed:
                raise VisibleChecksFailed(passed)
            print(passed)  # noqa: T201

        return take

    def _reason(self, check: Asks) -> str | None:
        """Why a check fails; None where it passes."""
        offered = {
            "student": Student(self.names),
            "rng": np.random.default_rng(list(check.__name__.encode())),
        }
        try:
            with np.errstate(all="ignore"):
                fraction = check(**{name: offered[name] for name in _parameters(check)})
        except expect.Unmet as unmet:
            return str(unmet)
        return None if fraction is None or fraction >= 1 else _("Only a part of it is right.")

    def experiment(self, *needs: str) -> Callable[[Callable[[], object]], None]:
        """Makes a function an experiment: it runs at once, if the functions it needs are there.

        Args:
            needs: names of the learner's functions.
        """

        def run(show: Callable[[], object]) -> None:
            missing = [name for name in needs if not callable(self.names.get(name))]
            waiting = _("This experiment waits for {functions}.")
            if missing:
                print(waiting.format(functions=", ".join(missing)))  # noqa: T201
                return
            try:
                show()
            except NotImplementedError as error:
                frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
                waits = [name for name in frames if name in needs]
                waits = waits or [*needs, _("your code")]
                print(waiting.format(functions=waits[-1]))  # noqa: T201
                _drop_figures()
            except Exception as error:  # a sentence helps, a traceback of ours does not
                frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
                blamed = [name for name in frames if name in needs]
                said = f"{type(error).__name__}: {error}"
                if blamed:
                    stopped = _("This experiment stopped in {function}: {error}.")
                    print(stopped.format(function=blamed[-1], error=said))  # noqa: T201
                else:
                    print(_("This experiment stopped: {error}.").format(error=said))  # noqa: T201
                _drop_figures()

        return run
