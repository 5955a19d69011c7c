"""When what happens to racks: what happens to many in the same minute costs one event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from simpy import Environment, Event, Timeout

from dcsim.ramp.record import Rack

Step = Callable[[Rack, int], None]
"""What is done with a rack when it is its turn, and when that is. [min]"""


@dataclass
class Agenda:
    """Steps of racks to come, in the order in which they were put down for a minute.

    Racks come in lots, so most of their steps fall together: those put down one after another for
    the same minute share an event. The order is the same as with an event each.
    """

    env: Environment
    last: dict[int, tuple[Step, list[Rack]]] = field(default_factory=dict)
    """By minute to come: what was put down last for it, with its racks."""

    @property
    def now(self) -> int:
        """The minute it is. [min]"""
        return int(self.env.now)

    def at(self, due_min: int, step: Step, rack: Rack) -> None:
        """Put down a step of a rack for a minute, which may be this one."""
        group = self.last.get(due_min)
        if group is not None and group[0] == step:
            group[1].append(rack)
            return
        group = self.last[due_min] = (step, [rack])
        event = Timeout(self.env, due_min - self.now, group)
        event.callbacks.append(self._do)

    def _do(self, event: Event) -> None:
        group: tuple[Step, list[Rack]] = event.value  # type: ignore[assignment]
        now = self.now
        if self.last.get(now) is group:
            del self.last[now]  # what is put down for this minute from now on comes after it
        step, racks = group
        for rack in racks:
            step(rack, now)
