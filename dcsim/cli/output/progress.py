"""Progress: a live line on a terminal once a run takes a second, plain lines in a pipe."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

import click

QUIET_S = 1.0
"""A run that is shorter shows nothing on a terminal."""


class Progress:
    """Progress of one run, called with the name of each stage as it begins; prints their times."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.is_terminal = sys.stderr.isatty()
        self.began = self.stage_began = time.monotonic()
        self.stage = ""
        self.status: Any = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.status is not None:
            self.status.stop()
        elif error is None:
            self._close_stage()

    def __call__(self, stage: str) -> None:
        """Begin a stage."""
        self._close_stage()
        self.stage, self.stage_began = stage, time.monotonic()
        if self.is_terminal and not self.quiet:
            self._show()

    def _close_stage(self) -> None:
        if self.stage and not (self.quiet or self.is_terminal):
            click.echo(f"{self.stage:<10} {time.monotonic() - self.stage_began:6.2f} s", err=True)

    def _show(self) -> None:
        passed = time.monotonic() - self.began
        if self.status is None and passed > QUIET_S:
            from rich.console import Console  # noqa: PLC0415  (only on a terminal)

            self.status = Console(stderr=True).status(self.stage)
            self.status.start()
        if self.status is not None:
            self.status.update(f"{self.stage} … {passed:.0f} s so far")
