"""The schedule of what happens to racks; equal steps of many in one minute cost one event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from simpy import Environment, Event, Timeout

from dcsim.ramp.record import Rack

RackStep = Callable[[Rack, int], None]
"""Takes a rack and the minute, and does with it what is due then."""
QueuedRack = tuple[Rack, RackStep]
"""A rack that waits, and its next step once it is granted what it waits for."""
EventBatch = tuple[RackStep, list[Rack]]
"""A step and the racks that take it in the same minute, one after another."""


@dataclass
class EventSchedule:
    """Steps of racks to come, in the order in which they were scheduled for a minute.

    Racks come in lots, so most of their steps fall together: steps that are scheduled one after
    another for the same minute share an event. The order is the same as with an event each, for
    SimPy processes events of one minute in the order in which they were scheduled, and a batch
    stays open only until a different step is scheduled for its minute.

    Examples
    --------
    Three racks are done in minute 60, with two events: the step of the third differs.

    >>> schedule = EventSchedule(Environment())
    >>> install = lambda rack, now: print("install", rack, now)
    >>> schedule.at(60, install, "rack-1")
    >>> schedule.at(60, install, "rack-2")
    >>> schedule.at(60, lambda rack, now: print("retire", rack, now), "rack-3")
    >>> [len(racks) for _, racks in schedule.open_batches.values()]
    [1]
    >>> schedule.env.run()
    install rack-1 60
    install rack-2 60
    retire rack-3 60
    """

    env: Environment
    open_batches: dict[int, EventBatch] = field(default_factory=dict)
    """By minute to come: the batch that was scheduled last for it."""

    @property
    def now(self) -> int:
        """The minute it is. [min]"""
        return int(self.env.now)

    def at(self, due_min: int, step: RackStep, rack: Rack) -> None:
        """Schedule a step of a rack for a minute.

        Parameters
        ----------
        due_min : int
            When, this minute or a later one. [min]
        step : RackStep
            What is done then.
        rack : Rack
            With which rack.
        """
        batch = self.open_batches.get(due_min)
        if batch is not None and batch[0] == step:
            batch[1].append(rack)
            return
        batch = self.open_batches[due_min] = (step, [rack])
        event = Timeout(self.env, due_min - self.now, batch)
        event.callbacks.append(self._run)

    def _run(self, event: Event) -> None:
        batch: EventBatch = event.value  # type: ignore[assignment]
        now = self.now
        if self.open_batches.get(now) is batch:
            # Closed before it runs: a step that schedules itself again for this minute comes after
            # all of this batch, as it would with an event each.
            del self.open_batches[now]
        step, racks = batch
        for rack in racks:
            step(rack, now)
