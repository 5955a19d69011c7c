"""Jobs and their outcomes: the types that an engine takes in and hands back.

They stand in a module of their own, so that the engine, the scheduler and the study runner can all
import them and none of these needs to import another one back.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

JobFunction = Callable[[bytes], bytes]
"""A pure function from payload to result. It is defined at the top of a module, because other
processes and machines find it by its module and name."""
OUT_OF_MEMORY = "out of memory"
"""Cause of a job that ran out of memory."""


@dataclass(frozen=True)
class Job:
    """One payload to be computed."""

    key: str
    """Its name, unique among the jobs of a call."""
    payload: bytes = field(repr=False)
    """Argument of the `JobFunction`."""


@dataclass(frozen=True)
class Done:
    """Outcome of a job that was computed."""

    key: str
    data: bytes = field(repr=False)
    """Return value of the `JobFunction`."""
    seconds: float
    """Time it took on its worker. [s]"""


@dataclass(frozen=True)
class Lost:
    """Outcome of a job that was given up: it broke its worker twice, or its function raised."""

    key: str
    cause: str
    """The reason, in words for the reader of a table."""


JobOutcomes = Generator[Done | Lost, None, None]
"""Outcomes in the order in which jobs end; closing the generator ends the workers."""
