"""Base classes of the commands: translated help, and every error in one line."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable
from functools import partial, wraps
from gettext import bindtextdomain, textdomain
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from autograder.i18n import ENGLISH, N_, OURS, _, current_language, speak_the_locales

NOT_ALL_GOOD, WRONG_USE, GRADER_ERROR = 1, 2, 3
"""Exit statuses other than 0."""

STOPPED = 128 + signal.SIGINT
"""The exit status of a command that was ended by Ctrl-C."""

ADVICE = {
    errno.ENOSPC: N_("free disk space there, and run the command again"),
    errno.EDQUOT: N_("free disk space there, and run the command again"),
    errno.EFBIG: N_("raise the limit on file sizes (ulimit -f), and run the command again"),
    errno.EROFS: N_("name a path on a disk that is not read-only"),
    errno.EACCES: N_("check the permissions, or run the command as a user who has them"),
    errno.EPERM: N_("check the permissions, or run the command as a user who has them"),
    errno.ENOENT: N_("name a path that exists"),
    errno.ENOTDIR: N_("name a path that exists"),
    errno.EISDIR: N_("name a file in it"),
    errno.ENOMEM: N_("free some memory, and run the command again"),
    errno.EMFILE: N_("raise the limit on open files (ulimit -n), and run the command again"),
    errno.ENFILE: N_("close programs that keep many files open, and run the command again"),
    errno.EAGAIN: N_("end programs that keep many processes running, and run the command again"),
}
"""The advice for errors of the operating system."""


class TranslatedHelp:
    """Something with a help text, translated when it is shown."""

    text: str | None = None

    @property
    def help(self) -> str | None:
        """The translated text."""
        return self.text and _(self.text)

    @help.setter  # noqa: A003  # it is this very property
    def help(self, text: str | None) -> None:
        self.text = text


class Option(TranslatedHelp, click.Option):
    """An option with translated help."""


class Command(TranslatedHelp, click.Command):
    """A command with translated help."""


class LazyCommand(Command):
    """A command whose module is imported only when the command runs: some modules take long."""

    place: str
    """Its module in `autograder.cli` and its function there, for example `grade.collect`."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Import the command, and let it read its arguments."""
        module, _dot, function = self.place.rpartition(".")
        command: Command = getattr(import_module(f"autograder.cli.{module}"), function)
        command.help = self.text
        return command.make_context(*args, **kwargs)


option = partial(click.option, cls=Option)

command = partial(click.command, cls=Command)


class Commands(TranslatedHelp, click.Group):
    """Commands whose errors are one line that says what to do."""

    command_class = Command

    def add_lazy(self, name: str, place: str, text: str, *, hidden: bool = False) -> None:
        """Add a command whose module is imported when it runs, with its help."""
        added = LazyCommand(name, help=text, hidden=hidden)
        added.place = place
        self.add_command(added)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command in the language of the locale, and exit."""
        speak_the_locales()
        if current_language() != ENGLISH:  # click uses gettext, which needs a compiled catalogue
            bindtextdomain("click", str(OURS))
            textdomain("click")
        try:
            sys.exit(super().main(*args, **{**kwargs, "standalone_mode": False}))
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()  # the help itself
            sys.exit(WRONG_USE)
        except click.ClickException as error:
            from autograder.reports.ci.github import harmless  # slow, and needed for errors alone
            from autograder.reports.terminal.submission import plain

            line = " ".join(error.format_message().split())
            if isinstance(error, click.NoSuchOption):
                words = kwargs.get("args") or sys.argv[1:]
                files = [word for word in words if word[:1] == "-" and Path(word).exists()]
                meant = _("If you mean the file, write ./{file}")
                line += f" {meant.format(file=files[0])}" if files else ""
            click.echo(f"{self.name}: {harmless(plain(line))}", err=True)
            sys.exit(WRONG_USE)
        except click.Abort as abort:
            how_far = str(abort.__cause__ or "") or _("stopped.")
            click.echo(f"{self.name}: {how_far}", err=True)
            sys.exit(STOPPED)


def errors_in_one_line(command: Callable[..., None]) -> Callable[..., None]:
    """Turn expected errors into one line that says what to do."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        # The command's module has imported these already; `--help` does not wait for them.
        from autograder.checking.checks import BadAssignment
        from autograder.course.release import NotProven
        from autograder.sandbox.isolation import SandboxError

        try:
            command(*args, **kwargs)
        except (BadAssignment, NotProven, ValueError) as error:
            raise click.ClickException(str(error)) from error
        except SandboxError as error:
            raise click.ClickException(error.said(_)) from error
        except OSError as error:
            raise click.ClickException(_advised(error)) from error
        except ModuleNotFoundError as error:
            if find_spec("nbgrader"):
                raise
            # Only requirements-grading.txt is installed.
            needed = _("This needs nbgrader, which is not installed here: pip install numgrader")
            raise click.ClickException(needed) from error

    return run


def _advised(error: OSError) -> str:
    """Describe an OSError and what to do; our own errors already say so."""
    if error.errno is None or error.errno not in ADVICE:
        return str(error)
    what, advice = error.strerror, _(ADVICE[error.errno])
    if error.filename is None:
        return _("{what}: {advice}.").format(what=what, advice=advice)
    at = _("{what} at {place}: {advice}.")
    return at.format(what=what, place=os.fsdecode(error.filename), advice=advice)
