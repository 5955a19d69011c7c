"""Works: what must be built, permitted or connected before capacity exists."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dcsim.scenario.schema.part import HIGH_FAVORS, LOW_FAVORS, NEITHER_FAVORS, Day, Name, Named
from dcsim.scenario.schema.quantity import Count, Fraction, Hours, Real


class Risk(Named):
    """A shared risk: when it happens, it hits every work and every order that names it."""

    probability_frac: Annotated[Fraction, Field(ge=0, le=1), NEITHER_FAVORS]
    """Chance that it happens at all. In a single run it happens from 50 % up."""
    delay_h: Annotated[Hours, Field(ge=0), NEITHER_FAVORS] = 0.0
    """Delay of each work or order that names it."""
    stretch: Annotated[Real, Field(ge=0.1, le=100), LOW_FAVORS] = 1.0
    """Factor on the duration of each work and on the lead time of each order."""


class Crew(Named):
    """People who can do one work at a time each."""

    n_crews: Annotated[Count, Field(ge=1, le=10_000)]
    """Number of such crews."""


class Task(Named):
    """One work: a permit, a building, a substation bay, a supply project."""

    kind: Literal["permit", "building", "hall", "cooling", "grid", "supply", "other"] = "other"
    """Kind of work, for the colors of the Gantt chart."""
    after: tuple[Name, ...] = ()
    """Works that must be finished first."""
    start: Day | None = None
    """Earliest day it may begin; without it, as soon as `after` is done."""
    duration_h: Annotated[Annotated[Hours, Field(ge=0)] | None, LOW_FAVORS] = None
    """Time it takes once it can start; with `finish`, the least time after its predecessors."""
    finish: Day | None = None
    """Announced day of completion; it is kept however early its predecessors are done."""
    slip_h: Annotated[Hours, Field(ge=-26_280), LOW_FAVORS] = 0.0
    """Delay against `finish` or on top of `duration`; negative is early."""
    probability_frac: Annotated[Fraction, Field(ge=0, le=1), HIGH_FAVORS] = 1.0
    """Chance that it is ever finished. In a single run it comes from 50 % up."""
    risks: tuple[Name, ...] = ()
    """Shared risks that delay it or stretch its duration."""
    crew: Name | None = None
    """The crew it needs while it lasts."""

    @model_validator(mode="after")
    def _length(self) -> Task:
        if self.duration_h is None and self.finish is None:
            raise ValueError("needs a duration or a finish")
        if self.start and self.finish and self.finish < self.start:
            raise ValueError(f"finish {self.finish} is before start {self.start}")
        return self
