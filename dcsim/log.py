"""Log: the name of a module in, its logger below ``dcsim`` out; nothing is shown by itself.

Whoever wants to see what dcsim does sets handler and level as for any library::

    logging.basicConfig()
    logging.getLogger("dcsim").setLevel(logging.INFO)

At the level of information a run writes a line for each file and stage, at that of debugging also
for caches and units. Nothing is logged by the hour or by the event: a run costs the same with it.

This is not in ``dcsim/__init__.py``, because loading `logging` would add a tenth to the start of
``dcsim --help``.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator

# Without it, Python would print warnings to standard error where a program sets up no logging.
logging.getLogger("dcsim").addHandler(logging.NullHandler())


def logger_of(module: str) -> logging.Logger:
    """Return the logger of a module, by its ``__name__``."""
    return logging.getLogger(module)


@contextlib.contextmanager
def timed(logger: logging.Logger, level: int, what: str) -> Iterator[None]:
    """Log what begins, and how long it took unless it failed.

    Parameters
    ----------
    logger : Logger
    level : int
        Level of the line with the seconds; that of its beginning is the level of debugging.
    what : str
        Name of the step.
    """
    logger.debug("%s begins", what)
    begun = time.perf_counter()
    yield
    logger.log(level, "%s took %.3f s", what, time.perf_counter() - begun)
