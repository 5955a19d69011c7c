"""The command `dcsim`: its table of commands, and the exit code of each kind of error.

0 fine · 1 a gate failed · 2 bad input · 3 some cases failed · 4 the environment refused ·
5 interrupted · 70 a defect.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import warnings
from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from dcsim.cli.exit_codes import (
    EXIT_BAD_INPUT,
    EXIT_DEFECT,
    EXIT_ENVIRONMENT,
    EXIT_INTERRUPTED,
)

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

MAX_PROBLEM_LINES = 20
_TELL_ALL = "tell all"
COMMANDS = {
    "baseline": "Pin metrics of scenarios, for dcsim check --baseline.",
    "check": "Judge the gates of the scenarios in PATHS; ends with 1 if one fails.",
    "compare": "Compare SCENARIOS with the first of them: assumptions, dates, figures, in pairs.",
    "drivers": (
        "Print which assumptions move the dates in STORE, and which ranges miss a milestone."
    ),
    "explain": "Say which assumptions make a metric of AFTER differ from that of BEFORE.",
    "export": "Write load and supply of the run in the folder RUN for other programs.",
    "merge": "Copy the finished runs of the stores SOURCES into the store TARGET.",
    "plot": "Draw the figures of the run in FOLDER.",
    "plugins": "List the installed plug-ins, their models, and what is wrong with them.",
    "query": (
        "Ask STORE in SQL; its tables are runs (a row a run) and series (a row a run and month)."
    ),
    "relief": (
        "Print what lifting each constraint alone would be worth, in online GPU-days and dates."
    ),
    "run": "Simulate SCENARIO, print what a planner asks for, write the results to a folder.",
    "schema": "Print the JSON Schema of scenario files, for editors.",
    "show": "Print the effective values of SCENARIO, all or those below KEY, checked and layered.",
    "size": "Find the least-cost sizes of solar, wind and batteries of SCENARIO, and replay them.",
    "status": "Print what STORE holds: studies, runs done, failures, the digest of all results.",
    "survive": (
        "Print how long the emergency generators of SCENARIO carry it once the grid is gone."
    ),
    "sweep": "Run all cases of STUDY that are not stored yet, and print what came of them.",
}
"""First line of help of each command; `dcsim.cli.commands.NAME` holds its `NAME_command`.

The lines are written here again, and compared by a test, because reading them from the commands
would import the files of all commands for `dcsim --help`.
"""


class LazyCommands(MutableMapping[str, click.Command]):
    """Commands by name, each imported when it is first looked up."""

    def __init__(self) -> None:
        self._loaded: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._loaded:
            if name not in COMMANDS:
                raise KeyError(name)
            module = import_module(f"dcsim.cli.commands.{name}")
            self._loaded[name] = getattr(module, f"{name}_command")
        return self._loaded[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*COMMANDS, *self._loaded]))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __contains__(self, name: object) -> bool:
        # Without this, a look for a name would import the command of that name.
        return name in COMMANDS or name in self._loaded


def _unloaded(name: str) -> click.Command:
    """Return a command that has a help text and nothing else."""
    return click.Command(name, help=COMMANDS[name])


class LazyGroup(click.Group):
    """Group that imports a command when it runs, and turns errors into messages and exit codes."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table, without importing any."""
        limit = formatter.width - 6 - max(map(len, COMMANDS))
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, _unloaded(name).get_short_help_str(limit)) for name in COMMANDS]
            )

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete names of commands from the table, without importing any."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415  (only for a shell)

        names = [name for name in COMMANDS if name.startswith(incomplete)]
        items = [CompletionItem(name, help=_unloaded(name).get_short_help_str()) for name in names]
        return [*items, *click.Command.shell_complete(self, ctx, incomplete)]

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; no traceback reaches users unless they ask for it."""
        try:
            with _old_names_told():
                return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            _complain(["interrupted; nothing was written"])
            sys.exit(EXIT_INTERRUPTED)
        except Exception as error:
            if ctx.params.get("debug"):
                raise
            lines, code = _error_lines(error)
            _complain(lines, most=None if ctx.obj == _TELL_ALL else MAX_PROBLEM_LINES)
            sys.exit(code)


@contextlib.contextmanager
def _old_names_told() -> Iterator[None]:
    """Print warnings of old names and of dcsim as one line each; others stay as they are."""
    as_before = warnings.showwarning

    def show(message: Warning | str, *about: Any, **named: Any) -> None:
        from dcsim.errors import RenamedKeyWarning  # noqa: PLC0415  (--help does without it)

        if isinstance(message, RenamedKeyWarning):
            _complain([str(message.problem)])
        elif type(message) is UserWarning:  # such as those of dcsim
            _complain([str(message)])
        else:
            as_before(message, *about, **named)

    warnings.showwarning = show
    try:
        yield
    finally:
        warnings.showwarning = as_before


def _error_lines(error: Exception) -> tuple[list[str], int]:
    """Return the message of an error as lines, and the exit code."""
    from dcsim.errors import (  # noqa: PLC0415  (--help does without it)
        DcsimError,
        OutputError,
        RenamedKeyWarning,
    )

    if isinstance(error, RenamedKeyWarning):  # the user turns warnings into errors
        return [str(error.problem)], EXIT_BAD_INPUT
    if isinstance(error, OutputError):
        return [str(error)], EXIT_ENVIRONMENT
    if isinstance(error, DcsimError):
        return str(error).splitlines(), EXIT_BAD_INPUT
    if isinstance(error, BrokenPipeError):
        return [], 0  # the reader had enough; what was to be written to files is written
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EIO, errno.EDQUOT):
        return [f"output cannot be written: {os.strerror(error.errno)}"], EXIT_ENVIRONMENT
    defect = "this is a defect of dcsim; run again with 'dcsim --debug …' and report it"
    return [f"internal error: {type(error).__name__}: {error}", defect], EXIT_DEFECT


def _complain(lines: list[str], most: int | None = MAX_PROBLEM_LINES) -> None:
    from dcsim.errors import printable  # noqa: PLC0415  (--help does without it)

    shown = lines if most is None or len(lines) <= most else lines[: most - 1]
    for line in shown:
        click.echo(printable(line), err=True)
    if len(shown) < len(lines):
        more = f"… and {len(lines) - len(shown)} more; 'dcsim --verbose …' prints all"
        click.echo(more, err=True)


def _print_version(ctx: click.Context, _option: click.Parameter, is_requested: bool) -> None:
    if is_requested:
        from dcsim.version import __version__  # noqa: PLC0415  (only here)

        click.echo(f"dcsim {__version__}")
        ctx.exit()


def _begin_log(ctx: click.Context, _option: click.Parameter, verbosity: int) -> None:
    if verbosity:
        ctx.obj = _TELL_ALL
        from dcsim.cli.output.log_lines import log_to_stderr  # noqa: PLC0415  (only for -v)

        ctx.call_on_close(log_to_stderr(verbosity))


@click.group(
    cls=LazyGroup,
    commands=LazyCommands(),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
@click.option(
    "--verbose",
    "-v",
    count=True,
    expose_value=False,
    callback=_begin_log,
    help="Tell on standard error which files are read, how long each stage takes, and every "
    "problem of a file; -vv also tells of caches and units.",
    envvar="DCSIM_VERBOSE",
    show_envvar=True,
)
def main(debug: bool) -> None:
    """Plan the build-up of an AI data center: when, what holds it back, power, carbon, money."""
