"""Progress of many runs: a bar with the time left on a terminal, plain lines in a pipe."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any

import click

from dcsim.cli.exit_codes import EXIT_INTERRUPTED
from dcsim.errors import printable

if TYPE_CHECKING:
    from dcsim.study.run.runner import RunProgress


LINE_EVERY_S = 10.0
"""A pipe gets no more than one line in this time. [s]"""


class Counting:
    """Progress of a study, called with its state after each unit."""

    def __init__(self, what: str, again: str, *, quiet: bool = False) -> None:
        self.what = what
        self.again = again
        """The command that goes on after an interruption."""
        self.quiet = quiet
        self.is_terminal = sys.stderr.isatty()
        self.printed_at = time.monotonic()
        self.bar: Any = None
        self.task: Any = None
        self.last: RunProgress | None = None

    def __enter__(self) -> Counting:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.bar is not None:
            self.bar.stop()
        if isinstance(error, KeyboardInterrupt):
            done = "nothing was finished yet"
            if self.last is not None:
                done = f"{self.last.n_done:,} of {self.last.n_total:,} runs are stored"
            click.echo(printable(f"interrupted; {done}. Go on with: {self.again}"), err=True)
            sys.exit(EXIT_INTERRUPTED)

    def __call__(self, state: RunProgress) -> None:
        """Show how far it is."""
        self.last = state
        if self.quiet:
            return
        if self.is_terminal:
            self._draw(state)
        elif time.monotonic() - self.printed_at >= LINE_EVERY_S or state.n_done == state.n_total:
            self.printed_at = time.monotonic()
            click.echo(state_line(self.what, state), err=True)

    def _draw(self, state: RunProgress) -> None:
        if self.bar is None:
            from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415  (terminal)

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.fields[state]}"),
            )
            from rich.console import Console  # noqa: PLC0415

            self.bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self.task = self.bar.add_task(self.what, total=state.n_total, state="")
            self.bar.start()
        self.bar.update(self.task, completed=state.n_done, state=state_text(state))


def state_line(what: str, state: RunProgress) -> str:
    """Return the state as one line."""
    return f"{what}: {state_text(state)}"


def state_text(state: RunProgress) -> str:
    """Return the state in words: how many runs, how many failed, how long it will take."""
    parts = [f"{state.n_done:,} of {state.n_total:,} runs"]
    if state.n_failed:
        parts.append(f"{state.n_failed:,} failed")
    if state.left_s is not None and state.n_done < state.n_total:
        parts.append(f"{duration(state.left_s)} left")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """Return a time in the unit that reads best.

    >>> duration(40), duration(100), duration(5400)
    ('40 s', '2 min', '1.5 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


class RunCounter:
    """Counts finished runs on a terminal, in one line that it writes again and again."""

    def __init__(self, what: str = "runs", *, quiet: bool = False) -> None:
        self.what = what
        self.on_terminal = sys.stderr.isatty() and not quiet
        self.is_open = False

    def __enter__(self) -> RunCounter:
        return self

    def __exit__(self, *_: object) -> None:
        if self.is_open:
            click.echo(err=True)

    def __call__(self, n_done: int, n_total: int) -> None:
        """Show how many of about how many are done."""
        if self.on_terminal:
            self.is_open = True
            text = f"\r{n_done:,} of about {n_total:,} {self.what}"
            click.echo(text, nl=False, err=True)
