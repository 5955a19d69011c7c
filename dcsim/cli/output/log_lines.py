"""Log lines: records of the logger ``dcsim`` in, lines on standard error out."""

from __future__ import annotations

import logging
from collections.abc import Callable

import click

from dcsim.errors import printable

_FORMAT = "%(asctime)s.%(msecs)03d %(levelname)-7s %(name)s: %(message)s"


class _LineHandler(logging.Handler):
    """Handler that prints a line a record; names in it come from untrusted files."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(printable(self.format(record)), err=True)


def log_to_stderr(verbosity: int) -> Callable[[], None]:
    """Print what dcsim logs, at 1 information and at 2 or more debugging.

    Returns
    -------
    callable
        Ends it and restores the level that was set before.
    """
    logger = logging.getLogger("dcsim")
    level_before = logger.level
    handler = _LineHandler()
    handler.setFormatter(logging.Formatter(_FORMAT, "%H:%M:%S"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO if verbosity == 1 else logging.DEBUG)

    def end() -> None:
        logger.removeHandler(handler)
        logger.setLevel(level_before)

    return end
